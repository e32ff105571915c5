"""What stands in the way of all mail, so that a person must know: seen by reading alone.

Even with the disk full, or with no worker alive to say so, a page can tell.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.deliveries.models import WAITING, Delivery, DeliveryMove, DeliveryState, Pause, PauseKind
from app.deliveries.pauses import ALARM_AFTER, Pauses, event_scope, read_pauses

OVERDUE = timedelta(minutes=5)
NOTHING_FOR = timedelta(minutes=15)
PUT_OFF = 3
"""So many mails put off more than once, and none taken meanwhile, are no accident."""
CLOCK_SLACK = timedelta(minutes=2)
"""Clocks of several hosts may differ so much."""


class AlarmKind(StrEnum):
    SETTINGS = "settings"
    """No mail can go before somebody mends the settings or the server."""
    SERVER = "server"
    """The mail server has been away for minutes."""
    NOTHING_TAKEN = "nothing taken"
    """Mails are tried, and for a while none has been taken."""
    NO_WORKER = "no worker"
    """Mail is overdue and nothing goes out: no worker runs, or it cannot write."""
    CLOCK = "clock"
    """The log has lines from later than now: the clock was set back."""


@dataclass(frozen=True)
class Alarm:
    kind: AlarmKind
    since: datetime
    pause: Pause | None = None


def list_alarms(session: Session, now: datetime) -> list[Alarm]:
    """Return what keeps all mail back and needs a person, the gravest first (4 or 5 queries)."""
    pauses = read_pauses(session, now)
    begun = session.scalar(
        select(func.max(DeliveryMove.at)).where(DeliveryMove.state == DeliveryState.SENDING)
    )
    alarms = [
        _alarm_of(pauses.whole_queue, now),
        _nothing_taken(session, now),
        _no_worker(session, pauses, begun, now),
        _clock_set_back(begun, now),
    ]
    return [alarm for alarm in alarms if alarm is not None]


def _alarm_of(pause: Pause | None, now: datetime) -> Alarm | None:
    if pause is None:
        return None
    if pause.kind is PauseKind.SETTINGS:
        return Alarm(AlarmKind.SETTINGS, pause.since, pause)
    lasting = pause.since <= now - ALARM_AFTER
    return Alarm(AlarmKind.SERVER, pause.since, pause) if lasting else None


def _nothing_taken(session: Session, now: datetime) -> Alarm | None:
    """Tell a server that puts off whatever it is handed, whoever the recipients are."""
    oldest, number = session.execute(
        select(func.min(Delivery.created_at), func.count()).where(
            Delivery.state == DeliveryState.DEFERRED, Delivery.attempts > 1
        )
    ).one()
    if number < PUT_OFF or oldest > now - NOTHING_FOR:
        return None
    taken = session.scalar(select(func.max(Delivery.sent_at)))
    return Alarm(AlarmKind.NOTHING_TAKEN, oldest) if not taken or taken < oldest else None


def _no_worker(
    session: Session, pauses: Pauses, begun: datetime | None, now: datetime
) -> Alarm | None:
    """Tell mail that waits for nothing, while nothing at all is being handed over."""
    whole = pauses.whole_queue
    if whole is not None and whole.until is not None and whole.until > now - OVERDUE:
        return None
    overdue = session.scalar(
        select(func.min(Delivery.due_at)).where(
            Delivery.state.in_(WAITING), Delivery.due_at < now - OVERDUE, pauses.unheld()
        )
    )
    idle = begun is None or begun < now - OVERDUE
    return Alarm(AlarmKind.NO_WORKER, overdue) if overdue is not None and idle else None


def _clock_set_back(begun: datetime | None, now: datetime) -> Alarm | None:
    if begun is None or begun <= now + CLOCK_SLACK:
        return None
    return Alarm(AlarmKind.CLOCK, begun)


def event_stop(session: Session, event_id: int, now: datetime) -> Pause | None:
    """Return the organiser's stop of all mails of the event, if it stands."""
    scope = event_scope(event_id)
    return next((row for row in read_pauses(session, now).rows if row.scope == scope), None)
