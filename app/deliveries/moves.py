"""The moves of a delivery through its states: the only module that changes a state.

`TRANSITIONS` is the picture in `docs/sending.md`; every move writes one line of the log in the same
transaction. Worker moves ask for the lease: who has lost it can no longer mark.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    String,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from app.db.base import Base
from app.deliveries import reasons
from app.deliveries.models import WAITING, Delivery, DeliveryMove, DeliveryState

Q, SENDING, DEFERRED = DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED
SENT, FAILED = DeliveryState.SENT, DeliveryState.FAILED
UNCERTAIN, BOUNCED = DeliveryState.UNCERTAIN, DeliveryState.BOUNCED
CANCELLED = DeliveryState.CANCELLED

TRANSITIONS: Mapping[DeliveryState, frozenset[DeliveryState]] = MappingProxyType(
    {
        Q: frozenset({SENDING, CANCELLED, FAILED}),
        DEFERRED: frozenset({SENDING, CANCELLED, FAILED}),
        SENDING: frozenset({SENT, DEFERRED, FAILED, UNCERTAIN}),
        UNCERTAIN: frozenset({SENT, DEFERRED, FAILED, Q, BOUNCED}),
        SENT: frozenset({BOUNCED}),
        FAILED: frozenset({Q}),
        BOUNCED: frozenset(),
        CANCELLED: frozenset(),
    }
)
"""From each state, the states a delivery may move to."""

UNSENT = frozenset({DEFERRED, FAILED, UNCERTAIN, BOUNCED, CANCELLED})
"""States of which a list says why."""

IN_HAND = (SENDING, UNCERTAIN)
"""Where a worker's answer counts: also after others have given the worker up for dead."""


@dataclass(frozen=True)
class Note:
    """What the log says of a move: when, who, why in plain words, and the server's own words."""

    at: datetime
    by: str
    reason: str = ""
    reply: str = ""


_deliveries = Base.metadata.tables[Delivery.__tablename__]
_log_lines = Base.metadata.tables[DeliveryMove.__tablename__]
_ids: BindParameter[list[int]] = bindparam("ids", expanding=True)
# The two moves every mail makes, built once: building them anew costs more than running them.
_BEGIN = (
    update(_deliveries)
    .where(
        _deliveries.c.id.in_(_ids),
        _deliveries.c.lease == bindparam("held_lease"),
        # Once a lease has ended others may claim the row, and no rate counts it any more.
        _deliveries.c.lease_until >= bindparam("now"),
        _deliveries.c.state.in_(WAITING),
    )
    .values(
        state=SENDING,
        changed_at=bindparam("now"),
        attempts=_deliveries.c.attempts + 1,
        message_id=func.coalesce(
            _deliveries.c.message_id, _deliveries.c.public_id + bindparam("right", type_=String)
        ),
        lease_until=bindparam("until"),
    )
    .returning(_deliveries.c.id, _deliveries.c.attempts)
)
_SENT = (
    update(_deliveries)
    .where(
        _deliveries.c.id.in_(_ids),
        _deliveries.c.lease == bindparam("held_lease"),
        _deliveries.c.state.in_(IN_HAND),
    )
    .values(
        state=SENT,
        changed_at=bindparam("now"),
        sent_at=bindparam("now"),
        error="",
        lease=None,
        lease_until=None,
    )
    .returning(_deliveries.c.id, _deliveries.c.attempts)
)
_LOG = insert(_log_lines)


def log_of_asking(note: Note) -> DeliveryMove:
    """Return the first line of a log: the mail was asked for."""
    return DeliveryMove(
        at=note.at, state=Q, attempt=0, by=note.by, reason=note.reason, reply=note.reply
    )


def log_batch(session: Session, batch: str, note: Note) -> None:
    """Write the first line of the log of each mail of a batch, all in one statement."""
    line = {"state": Q, "attempt": 0, **vars(note)}
    values = [literal(value, _log_lines.c[name].type) for name, value in line.items()]
    of_batch = select(_deliveries.c.id, *values).where(_deliveries.c.batch == batch)
    session.execute(insert(_log_lines).from_select(["delivery_id", *line], of_batch))


def begin(
    session: Session,
    ids: Collection[int],
    *,
    lease: str,
    lease_until: datetime,
    domain: str,
    note: Note,
) -> dict[int, int]:
    """Note that these mails are about to be handed over; return the attempt of each that may be.

    Left out is what was cancelled or taken over meanwhile, or whose lease has ended. `domain` is
    the right side of the Message-ID, which a first attempt gives for good.
    """
    facts = {
        "ids": list(ids),
        "held_lease": lease,
        "now": note.at,
        "right": f"@{domain}",
        "until": lease_until,
    }
    attempts: dict[int, int] = dict(session.connection().execute(_BEGIN, facts).all())
    _log(session, SENDING, dict.fromkeys(attempts, note), attempts)
    return attempts


def mark_sent(session: Session, notes: Mapping[int, Note], *, lease: str) -> list[int]:
    """Note that the server took these mails, each with its final reply; return those noted."""
    if not notes:
        return []
    latest = max(note.at for note in notes.values())
    facts = {"ids": list(notes), "held_lease": lease, "now": latest}
    attempts: dict[int, int] = dict(session.connection().execute(_SENT, facts).all())
    _log(session, SENT, notes, attempts)
    return list(attempts)


def mark_failed(session: Session, delivery_id: int, *, lease: str, note: Note) -> list[int]:
    """Note that the server will never take it."""
    return _move_one(session, delivery_id, lease, FAILED, note)


def mark_uncertain(session: Session, delivery_id: int, *, lease: str, note: Note) -> list[int]:
    """Note that the server may have taken it; it is not sent again without a person's word."""
    condition = _held([delivery_id], lease)
    return _move(session, condition, UNCERTAIN, {delivery_id: note}, sources=(SENDING,))


def mark_deferred(
    session: Session, delivery_id: int, *, lease: str, due_at: datetime, note: Note
) -> list[int]:
    """Note that the server has surely not taken it, and is asked again at `due_at`."""
    return _move_one(session, delivery_id, lease, DEFERRED, note, due_at=due_at)


def put_back(session: Session, *, lease: str, in_hand: Collection[int], note: Note) -> list[int]:
    """Take back what was marked as begun in a commit whose answer was lost: nothing has gone out.

    `in_hand` are those that did go out, whose outcome is known or still to come.
    """
    condition = (Delivery.lease == lease) & Delivery.id.not_in(in_hand)
    return _move_all(session, condition, DEFERRED, note, sources=(SENDING,), due_at=note.at)


def lose(session: Session, condition: ColumnElement[bool], *, at: datetime) -> list[int]:
    """Note of what a dead worker had in hand that the server may have taken it.

    The lease stays on the row: if the worker lives after all, its answer settles the question.
    """
    note = Note(at, "", reasons.CRASHED)
    return _move_all(session, condition, UNCERTAIN, note, sources=(SENDING,), keep_lease=True)


def cancel(session: Session, condition: ColumnElement[bool], note: Note) -> list[int]:
    """Cancel what waits; what is being handed over or has gone out is left alone."""
    return _move_all(session, condition, CANCELLED, note, sources=WAITING)


def cancel_claimed(session: Session, delivery_id: int, *, lease: str, note: Note) -> list[int]:
    """Cancel a claimed mail whose fact has changed, before anything was handed over."""
    condition = _held([delivery_id], lease)
    return _move(session, condition, CANCELLED, {delivery_id: note}, sources=WAITING)


def fail_claimed(session: Session, delivery_id: int, *, lease: str, note: Note) -> list[int]:
    """Note that a claimed mail could not be made at all."""
    condition = _held([delivery_id], lease)
    return _move(session, condition, FAILED, {delivery_id: note}, sources=WAITING)


def postpone(
    session: Session, delivery_id: int, *, lease: str, due_at: datetime, note: Note
) -> list[int]:
    """Put a claimed mail off until `due_at`: it stays in its state, and no attempt is counted."""
    put_off = session.execute(
        update(Delivery)
        .where(_held([delivery_id], lease), Delivery.state.in_(WAITING))
        .values(due_at=due_at, lease=None, lease_until=None)
        .returning(Delivery.state, Delivery.attempts)
    ).one_or_none()
    if put_off is None:
        return []
    _log(session, put_off.state, {delivery_id: note}, {delivery_id: put_off.attempts})
    return [delivery_id]


def mark_arrived(session: Session, condition: ColumnElement[bool], note: Note) -> list[int]:
    """Settle an uncertain mail: it has arrived, as it was last handed over."""
    handed_over = (
        select(func.max(DeliveryMove.at))
        .where(DeliveryMove.delivery_id == Delivery.id, DeliveryMove.state == SENDING)
        .scalar_subquery()
    )
    sent_at = func.coalesce(handed_over, note.at)
    return _move_all(session, condition, SENT, note, sources=(UNCERTAIN,), sent_at=sent_at)


def send_again(session: Session, condition: ColumnElement[bool], note: Note) -> list[int]:
    """Queue uncertain or failed mails once more, with their Message-IDs."""
    return _move_all(session, condition, Q, note, sources=(UNCERTAIN, FAILED), due_at=note.at)


def mark_bounced(session: Session, delivery_id: int, note: Note) -> list[int]:
    """Note that a mail the server had taken came back undelivered."""
    condition = Delivery.id == delivery_id
    return _move_all(session, condition, BOUNCED, note, sources=(SENT, UNCERTAIN))


def is_free(now: datetime, longest_lease: timedelta) -> ColumnElement[bool]:
    """Whether nobody holds the row: no lease, one that has ended, or one no clock could have given.

    A lease far in the future was written before the clock was set back.
    """
    return or_(
        Delivery.lease.is_(None),
        Delivery.lease_until < now,
        Delivery.lease_until > now + longest_lease,
    )


def _move_one(
    session: Session,
    delivery_id: int,
    lease: str,
    to: DeliveryState,
    note: Note,
    **values: object,
) -> list[int]:
    condition = _held([delivery_id], lease)
    return _move(session, condition, to, {delivery_id: note}, sources=IN_HAND, **values)


def _held(ids: Collection[int], lease: str) -> ColumnElement[bool]:
    return Delivery.id.in_(list(ids)) & (Delivery.lease == lease)


def _move(
    session: Session,
    condition: ColumnElement[bool],
    to: DeliveryState,
    notes: Mapping[int, Note],
    *,
    sources: Sequence[DeliveryState],
    **values: object,
) -> list[int]:
    """Move each of the rows noted that is in one of `sources`, and write its line of the log."""
    attempts = _update(
        session, condition, to, next(iter(notes.values())), sources=sources, **values
    )
    _log(session, to, notes, attempts)
    return list(attempts)


def _move_all(
    session: Session,
    condition: ColumnElement[bool],
    to: DeliveryState,
    note: Note,
    *,
    sources: Sequence[DeliveryState],
    keep_lease: bool = False,
    **values: object,
) -> list[int]:
    """Move every row the condition finds, with one note for all."""
    if keep_lease:
        values |= {"lease": Delivery.lease, "lease_until": Delivery.lease_until}
    attempts = _update(session, condition, to, note, sources=sources, **values)
    _log(session, to, dict.fromkeys(attempts, note), attempts)
    return list(attempts)


def _update(
    session: Session,
    condition: ColumnElement[bool],
    to: DeliveryState,
    note: Note,
    *,
    sources: Sequence[DeliveryState],
    **values: object,
) -> dict[int, int]:
    illegal = [state for state in sources if to not in TRANSITIONS[state]]
    if illegal:
        raise ValueError(f"{illegal} -> {to} is no move of a delivery")
    moved = session.execute(
        update(Delivery)
        .where(condition, Delivery.state.in_(sources))
        .values(
            **{
                "state": to,
                "changed_at": note.at,
                "error": note.reason if to in UNSENT else "",
                "lease": None,
                "lease_until": None,
                **values,
            }
        )
        .returning(Delivery.id, Delivery.attempts)
    )
    return {row.id: row.attempts for row in moved}


def _log(
    session: Session, to: DeliveryState, notes: Mapping[int, Note], attempts: Mapping[int, int]
) -> None:
    if attempts:
        session.connection().execute(
            _LOG,
            [
                {"delivery_id": row, "state": to, "attempt": attempt, **vars(notes[row])}
                for row, attempt in attempts.items()
            ],
        )
