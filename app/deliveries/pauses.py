"""Holding mail back: a fault that stops every mail, a provider that asks for patience, a stop."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db.inserts import insert_new
from app.deliveries.models import Delivery, Pause, PauseKind

ALL = "all"
TRIAL_LASTS = timedelta(minutes=2)
"""How long the one mail that is let through may take before another is tried."""
STRIKES_OF_A_DOMAIN = 5
"""So many mails in a row a provider may put off before its others wait too."""
LONGEST_WAIT = timedelta(minutes=30)
ALARM_AFTER = timedelta(minutes=5)
"""A server may be away so long before a person is called."""


@dataclass(frozen=True)
class Patience:
    """How long a pause of one kind lasts: at first, and at most; it doubles in between."""

    first: timedelta
    longest: timedelta
    free_strikes: int = 0

    def after(self, strikes: int) -> timedelta:
        """Return the wait after so many strikes in a row; none for the free ones."""
        counted = strikes - self.free_strikes
        if counted <= 0:
            return timedelta(0)
        doubled: int = 2 ** min(counted - 1, 10)
        return min(self.longest, self.first * doubled)


PATIENCE = {
    PauseKind.SETTINGS: Patience(timedelta(seconds=30), timedelta(minutes=10)),
    PauseKind.SERVER: Patience(timedelta(seconds=5), timedelta(minutes=5)),
    PauseKind.DOMAIN: Patience(timedelta(seconds=30), LONGEST_WAIT, STRIKES_OF_A_DOMAIN - 1),
}


_EVERY = select(Pause).execution_options(populate_existing=True)


def domain_scope(domain: str) -> str:
    return f"domain:{domain}"


def event_scope(event_id: int) -> str:
    return f"event:{event_id}"


def batch_scope(batch: str) -> str:
    return f"batch:{batch}"


@dataclass(frozen=True)
class Pauses:
    """Every pause as it stands at one moment."""

    rows: Sequence[Pause]
    now: datetime

    @property
    def whole_queue(self) -> Pause | None:
        return next((pause for pause in self.rows if pause.scope == ALL), None)

    @property
    def closed(self) -> bool:
        """Whether no mail at all may go now."""
        return self.whole_queue is not None and in_force(self.whole_queue, self.now)

    @property
    def on_trial(self) -> list[Pause]:
        """Pauses of domains that are over: one mail to each is let through."""
        return [
            pause
            for pause in self.rows
            if pause.kind is PauseKind.DOMAIN
            and pause.strikes >= STRIKES_OF_A_DOMAIN
            and not in_force(pause, self.now)
        ]

    def may_go(self, delivery: Delivery) -> bool:
        """Whether nothing holds this one back, or it is the one that is let through."""
        scopes = set(_scopes_of(delivery))
        return not any(
            pause.scope in scopes and pause.trial != delivery.id and in_force(pause, self.now)
            for pause in self.rows
        )

    @property
    def stopped_batches(self) -> list[str]:
        """Return the batches an organiser has stopped."""
        stops = [pause for pause in self.rows if pause.kind is PauseKind.STOPPED]
        return _names(stops, "batch:")

    def is_stopped(self, *scopes: str) -> bool:
        """Whether a person has stopped all mail, or one of these."""
        return any(
            pause.kind is PauseKind.STOPPED and pause.scope in {ALL, *scopes} for pause in self.rows
        )

    def unheld(self) -> ColumnElement[bool]:
        """Return the condition that leaves out what is held back now."""
        held = [pause for pause in self.rows if in_force(pause, self.now)]
        return (
            _outside(Delivery.recipient_domain, _names(held, "domain:"))
            & _outside(Delivery.event_id, [int(name) for name in _names(held, "event:")])
            & _outside(Delivery.batch, _names(held, "batch:"))
        )

    def not_on_trial(self) -> ColumnElement[bool]:
        """Return the condition that leaves out domains on trial: to each goes one mail."""
        return _outside(Delivery.recipient_domain, _names(self.on_trial, "domain:"))


def _names(pauses: Sequence[Pause], kind: str) -> list[str]:
    return [pause.scope.removeprefix(kind) for pause in pauses if pause.scope.startswith(kind)]


def _outside(column: InstrumentedAttribute[Any], names: Sequence[object]) -> ColumnElement[bool]:
    return or_(column.is_(None), column.not_in(names))


def _scopes_of(delivery: Delivery) -> Iterable[str]:
    yield ALL
    yield domain_scope(delivery.recipient_domain)
    if delivery.event_id is not None:
        yield event_scope(delivery.event_id)
    if delivery.batch is not None:
        yield batch_scope(delivery.batch)


def in_force(pause: Pause, now: datetime) -> bool:
    """Whether it holds mail back now.

    An end further off than any pause lasts was written before the clock was set back.
    """
    return pause.until is None or now < pause.until <= now + LONGEST_WAIT + TRIAL_LASTS


def read_pauses(session: Session, now: datetime) -> Pauses:
    return Pauses(session.scalars(_EVERY).all(), now)


def take_trial(session: Session, pause: Pause, delivery_id: int, *, now: datetime) -> bool:
    """Let one mail through a pause that is over; False where another worker was quicker."""
    taken = session.execute(
        update(Pause)
        .where(Pause.scope == pause.scope, Pause.until == pause.until)
        .values(until=now + TRIAL_LASTS, trial=delivery_id)
        .returning(Pause.scope),
        execution_options={"synchronize_session": False},
    )
    return taken.one_or_none() is not None


def note_trouble(
    session: Session,
    scope: str,
    kind: PauseKind,
    *,
    reason: str,
    reply: str,
    began: datetime,
    now: datetime,
) -> Pause | None:
    """Count a strike, and hold mail back for longer; return the pause where it is a new one.

    `began` is when the mail was handed over.
    """
    until = now + PATIENCE[kind].after(1)
    facts = {"kind": kind, "since": now, "until": until, "strikes": 1, "struck_at": now}
    words = {"reason": reason, "reply": reply, "by": ""}
    if insert_new(session, Pause, {"scope": scope, **facts, **words}):
        return session.get_one(Pause, scope)
    pause = session.get(Pause, scope, with_for_update=True, populate_existing=True)
    if pause is None or _is_known(pause, kind, began, now):
        return None
    pause.strikes += 1
    pause.struck_at, pause.until = now, now + PATIENCE[kind].after(pause.strikes)
    pause.trial = None
    pause.kind, pause.reason, pause.reply = kind, reason, reply
    return None


def _is_known(pause: Pause, kind: PauseKind, began: datetime, now: datetime) -> bool:
    """Whether the trouble of a mail tells nothing new: it was under way at the last strike.

    Several connections meet one fault at once. A strike later than now was counted before the
    clock was set back.
    """
    holds = pause.strikes > PATIENCE[kind].free_strikes
    return holds and began <= pause.struck_at <= now


def note_well(
    session: Session, pauses: Pauses, *, whole_queue: bool, domains: Iterable[str]
) -> list[Pause]:
    """A server took mail: end what held back the whole queue and those domains; return that."""
    scopes = {ALL} if whole_queue else set()
    scopes |= {domain_scope(domain) for domain in domains}
    ended = [pause for pause in pauses.rows if pause.scope in scopes]
    if ended:
        names = [pause.scope for pause in ended]
        session.execute(delete(Pause).where(Pause.scope.in_(names)))
    return ended


def stop(session: Session, scope: str, *, by: str, now: datetime) -> bool:
    """Stop the sending of an event or a batch within one mail; False if it stood still already."""
    return insert_new(
        session,
        Pause,
        {
            "scope": scope,
            "kind": PauseKind.STOPPED,
            "since": now,
            "until": None,
            "strikes": 1,
            "struck_at": now,
            "reason": "",
            "reply": "",
            "by": by,
        },
    )


def go_on(session: Session, scope: str) -> bool:
    """Lift a stop, or try at once what waits for a fault; False where nothing was held back."""
    lifted = session.execute(delete(Pause).where(Pause.scope == scope).returning(Pause.scope))
    return lifted.one_or_none() is not None
