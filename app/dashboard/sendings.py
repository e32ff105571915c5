"""One sending: how far it has come, what it waits for, and what became of each of its mails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import case
from sqlalchemy.orm import Session

from app.dashboard.outbox import PAGE, Mail, mails_with_guests
from app.deliveries.alarms import Alarm, AlarmKind, list_alarms
from app.deliveries.batches import Progress, read_progress, slow_domains
from app.deliveries.models import Delivery, DeliveryState, PauseKind
from app.deliveries.queries import NEEDS_A_PERSON
from app.events.models import Event

SOON = timedelta(seconds=30)
"""A worker that runs takes up what is due sooner than this."""
BY_CONCERN = (*NEEDS_A_PERSON, DeliveryState.DEFERRED, DeliveryState.SENDING)


class Stage(StrEnum):
    """What goes on, or why nothing does."""

    DONE = "done"
    STOPPED = "stopped"
    SCHEDULED = "scheduled"
    PAUSED = "paused"
    """A fault holds all mail back; it is tried again by itself."""
    MOVING = "moving"
    PATIENCE = "patience"
    """A provider asks for patience with its recipients."""
    DEFERRED = "deferred"
    """All that waits has been tried, and is tried again at its own time."""
    NO_WORKER = "no-worker"
    BEGINNING = "beginning"


@dataclass(frozen=True)
class Sending:
    name: str
    progress: Progress
    stage: Stage
    slow: dict[str, datetime]
    """Providers that ask for patience, each with the time of the next try."""
    mails: Sequence[Mail]
    """At most a page of them; first those that did not simply go out."""
    alarms: Sequence[Alarm]

    @property
    def at_rest(self) -> bool:
        """Whether it takes a person, or a later day, to let anything move."""
        return self.stage in {Stage.DONE, Stage.STOPPED, Stage.SCHEDULED}

    @property
    def moving(self) -> bool:
        """Whether a look in a few seconds may show something new."""
        return not self.at_rest or bool(self.progress.counts[DeliveryState.SENDING])

    @property
    def looks(self) -> str:
        """What the buttons and alarms of the page depend on: where it is the same, so are they."""
        held = self.progress.held_by
        at_rest = [self.stage, held.scope if held else "", str(self.progress.waiting)]
        number = self.progress.counts[DeliveryState.FAILED]
        failed = [f"failed {number}"] if number else []
        alarms = [f"{alarm.kind} {alarm.pause and alarm.pause.until}" for alarm in self.alarms]
        return "-".join([*(at_rest if self.at_rest else ["going"]), *failed, *alarms])


def read_sending(session: Session, event: Event, batch: str, *, now: datetime) -> Sending | None:
    """Return the batch of the event; None if it is unknown (11 queries)."""
    progress = read_progress(session, event.id, now=now, batch=batch)
    if not sum(progress.counts.values()):
        return None
    alarms = list_alarms(session, now)
    slow = slow_domains(session, batch, now=now)
    stage = stage_of(progress, alarms, slow=bool(slow), now=now)
    concern = case({state: at for at, state in enumerate(BY_CONCERN)}, value=Delivery.state)
    mails = session.execute(
        mails_with_guests()
        .where(Delivery.event_id == event.id, Delivery.batch == batch)
        .order_by(concern.is_(None), concern, Delivery.id)
        .limit(PAGE)
    ).all()
    return Sending(batch, progress, stage, slow, mails, alarms)


def stage_of(progress: Progress, alarms: Sequence[Alarm], *, slow: bool, now: datetime) -> Stage:
    """Return what goes on; where several things hold it back, the one to see to first."""
    counts, held = progress.counts, progress.held_by
    asleep = any(alarm.kind is AlarmKind.NO_WORKER for alarm in alarms)
    overdue = progress.due_at is not None and progress.due_at < now - SOON
    begun = counts[DeliveryState.SENDING] or (progress.on_the_way and progress.per_minute)
    order = {
        Stage.DONE: not progress.unfinished,
        Stage.STOPPED: held is not None and held.kind is PauseKind.STOPPED,
        Stage.SCHEDULED: progress.scheduled(now),
        Stage.PAUSED: held is not None,
        Stage.MOVING: begun and not asleep,
        Stage.PATIENCE: slow,
        Stage.DEFERRED: not progress.on_the_way and not overdue,
        Stage.NO_WORKER: asleep or overdue,
    }
    return next((stage for stage, so in order.items() if so), Stage.BEGINNING)
