"""Questions about deliveries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.deliveries.models import WAITING, Delivery, DeliveryKind, DeliveryMove, DeliveryState

GONE_OUT = {DeliveryState.SENT, DeliveryState.UNCERTAIN, DeliveryState.BOUNCED}
NEEDS_A_PERSON = (DeliveryState.FAILED, DeliveryState.UNCERTAIN, DeliveryState.BOUNCED)
# Built once and read without the mapper: it is asked at every answer.
STATES_ABOUT = select(Delivery.state).where(
    Delivery.subject_id == bindparam("subject"),
    Delivery.kind.in_(bindparam("kinds", expanding=True)),
)


def list_deliveries(
    session: Session, event_id: int, *, state: DeliveryState | None = None
) -> Sequence[Delivery]:
    """Return the event's deliveries, newest first, of one state or of all."""
    query = select(Delivery).where(Delivery.event_id == event_id)
    if state is not None:
        query = query.where(Delivery.state == state)
    return session.scalars(query.order_by(Delivery.created_at.desc(), Delivery.id.desc())).all()


def list_to_look_at(session: Session, event_id: int) -> Sequence[Delivery]:
    """Return what a person must see to: failed, bounced and uncertain, then deferred."""
    wanted = (*NEEDS_A_PERSON, DeliveryState.DEFERRED)
    rows = session.scalars(
        select(Delivery)
        .where(Delivery.event_id == event_id, Delivery.state.in_(wanted))
        .order_by(Delivery.created_at.desc(), Delivery.id.desc())
    ).all()
    return sorted(rows, key=lambda delivery: wanted.index(delivery.state))


def list_of_guest(session: Session, guest_id: int) -> Sequence[Delivery]:
    """Return every mail to one guest, newest first."""
    return session.scalars(
        select(Delivery)
        .where(Delivery.guest_id == guest_id)
        .order_by(Delivery.created_at.desc(), Delivery.id.desc())
    ).all()


def find_delivery(session: Session, event_id: int, public_id: str) -> Delivery | None:
    return session.scalars(
        select(Delivery).where(Delivery.event_id == event_id, Delivery.public_id == public_id)
    ).one_or_none()


def count_by_state(session: Session, event_id: int) -> dict[DeliveryState, int]:
    """Return how many deliveries are in each state; every state is there, empty ones as 0."""
    counted = dict(
        session.execute(
            select(Delivery.state, func.count())
            .where(Delivery.event_id == event_id)
            .group_by(Delivery.state)
        ).all()
    )
    return {state: counted.get(state, 0) for state in DeliveryState}


def states_about(
    session: Session, kinds: Sequence[DeliveryKind], subject_id: int
) -> set[DeliveryState]:
    """Return the states in which mails of those kinds about one subject are."""
    facts = {"subject": subject_id, "kinds": list(kinds)}
    return set(session.connection().scalars(STATES_ABOUT, facts))


@dataclass(frozen=True)
class Fates:
    """What became of the mails of some kinds about each subject of an event."""

    states: dict[int, set[DeliveryState]]
    kinds: dict[int, set[DeliveryKind]]
    held: set[int]
    """Subjects whose mail waits for a time of its own, or for the end of a stop."""

    def never_went(self, subject_id: int) -> bool:
        """Whether every mail about it was cancelled before it was sent."""
        return self.states.get(subject_id, set()) == {DeliveryState.CANCELLED}

    def went_out(self, subject_id: int) -> bool:
        """Whether somebody has, or may have, one."""
        return bool(self.states.get(subject_id, set()) & GONE_OUT)


def read_fates(
    session: Session,
    event_id: int,
    kinds: Sequence[DeliveryKind],
    *,
    now: datetime,
    stopped: Sequence[str],
) -> Fates:
    """Return what became of the event's mails of those kinds; `stopped` are stopped batches."""
    told = (Delivery.subject_id, Delivery.kind, Delivery.state, Delivery.due_at, Delivery.batch)
    rows = session.execute(
        select(*told).where(Delivery.event_id == event_id, Delivery.kind.in_(kinds))
    ).all()
    states: dict[int, set[DeliveryState]] = defaultdict(set)
    kinds_of: dict[int, set[DeliveryKind]] = defaultdict(set)
    for row in rows:
        states[row.subject_id].add(row.state)
        kinds_of[row.subject_id].add(row.kind)
    held = {
        row.subject_id
        for row in rows
        if (row.state is DeliveryState.QUEUED and row.due_at > now)
        or (row.state in WAITING and row.batch in stopped)
    }
    return Fates(states, kinds_of, held)


def read_log(session: Session, delivery_id: int) -> Sequence[DeliveryMove]:
    """Return every move of one delivery, the oldest first."""
    return session.scalars(
        select(DeliveryMove)
        .where(DeliveryMove.delivery_id == delivery_id)
        .order_by(DeliveryMove.id)
    ).all()


def last_replies(session: Session, event_id: int) -> dict[int, str]:
    """Return the server's last words on each mail of the event that has any, by row id."""
    latest = (
        select(func.max(DeliveryMove.id))
        .join(Delivery, Delivery.id == DeliveryMove.delivery_id)
        .where(Delivery.event_id == event_id, DeliveryMove.reply != "")
        .group_by(DeliveryMove.delivery_id)
    )
    rows = session.execute(
        select(DeliveryMove.delivery_id, DeliveryMove.reply).where(DeliveryMove.id.in_(latest))
    )
    return dict(rows.all())
