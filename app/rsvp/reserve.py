"""The reserve of programme items: who moves up when a place becomes free."""

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from app.events.models import Event
from app.events.queries import today_at
from app.programme.models import ProgrammeItem
from app.programme.overlaps import Travelled, overlaps
from app.programme.queries import list_items
from app.rsvp.changes import ITEM, Change
from app.rsvp.choices import heads
from app.rsvp.models import Choice, ChoiceAnswer, Rsvp
from app.rsvp.noting import follow, note, queue_moved_up
from app.rsvp.queries import count_of, item_counts, reserve_line


class Wished(Travelled, Protocol):
    """An item as it is, or as it is to be."""

    @property
    def places(self) -> int | None: ...


def locked_items(
    event: Event, items: Sequence[ProgrammeItem], *, now: datetime, free_hand: bool
) -> frozenset[int]:
    """Return, by id, the items whose answer a guest can no longer change."""
    today = today_at(event, now)
    return frozenset(item.id for item in items if item.locks < today and not free_hand)


def may_move_the_reserve(change: Change) -> bool:
    """Whether after that change somebody on the reserve of an item may fit.

    A place given up lets others in, and lets this guest into what overlapped; who has just joined
    a line may fit where those before do not.
    """
    if not change.part.startswith(ITEM):
        return change.part in {"event", "companion"} and bool(change.before)
    return change.before != ChoiceAnswer.NO or change.after == ChoiceAnswer.RESERVE


def fill_from_reserve(
    session: Session,
    event: Event,
    *,
    now: datetime,
    although_locked: frozenset[int] = frozenset(),
) -> int:
    """Give free places of programme items to the first on the reserve who fits; return how many.

    Who holds an overlapping item, or comes with more heads than are free, is passed over and stays
    in line; so is whose link is in the wrong hands. Locked items are left alone, but those whose
    id is in `although_locked`. Runs under the event's lock; each guest moved up is told by a mail.
    """
    items = list_items(session, event.id)
    locked = locked_items(event, items, now=now, free_hand=False) - although_locked
    counts = item_counts(session, event.id)
    moved = 0
    for item in items:
        count = count_of(item, counts)
        if not count.reserve or item.id in locked:
            continue
        free = sys.maxsize if item.places is None else item.places - count.taken
        for choice, rsvp in _who_fits(session, item, item, items, free=free):
            _move_up(session, rsvp, choice, item, now=now)
            moved += 1
    return moved


def who_would_move_up(
    session: Session, event: Event, item: ProgrammeItem, wished: Wished, *, now: datetime
) -> list[tuple[Choice, Rsvp]]:
    """Return who would get a place if the item were at that time, with those places."""
    items = list_items(session, event.id)
    if item.id in locked_items(event, items, now=now, free_hand=False):
        return []
    taken = count_of(item, item_counts(session, event.id)).taken
    free = sys.maxsize if wished.places is None else wished.places - taken
    return list(_who_fits(session, item, wished, items, free=free))


def _who_fits(
    session: Session,
    item: ProgrammeItem,
    wished: Wished,
    items: Sequence[ProgrammeItem],
    *,
    free: int,
) -> Iterator[tuple[Choice, Rsvp]]:
    """Go through the item's reserve; each guest who is taken leaves fewer places to the next."""
    for choice in reserve_line(session, item.id):
        rsvp = session.get_one(Rsvp, choice.rsvp_id)
        wanted = heads(item, len(rsvp.companions))
        reached = rsvp.invitation.disowned_at is None
        others = [other for other in items if other.id != item.id]
        if reached and wanted <= free and not _holds_overlapping(rsvp, wished, others):
            free -= wanted
            yield choice, rsvp


def _holds_overlapping(rsvp: Rsvp, item: Wished, others: Sequence[ProgrammeItem]) -> bool:
    held = {choice.item_id for choice in rsvp.choices if choice.answer is ChoiceAnswer.YES}
    return any(other.id in held and overlaps(item, other) for other in others)


def _move_up(
    session: Session, rsvp: Rsvp, choice: Choice, item: ProgrammeItem, *, now: datetime
) -> None:
    choice.answer, choice.reserve_since, choice.moved_up_at = ChoiceAnswer.YES, None, now
    change = Change(f"{ITEM}{item.slug}", ChoiceAnswer.RESERVE, ChoiceAnswer.YES)
    note(session, rsvp, [change], channel=None, actor="", now=now)
    entries = follow(session, rsvp.invitation, [change], [item], now=now)
    queue_moved_up(session, rsvp.invitation, rsvp, entries, now=now)
