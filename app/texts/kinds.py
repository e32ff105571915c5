"""The kinds of mail that can have own words: their placeholders, when they hold, the product's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.deliveries.models import DeliveryKind
from app.language import N_, translated, using
from app.mail.compose import Composer
from app.mail.words import LINK, Facts, Words

COMMON = ("greeting", "name", "event", "theme", "dates", "city", "contact")
"""Placeholders of every kind; what each stands for: app/mail/words.py."""
OF_ASKING = ("reply_by", LINK)
"""What a mail that asks for an answer has besides: it cannot do without the link."""
NOT_IN_A_SUBJECT = {LINK}


def _always(_facts: Facts) -> bool:
    return True


def _accepted(facts: Facts) -> bool:
    """A decline is told in the product's words."""
    return bool(getattr(facts["recorded"], "accepted", False))


def _granted(facts: Facts) -> bool:
    """A refusal has a reply of its own, and is told in the product's words."""
    return getattr(facts["request"], "state", None) == "granted"


@dataclass(frozen=True)
class WordedKind:
    """A kind of mail that can have own words. `subject` and `body` are the product's, in English.

    Of its mails the own words are for those to which `applies`.
    """

    kind: DeliveryKind
    subject: str
    body: str
    asks: bool = False
    applies: Callable[[Facts], bool] = _always

    @property
    def placeholders(self) -> tuple[str, ...]:
        return (*COMMON, *OF_ASKING) if self.asks else COMMON

    @property
    def in_subject(self) -> tuple[str, ...]:
        return tuple(name for name in self.placeholders if name not in NOT_IN_A_SUBJECT)

    def product_words(self, language: str) -> Words:
        """Return words that say what the product's mail says, to begin with."""
        with using(language):
            return Words(translated(self.subject), translated(self.body))


KINDS = (
    WordedKind(
        DeliveryKind.INVITATION,
        N_("Invitation: {event}, {city}, {dates}"),
        N_(
            "{greeting}\n\nPlease find our invitation below. To answer takes about a minute and"
            " needs no account; on the same page you choose your parts of the programme.\n\n{link}"
        ),
        asks=True,
    ),
    WordedKind(
        DeliveryKind.OFFER,
        N_("A place for you: {event}, {city}, {dates}"),
        N_(
            "{greeting}\n\nA place has become free, and we should be glad to welcome you. Please"
            " find our invitation below.\n\n{link}"
        ),
        asks=True,
    ),
    WordedKind(
        DeliveryKind.REMINDER,
        N_("Please answer by {reply_by}: invitation to the {event}"),
        N_(
            "{greeting}\n\nWe have not had your answer yet, and hold a place for you until"
            " {reply_by}. Here is our invitation once more.\n\n{link}"
        ),
        asks=True,
    ),
    WordedKind(
        DeliveryKind.LAST_REMINDER,
        N_("Your place is held until {reply_by}: invitation to the {event}"),
        N_(
            "{greeting}\n\nWe have not had your answer yet, and hold your place until {reply_by}"
            " only. Here is our invitation for the last time.\n\n{link}"
        ),
        asks=True,
    ),
    WordedKind(
        DeliveryKind.CONFIRMATION,
        N_("Your answer is recorded: {event}"),
        N_("{greeting}\n\nThank you for your answer. We look forward to welcoming you."),
        applies=_accepted,
    ),
    WordedKind(
        DeliveryKind.MOVED_UP,
        N_("A place has become free: {event}"),
        N_("{greeting}\n\nA place that you waited for has become free, and it is yours."),
    ),
    WordedKind(
        DeliveryKind.PROGRAMME_CHANGED,
        N_("The programme has changed: {event}"),
        N_("{greeting}\n\nA part of the programme that you said yes to has changed."),
    ),
    WordedKind(
        DeliveryKind.LATE_CHANGE,
        N_("Our answer to your request: {event}"),
        N_("{greeting}\n\nThank you for telling us of your wish."),
        applies=_granted,
    ),
    WordedKind(
        DeliveryKind.REPRESENTATIVE,
        N_("Your representative: {event}"),
        N_("{greeting}\n\nThank you for finding somebody who comes in your place."),
        applies=_granted,
    ),
    WordedKind(
        DeliveryKind.WITHDRAWN,
        N_("Our invitation to the {event}"),
        N_("{greeting}\n\nWe regret to tell you that our invitation no longer stands."),
    ),
    WordedKind(
        DeliveryKind.CALLED_OFF,
        N_("The {event} does not take place"),
        N_("{greeting}\n\nWe regret to tell you that the {event} on {dates} does not take place."),
    ),
    WordedKind(
        DeliveryKind.THANK_YOU,
        N_("Thank you: {event}"),
        N_("{greeting}\n\nThank you for coming to the {event}. It was a pleasure to welcome you."),
    ),
)
WORDED: Mapping[str, WordedKind] = {worded.kind: worded for worded in KINDS}


def kinds_of(composer: Composer) -> Sequence[WordedKind]:
    """Return the kinds whose templates leave room for own words."""
    return [worded for worded in KINDS if composer.takes_words(worded.kind)]
