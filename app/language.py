"""Texts, dates and times in the language of the reader."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.support import NullTranslations, Translations
from babel.units import format_unit
from flask_babel import force_locale, get_locale, get_translations

from app.language_facts import LANGUAGE_FACTS, TRANSLATIONS, facts_of

LANGUAGES = tuple(LANGUAGE_FACTS)
"""What the product's own texts are written in. A further one is a folder in translations/."""

KILOBYTE = 1000


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
    """Return a stored text, like the reason of a delivery, in the current language.

    What it names after a colon stays as it is: 'The server refused: 550 no'.
    """
    if not text:
        return ""
    said, (head, colon, named) = get_translations().gettext(text), text.partition(": ")
    return str(said) if said != text else f"{get_translations().gettext(head)}{colon}{named}"


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(TRANSLATIONS, [language])


def in_each_language(text: str, facts: Callable[[str], Mapping[str, object]]) -> dict[str, str]:
    """Return a text marked by N_, with its facts, in every language: for what is kept for good."""
    return {code: _catalogue(code).gettext(text) % facts(code) for code in LANGUAGES}


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
def _date(day: date, form: str, language: str) -> str:
    return format_date(day, facts_of(language).dates[form], locale=language)


@lru_cache(maxsize=4096)
def _clock(moment: datetime, zone: str, form: str, language: str) -> str:
    pattern = facts_of(language).dates[form]
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
    return _date(day, "long_date", current_language())


def long_day(moment: datetime, zone: str) -> str:
    """Return the long date of a moment in that zone."""
    return long_date(in_zone(moment, zone).date())


def day_date(day: date) -> str:
    """Return 'Wednesday 9 December', 'onsdag 9 december'."""
    return _date(day, "day_date", current_language())


def day_in(moment: datetime, zone: str) -> str:
    """Return the day of a moment in that zone, as `day_date` writes it."""
    return day_date(in_zone(moment, zone).date())


def month_date(day: date) -> str:
    """Return '9 December', '9 december'."""
    return _date(day, "month_date", current_language())


def short_date(day: date) -> str:
    """Return '9 Dec', '9 dec'."""
    return _date(day, "short_date", current_language()).rstrip(".")


def weekday(day: date) -> str:
    """Return 'Wednesday', 'onsdag'."""
    return format_date(day, "EEEE", locale=current_language())


def month(day: date) -> str:
    """Return 'December', 'december'."""
    return format_date(day, "MMMM", locale=current_language())


def date_span(starts: date, ends: date) -> str:
    """Return '9 and 10 December 2009', '9–12 December 2009' or '30 November – 2 December 2009'."""
    language = current_language()
    last = _date(ends, "whole_date", language)
    if starts == ends:
        return last
    if (starts.year, starts.month) != (ends.year, ends.month):
        return f"{_date(starts, 'month_date', language)} – {last}"
    form = "two_days" if ends - starts == timedelta(days=1) else "several_days"
    return facts_of(language).dates[form].format(first=starts.day, last=last)


def clock(moment: datetime, zone: str) -> str:
    """Return '19:00', '19.00': wall-clock time in that zone."""
    return _clock(moment, zone, "clock", current_language())


def time_span(starts: datetime, ends: datetime, zone: str) -> str:
    """Return '19:00–22:30', '19.00–22.30'."""
    return f"{clock(starts, zone)}–{clock(ends, zone)}"


def stamp(moment: datetime, zone: str) -> str:
    """Return '28 Oct, 10:05': when something was noted."""
    return f"{short_date(in_zone(moment, zone).date())}, {clock(moment, zone)}"


def stamp_to_the_second(moment: datetime, zone: str) -> str:
    """Return '28 Oct 2026, 10:05:59': as a log has it."""
    language = current_language()
    day = _date(in_zone(moment, zone).date(), "log_date", language)
    return f"{day}, {_clock(moment, zone, 'clock_to_the_second', language)}"


def language_name(code: str) -> str:
    """Return 'Swedish', 'Svenska': a language by its name in the current one."""
    if code not in LANGUAGE_FACTS:
        return code
    name = Locale.parse(code).get_display_name(current_language()) or code
    return name[:1].upper() + name[1:]


def file_size(size: int) -> str:
    """Return '15 bytes', '1.2 kB'; '1,2 kB'."""
    language = current_language()
    if size < KILOBYTE:
        return format_unit(size, "digital-byte", locale=language)
    kilobytes = size / KILOBYTE
    return format_unit(kilobytes, "digital-kilobyte", "short", "#,##0.0", locale=language)


def greeting_by_name(name: str, language: str, *, man: bool = False) -> str:
    """Return the line that opens a letter: 'Dear Zofia Strøm-Łęcka,', 'Bästa Zofia Strøm-Łęcka,'.

    `man`: what is written about the person says so.
    """
    return facts_of(language).greetings["dear_man" if man else "dear"].format(name=name)


def own_names() -> list[tuple[str, str]]:
    """Return each language with the name it has itself, English last: ('sv', 'Svenska')."""
    return [(code, facts.name) for code, facts in reversed(LANGUAGE_FACTS.items())]


JINJA_GLOBALS: dict[str, Callable[..., object]] = {
    "current_language": current_language,
    "own_names": own_names,
}
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
    "language_name": language_name,
    "file_size": file_size,
    "translated": translated,
    "sentence": sentence,
}
