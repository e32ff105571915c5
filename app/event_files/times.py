"""Dates and local times of an event file: read in the event's zone, moved by whole days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from app.event_files.mistakes import Wrong
from app.event_files.values import expect
from app.events.local_times import ClockChangeError, moment_at

FIRST_YEAR = 1970
LAST_YEAR = 2199

Day = TypeVar("Day", date, datetime)


@dataclass(frozen=True)
class Calendar:
    """How the dates of one file are read. Clock times stay as they are, whatever the move."""

    zone: ZoneInfo
    moved_by: timedelta = timedelta()

    def day(self, value: object) -> date:
        return self._moved(expect(value, date))

    def moment(self, value: object) -> datetime:
        """Read a local time as an aware one in UTC."""
        written = expect(value, datetime)
        if written.tzinfo:
            raise self._with_offset(written)
        try:
            return moment_at(self._moved(written), self.zone)
        except ClockChangeError as error:
            raise Wrong(str(error), "Choose a time outside that hour.") from error

    def local_day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _moved(self, written: Day) -> Day:
        refuse_far_year(written)
        return written + self.moved_by

    def _with_offset(self, written: datetime) -> Wrong:
        refuse_far_year(written)
        local = written.astimezone(self.zone).replace(tzinfo=None)
        return Wrong(
            "the time has an offset; the file's times are local.",
            f"Write the time in {self.zone.key} without one: {local.isoformat()}.",
        )


def days_to_move(written: object, starts: date | None) -> timedelta:
    """Return how far the event moves when what is written as its first day becomes `starts`.

    What is no good day moves nothing; reading it tells the mistake.
    """
    if starts is None or type(written) is not date or not _is_in_reach(written):
        return timedelta()
    return starts - written


def refuse_far_year(day: date) -> None:
    """Refuse a year that is surely a slip, and from which moving could leave the calendar."""
    if not _is_in_reach(day):
        raise Wrong("the year is out of reach.", f"Use a year from {FIRST_YEAR} to {LAST_YEAR}.")


def _is_in_reach(day: date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR


def write_day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def write_days(first: date, last: date) -> str:
    """Return '9-10 December 2009', '30 November - 2 December 2009' or one day."""
    if first == last:
        return write_day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}-{write_day(last)}"
    start = write_day(first) if first.year != last.year else f"{first.day} {first:%B}"
    return f"{start} - {write_day(last)}"
