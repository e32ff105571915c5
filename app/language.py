"""Texts, dates and times in the language of the reader."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.lists import format_list
from flask_babel import force_locale, get_locale, get_translations

LANGUAGES = ("en", "sv")
"""What the product's own texts are written in. A further one is a folder in translations/."""

LONG_DATE = {"en": "EEEE d MMMM y", "sv": "EEEE'en den' d MMMM y"}
CLOCK = {"en": "HH:mm", "sv": "HH.mm"}


# What `using` has set; a page's language is Flask-Babel's, asked for once per text otherwise.
_using: ContextVar[str | None] = ContextVar("using", default=None)


def current_language() -> str:
    """Return the language of the page or mail being made."""
    language = _using.get()
    if language is not None:
        return language
    locale = get_locale()
    return str(locale.language) if locale else LANGUAGES[0]


@contextmanager
def using(language: str) -> Iterator[None]:
    """Speak that language inside the block."""
    token = _using.set(language)
    try:
        with force_locale(language):
            yield
    finally:
        _using.reset(token)


def N_(text: str) -> str:  # noqa: N802 - gettext's name for "translate later"
    """Mark a text that is stored in English, for the catalogues; `translated` shows it."""
    return text


def translated(text: str) -> str:
    """Return a stored text, like the reason of a delivery, in the current language."""
    return str(get_translations().gettext(text)) if text else ""


def sentence(text: str) -> str:
    """Return a stored reason as a sentence of the current language; nothing for none."""
    said = translated(text.rstrip("."))
    return f"{said}." if said else ""


def in_language(text: Mapping[str, str], language: str) -> str:
    """Return the text in that language, or in the first one it is written in."""
    return text.get(language) or next(iter(text.values()), "")


def local(text: Mapping[str, str] | None) -> str:
    """Return a text of the event in the current language."""
    return in_language(text or {}, current_language())


@lru_cache(maxsize=4096)
def _date(day: date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=language)


@lru_cache(maxsize=4096)
def _clock(moment: datetime, zone: str, language: str) -> str:
    pattern = CLOCK.get(language, CLOCK["en"])
    return format_datetime(moment, pattern, tzinfo=ZoneInfo(zone), locale=language)


@lru_cache(maxsize=512)
def listed(names: tuple[str, ...], language: str) -> str:
    """Return 'Anna, Björn, and Carl', 'Anna, Björn och Carl'; nothing for nobody."""
    return format_list(names, locale=language)


def in_zone(moment: datetime, zone: str) -> datetime:
    """Return the moment as local time of an event."""
    return moment.astimezone(ZoneInfo(zone))


def long_date(day: date) -> str:
    """Return 'Wednesday 9 December 2009', 'onsdagen den 9 december 2009'."""
    language = current_language()
    return _date(day, LONG_DATE.get(language, LONG_DATE["en"]), language)


def long_day(moment: datetime, zone: str) -> str:
    """Return the long date of a moment in that zone."""
    return long_date(in_zone(moment, zone).date())


def day_date(day: date) -> str:
    """Return 'Wednesday 9 December', 'onsdag 9 december'."""
    return _date(day, "EEEE d MMMM", current_language())


def day_in(moment: datetime, zone: str) -> str:
    """Return the day of a moment in that zone, as `day_date` writes it."""
    return day_date(in_zone(moment, zone).date())


def month_date(day: date) -> str:
    """Return '9 December', '9 december'."""
    return _date(day, "d MMMM", current_language())


def short_date(day: date) -> str:
    """Return '9 Dec', '9 dec'."""
    return _date(day, "d MMM", current_language()).rstrip(".")


def weekday(day: date) -> str:
    """Return 'Wednesday', 'onsdag'."""
    return _date(day, "EEEE", current_language())


def month(day: date) -> str:
    """Return 'December', 'december'."""
    return _date(day, "MMMM", current_language())


def date_span(starts: date, ends: date) -> str:
    """Return '9 and 10 December 2009', '9–12 December 2009' or '30 November – 2 December 2009'."""
    language = current_language()
    last = _date(ends, "d MMMM y", language)
    if starts == ends:
        return last
    if (starts.year, starts.month) != (ends.year, ends.month):
        return f"{_date(starts, 'd MMMM', language)} – {last}"
    if ends - starts == timedelta(days=1):
        return f"{starts.day} {'och' if language == 'sv' else 'and'} {last}"
    return f"{starts.day}–{last}"


def clock(moment: datetime, zone: str) -> str:
    """Return '19:00', '19.00': wall-clock time in that zone."""
    return _clock(moment, zone, current_language())


def time_span(starts: datetime, ends: datetime, zone: str) -> str:
    """Return '19:00–22:30', '19.00–22.30'."""
    return f"{clock(starts, zone)}–{clock(ends, zone)}"


def stamp(moment: datetime, zone: str) -> str:
    """Return '28 Oct, 10:05': when something was noted."""
    return f"{short_date(in_zone(moment, zone).date())}, {clock(moment, zone)}"


def stamp_to_the_second(moment: datetime, zone: str) -> str:
    """Return '28 Oct 2026, 10:05:59': as a log has it."""
    language = current_language()
    seconds = "HH:mm:ss" if language == "en" else "HH.mm.ss"
    return format_datetime(moment, f"d MMM y, {seconds}", tzinfo=ZoneInfo(zone), locale=language)


JINJA_FILTERS: dict[str, Callable[..., str]] = {
    "local": local,
    "long_date": long_date,
    "long_day": long_day,
    "day_date": day_date,
    "day_in": day_in,
    "month_date": month_date,
    "short_date": short_date,
    "weekday": weekday,
    "month": month,
    "date_span": date_span,
    "clock": clock,
    "time_span": time_span,
    "stamp": stamp,
    "stamp_to_the_second": stamp_to_the_second,
    "translated": translated,
    "sentence": sentence,
}
