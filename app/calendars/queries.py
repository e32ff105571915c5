"""Questions about guests' calendars: what a mail has to tell one, and what a feed shows."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload

from app.calendars.models import CalendarEntry, CalendarTelling, CalendarUpdate
from app.deliveries.models import Delivery, DeliveryKind, DeliveryMove, DeliveryState

MAY_HAVE_ARRIVED = (DeliveryState.SENT, DeliveryState.UNCERTAIN)
"""States that, once a mail was in them, leave open what its guest has; its log tells."""


def untold(session: Session, invitation_id: int) -> list[CalendarEntry]:
    """Return what the next mail has to tell a guest's calendar, in the order of time.

    An entry is told once a mail with its present SEQUENCE was sent; one that failed, came back, or
    may be lost leaves it to the next. What no calendar can know of and is off needs no telling.
    """
    known = _told_sequences(session, invitation_id)
    found = [
        entry
        for entry in entries_of(session, invitation_id)
        if entry.sequence > known.get(entry.id, -1)
    ]
    off = [entry.id for entry in found if not entry.is_on]
    heard_of = _heard_of(session, off) if off else set()
    news = [entry for entry in found if entry.is_on or entry.id in heard_of]
    return sorted(news, key=lambda entry: (_starts(entry), entry.uid))


def _starts(entry: CalendarEntry) -> str:
    return entry.item.starts.isoformat() if entry.item else str((entry.facts or {})["starts"])


def _told_sequences(session: Session, invitation_id: int) -> dict[int, int]:
    """Return, by entry, the newest SEQUENCE that was sent."""
    rows = session.execute(
        select(CalendarTelling.entry_id, func.max(CalendarTelling.sequence))
        .join(CalendarEntry, CalendarEntry.id == CalendarTelling.entry_id)
        .join(Delivery, Delivery.id == CalendarTelling.delivery_id)
        .where(CalendarEntry.invitation_id == invitation_id, Delivery.state == DeliveryState.SENT)
        .group_by(CalendarTelling.entry_id)
    )
    return dict(rows.all())


def _heard_of(session: Session, entry_ids: Sequence[int]) -> set[int]:
    """Return which of the entries a mail may have brought into a calendar."""
    rows = session.scalars(
        select(CalendarTelling.entry_id)
        .join(DeliveryMove, DeliveryMove.delivery_id == CalendarTelling.delivery_id)
        .where(CalendarTelling.entry_id.in_(entry_ids), DeliveryMove.state.in_(MAY_HAVE_ARRIVED))
    )
    return set(rows)


def has_untold_cancellation(
    invitation_id: InstrumentedAttribute[int],
) -> ColumnElement[bool]:
    """Whether a part is off of which a mail has told, and no mail that was sent has told that."""
    entry, telling, later = CalendarEntry, aliased(CalendarTelling), aliased(CalendarTelling)
    told_off = (
        exists()
        .where(later.entry_id == entry.id, later.sequence >= entry.sequence)
        .where(Delivery.id == later.delivery_id, Delivery.state == DeliveryState.SENT)
    )
    return exists().where(
        entry.invitation_id == invitation_id,
        entry.is_on.is_(False),
        telling.entry_id == entry.id,
        ~told_off.correlate(entry),
    )


def asked_about(
    session: Session, invitation_id: int, kind: DeliveryKind
) -> dict[CalendarEntry, tuple[int, ...]]:
    """Return the entries that unsent mails of a kind are about, each with its amendments' row ids.

    Those that are off by now are left out; the amendments come in the order of time.
    """
    rows = session.scalars(
        select(CalendarUpdate)
        .join(CalendarUpdate.entry)
        .join(Delivery, Delivery.id == CalendarUpdate.delivery_id)
        .where(
            CalendarEntry.invitation_id == invitation_id,
            CalendarEntry.is_on,
            Delivery.kind == kind,
            Delivery.state != DeliveryState.SENT,
        )
        .options(joinedload(CalendarUpdate.entry).joinedload(CalendarEntry.item))
        .order_by(CalendarUpdate.id)
    )
    found: dict[CalendarEntry, list[int]] = defaultdict(list)
    for row in rows:
        found[row.entry] += [row.amendment_id] if row.amendment_id is not None else []
    ordered = sorted(found, key=lambda entry: (_starts(entry), entry.uid))
    return {entry: tuple(found[entry]) for entry in ordered}


def entries_of(session: Session, invitation_id: int) -> Sequence[CalendarEntry]:
    """Return the entries of one guest's calendar, those taken out included."""
    return session.scalars(
        select(CalendarEntry)
        .where(CalendarEntry.invitation_id == invitation_id)
        .options(joinedload(CalendarEntry.item))
        .order_by(CalendarEntry.id)
    ).all()
