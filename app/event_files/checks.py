"""What must hold between the values of an event file; each breach is noted at its place."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from app.event_files.entries import (
    DecisionEntry,
    EventFile,
    FixedPointEntry,
    HostEntry,
    ProgrammeEntry,
)
from app.event_files.form import Read
from app.event_files.mistakes import Wrong, shown
from app.event_files.table import Table
from app.event_files.times import Calendar, write_day, write_days

WITHIN_THE_CONFERENCE = ("study visit", "workshop")


@dataclass(frozen=True)
class Present:
    """What the file is measured against."""

    today: date
    """At the event's place."""
    reply_by_of: Callable[[str], date | None]
    """By slug, the reply-by date of an event that is loaded already."""


@dataclass(frozen=True)
class Conference:
    """The days of the event, and the calendar in which an item's local days are told."""

    starts: date
    ends: date
    calendar: Calendar

    def holds(self, day: date) -> bool:
        return self.starts <= day <= self.ends

    def __str__(self) -> str:
        return write_days(self.starts, self.ends)


def check_event(event: Table, file: EventFile, *, present: Present) -> None:
    """Check the event's own dates against each other and against the present.

    A reply-by date that is in force already may have passed: venues change in the last week too.
    """
    starts, ends, reply_by = map(write_day, (file.starts, file.ends, file.reply_by))
    if event.is_good("starts", "ends") and file.ends < file.starts:
        wrong = Wrong(
            f"the event ends ({ends}) before it starts ({starts}).",
            "Write a last day that is not before the first.",
        )
        event.note("ends", wrong)
    _check_erasure(event, file)
    if event.is_good("starts", "reply_by") and file.reply_by > file.starts:
        wrong = Wrong(
            f"the reply-by date ({reply_by}) is after the start ({starts}).",
            "Write a day before the event.",
        )
        event.note("reply_by", wrong)
    in_force = present.reply_by_of(file.slug)
    if event.is_good("reply_by") and file.reply_by < present.today and file.reply_by != in_force:
        wrong = Wrong(
            f"the reply-by date ({reply_by}) has passed.",
            "Write a coming day, or move the whole event with --starts DATE.",
        )
        event.note("reply_by", wrong)


def _check_erasure(event: Table, file: EventFile) -> None:
    day = file.erase_health_on
    if day and event.is_good("ends", "erase_health_on") and day <= file.ends:
        wrong = Wrong(
            f"diets and access needs would be erased ({write_day(day)}) before the event is over "
            f"({write_day(file.ends)}).",
            "Write a day after the last one, or take the line out: then it is 14 days after it.",
        )
        event.note("erase_health_on", wrong)


def check_hosts(hosts: Iterable[Read[HostEntry]], *, place_limit: int | None) -> None:
    """Check that each host is named once and has no more places than the event."""
    seen: dict[str, Table] = {}
    for host in hosts:
        names = {name.casefold(): name for name in host.entry.name.values() if name}
        for folded, name in names.items():
            first = seen.setdefault(folded, host.table)
            if first is not host.table:
                wrong = Wrong(f'"{shown(name)}" is already {first}.', "Name each host once.")
                host.table.note("name", wrong)
                break
        _check_quota(host, place_limit)


def _check_quota(host: Read[HostEntry], place_limit: int | None) -> None:
    quota = host.entry.quota
    if quota is not None and place_limit is not None and quota > place_limit:
        wrong = Wrong(
            f"the quota ({quota}) is over the event's place limit ({place_limit}).",
            "Lower the quota or raise the limit.",
        )
        host.table.note("quota", wrong)


def check_programme(
    items: Iterable[Read[ProgrammeEntry]], conference: Conference | None, calendar: Calendar
) -> None:
    """Check each item, and that no slug and no dinner stands there twice.

    Without good dates of the conference itself nothing is measured against them.
    """
    slugs: dict[str, Table] = {}
    dinners: list[Table] = []
    for item in items:
        _check_slug(item, slugs)
        _check_dinner(item, dinners)
        check_order(item)
        _check_lock(item, calendar)
        _check_arrival(item)
        if conference:
            _check_days(item, conference)


def _check_slug(item: Read[ProgrammeEntry], seen: dict[str, Table]) -> None:
    if not item.table.is_good("slug"):
        return
    first = seen.setdefault(item.entry.slug, item.table)
    if first is not item.table:
        wrong = Wrong(f"the slug is already that of {first}.", "Give each item its own.")
        item.table.note("slug", wrong)


def _check_dinner(item: Read[ProgrammeEntry], dinners: list[Table]) -> None:
    if item.entry.kind != "dinner":
        return
    if dinners:
        wrong = Wrong(
            f"there is already a dinner, {dinners[0]}.",
            'An event has one dinner; make this one a "reception".',
        )
        item.table.note("kind", wrong)
    dinners.append(item.table)
    if "places" not in item.table:
        wrong = Wrong(
            "the dinner has no places.",
            "Add places = 40, say: guests and companions together.",
        )
        item.table.note("places", wrong)


def check_order(row: Read[ProgrammeEntry] | Read[FixedPointEntry]) -> None:
    """Check that it ends after it starts."""
    if row.table.is_good("starts", "ends") and row.entry.ends <= row.entry.starts:
        wrong = Wrong("the end is not after the start.", "Write a later time.")
        row.table.note("ends", wrong)


def _check_lock(item: Read[ProgrammeEntry], calendar: Calendar) -> None:
    locks = item.entry.locks
    if locks is None or not item.table.is_good("starts"):
        return
    day = calendar.local_day(item.entry.starts)
    if locks > day:
        wrong = Wrong(
            f"the answers lock ({write_day(locks)}) after the day of the item ({write_day(day)}).",
            "Write that day or one before it.",
        )
        item.table.note("locks", wrong)


def _check_arrival(item: Read[ProgrammeEntry]) -> None:
    if item.entry.arrival and item.entry.kind in WITHIN_THE_CONFERENCE:
        wrong = Wrong(
            f"a {item.entry.kind} is never arrival programme: it lies within the conference.",
            "Take the line out.",
        )
        item.table.note("arrival", wrong)


def _check_days(item: Read[ProgrammeEntry], conference: Conference) -> None:
    """Note the first end of the item that lies outside (promise 7 of the product)."""
    kind = item.entry.kind
    bound = kind in WITHIN_THE_CONFERENCE
    free = "arrival" in item.table and (item.entry.arrival or not item.table.is_good("arrival"))
    if not item.table.is_good("kind") or (free and not bound):
        return
    for key, moment in (("starts", item.entry.starts), ("ends", item.entry.ends)):
        day = conference.calendar.local_day(moment)
        if item.table.is_good(key) and not conference.holds(day):
            mend = "Move it inside." if bound else "Move it inside, or write arrival = true."
            wrong = Wrong(f"the {kind} lies outside the conference ({conference}).", mend)
            item.table.note(key, wrong)
            return


def check_decisions(decisions: Iterable[Read[DecisionEntry]], *, starts: date | None) -> None:
    """Check that each matter was decided before the event starts, where that day is good."""
    for decision in decisions:
        decided_on = decision.entry.decided_on
        if starts and decision.table.is_good("decided_on") and decided_on > starts:
            wrong = Wrong(
                f"the decision ({write_day(decided_on)}) comes after the start of the event "
                f"({write_day(starts)}).",
                "Write the day it was made.",
            )
            decision.table.note("decided_on", wrong)
