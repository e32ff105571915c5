"""Questions about guests' calendars: what a mail has to tell one, and what a feed shows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.calendars.models import CalendarEntry, CalendarUpdate
from app.deliveries.models import Delivery, DeliveryKind, DeliveryMove, DeliveryState

MAY_HAVE_ARRIVED = (DeliveryState.SENT, DeliveryState.UNCERTAIN)
"""States that, once a mail was in them, leave open what its guest has; its log tells."""


@dataclass(frozen=True)
class Untold:
    """An entry whose newest update no mail has brought yet."""

    entry: CalendarEntry
    amendments: tuple[int, ...]
    """Row ids of the changes of the programme behind it, the oldest first."""
    kinds: frozenset[DeliveryKind]
    """The kinds of mail that were to bring it."""


def untold(session: Session, invitation_id: int) -> list[Untold]:
    """Return what the next mail has to tell a guest's calendar, in the order of time.

    An update waits as long as the mail it was asked for with has not been sent: one that failed,
    came back, or was replaced by a later mail leaves it to the next. What no calendar can know of
    and is off again needs no telling.
    """
    rows = session.execute(
        select(CalendarUpdate, Delivery.kind)
        .join(CalendarUpdate.entry)
        .outerjoin(Delivery, Delivery.id == CalendarUpdate.delivery_id)
        .where(
            CalendarEntry.invitation_id == invitation_id,
            or_(Delivery.id.is_(None), Delivery.state != DeliveryState.SENT),
        )
        .options(joinedload(CalendarUpdate.entry).joinedload(CalendarEntry.item))
        .order_by(CalendarUpdate.id)
    ).all()
    entries = {update.entry_id: update.entry for update, _ in rows}
    told = _told_before(session, [entry.id for entry in entries.values() if not entry.is_on])
    found = [
        Untold(
            entry,
            tuple(
                update.amendment_id
                for update, _ in rows
                if update.entry_id == entry.id and update.amendment_id is not None
            ),
            frozenset(kind for update, kind in rows if update.entry_id == entry.id and kind),
        )
        for entry in entries.values()
        if entry.is_on or entry.id in told
    ]
    return sorted(found, key=lambda each: (_starts(each.entry), each.entry.uid))


def _starts(entry: CalendarEntry) -> str:
    return entry.item.starts.isoformat() if entry.item else str((entry.facts or {})["starts"])


def _told_before(session: Session, entry_ids: Collection[int]) -> set[int]:
    """Return which of the entries a mail may have brought into a calendar."""
    if not entry_ids:
        return set()
    rows = session.scalars(
        select(CalendarUpdate.entry_id)
        .join(DeliveryMove, DeliveryMove.delivery_id == CalendarUpdate.delivery_id)
        .where(CalendarUpdate.entry_id.in_(entry_ids), DeliveryMove.state.in_(MAY_HAVE_ARRIVED))
    )
    return set(rows)


def entries_of(session: Session, invitation_id: int) -> Sequence[CalendarEntry]:
    """Return the entries of one guest's calendar, those taken out included."""
    return session.scalars(
        select(CalendarEntry)
        .where(CalendarEntry.invitation_id == invitation_id)
        .options(joinedload(CalendarEntry.item))
        .order_by(CalendarEntry.id)
    ).all()
