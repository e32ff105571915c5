"""The languages the product speaks: what the language.toml of each folder in translations/ says."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

TRANSLATIONS = Path(__file__).parent / "translations"
SOURCE = "en"
"""What texts are written in; every other language has a catalogue beside its language.toml."""

DATES = frozenset(
    {
        *("long_date", "day_date", "month_date", "short_date", "whole_date", "log_date"),
        *("clock", "clock_to_the_second", "two_days", "several_days"),
    }
)
HEADINGS = frozenset(
    {
        *("salutation", "first_name", "last_name", "whole_name", "title", "organisation"),
        *("country", "email", "language", "host", "rank", "note"),
    }
)
STYLES = ("majesty", "royal_highness", "excellency")
"""The highest first: who has one is spoken to by it, without a name."""
GREETINGS = frozenset({"dear", "dear_man", *STYLES})
PLAIN = ("mr", "mrs", "ms", "miss", "mx")
TITLES = frozenset({*PLAIN, "dr", "professor", "ambassador", *STYLES})
OFFICES = frozenset({"professor", "excellency"})


class LanguageFileError(Exception):
    """A folder's language.toml lacks something, or has what nobody asks for."""


@dataclass(frozen=True)
class Titles:
    """How a language writes what stands before a name, and what it reads there."""

    lower_case: bool
    """Whether a title inside a sentence is written small."""
    with_first_name: tuple[str, ...]
    """Titles that go with the first name: 'Sir David'."""
    joining: tuple[str, ...]
    """Words that may stand between two titles: 'and'."""
    words: Mapping[str, tuple[str, ...]]
    """By title: how it is written (empty: left out), then what else is read as it."""
    offices: Mapping[str, "Offices"]
    """By title: the offices that bring it along, as they stand in a guest's title."""


@dataclass(frozen=True)
class Offices:
    names: tuple[str, ...]
    follow: tuple[str, ...]
    """Words that may come after the name: 'Ambassador of Poland', but no 'Ambassador Hotel'."""


@dataclass(frozen=True)
class LanguageFacts:
    """What one language.toml says; docs/languages.md describes it."""

    code: str
    name: str
    called: tuple[str, ...]
    headings: Mapping[str, tuple[str, ...]]
    """What the columns of a guest file are called."""
    dates: Mapping[str, str]
    greetings: Mapping[str, str]
    titles: Titles


def read_languages(folder: Path) -> dict[str, LanguageFacts]:
    """Return every language that has a folder, the source first. Raises LanguageFileError."""
    codes = sorted(
        (path.parent.name for path in folder.glob("*/language.toml")),
        key=lambda code: (code != SOURCE, code),
    )
    return {code: read_language(folder / code / "language.toml") for code in codes}


def read_language(path: Path) -> LanguageFacts:
    """Return what one file says. Raises LanguageFileError, which names the file and the key."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        titles = said["titles"]
        offices = _whole(titles["offices"], OFFICES)
        return LanguageFacts(
            code=path.parent.name,
            name=said["name"],
            called=tuple(said["called"]),
            headings=_tuples(_known(said["headings"], HEADINGS)),
            dates=_whole(said["dates"], DATES),
            greetings=_whole(said["greetings"], GREETINGS),
            titles=Titles(
                lower_case=titles["lower_case"],
                with_first_name=tuple(titles["with_first_name"]),
                joining=tuple(titles["joining"]),
                words=_tuples(_whole(titles["words"], TITLES)),
                offices={kind: Offices(**_tuples(table)) for kind, table in offices.items()},
            ),
        )
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise LanguageFileError(f"{path}: {error}") from error


def _known(table: dict[str, T], keys: frozenset[str]) -> dict[str, T]:
    if odd := set(table) - keys:
        raise KeyError(", ".join(sorted(odd)))
    return table


def _whole(table: dict[str, T], keys: frozenset[str]) -> dict[str, T]:
    if odd := keys.symmetric_difference(table):
        raise KeyError(", ".join(sorted(odd)))
    return table


def _tuples(table: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(words) for key, words in table.items()}


LANGUAGE_FACTS = read_languages(TRANSLATIONS)


def facts_of(language: str) -> LanguageFacts:
    """Return how that language is written; one that is not spoken here is written as the source."""
    return LANGUAGE_FACTS.get(language) or LANGUAGE_FACTS[SOURCE]


def headings_of(field: str) -> tuple[str, ...]:
    """Return what the languages call that column of a guest file."""
    return tuple(
        heading for facts in LANGUAGE_FACTS.values() for heading in facts.headings.get(field, ())
    )
