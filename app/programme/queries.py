"""Questions about the programme."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.programme.models import FixedPoint, ItemKind, ProgrammeItem


def list_items(session: Session, event_id: int) -> Sequence[ProgrammeItem]:
    """Return the event's own items in the order of time."""
    return session.scalars(
        select(ProgrammeItem)
        .where(ProgrammeItem.event_id == event_id)
        .order_by(ProgrammeItem.starts, ProgrammeItem.ends, ProgrammeItem.slug)
    ).all()


def list_fixed_points(session: Session, event_id: int) -> Sequence[FixedPoint]:
    """Return what surrounds the event and is not ours to move, in the order of time."""
    return session.scalars(
        select(FixedPoint)
        .where(FixedPoint.event_id == event_id)
        .order_by(FixedPoint.starts, FixedPoint.ends, FixedPoint.id)
    ).all()


def find_dinner(items: Sequence[ProgrammeItem]) -> ProgrammeItem | None:
    """Return the event's dinner; an event has one at most."""
    return next((item for item in items if item.kind is ItemKind.DINNER), None)
