"""Which worker sends which mail: leases, the rate over all workers, and what a dead one left."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from app.deliveries import moves
from app.deliveries.models import WAITING, Delivery, DeliveryMove, DeliveryState, Pause
from app.deliveries.moves import is_free
from app.deliveries.pauses import Pauses, take_trial

LONGEST_LEASE = timedelta(hours=1)
"""No lease is longer: one that seems to be was written before the clock was set back."""
MINUTE = timedelta(minutes=1)
ADVISORY_LOCK = 727203  # any number, the same on every host; migrations and presence have others


@dataclass(frozen=True)
class Holder:
    """A worker as the rows know it."""

    lease: str
    lasts: timedelta
    name: str
    """For the log: `worker HOST/PROCESS`."""


def claim(
    session: Session,
    holder: Holder,
    pauses: Pauses,
    *,
    limit: int,
    rate_per_minute: int = 0,
    leave: Collection[int] = (),
) -> Sequence[Delivery]:
    """Lease up to `limit` due deliveries to the worker; others leave them alone until it ends.

    Nothing is claimed that a pause or a stop holds back; where a pause is on trial, one mail is.
    `rate_per_minute` counts what all workers began in the last minute and hold leased now. The
    deliveries in `leave`, by row id, are not claimed.
    """
    if pauses.closed:
        return []
    if rate_per_minute:
        _one_at_a_time(session)
        limit = min(limit, rate_per_minute - _in_last_minute(session, pauses.now))
    may_go = Delivery.id.not_in(list(leave)) & pauses.unheld()
    ids = _choose(session, pauses, may_go, limit=limit) if limit > 0 else []
    return _lease(session, holder, ids, now=pauses.now) if ids else []


def _choose(
    session: Session, pauses: Pauses, may_go: ColumnElement[bool], *, limit: int
) -> list[int]:
    whole, now = pauses.whole_queue, pauses.now
    due = _due(now).where(may_go)
    if whole is not None:
        ids = list(session.scalars(due.limit(1)))
        return ids if ids and take_trial(session, whole, ids[0], now=now) else []
    tried = [_choose_for_trial(session, pause, due, now) for pause in pauses.on_trial[:limit]]
    ids = [found for found in tried if found is not None]
    rest = due.where(pauses.not_on_trial()).limit(limit - len(ids))
    return [*ids, *session.scalars(rest)]


def _choose_for_trial(
    session: Session, pause: Pause, due: Select[int], now: datetime
) -> int | None:
    """Return the mail to let through, one that was tried before if any: it may pass a greylist."""
    to_domain = Delivery.recipient_domain == pause.scope.partition(":")[2]
    tried_first = (Delivery.attempts.desc(), Delivery.id)
    found = session.scalar(due.where(to_domain).order_by(None).order_by(*tried_first).limit(1))
    if found is None or not take_trial(session, pause, found, now=now):
        return None
    return found


def _due(now: datetime) -> Select[int]:
    return (
        select(Delivery.id)
        .where(
            Delivery.state.in_(WAITING),
            or_(Delivery.due_at <= now, _waits_for_a_clock_set_back(now)),
            is_free(now, LONGEST_LEASE),
            ~_waits_for_its_thread(),
        )
        .order_by(Delivery.due_at, Delivery.id)
        .with_for_update(skip_locked=True)
    )


def _waits_for_its_thread() -> ColumnElement[bool]:
    """Whether an earlier mail of the same thread is still to go out, or under way."""
    earlier = aliased(Delivery)
    return Delivery.thread.is_not(None) & exists().where(
        earlier.thread == Delivery.thread,
        earlier.id < Delivery.id,
        earlier.state.in_((*WAITING, DeliveryState.SENDING)),
    )


def _waits_for_a_clock_set_back(now: datetime) -> ColumnElement[bool]:
    """Whether a mail waits for a time that has been: it moved later than it is now.

    What is scheduled for a time of its own keeps it.
    """
    at_once = or_(Delivery.state == DeliveryState.DEFERRED, Delivery.due_at == Delivery.changed_at)
    return and_(Delivery.changed_at > now, at_once)


def _lease(
    session: Session, holder: Holder, ids: Sequence[int], *, now: datetime
) -> Sequence[Delivery]:
    claimed = session.scalars(
        update(Delivery)
        .where(Delivery.id.in_(ids))
        .values(lease=holder.lease, lease_until=now + holder.lasts)
        .returning(Delivery),
        execution_options={"populate_existing": True},
    ).all()
    return sorted(claimed, key=lambda delivery: ids.index(delivery.id))


def _one_at_a_time(session: Session) -> None:
    """Let one worker at a time count and claim; on SQLite the write transaction does."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))


def _in_last_minute(session: Session, now: datetime) -> int:
    begun = select(func.count()).where(
        DeliveryMove.state == DeliveryState.SENDING,
        # Both ways: lines from before the clock was set back count for a minute too.
        DeliveryMove.at.between(now - MINUTE, now + MINUTE),
    )
    leased = select(func.count()).where(Delivery.state.in_(WAITING), ~is_free(now, LONGEST_LEASE))
    # In one statement, so of one moment: between two, a mail moves from the one to the other.
    both = select(begun.scalar_subquery() + leased.scalar_subquery())
    number: int = session.scalars(both).one()
    return number


def renew(session: Session, holder: Holder, *, now: datetime) -> None:
    """Hold on to what is claimed: a slow server must not cost the worker its leases.

    A lease that has ended is gone, but for mails in hand that nobody has settled yet.
    """
    waits = Delivery.state.in_(WAITING) & (Delivery.lease_until >= now)
    session.execute(
        update(Delivery)
        .where(Delivery.lease == holder.lease, or_(waits, Delivery.state == DeliveryState.SENDING))
        .values(lease_until=now + holder.lasts)
    )


def release(session: Session, holder: Holder, *, keep: Sequence[int] = ()) -> None:
    """Give back what was claimed and not begun, but for `keep`."""
    session.execute(
        update(Delivery)
        .where(
            Delivery.lease == holder.lease,
            Delivery.state.in_(WAITING),
            Delivery.id.not_in(keep),
        )
        .values(lease=None, lease_until=None)
    )


def recover(session: Session, *, now: datetime, nobody_else: bool = False) -> int:
    """Settle what a dead worker left: in the act of sending becomes uncertain; return how many.

    `nobody_else`: no other worker is alive, so every lease is a dead one, however fresh.
    """
    if not nobody_else:
        return len(moves.lose(session, is_free(now, LONGEST_LEASE), at=now))
    leased = Delivery.lease.is_not(None)
    session.execute(
        update(Delivery)
        .where(Delivery.state.in_(WAITING), leased)
        .values(lease=None, lease_until=None)
    )
    return len(moves.lose(session, leased, at=now))
