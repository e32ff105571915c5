"""How a guest is named and spoken to, in each language.

By what the record says and nothing else: a style (His Excellency) goes before an academic title,
that before Mr and Ms, and who has none of them is greeted by the whole name: a name says no gender.
"""

import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import lru_cache

from app.guests.models import Guest
from app.language import greeting_by_name
from app.language_facts import LANGUAGE_FACTS, PLAIN, STYLES, facts_of

LONGEST_PHRASE = 3
BETWEEN = re.compile(r"[\s,/&]+|(?<=\.)(?=\w{2})")
"""What parts one title from the next: also the dot in 'Prof.Dr.', but none of those in 'H.E.'."""


@dataclass(frozen=True)
class Title:
    """One title of a salutation: how it was written, and what it is."""

    kind: str
    """Empty where no language knows it: then it stays as it was written."""
    written: str

    def in_language(self, language: str) -> str:
        """Return it as that language writes it; nothing where it is left out there."""
        titles = facts_of(language).titles
        if self.kind:
            return titles.words[self.kind][0]
        if titles.lower_case:
            return _lower(self.written)
        abbreviated = "." in self.written[:-1]
        return self.written if abbreviated else self.written[:1].upper() + self.written[1:]


def full_name(guest: Guest, language: str) -> str:
    """Return the name as on the card: 'Dr Zofia Strøm-Łęcka', 'dr Zofia Strøm-Łęcka'."""
    return named(guest.salutation, guest.name, language)


def named(salutation: str, name: str, language: str) -> str:
    """Return a name with the titles of its salutation as that language writes them."""
    return _joined(*(title.in_language(language) for title in _read(salutation)), name)


def greeting(guest: Guest, language: str) -> str:
    """Return the line a mail opens with: 'Dear Professor Lindqvist,', 'Ers Excellens,'."""
    if _style(guest):
        return f"{addressed(guest, language)},"
    kinds = {title.kind for title in _read(guest.salutation)}
    return greeting_by_name(addressed(guest, language), language, man="mr" in kinds)


def addressed(guest: Guest, language: str) -> str:
    """Return how the guest is spoken to: 'Dr Strøm-Łęcka', 'Your Excellency', or the name."""
    if style := _style(guest):
        return facts_of(language).greetings[style]
    titles = [title.in_language(language) for title in _spoken(guest)]
    if not any(titles) or not guest.last_name:
        return guest.name
    by_first_name = guest.first_name and WITH_FIRST_NAME.intersection(map(_folded, titles))
    return _joined(*titles, guest.first_name if by_first_name else guest.last_name)


def _style(guest: Guest) -> str:
    """Return the style the record gives: by its salutation, else by the office in its title."""
    kinds = {title.kind for title in _read(guest.salutation)}
    if "ambassador" in kinds or _office(guest.title or "") == "excellency":
        kinds.add("excellency")
    return next((style for style in STYLES if style in kinds), "")


def _spoken(guest: Guest) -> list[Title]:
    """Return the titles that are said: a professor is no Dr besides, nobody with a title is Mr."""
    titles = list(_read(guest.salutation))
    kinds = {title.kind for title in titles}
    if "professor" not in kinds and kinds <= {"dr", *PLAIN}:
        by_office = _office(guest.title or "") == "professor"
        titles += [Title("professor", "")] if by_office else []
    higher = [title for title in titles if title.kind not in PLAIN] or titles
    professors = [title for title in higher if title.kind == "professor"]
    return [title for title in higher if title.kind != "dr"] if professors else higher


@lru_cache(maxsize=4096)
def _read(salutation: str) -> tuple[Title, ...]:
    """Return the titles, each once; 'Mr/Ms' tells nothing, and so counts as neither."""
    words = [word for word in BETWEEN.split(salutation) if word and _folded(word) not in JOINING]
    titles = {title.kind or title.written: title for title in _titles(words)}
    either = len(titles.keys() & set(PLAIN)) > 1
    return tuple(one for one in titles.values() if not (either and one.kind in PLAIN))


def _titles(words: list[str]) -> Iterator[Title]:
    """Give the titles in their order; the longest phrase that a language knows counts as one."""
    while words:
        for length in range(min(LONGEST_PHRASE, len(words)), 0, -1):
            phrase = " ".join(words[:length])
            kind = KNOWN.get(_folded(phrase), "")
            if kind or length == 1:
                yield Title(kind, phrase)
                words = words[length:]
                break


@lru_cache(maxsize=4096)
def _office(title: str) -> str:
    """Return what the office brings along: excellency for 'Ambassador of Poland', else nothing."""
    words = _folded(title.replace(",", " , "))
    return next((kind for pattern, kind in OFFICES if pattern.match(words)), "")


def _folded(words: str) -> str:
    return " ".join(words.casefold().replace(".", "").split())


def _lower(word: str) -> str:
    """Write 'Dir.' as 'dir'; an abbreviation like 'H.R.' stays as it is."""
    return word.lower().rstrip(".") if word[1:].rstrip(".").islower() else word


def _joined(*words: str) -> str:
    return " ".join(filter(None, words))


def _offices() -> Iterator[tuple[re.Pattern[str], str]]:
    for facts in LANGUAGE_FACTS.values():
        for kind, offices in facts.titles.offices.items():
            names, follow = ("|".join(map(re.escape, words)) for words in astuple(offices))
            yield re.compile(rf"(?:{names})(?=$| ,| (?:{follow})\b)"), kind


KNOWN = {
    _folded(word): kind
    for facts in reversed(LANGUAGE_FACTS.values())
    for kind, words in facts.titles.words.items()
    for word in words
    if word
}
WITH_FIRST_NAME = {
    word for facts in LANGUAGE_FACTS.values() for word in facts.titles.with_first_name
}
JOINING = {word for facts in LANGUAGE_FACTS.values() for word in facts.titles.joining}
OFFICES = tuple(_offices())
