"""An organiser's own words: a subject and a body with placeholders, and what stands for each."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.language import date_span, long_date
from app.mail.gaps import printed

Facts = Mapping[str, object]

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
LINK = "link"
NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")


@dataclass(frozen=True)
class Words:
    """A subject and a body in Markdown, both with placeholders."""

    subject: str
    body: str
    text_id: int | None = None
    """Row id of the version they are; none of words that are not saved."""


def _any(fact: Any) -> Any:  # noqa: ANN401 - a fact of any type, as templates take it
    return fact


VALUES: Mapping[str, Callable[[Facts], str]] = {
    "greeting": lambda facts: str(printed(facts["greeting"])),
    "name": lambda facts: str(printed(facts["full_name"])),
    "event": lambda facts: str(facts["event_name"]),
    "theme": lambda facts: str(facts["theme"]),
    "dates": lambda facts: date_span(_any(facts["starts"]), _any(facts["ends"])),
    "city": lambda facts: str(facts["city"]),
    "reply_by": lambda facts: long_date(_any(facts["reply_by"])),
    "contact": lambda facts: ", ".join(
        str(facts[way]) for way in ("contact_name", "contact_phone", "contact_email") if facts[way]
    ),
    LINK: lambda facts: str(printed(facts["link"])),
}
"""What stands for each placeholder, in the current language, from the facts of the mail."""


def subject_line(subject: str, facts: Facts) -> str:
    """Return the subject with its placeholders filled, on one line."""
    return one_line(PLACEHOLDER.sub(lambda found: _filled(found, facts), subject))


def one_line(text: str) -> str:
    """Return the text without line breaks and control characters, which no header may hold."""
    return NOT_IN_A_LINE.sub(" ", text).strip()


def _filled(found: re.Match[str], facts: Facts) -> str:
    value = VALUES.get(found[1])
    return value(facts) if value else found[0]
