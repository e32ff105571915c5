"""Questions about the programme."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events.models import Event
from app.programme.models import FixedPoint, ItemKind, NamedGuest, ProgrammeItem


def list_items(session: Session, event_id: int) -> Sequence[ProgrammeItem]:
    """Return the event's own items in the order of time."""
    return session.scalars(
        select(ProgrammeItem)
        .where(ProgrammeItem.event_id == event_id)
        .order_by(ProgrammeItem.starts, ProgrammeItem.ends, ProgrammeItem.slug)
    ).all()


class UnknownItemError(Exception):
    """No item of the event's programme has that slug."""

    def __init__(self, slug: str, known: Sequence[str]) -> None:
        listed = f"Known: {', '.join(known)}." if known else "The event has no programme."
        super().__init__(f'There is no programme item "{slug}". {listed}')


def find_item(session: Session, event_id: int, slug: str) -> ProgrammeItem | None:
    return session.scalars(
        select(ProgrammeItem).where(ProgrammeItem.event_id == event_id, ProgrammeItem.slug == slug)
    ).one_or_none()


def get_item(session: Session, event: Event, slug: str) -> ProgrammeItem:
    """Return the item; raise UnknownItemError, naming those there are."""
    item = find_item(session, event.id, slug)
    if item is None:
        raise UnknownItemError(slug, [other.slug for other in list_items(session, event.id)])
    return item


def named_guest_ids(session: Session, item: ProgrammeItem) -> frozenset[int]:
    """Return the row ids of the guests named for an item."""
    named = select(NamedGuest.guest_id).where(NamedGuest.item_id == item.id)
    return frozenset(session.scalars(named))


def list_fixed_points(session: Session, event_id: int) -> Sequence[FixedPoint]:
    """Return what surrounds the event and is not ours to move, in the order of time."""
    return session.scalars(
        select(FixedPoint)
        .where(FixedPoint.event_id == event_id)
        .order_by(FixedPoint.starts, FixedPoint.ends, FixedPoint.id)
    ).all()


def closed_item_ids(
    session: Session, items: Sequence[ProgrammeItem], guest_id: int
) -> frozenset[int]:
    """Return which of the items are open by name only, and not to this guest."""
    by_name = {item.id for item in items if item.by_name}
    if not by_name:
        return frozenset()
    named = select(NamedGuest.item_id).where(NamedGuest.guest_id == guest_id)
    return frozenset(by_name.difference(session.scalars(named)))


def find_dinner(items: Sequence[ProgrammeItem]) -> ProgrammeItem | None:
    """Return the event's dinner; an event has one at most."""
    return next((item for item in items if item.kind is ItemKind.DINNER), None)
