"""Every worded mail as one guest would get it, with the facts its composer takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.amendments.messages import ChangedPart
from app.calendars.messages import CalendarNews
from app.calendars.models import CalendarEntry
from app.deliveries.models import DeliveryKind
from app.events.models import Event
from app.guests.models import Guest
from app.invitations.messages import Occasion, asking_facts, guest_facts, occasion_of
from app.invitations.models import Invitation, InvitationState
from app.invitations.queries import find_of_guest
from app.language import in_language
from app.mail.compose import MailContent
from app.mail.words import Facts, Words
from app.parts import Links, Parts
from app.programme.models import ProgrammeItem
from app.programme.overlaps import overlapping_pairs
from app.programme.queries import closed_item_ids
from app.programme.showing import Showing
from app.requests.messages import request_facts
from app.requests.models import Request, RequestKind, RequestState
from app.requests.services import EVENT_PART
from app.rsvp.edition import read_edition
from app.rsvp.messages import answer_facts
from app.rsvp.models import Answer, Choice, ChoiceAnswer, Diet, Rsvp
from app.rsvp.page import Part, Recorded

HOUR = timedelta(hours=1)
NOWHERE = "preview"
"""The public id in the link: no invitation has it, so that it opens nothing."""


@dataclass(frozen=True)
class Scene:
    """For whom, of what, and in which language a mail is shown."""

    session: Session
    occasion: Occasion
    guest: Guest
    language: str
    now: datetime
    links: Links

    @property
    def event(self) -> Event:
        return self.occasion.event

    @property
    def invitation(self) -> Invitation:
        """The guest's own, or what it would be; never one that is saved."""
        own = find_of_guest(self.session, self.guest.id)
        return Invitation(
            public_id=NOWHERE,
            link_version=1,
            state=InvitationState.ANSWERED,
            reply_by=own.reply_by if own else self.event.reply_by,
            event=self.event,
            guest=self.guest,
        )


def preview_mail(
    session: Session,
    event: Event,
    guest: Guest,
    kind: DeliveryKind,
    *,
    language: str,
    words: Words | None,
    parts: Parts,
    now: datetime,
) -> MailContent:
    """Return the mail as that guest would get it, in those words, or the product's for none.

    What a mail reports, an answer or a request, is an example: nothing of the guest's own answer
    is shown, whose diet is for organisers alone. The link opens nothing.
    """
    scene = Scene(session, occasion_of(session, event.id), guest, language, now, parts.links)
    facts = {**EXAMPLES.get(kind, _asked)(scene), "link": parts.links.rsvp(NOWHERE, 1)}
    return parts.composer.compose(kind, language=language, facts=facts, words=words)


def _asked(scene: Scene) -> Facts:
    return {
        **asking_facts(
            scene.occasion,
            scene.language,
            reply_by=scene.invitation.reply_by,
            guest_id=scene.guest.id,
        ),
        **guest_facts(scene.guest, scene.language),
    }


def _answered(scene: Scene) -> Facts:
    """Tell of a yes to everything that is open to the guest and does not overlap."""
    recorded = _recorded(scene)
    items = [part.item for part in recorded.parts]
    rsvp = recorded.rsvp or _yes_to(items, scene.now)
    return {
        **answer_facts(recorded, rsvp, _news_of(items), scene.language),
        "feed": scene.links.feed(NOWHERE, 1),
    }


def _recorded(scene: Scene) -> Recorded:
    edition = read_edition(scene.session, scene.event)
    closed = closed_item_ids(scene.session, edition.items, scene.guest.id)
    items = _side_by_side([item for item in edition.items if item.id not in closed])
    parts = tuple(
        Part(item, ChoiceAnswer.YES, locked=False, number=None, moved_up=False, meanwhile=(),
             nearby=())
        for item in items
    )  # fmt: skip
    rsvp = _yes_to(items, scene.now)
    return Recorded(scene.invitation, rsvp, edition, parts, frozenset(), event_locked=False)


def _news_of(items: Sequence[ProgrammeItem]) -> CalendarNews:
    """Return what would be told of entries that are put in."""
    told = [CalendarEntry(item=item, is_on=True) for item in items]
    return CalendarNews(tuple(told), ())


def _moved_up(scene: Scene) -> Facts:
    items = [part.item for part in _recorded(scene).parts[:1]]
    return {**_answered(scene), "freed": items, "may_give_back": True, "calendar": _news_of(items)}


def _changed(scene: Scene) -> Facts:
    """Tell that the first part was an hour earlier before."""
    items = [part.item for part in _recorded(scene).parts[:1]]
    changed = [
        ChangedPart(
            item.title,
            item.venue,
            item.starts,
            item.ends,
            before=Showing(item.title, item.venue, item.starts - HOUR, item.ends - HOUR),
            notes=(),
            overlaps=(),
        )
        for item in items
    ]
    return {**_answered(scene), "changed": changed, "calendar": _news_of(items)}


def _last_word(scene: Scene) -> Facts:
    return {
        **_asked(scene),
        "answered": True,
        "note": in_language(scene.event.called_off_note or {}, scene.language),
        "calendar": _news_of(()),
    }


def _side_by_side(items: list[ProgrammeItem]) -> list[ProgrammeItem]:
    chosen: list[ProgrammeItem] = []
    for item in items:
        if not overlapping_pairs([*chosen, item]):
            chosen.append(item)
    return chosen


def _yes_to(items: list[ProgrammeItem], now: datetime) -> Rsvp:
    return Rsvp(
        answer=Answer.ACCEPTED,
        version=1,
        diet=Diet.NONE,
        diet_words="",
        access_needs="",
        message="",
        parts_at=now,
        choices=[Choice(item_id=item.id, answer=ChoiceAnswer.YES) for item in items],
    )


def _granted(kind: RequestKind) -> Callable[[Scene], Facts]:
    def facts(scene: Scene) -> Facts:
        request = Request(
            kind=kind,
            state=RequestState.GRANTED,
            part=EVENT_PART,
            reply="",
            person={"salutation": "Dr", "first_name": "Ada", "last_name": "Lovelace"},
            invitation=scene.invitation,
        )
        return {
            **request_facts(request, scene.occasion, scene.language),
            "calendar": _news_of(()),
        }

    return facts


EXAMPLES: Mapping[DeliveryKind, Callable[[Scene], Facts]] = {
    DeliveryKind.CONFIRMATION: _answered,
    DeliveryKind.MOVED_UP: _moved_up,
    DeliveryKind.PROGRAMME_CHANGED: _changed,
    DeliveryKind.WITHDRAWN: _last_word,
    DeliveryKind.CALLED_OFF: _last_word,
    DeliveryKind.LATE_CHANGE: _granted(RequestKind.LATE_CHANGE),
    DeliveryKind.REPRESENTATIVE: _granted(RequestKind.REPRESENTATIVE),
}
"""The facts of mails that report something; every other has those of an invitation."""
