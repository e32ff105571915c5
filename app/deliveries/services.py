"""Asking for a mail, cancelling it, and the moves of a delivery through its states."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Update, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from app.db.base import Base
from app.deliveries.models import WAITING, Delivery, DeliveryKind, DeliveryState

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=4)
"""RFC 5321 4.5.4.1: a sender gives up after four to five days."""
CRASHED = (
    "The process ended while this mail was being handed over. The server may have taken it; ask the"
    " guest before sending it again."
)


class ObsoleteError(Exception):
    """A mail no longer makes sense: the fact it reports has changed while it waited."""


_table = Base.metadata.tables[Delivery.__tablename__]
# The two moves every mail makes, built once: building them anew costs more than running them.
_BEGIN = (
    update(_table)
    .where(
        _table.c.id == bindparam("held_id"),
        _table.c.lease == bindparam("held_lease"),
        _table.c.state.in_(WAITING),
    )
    .values(
        state=DeliveryState.SENDING,
        attempts=_table.c.attempts + 1,
        message_id=bindparam("new_message_id"),
        lease_until=bindparam("new_lease_until"),
    )
)
_SENT = (
    update(_table)
    .where(
        _table.c.id == bindparam("held_id"),
        _table.c.lease == bindparam("held_lease"),
        _table.c.state == DeliveryState.SENDING,
    )
    .values(
        state=DeliveryState.SENT,
        sent_at=bindparam("new_sent_at"),
        reply=bindparam("new_reply"),
        error="",
        subject=bindparam("new_subject"),
        text=bindparam("new_text"),
        lease=None,
        lease_until=None,
    )
)


def queue_delivery(
    session: Session,
    kind: DeliveryKind,
    *,
    key: str,
    subject_id: int,
    recipient: str,
    language: str,
    now: datetime,
    event_id: int | None = None,
    guest_id: int | None = None,
) -> Delivery:
    """Ask for one mail, in the caller's transaction; the key makes it once for ever."""
    delivery = Delivery(
        key=key,
        kind=kind,
        event_id=event_id,
        guest_id=guest_id,
        subject_id=subject_id,
        recipient=recipient,
        language=language,
        created_at=now,
        due_at=now,
    )
    session.add(delivery)
    return delivery


def cancel_waiting(
    session: Session,
    kinds: Sequence[DeliveryKind],
    *,
    subject_ids: Sequence[int],
    reason: str,
) -> int:
    """Cancel what is queued or deferred about those subjects; return how many mails that was."""
    cancelled = session.execute(
        update(Delivery)
        .where(
            Delivery.kind.in_(kinds),
            Delivery.subject_id.in_(subject_ids),
            Delivery.state.in_(WAITING),
        )
        .values(state=DeliveryState.CANCELLED, error=reason, lease=None, lease_until=None)
        .returning(Delivery.id)
    )
    return len(cancelled.all())


def claim(
    session: Session, *, now: datetime, limit: int, lease_for: timedelta, rate_per_minute: int = 0
) -> Sequence[Delivery]:
    """Lease up to `limit` due deliveries to the caller; others leave them alone until it ends.

    `rate_per_minute` counts what all workers sent in the last minute and hold leased now.
    """
    if rate_per_minute:
        limit = min(limit, rate_per_minute - _in_last_minute(session, now))
    if limit <= 0:
        return []
    ids = session.scalars(
        select(Delivery.id)
        .where(
            Delivery.state.in_(WAITING),
            Delivery.due_at <= now,
            or_(Delivery.lease.is_(None), Delivery.lease_until < now),
        )
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not ids:
        return []
    claimed = session.scalars(
        update(Delivery)
        .where(Delivery.id.in_(ids))
        .values(lease=str(uuid4()), lease_until=now + lease_for)
        .returning(Delivery),
        execution_options={"populate_existing": True},
    ).all()
    return sorted(claimed, key=lambda delivery: (delivery.due_at, delivery.id))


def _in_last_minute(session: Session, now: datetime) -> int:
    recently = Delivery.sent_at > now - timedelta(minutes=1)
    leased = and_(
        Delivery.state.in_((*WAITING, DeliveryState.SENDING)),
        Delivery.lease.is_not(None),
        Delivery.lease_until >= now,
    )
    return session.scalars(select(func.count()).where(or_(recently, leased))).one()


def begin_sending(
    session: Session, delivery: Delivery, *, message_id: str, now: datetime, lease_for: timedelta
) -> bool:
    """Note that this mail is about to be handed over; False if it was cancelled or taken over.

    Where half of the lease is gone it is renewed for the rest of the batch, so that a slow server
    does not lose it.
    """
    begun = session.connection().execute(
        _BEGIN,
        {
            "held_id": delivery.id,
            "held_lease": delivery.lease,
            "new_message_id": message_id,
            "new_lease_until": now + lease_for,
        },
    )
    if delivery.lease_until is None or delivery.lease_until - now < lease_for / 2:
        session.execute(
            update(Delivery)
            .where(Delivery.lease == delivery.lease, Delivery.state.in_(WAITING))
            .values(lease_until=now + lease_for)
        )
    return begun.rowcount == 1


def cancel_claimed(session: Session, delivery: Delivery, *, reason: str) -> None:
    """Cancel a claimed mail whose fact has changed, before anything was handed over."""
    session.execute(_unsent(delivery).values(state=DeliveryState.CANCELLED, error=reason))


def fail_claimed(session: Session, delivery: Delivery, *, reason: str) -> None:
    """Note that a claimed mail could not be made at all."""
    session.execute(_unsent(delivery).values(state=DeliveryState.FAILED, error=reason))


def mark_sent(
    session: Session, delivery: Delivery, *, reply: str, subject: str, text: str, now: datetime
) -> None:
    """Note that the server took it, with its final reply and a masked copy of what was sent."""
    session.connection().execute(
        _SENT,
        {
            "held_id": delivery.id,
            "held_lease": delivery.lease,
            "new_sent_at": now,
            "new_reply": reply,
            "new_subject": subject,
            "new_text": text,
        },
    )


def mark_failed(session: Session, delivery: Delivery, *, reason: str, reply: str = "") -> None:
    """Note that it will not be sent, and why, in plain words."""
    session.execute(_move(delivery).values(state=DeliveryState.FAILED, error=reason, reply=reply))


def mark_uncertain(session: Session, delivery: Delivery, *, reason: str) -> None:
    """Note that the server may have taken it; it is not sent again without a person's word."""
    session.execute(_move(delivery).values(state=DeliveryState.UNCERTAIN, error=reason))


def mark_deferred(
    session: Session, delivery: Delivery, *, reason: str, reply: str, attempts: int, now: datetime
) -> None:
    """Note that it is tried again later; after four days it fails with the last reason."""
    if now - delivery.created_at > GIVE_UP_AFTER:
        mark_failed(session, delivery, reason=f"Given up after four days: {reason}", reply=reply)
        return
    session.execute(
        _move(delivery).values(
            state=DeliveryState.DEFERRED,
            due_at=now + retry_after(attempts),
            error=reason,
            reply=reply,
        )
    )


def retry_after(attempts: int) -> timedelta:
    """Return the wait before the next attempt: 30 s at first, doubling to an hour, with jitter."""
    doubled: int = 2 ** min(max(attempts - 1, 0), 10)
    jitter = random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing
    return min(LONGEST_RETRY, FIRST_RETRY * doubled) * jitter


def release(session: Session, lease: str) -> None:
    """Give back what was claimed and not begun."""
    session.execute(
        update(Delivery)
        .where(Delivery.lease == lease, Delivery.state.in_(WAITING))
        .values(lease=None, lease_until=None)
    )


def recover(session: Session, *, now: datetime, nobody_else: bool = False) -> int:
    """Settle what a dead worker left: in the act of sending becomes uncertain; return how many.

    `nobody_else`: no other worker is alive, so every lease is a dead one, however fresh.
    """
    dead = Delivery.lease.is_not(None) if nobody_else else Delivery.lease_until < now
    if nobody_else:
        session.execute(
            update(Delivery)
            .where(Delivery.state.in_(WAITING), dead)
            .values(lease=None, lease_until=None)
        )
    uncertain = session.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.SENDING, dead)
        .values(state=DeliveryState.UNCERTAIN, error=CRASHED, lease=None, lease_until=None)
        .returning(Delivery.id)
    )
    return len(uncertain.all())


def _move(delivery: Delivery) -> Update:
    """Update a row in the act of sending, which frees it."""
    return _held(delivery).where(Delivery.state == DeliveryState.SENDING)


def _unsent(delivery: Delivery) -> Update:
    return _held(delivery).where(Delivery.state.in_(WAITING))


def _held(delivery: Delivery) -> Update:
    """Update the row only while this worker still holds it: who lost the lease cannot mark."""
    return (
        update(Delivery)
        .where(Delivery.id == delivery.id, Delivery.lease == delivery.lease)
        .values(lease=None, lease_until=None)
    )
