"""When two programme items cannot both be attended."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import Protocol, TypeVar

from app.programme.models import ProgrammeItem


class Timed(Protocol):
    @property
    def starts(self) -> datetime: ...
    @property
    def ends(self) -> datetime: ...


class Travelled(Timed, Protocol):
    @property
    def transfer_minutes(self) -> int: ...


T = TypeVar("T", bound=Timed)


def overlaps(one: Travelled, other: Travelled) -> bool:
    """Whether one ends too late for the other, the transfer time of both included."""
    transfer = timedelta(minutes=one.transfer_minutes + other.transfer_minutes)
    return one.starts < other.ends + transfer and other.starts < one.ends + transfer


def overlapping_pairs(
    items: Iterable[ProgrammeItem],
) -> list[tuple[ProgrammeItem, ProgrammeItem]]:
    """Return each pair that collides, in the programme's order."""
    ordered = sorted(items, key=lambda item: (item.starts, item.slug))
    return [(one, other) for one, other in combinations(ordered, 2) if overlaps(one, other)]


def at_the_same_time(item: Timed, others: Sequence[T]) -> list[T]:
    """Return those of `others` that run while the item does (no transfer time counted)."""
    return [other for other in others if item.starts < other.ends and other.starts < item.ends]


def close_to(item: ProgrammeItem, others: Sequence[T]) -> list[T]:
    """Return those of `others` that the item's transfer time alone reaches into."""
    transfer = timedelta(minutes=item.transfer_minutes)
    return [
        other
        for other in others
        if item.starts < other.ends + transfer
        and other.starts < item.ends + transfer
        and not at_the_same_time(item, [other])
    ]
