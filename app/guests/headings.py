"""The columns of a guest file: their headings in each language, and how a problem is told."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import category, normalize

from app.language_facts import headings_of

SHOWN_CHARACTERS = 60
# Compared without case, accents, spaces, hyphens and underscores; the first is the one we write.
# What further languages call a column stands in their language.toml.
_OURS = {
    "salutation": ("salutation", "anrede"),
    "first_name": ("first name", "given name", "forename"),
    "last_name": ("last name", "surname", "family name"),
    "title": ("title", "job title", "position"),
    "organisation": ("organisation", "organization"),
    "country": ("country",),
    "email": ("email", "mail", "email address", "mail address"),
    "language": ("language",),
    "host": ("host",),
    "rank": ("rank", "reserve"),
    "note": ("note", "notes"),
}
HEADINGS = {field: (*names, *headings_of(field)) for field, names in _OURS.items()}
REQUIRED = ("first_name", "last_name", "email")
WHOLE_NAMES = ("name", "full name", *headings_of("whole_name"))


LONGEST = {
    "salutation": 40,
    "first_name": 100,
    "last_name": 100,
    "title": 200,
    "organisation": 200,
    "country": 80,
    "email": 254,
    "language": 40,
    "host": 120,
    "rank": 40,
    "note": 2000,
}
# str.isprintable() finds controls, format characters and unassigned ones. These it calls printable,
# though nobody sees them: fillers, the blank Braille cell, variation selectors, lost letters.
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\ufffc\ufffd"
    "\U000e0100-\U000e01ef]"
)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a cell, a line or the whole file, and what mends it."""

    line: int | None
    column: str
    value: str
    message: str
    mend: str

    def __str__(self) -> str:
        place = ", ".join(self._place())
        return f"{place}: {self.message}. {self.mend}" if place else f"{self.message}. {self.mend}"

    def _place(self) -> Iterator[str]:
        if self.line is not None:
            yield f"line {self.line}"
        if self.column:
            yield f'column "{self.column}"'
        if self.value:
            yield f'"{self.value}"'


class GuestFileError(Exception):
    """The file is refused: what is wrong with it, in line order, and how many more problems."""

    def __init__(self, problems: Sequence[RowProblem], *, more: int = 0) -> None:
        self.problems = list(problems)
        self.more = more
        super().__init__(self.problems, more)

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems]
        if self.more:
            lines.append(f"and {self.more} more")
        return "\n".join(lines)


def show(value: str) -> str:
    """Return the value for a message: at most 60 characters, unseen ones written out."""
    shown = "".join(map(spell_out, value[: SHOWN_CHARACTERS + 1]))
    return shown if len(shown) <= SHOWN_CHARACTERS else shown[: SHOWN_CHARACTERS - 1] + "…"


def spell_out(character: str) -> str:
    if character.isprintable() and not UNSEEN.match(character):
        return character
    if character in "\n\r\t":
        return repr(character)[1:-1]
    if category(character) == "Cc":
        return f"\\x{ord(character):02x}"
    return f"U+{ord(character):04X}"


def listed(values: Sequence[str]) -> str:
    return ", ".join(f'"{show(value)}"' for value in values)


@dataclass(frozen=True)
class Headings:
    """Where each field stands in a row; `columns` has the headings as written."""

    positions: dict[str, int]
    columns: dict[str, str]
    ignored: list[str]
    width: int
    """Cells of the heading line, the empty ones at its end included."""
    named_width: int
    """Cells up to the last heading."""


def _fold(heading: str) -> str:
    letters = normalize("NFKD", heading.casefold())
    return "".join(character for character in letters if character.isalnum())


FIELD_OF = {_fold(name): field for field, names in HEADINGS.items() for name in names}
FOLDED_WHOLE_NAMES = frozenset(map(_fold, WHOLE_NAMES))


def count_known(cells: Sequence[str]) -> int:
    return len({FIELD_OF.get(_fold(cell)) for cell in cells} - {None})


def read_headings(cells: Sequence[str], *, line: int) -> tuple[Headings, list[RowProblem]]:
    """Return the fields of the columns, and what is wrong with the heading line."""
    names = [show(cell.strip()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    headings = Headings(
        positions={}, columns={}, ignored=[], width=len(cells), named_width=len(names)
    )
    problems = list(_place_columns(names, headings, line=line))
    problems.extend(_missing_columns(names, headings, line=line))
    return headings, problems


def _place_columns(names: Sequence[str], headings: Headings, *, line: int) -> Iterator[RowProblem]:
    for position, name in enumerate(names):
        field = FIELD_OF.get(_fold(name))
        if field is None:
            headings.ignored.append(name or f"column {position + 1}, without a heading")
        elif field in headings.columns:
            twin = headings.columns[field]
            message = f'the column "{twin}" has the {HEADINGS[field][0]} too'
            yield RowProblem(line, name, "", message, "Keep one of the two columns.")
        else:
            headings.positions[field] = position
            headings.columns[field] = name


def _missing_columns(
    names: Sequence[str], headings: Headings, *, line: int
) -> Iterator[RowProblem]:
    missing = [field for field in REQUIRED if field not in headings.columns]
    whole_names = [name for name in names if _fold(name) in FOLDED_WHOLE_NAMES]
    if whole_names and {"first_name", "last_name"} & set(missing):
        mend = "Split it into a column for the first name and one for the last name."
        yield RowProblem(line, whole_names[0], "", "the column has the whole name", mend)
        missing = [field for field in missing if field == "email"]
    if missing:
        wanted = _joined([HEADINGS[field][0] for field in missing])
        found = listed([name for name in names if name]) or "none"
        message = f"there is no column for {wanted}; the headings found are {found}"
        yield RowProblem(line, "", "", message, _accepted(missing))


def _accepted(fields: Sequence[str]) -> str:
    ways = (f"{HEADINGS[field][0]}: {listed(HEADINGS[field])}" for field in fields)
    return f"These are understood - {'; '.join(ways)}."


def _joined(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
