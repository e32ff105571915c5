"""Which own words a mail is written in, if any."""

from dataclasses import replace

from app.deliveries.models import DeliveryKind
from app.language import translated, using
from app.mail.words import Facts, Words
from app.texts.kinds import WORDED
from app.texts.queries import OwnWords


def find_words(own: OwnWords, kind: str, language: str, facts: Facts) -> Words | None:
    """Return the words for a mail of that kind with those facts; none: it has the product's.

    A test is written in the words of the invitation it shows.
    """
    is_test = kind == DeliveryKind.TEST
    worded = WORDED.get(DeliveryKind.INVITATION if is_test else kind)
    words = own.get((worded.kind, language)) if worded else None
    if worded is None or words is None or not worded.applies(facts):
        return None
    return replace(words, subject=_of_test(words.subject, language)) if is_test else words


def _of_test(subject: str, language: str) -> str:
    with using(language):
        return translated("Test: %(subject)s") % {"subject": subject}
