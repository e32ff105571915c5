"""Telling in words how what an event file says differs from what was there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from app.guests.models import Guest

SHOWN_NAMES = 5


@dataclass(frozen=True)
class Teller:
    """Tells what is changed; moments are told as wall-clock time in `zone`."""

    zone: ZoneInfo

    def take_over(self, row: object, facts: Mapping[str, object], *, prefix: str = "") -> list[str]:
        """Bring the row's columns in line with the facts and tell each one that changed."""
        told = []
        for name, after in facts.items():
            before = getattr(row, name)
            if before != after:
                setattr(row, name, after)
                told += self.tell(prefix + name.replace("_", " "), before, after)
        return told

    def tell(self, label: str, before: object, after: object) -> list[str]:
        """Return 'label: before -> after', once per language where the languages differ."""
        if not isinstance(before, dict | None) or not isinstance(after, dict | None):
            return [f"{label}: {self.show(before)} -> {self.show(after)}"]
        before, after = before or {}, after or {}
        changed = {
            language: f"{self.show(before.get(language))} -> {self.show(after.get(language))}"
            for language in sorted({*before, *after})
            if before.get(language) != after.get(language)
        }
        if len({*before, *after}) == len(changed) and len({*changed.values()}) == 1:
            return [f"{label}: {next(iter(changed.values()))}"]
        return [f"{label} ({language}): {change}" for language, change in changed.items()]

    def show(self, value: object) -> str:
        match value:
            case None:
                shown = ""
            case bool():
                shown = "yes" if value else "no"
            case datetime():
                shown = f"{value.astimezone(self.zone):%Y-%m-%d %H:%M}"
            case time():
                shown = f"{value:%H:%M}"
            case list():
                shown = ", ".join(map(str, value))
            case _:
                shown = str(value)
        return shown or "(none)"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return '1 guest', '3 guests'."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"


def names(guests: Sequence[Guest]) -> str:
    """Return the first names of a long list, and how many more there are."""
    shown = ", ".join(guest.name for guest in guests[:SHOWN_NAMES])
    more = len(guests) - SHOWN_NAMES
    return f"{shown} and {more} more" if more > 0 else shown
