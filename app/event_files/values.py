"""Single values of an event file: each reader returns the value or says what is wrong with it."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from typing import TypeVar
from zoneinfo import ZoneInfo, available_timezones

from email_validator import EmailNotValidError, validate_email

from app.event_files.mistakes import Wrong, shown
from app.invitations.cadence import FURTHEST, MOST_DAYS

T = TypeVar("T")
Reader = Callable[[object], T]

SLUG_LIMIT = 80
LARGEST_SHARE = 999_999_999_999
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# What TOML can hold: its name, and how it is written.
_FORMS: dict[type, tuple[str, str]] = {
    str: ("a text", "Write it in quotation marks."),
    bool: ("true or false", "Write true or false, without quotation marks."),
    int: ("a whole number", "Write it like 30, without quotation marks."),
    Decimal: ("a decimal number", "Write it like 30.5, without quotation marks."),
    date: ("a date", "Write it like 2009-12-09, without quotation marks."),
    datetime: ("a date with a time", "Write it like 2009-12-09T09:00:00, without quotation marks."),
    time: ("a time", "Write it like 07:00:00, without quotation marks."),
    list: ("a list", 'Write it like ["one", "two"].'),
    dict: ("a table", 'Write it like { key = "value" }.'),
}
# Format characters, surrogates, private and unassigned ones, line and paragraph separators.
_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"


def expect(value: object, kind: type[T]) -> T:
    """Return the value if it is exactly of that kind: true is no number, a time no date."""
    if isinstance(value, kind) and type(value) is kind:
        return value
    name, mend = _FORMS[kind]
    raise Wrong(f"expected {name}, found {kind_name(value)}.", mend)


def kind_name(value: object) -> str:
    """Return the plain name of the kind of a TOML value."""
    return _FORMS[type(value)][0]


def text(limit: int) -> Reader[str]:
    """Read one line of visible text with at most `limit` characters."""

    def read(value: object) -> str:
        written = expect(value, str)
        _refuse_hidden(written)
        words = unicodedata.normalize("NFC", written.strip())
        if not words:
            raise Wrong("the text is empty.", "Write the text.")
        if len(words) > limit:
            raise Wrong(
                f"the text has {len(words)} characters, {limit} is the limit.", "Shorten it."
            )
        return words

    return read


def _refuse_hidden(written: str) -> None:
    for number, character in enumerate(written, start=1):
        if unicodedata.category(character) in _HIDDEN_CATEGORIES or character in _BLANK_LETTERS:
            what = "a line break" if character in "\r\n" else "a control or invisible character"
            raise Wrong(
                f"the text has {what} (U+{ord(character):04X}) as character {number}.",
                "Take it out.",
            )


def slug(value: object) -> str:
    """Read a short name for addresses and commands."""
    written = expect(value, str)
    form = _as_slug(written)
    if written != form or not written:
        raise Wrong(
            f'"{shown(written)}" is not a slug: a-z, 0-9 and single hyphens, '
            f"at most {SLUG_LIMIT} characters.",
            f'Write it like "{form or "study-visit"}".',
        )
    return written


def _as_slug(written: str) -> str:
    plain = unicodedata.normalize("NFKD", written.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LIMIT].rstrip("-")


def whole_number(least: int, most: int) -> Reader[int]:
    def read(value: object) -> int:
        number = expect(value, int)
        if not least <= number <= most:
            size = "small" if number < least else "large"
            raise Wrong(f"the number is too {size}.", f"Write a number from {least} to {most}.")
        return number

    return read


def day_counts(value: object) -> tuple[int, ...]:
    """Read the numbers of days of a cadence, in any order."""
    counts = [expect(entry, int) for entry in expect(value, list)]
    for number in counts:
        if not 1 <= number <= FURTHEST:
            raise Wrong(
                f"{number} is no number of days.", f"Write whole days from 1 to {FURTHEST}."
            )
        if counts.count(number) > 1:
            raise Wrong(f"{number} stands here twice.", "Take one out.")
    if len(counts) > MOST_DAYS:
        raise Wrong(f"{len(counts)} days are too many.", f"Write at most {MOST_DAYS}.")
    return tuple(sorted(counts))


def flag(value: object) -> bool:
    return expect(value, bool)


def clock_time(value: object) -> time:
    return expect(value, time)


def share(value: object) -> Decimal:
    """Read an amount of money with at most two decimals."""
    amount = value if isinstance(value, Decimal) else Decimal(expect(value, int))
    if amount.is_nan():
        raise Wrong("the share is not a number.", "Write an amount like 300000.")
    if not 0 <= amount <= LARGEST_SHARE:
        size = "negative" if amount < 0 else "too large"
        raise Wrong(f"the share is {size}.", f"Write an amount from 0 to {LARGEST_SHARE}.")
    if amount != round(amount, 2):
        raise Wrong("the share has more than two decimals.", "Round it.")
    return amount


def currency(value: object) -> str:
    code = expect(value, str)
    if not re.fullmatch("[A-Z]{3}", code):
        raise Wrong(
            f'"{shown(code)}" is not a currency.', 'Write its three capital letters, like "SEK".'
        )
    return code


def one_of(known: tuple[str, ...], noun: str) -> Reader[str]:
    def read(value: object) -> str:
        word = expect(value, str)
        if word not in known:
            raise Wrong(f'unknown {noun} "{shown(word)}".', nearest(word, known))
        return word

    return read


def weekday(value: object) -> int:
    """Read an English name of a weekday as a number, 0 for Monday."""
    return WEEKDAYS.index(one_of(WEEKDAYS, "weekday")(expect(value, str).casefold()))


def time_zone(value: object) -> ZoneInfo:
    name = expect(value, str)
    known = available_timezones()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        raise Wrong(
            f'unknown time zone "{shown(name)}".',
            f'Did you mean "{near[0]}"?' if near else 'Write it like "Europe/Stockholm".',
        )
    return ZoneInfo(name)


def email(value: object) -> str:
    """Read one address; the domains reserved for documentation and tests (RFC 2606) are good."""
    address = expect(value, str)
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Wrong(
            f'"{shown(address)}" is not an e-mail address. {error}', "Write it like name@domain."
        ) from error
    return checked.normalized


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the mend for an unknown word: the known one it is close to, or all of them."""
    near = get_close_matches(word, known, n=1)
    return f'Did you mean "{near[0]}"?' if near else f"Known here: {', '.join(known)}."
