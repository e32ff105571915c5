"""What an item of the programme is to be, and what is in the way of it."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from app.db.types import LocalText
from app.events.models import Event
from app.programme.models import ItemKind, ProgrammeItem
from app.programme.showing import Showing
from app.rsvp.queries import ItemCount

WITHIN_THE_EVENT = {ItemKind.STUDY_VISIT, ItemKind.WORKSHOP}
"""Promise 7: these never lie outside the event's days."""


@dataclass(frozen=True)
class ItemWish:
    """What can be changed of an item. The moments are aware; texts are per language."""

    title: LocalText
    venue: LocalText
    starts: datetime
    ends: datetime
    places: int | None
    transfer_minutes: int
    locks: date
    dress_code: LocalText | None

    @classmethod
    def of(cls, item: ProgrammeItem) -> Self:
        return cls(
            item.title,
            item.venue,
            item.starts,
            item.ends,
            item.places,
            item.transfer_minutes,
            item.locks,
            item.dress_code,
        )

    @property
    def showing(self) -> Showing:
        """What a calendar shows of it."""
        return Showing(self.title, self.venue, self.starts, self.ends)

    @property
    def seal(self) -> str:
        """A digest of it: equal seals, nobody has changed the item meanwhile."""
        facts = repr(sorted(asdict(self).items(), key=lambda fact: fact[0]))
        return hashlib.sha256(facts.encode()).hexdigest()[:16]


class InTheWay(StrEnum):
    """Why an item cannot become what is wished."""

    TITLE_MISSING = "title missing"
    VENUE_MISSING = "venue missing"
    ENDS_FIRST = "ends before it starts"
    OUTSIDE_THE_EVENT = "outside the event"
    TOO_FEW_PLACES = "too few places"
    DINNER_NEEDS_PLACES = "dinner needs places"
    LOCKS_TOO_LATE = "locks after its day"


@dataclass(frozen=True)
class Obstacle:
    why: InTheWay
    field: str
    needed: int = 0
    """How many places are taken, where they are too few."""


WORDS = {
    InTheWay.TITLE_MISSING: "Give the title in every language of the event.",
    InTheWay.VENUE_MISSING: "Give the venue in every language of the event.",
    InTheWay.ENDS_FIRST: "The end is not after the start.",
    InTheWay.OUTSIDE_THE_EVENT: "It would lie outside the days of the event.",
    InTheWay.TOO_FEW_PLACES: "{needed} places are taken: give at least so many.",
    InTheWay.DINNER_NEEDS_PLACES: "The dinner needs a number of places.",
    InTheWay.LOCKS_TOO_LATE: "The answers cannot lock after the day of the item.",
}


class AmendmentRefusedError(Exception):
    """The item cannot become what is wished; nothing was changed."""

    def __init__(self, obstacles: list[Obstacle]) -> None:
        self.obstacles = tuple(obstacles)
        lines = [WORDS[each.why].format(needed=each.needed) for each in obstacles]
        super().__init__("\n".join(lines))


class AmendedMeanwhileError(Exception):
    """Somebody else has changed the item since it was looked at; nothing was changed."""


def obstacles_to(
    event: Event, item: ProgrammeItem, wish: ItemWish, count: ItemCount
) -> Iterator[Obstacle]:
    """Return everything that is in the way of the wish."""
    if not all(wish.title.get(language) for language in event.languages):
        yield Obstacle(InTheWay.TITLE_MISSING, "title")
    if not all(wish.venue.get(language) for language in event.languages):
        yield Obstacle(InTheWay.VENUE_MISSING, "venue")
    yield from _about_time(event, item, wish)
    if wish.places is None:
        if item.is_dinner:
            yield Obstacle(InTheWay.DINNER_NEEDS_PLACES, "places")
    elif wish.places < max(count.taken, 1):
        yield Obstacle(InTheWay.TOO_FEW_PLACES, "places", needed=max(count.taken, 1))


def _about_time(event: Event, item: ProgrammeItem, wish: ItemWish) -> Iterator[Obstacle]:
    zone = ZoneInfo(event.time_zone)
    first, last = (moment.astimezone(zone).date() for moment in (wish.starts, wish.ends))
    if wish.ends <= wish.starts:
        yield Obstacle(InTheWay.ENDS_FIRST, "ends")
    bound = item.kind in WITHIN_THE_EVENT or not item.arrival
    if bound and not event.starts <= first <= last <= event.ends:
        yield Obstacle(InTheWay.OUTSIDE_THE_EVENT, "starts")
    if wish.locks > first:
        yield Obstacle(InTheWay.LOCKS_TOO_LATE, "locks")
