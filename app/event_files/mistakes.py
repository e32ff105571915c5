"""Mistakes in an event file: each with its place, its line and its mend, reported all at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]
"""The way to a value in the file: ("programme", 3, "starts")."""

SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Mistake:
    place: str
    line: int | None
    message: str
    mend: str

    def __str__(self) -> str:
        where = f"{self.place} (line {self.line})" if self.line else self.place
        return f"{where}: {self.message} {self.mend}"


class EventFileError(ValueError):
    """An event file that cannot be loaded, with every mistake in it. Its text has one line each."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = list(mistakes)


class Wrong(Exception):
    """What is wrong with one value, and what to do about it."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend


class MistakeLog:
    """The mistakes found so far, each given the line where it stands."""

    def __init__(self, lines: Mapping[KeyPath, int]) -> None:
        self._lines = lines
        self._mistakes: list[Mistake] = []

    def line_of(self, path: KeyPath) -> int | None:
        """Return the line of the value, or of the nearest thing around it that has one."""
        known = (self._lines.get(path[:length]) for length in range(len(path), 0, -1))
        return next((line for line in known if line), None)

    def add(self, path: KeyPath, place: str, wrong: Wrong) -> None:
        self._mistakes.append(Mistake(place, self.line_of(path), wrong.message, wrong.mend))

    def raise_if_any(self) -> None:
        """Raise EventFileError with every mistake, in the order of the file."""
        if self._mistakes:
            raise EventFileError(sorted(self._mistakes, key=lambda mistake: mistake.line or 0))


def visible(text: str) -> str:
    """Return the text on one line, with what cannot be seen made visible."""
    return "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in text)


def shown(text: str) -> str:
    """Return the text visible and short, as it stands in a message."""
    seen = visible(text)
    return seen if len(seen) <= SHOWN_CHARACTERS else f"{seen[:SHOWN_CHARACTERS]}…"
