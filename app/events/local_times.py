"""Local times of an event's place: read as moments, a clock change's hour refused; its day."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1900, 2999
DAY_BEGINS, DAY_ENDS = time(8), time(20)
"""Between these, by the clock on the wall, a guest may be written to unasked."""


class ClockChangeError(ValueError):
    """The change to or from summer time leaves that local time out, or repeats it."""

    def __init__(self, local: datetime, *, exists: bool) -> None:
        what = "comes twice" if exists else "does not exist"
        super().__init__(
            f"{local:%H:%M} on {local.day} {local:%B %Y} {what}: the clocks change in that hour."
        )


def is_in_reach(local: datetime) -> bool:
    """Whether the year is no slip; at the edge of the calendar no zone could be applied."""
    return FIRST_YEAR <= local.year <= LAST_YEAR


def moment_at(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, of a local time without an offset.

    Raises ClockChangeError, and ValueError for a time at the edge of the calendar.
    """
    if not is_in_reach(local):
        raise ValueError(f"the year {local.year} is out of reach")
    there = local.replace(tzinfo=zone)
    if there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset():
        back = there.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        raise ClockChangeError(local, exists=back == local.replace(tzinfo=None))
    return there.astimezone(UTC)


def by_day(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment from now on at which it is day in that zone: now itself, by day."""
    local = now.astimezone(zone)
    if DAY_BEGINS <= local.time() < DAY_ENDS:
        return now
    day = local.date() + timedelta(days=local.time() >= DAY_ENDS)
    return datetime.combine(day, DAY_BEGINS, tzinfo=zone).astimezone(UTC)
