"""A time zone's rules for the days that matter, as RFC 5545 wants them (VTIMEZONE)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

DAY = timedelta(days=1)
BEFORE = timedelta(days=400)
"""Far enough back for the change that brought the clock in force on the first day."""


@lru_cache(maxsize=256)  # the same few days for every guest
def time_zone(name: str, first: datetime, last: datetime) -> Timezone:
    """Return the rules of the zone from the moment `first` to the moment `last`, both aware.

    Each onset is written in the wall-clock time of the offset before it (RFC 5545 3.6.5):
    Stockholm springs forward at 02:00, not 03:00. The rules of all years would be 3 kB.
    """
    zone = ZoneInfo(name)
    made = Timezone()
    made.add("tzid", name)
    changes = list(_changes(zone, first - BEFORE, last + DAY))
    in_force = [change for change in changes if change <= first][-1:]
    wanted = [*in_force, *(change for change in changes if change > first)]
    if not in_force:
        made.add_component(_unchanged(zone, first - BEFORE))
    for change in wanted:
        made.add_component(_observance(zone, change))
    return made


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """Return every moment, in UTC, at which the zone's offset changes."""
    day = first.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while day < last:
        following = day + DAY
        if _offset(zone, day) != _offset(zone, following):
            yield _find(zone, day, following)
        day = following


def _find(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the minute between the two at which the offset is another one."""
    minute = timedelta(minutes=1)
    low, high = 0, (after - before) // minute
    while high - low > 1:
        middle = (low + high) // 2
        same = _offset(zone, before + middle * minute) == _offset(zone, before)
        low, high = (middle, high) if same else (low, middle)
    return before + high * minute


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _observance(zone: ZoneInfo, onset: datetime) -> TimezoneStandard | TimezoneDaylight:
    before = _offset(zone, onset - timedelta(minutes=1))
    local = onset.astimezone(zone)
    summer = bool(local.dst())
    made = TimezoneDaylight() if summer else TimezoneStandard()
    made.add("dtstart", (onset + before).replace(tzinfo=None))
    made.add("tzoffsetfrom", before)
    made.add("tzoffsetto", _offset(zone, onset))
    made.add("tzname", local.tzname() or "")
    return made


def _unchanged(zone: ZoneInfo, since: datetime) -> TimezoneStandard:
    """Return the one rule of a zone whose clocks are never changed."""
    made = TimezoneStandard()
    made.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 - RFC 5545: local, without a zone
    made.add("tzoffsetfrom", _offset(zone, since))
    made.add("tzoffsetto", _offset(zone, since))
    made.add("tzname", since.astimezone(zone).tzname() or "")
    return made
