"""Local times of an event's place: read as moments, the hour of a clock change refused."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1900, 2999


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
