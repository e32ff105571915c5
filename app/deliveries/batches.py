"""Batches: the mails asked for in one press, and how far their sending has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.deliveries.models import WAITING, Delivery, DeliveryState, Pause
from app.deliveries.pauses import (
    Pauses,
    batch_scope,
    domain_scope,
    event_scope,
    in_force,
    read_pauses,
)

RECENTLY = timedelta(seconds=60)
"""The speed of the last minute is taken to last."""
FEWEST = 3
"""So many mails must have gone out before their speed says anything."""


def wave_batch(event_id: int, number: int) -> str:
    return batch_of(event_id, "wave", number)


def reminder_batch(event_id: int, number: int) -> str:
    return batch_of(event_id, "reminder", number)


def batch_of(event_id: int, kind: str, number: int) -> str:
    """Return the batch of that kind, as `kind_of` lists them, and number."""
    return f"{event_id}:{kind}:{number}"


def kind_of(batch: str) -> str:
    """Return `wave`, `reminder`, `thanks`, `digest`, `change` or `called_off`."""
    return batch.split(":")[1]


def number_of(batch: str) -> int:
    return int(batch.rpartition(":")[2])


def next_reminder_batch(session: Session, event_id: int) -> str:
    """Return the batch of the next reminders. Decided under the event's lock."""
    return next_batch(session, event_id, "reminder")


def next_batch(session: Session, event_id: int, kind: str) -> str:
    """Return the next batch of that kind. Decided under the event's lock."""
    batches = session.scalars(
        select(Delivery.batch)
        .where(Delivery.event_id == event_id, Delivery.batch.contains(f":{kind}:"))
        .distinct()
    )
    numbers = [number_of(batch) for batch in batches if batch is not None]
    return batch_of(event_id, kind, max(numbers, default=0) + 1)


def has_batch(session: Session, batch: str) -> bool:
    """Whether any mail was asked for under that name."""
    found = session.scalar(select(Delivery.id).where(Delivery.batch == batch).limit(1))
    return found is not None


@dataclass(frozen=True)
class Progress:
    """How far the sending of a batch, or of all of an event, has come."""

    counts: dict[DeliveryState, int]
    """Every state is there, empty ones as 0."""
    per_minute: int
    """How many of these mails went out in the last minute."""
    first_at: datetime | None
    """When the first of those went out: a sending may have begun within the minute."""
    due_at: datetime | None
    """When the first of what waits goes out, at the earliest."""
    held_by: Pause | None
    """What holds all of it back now."""

    @property
    def total(self) -> int:
        """How many there are; what was cancelled will never be sent."""
        return sum(self.counts.values()) - self.counts[DeliveryState.CANCELLED]

    @property
    def waiting(self) -> int:
        return sum(self.counts[state] for state in WAITING)

    @property
    def unfinished(self) -> int:
        return self.waiting + self.counts[DeliveryState.SENDING]

    @property
    def done(self) -> int:
        return self.total - self.unfinished

    @property
    def on_the_way(self) -> int:
        """How many go out as fast as may be; what is deferred waits for its own time."""
        return self.counts[DeliveryState.QUEUED] + self.counts[DeliveryState.SENDING]

    def scheduled(self, now: datetime) -> bool:
        """Whether the sending has not begun, because it was asked for at a later time."""
        begun = self.counts[DeliveryState.DEFERRED] + self.counts[DeliveryState.SENDING]
        return self.due_at is not None and self.due_at > now and not begun

    def time_left(self, now: datetime) -> timedelta | None:
        """Return how long the rest will take at the speed of the last minute; None: unknown."""
        if self.first_at is None or self.per_minute < FEWEST or not self.on_the_way:
            return None
        if self.scheduled(now) or self.held_by is not None:
            return None
        return (now - self.first_at) / (self.per_minute - 1) * self.on_the_way


def read_progress(
    session: Session, event_id: int, *, now: datetime, batch: str | None = None
) -> Progress:
    """Return how far a batch of the event has come, or all its mails (4 queries)."""
    chosen = Delivery.event_id == event_id
    if batch is not None:
        chosen &= Delivery.batch == batch
    counted = dict(
        session.execute(
            select(Delivery.state, func.count()).where(chosen).group_by(Delivery.state)
        ).all()
    )
    per_minute, first_at = session.execute(
        select(func.count(), func.min(Delivery.sent_at)).where(
            chosen, Delivery.sent_at > now - RECENTLY
        )
    ).one()
    due_at = session.scalar(
        select(func.min(Delivery.due_at)).where(chosen, Delivery.state.in_(WAITING))
    )
    return Progress(
        {state: counted.get(state, 0) for state in DeliveryState},
        per_minute,
        first_at,
        due_at,
        _held_by(read_pauses(session, now), event_id, batch),
    )


def _held_by(pauses: Pauses, event_id: int, batch: str | None) -> Pause | None:
    scopes = {event_scope(event_id), *([batch_scope(batch)] if batch else [])}
    stops = sorted(pause.scope for pause in pauses.rows if pause.scope in scopes)
    if not stops:
        return pauses.whole_queue
    # The event's stop is told first: lifting the batch's alone would let nothing go on.
    return next(pause for pause in pauses.rows if pause.scope == stops[-1])


def slow_domains(session: Session, batch: str, *, now: datetime) -> dict[str, datetime]:
    """Return the providers that ask for patience with mails of the batch, and until when."""
    waiting = session.scalars(
        select(Delivery.recipient_domain)
        .where(Delivery.batch == batch, Delivery.state.in_(WAITING))
        .distinct()
    ).all()
    scopes = {domain_scope(domain): domain for domain in waiting}
    return {
        scopes[pause.scope]: pause.until
        for pause in read_pauses(session, now).rows
        if pause.scope in scopes and pause.until is not None and in_force(pause, now)
    }


@dataclass(frozen=True)
class Batch:
    """One press that asked for mails."""

    name: str
    asked_at: datetime
    counts: dict[DeliveryState, int]

    @property
    def kind(self) -> str:
        """As `kind_of` lists them."""
        return kind_of(self.name)

    @property
    def number(self) -> int:
        return number_of(self.name)


def list_batches(session: Session, event_id: int) -> list[Batch]:
    """Return the batches of an event, the newest first, each with its counts (1 query)."""
    rows = session.execute(
        select(Delivery.batch, Delivery.state, func.count(), func.min(Delivery.created_at))
        .where(Delivery.event_id == event_id, Delivery.batch.is_not(None))
        .group_by(Delivery.batch, Delivery.state)
    ).all()
    names = dict.fromkeys(str(row[0]) for row in rows)
    batches = [
        Batch(
            name,
            min(row[3] for row in rows if row[0] == name),
            {
                state: row[2]
                for state in DeliveryState
                for row in rows
                if (row[0], row[1]) == (name, state)
            },
        )
        for name in names
    ]
    return sorted(batches, key=lambda batch: batch.asked_at, reverse=True)
