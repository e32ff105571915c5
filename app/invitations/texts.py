"""Whether everything a mail of an event says is written in the guest's language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.events.models import Event
from app.language import LANGUAGES, N_, in_language
from app.programme.models import ProgrammeItem

NOT_SPOKEN = N_("The event is not held in the language of this mail")
NO_TEXT = N_("The event file has no text in the language of this mail")
MOST_NAMED = 5
"""Of the texts that are missing, in a reason."""

Text = Mapping[str, str] | None


@dataclass(frozen=True)
class Missing:
    """A text of the event that a language lacks."""

    field: str
    """What it is, by its key in the event file."""
    of: str
    """Whose it is: the title of the item, the name of the host; empty for the event itself."""
    place: str
    """Where the event file says it: 'programme.dinner.venue'."""

    def __str__(self) -> str:
        return f"{self.field} of “{self.of}”" if self.of else self.field


@dataclass(frozen=True)
class Unwritten:
    """Why no mail can go out in a language: the event is not held in it, or texts are missing."""

    language: str
    missing: tuple[Missing, ...] = ()

    @property
    def reason(self) -> str:
        """The reason as a delivery keeps it, with the places in the event file."""
        if not self.missing:
            return NOT_SPOKEN
        places = [f"{one.place}.{self.language}" for one in self.missing]
        more = ["…"] if len(places) > MOST_NAMED else []
        return f"{NO_TEXT}: {', '.join(places[:MOST_NAMED] + more)}"


def find_unwritten(event: Event, items: Sequence[ProgrammeItem], language: str) -> Unwritten | None:
    """Return why a mail that names those items would not be wholly in that language, or None."""
    if language not in event.languages or language not in LANGUAGES:
        return Unwritten(language)
    lacking = tuple(missing for text, missing in _texts(event, items) if _lacks(text, language))
    return Unwritten(language, lacking) if lacking else None


def _lacks(text: Text, language: str) -> bool:
    return bool(text and any(text.values()) and not text.get(language))


def _texts(event: Event, items: Sequence[ProgrammeItem]) -> Iterator[tuple[Text, Missing]]:
    yield event.name, Missing("name", "", "event.name")
    yield event.theme, Missing("theme", "", "event.theme")
    yield event.city, Missing("city", "", "event.city")
    yield event.contact_name, Missing("contact", "", "event.contact.name")
    for host in event.hosts:
        name = in_language(host.name, event.default_language)
        yield host.name, Missing("name", name, f"hosts[{host.position}].name")
    for item in items:
        title, place = in_language(item.title, event.default_language), f"programme.{item.slug}"
        yield item.title, Missing("title", title, f"{place}.title")
        yield item.venue, Missing("venue", title, f"{place}.venue")
        yield item.dress_code, Missing("dress code", title, f"{place}.dress_code")
