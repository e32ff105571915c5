"""Reading event files: a TOML file becomes an EventFile, or every mistake in it is told at once."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from app.event_files import values
from app.event_files.checks import (
    Conference,
    Present,
    check_decisions,
    check_event,
    check_hosts,
    check_order,
    check_programme,
)
from app.event_files.entries import (
    DecisionEntry,
    EventFile,
    FixedPointEntry,
    FunderEntry,
    HostEntry,
    ProgrammeEntry,
)
from app.event_files.form import (
    MOST_COMPANIONS,
    MOST_PLACES,
    NO_DAY,
    THEME_LIMIT,
    Form,
    Read,
    find_form,
    read_each,
)
from app.event_files.lines import find_lines
from app.event_files.mistakes import EventFileError, Mistake, MistakeLog, Wrong, visible
from app.event_files.table import Table
from app.event_files.times import refuse_far_year

T = TypeVar("T")


@dataclass(frozen=True)
class Lists:
    """The tables that an event file has many of."""

    hosts: list[Read[HostEntry]]
    programme: list[Read[ProgrammeEntry]]
    fixed_points: list[Read[FixedPointEntry]]
    decisions: list[Read[DecisionEntry]]
    funders: list[Read[FunderEntry]]


def no_event(_slug: str) -> date | None:
    """Say that no event is loaded yet."""
    return None


def read_event_file(
    path: Path,
    *,
    today: date,
    starts: date | None = None,
    reply_by_of: Callable[[str], date | None] = no_event,
) -> EventFile:
    """Return the event in the file; raise EventFileError with every mistake in it.

    `today` is the date at the event's place: a reply-by date before it is a mistake, unless
    `reply_by_of` says that it is in force for the event of that slug. With `starts`
    the whole event is first moved by whole days to begin on that day, its clock times kept.
    """
    _refuse_far_move(starts)
    source = _read_source(path)
    document = _parse(path, source)
    log = MistakeLog(find_lines(source))
    root = Table(document, log)
    event = root.inner("event")
    if event is None:
        raise _file_error(path, "the file has no [event] table.", "Begin the file with [event].")
    file = _read_event(root, event, find_form(event, starts=starts), Present(today, reply_by_of))
    root.finish("table")
    log.raise_if_any()
    return file


def _refuse_far_move(starts: date | None) -> None:
    try:
        refuse_far_year(starts or NO_DAY)
    except Wrong as wrong:
        raise EventFileError([Mistake("--starts", None, wrong.message, wrong.mend)]) from wrong


def _read_source(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise _file_error(path, "there is no such file.", "Check the path.") from None
    except IsADirectoryError:
        raise _file_error(path, "this is a directory.", "Name the file in it.") from None
    except OSError as error:
        raise _file_error(path, f"it cannot be read: {error.strerror}.", "Check it.") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _file_error(path, "this is not UTF-8.", "Save the file as UTF-8.", line) from error


def _parse(path: Path, source: str) -> dict[str, object]:
    try:
        return tomllib.loads(source, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        where = re.search(r" \(at line (\d+), (column \d+)\)$", str(error))
        what = str(error)[: where.start()] + f" ({where[2]})" if where else str(error)
        raise _file_error(
            path,
            f"this is not TOML: {what}.",
            "Mend that line: texts stand in quotation marks, dates and numbers without.",
            int(where[1]) if where else None,
        ) from error


def _file_error(path: Path, message: str, mend: str, line: int | None = None) -> EventFileError:
    return EventFileError([Mistake(visible(str(path)), line, message, mend)])


def _read_event(root: Table, event: Table, form: Form, present: Present) -> EventFile:
    root.require("hosts")
    lists = Lists(
        hosts=read_each(root, "hosts", form.host),
        programme=read_each(root, "programme", form.programme_item),
        fixed_points=read_each(root, "fixed_points", form.fixed_point),
        decisions=read_each(root, "decisions", form.decision),
        funders=read_each(root, "funders", form.funder),
    )
    file = _build(root, event, form, lists)
    check_event(event, file, present=present)
    _check_lists(lists, event, file, form)
    return file


def _build(root: Table, event: Table, form: Form, lists: Lists) -> EventFile:
    contact = form.contact(event.inner("contact"))
    file = EventFile(
        slug=event.need("slug", values.slug, ""),
        name=form.text(event, "name"),
        theme=form.optional_text(event, "theme", THEME_LIMIT),
        starts=event.need("starts", form.calendar.day, NO_DAY),
        ends=event.need("ends", form.calendar.day, NO_DAY),
        time_zone=form.calendar.zone.key,
        city=form.text(event, "city"),
        place_limit=event.need("place_limit", values.whole_number(1, MOST_PLACES), 0),
        reply_by=event.need("reply_by", form.calendar.day, NO_DAY),
        companions_per_guest=event.take(
            "companions_per_guest", values.whole_number(0, MOST_COMPANIONS), 0
        ),
        languages=tuple(form.languages),
        contact=contact,
        hosts=_entries(lists.hosts),
        programme=_entries(lists.programme),
        fixed_points=_entries(lists.fixed_points),
        decisions=_entries(lists.decisions),
        funders=_entries(lists.funders),
        reminders=form.reminders(root.inner("reminders")),
        digest=form.digest(root.inner("digest"), contact=contact),
        code_first=event.take("code_first", values.flag, default=False),
        erase_health_on=event.take("erase_health_on", form.calendar.day, None),
    )
    event.require("contact")
    event.finish()
    return file


def _entries(rows: list[Read[T]]) -> tuple[T, ...]:
    return tuple(row.entry for row in rows)


def _check_lists(lists: Lists, event: Table, file: EventFile, form: Form) -> None:
    dated = event.is_good("starts", "ends") and file.starts <= file.ends
    conference = Conference(file.starts, file.ends, form.calendar) if dated else None
    check_hosts(lists.hosts, place_limit=file.place_limit if event.is_good("place_limit") else None)
    check_programme(lists.programme, conference, form.calendar)
    for fixed_point in lists.fixed_points:
        check_order(fixed_point)
    check_decisions(lists.decisions, starts=file.starts if event.is_good("starts") else None)
