"""The programme as a reader sees it: by day, in local time, what runs in parallel together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

from app.programme.models import FixedPoint, ProgrammeItem


@dataclass(frozen=True)
class Day:
    """One day of the programme: its groups in order of time, and the fixed points beside it.

    A group holds one item, or several of exactly the same time: the guest chooses one of them.
    """

    date: date
    groups: tuple[tuple[ProgrammeItem, ...], ...]
    fixed_points: tuple[FixedPoint, ...]


def by_day(
    items: Sequence[ProgrammeItem], fixed_points: Sequence[FixedPoint], time_zone: str
) -> list[Day]:
    """Return the days on which an item of ours begins, each with the fixed points of that day."""
    zone = ZoneInfo(time_zone)
    ordered = sorted(items, key=lambda item: (item.starts, item.ends, item.slug))
    days = []
    for day, of_day in groupby(ordered, key=lambda item: item.starts.astimezone(zone).date()):
        same_time = groupby(of_day, key=lambda item: (item.starts, item.ends))
        beside = tuple(
            point for point in fixed_points if point.starts.astimezone(zone).date() == day
        )
        days.append(Day(day, tuple(tuple(group) for _, group in same_time), beside))
    return days
