"""The form that changes an item: typed as local times of the event's place, read as a wish."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.amendments.wishes import ItemWish
from app.db.types import LocalText
from app.events.local_times import ClockChangeError, moment_at
from app.events.models import Event
from app.language import in_zone

LONGEST_TEXT = 200
TEXTS = ("title", "venue", "dress_code")
MOST = 9999
"""Of places and minutes: more is a slip of the finger."""


class TypedWrongError(Exception):
    """Some of what was typed cannot be read; `fields` says which, and how (a word of `WRONG`)."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__(", ".join(fields))


@dataclass
class TypedItem:
    """What was typed, by the name of the field; a text per language has one for each."""

    values: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, wish: ItemWish, event: Event) -> "TypedItem":
        """Return the form as it stands before anybody has typed."""
        zone = event.time_zone
        values = {
            "starts": f"{in_zone(wish.starts, zone):%Y-%m-%dT%H:%M}",
            "ends": f"{in_zone(wish.ends, zone):%Y-%m-%dT%H:%M}",
            "locks": wish.locks.isoformat(),
            "places": "" if wish.places is None else str(wish.places),
            "transfer_minutes": str(wish.transfer_minutes),
        }
        for name in TEXTS:
            text: LocalText = getattr(wish, name) or {}
            values |= {f"{name}-{language}": text.get(language, "") for language in event.languages}
        return cls(values)

    def wish(self, event: Event) -> ItemWish:
        """Return what is wished. Raises TypedWrongError with every field that cannot be read."""
        self.wrong = {}
        zone = ZoneInfo(event.time_zone)
        starts, ends = self._moment("starts", zone), self._moment("ends", zone)
        locks = self._day("locks")
        places, minutes = self._number("places"), self._number("transfer_minutes")
        title, venue, dress_code = (self._text(name, event) for name in TEXTS)
        if self.wrong or starts is None or ends is None or locks is None:
            raise TypedWrongError(self.wrong)
        return ItemWish(
            title=title,
            venue=venue,
            starts=starts,
            ends=ends,
            places=places,
            transfer_minutes=minutes or 0,
            locks=locks,
            dress_code=dress_code if any(dress_code.values()) else None,
        )

    def note(self, event: Event) -> LocalText:
        """Return the explanation as typed, by language."""
        return {language: self._get(f"note-{language}") for language in event.languages}

    def _get(self, name: str) -> str:
        return " ".join(self.values.get(name, "").split())

    def _text(self, name: str, event: Event) -> LocalText:
        text = {language: self._get(f"{name}-{language}") for language in event.languages}
        for language, words in text.items():
            if len(words) > LONGEST_TEXT:
                self.wrong[f"{name}-{language}"] = "long"
        return text

    def _moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        try:
            return moment_at(datetime.fromisoformat(self._get(name)).replace(tzinfo=None), zone)
        except ClockChangeError:
            self.wrong[name] = "clock"
        except ValueError:
            self.wrong[name] = "moment"
        return None

    def _day(self, name: str) -> date | None:
        try:
            return date.fromisoformat(self._get(name))
        except ValueError:
            self.wrong[name] = "day"
        return None

    def _number(self, name: str) -> int | None:
        typed = self._get(name)
        if not typed:
            return None
        if not (typed.isascii() and typed.isdigit()) or int(typed[:6]) > MOST:
            self.wrong[name] = "number"
            return None
        return int(typed)


def typed_from(form: Mapping[str, str], event: Event) -> TypedItem:
    """Return what a browser sent, and nothing it should not have."""
    return TypedItem({name: form.get(name, "") for name in _names(event)})


def _names(event: Event) -> Iterator[str]:
    yield from ("starts", "ends", "locks", "places", "transfer_minutes")
    yield from (f"{name}-{language}" for name in (*TEXTS, "note") for language in event.languages)
