"""The organiser's first page: where the event stands, what happened, what to do next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from sqlalchemy.orm import Session

from app.dashboard.one_guest import HEALTH
from app.dashboard.outbox import Mail, list_mails_to_look_at
from app.dashboard.queries import AnswerChange, EventStatus, answers_since, event_status
from app.deliveries.alarms import Alarm, event_stop, list_alarms
from app.deliveries.models import DeliveryState, Pause
from app.events.models import Event
from app.events.queries import today_at
from app.guests.models import Guest, GuestListVersion, GuestStatus
from app.guests.queries import versions_since
from app.invitations.queries import next_wave_number
from app.language import in_zone
from app.programme.models import ProgrammeItem
from app.programme.queries import find_dinner
from app.rsvp.queries import ItemCount

LOOK_BACK = timedelta(days=7)
UNREACHED = (DeliveryState.FAILED, DeliveryState.BOUNCED)


Change = AnswerChange | GuestListVersion


class StepKind(StrEnum):
    DECIDE = "decide"
    """Requests of guests, who were promised an answer within one working day."""
    APPROVE = "approve"
    INVITE = "invite"
    OFFER = "offer"
    SETTLE = "settle"
    """Mails that may have arrived: a person says what became of them."""
    CALL = "call"
    REMIND = "remind"
    PARTS = "parts"
    """Guests who have accepted and not yet chosen."""


@dataclass(frozen=True)
class Step:
    """One thing to do now, with whom or how many it concerns."""

    kind: StepKind
    number: int
    guests: Sequence[Guest] = ()


@dataclass(frozen=True)
class ProgrammeDay:
    date: date
    items: Sequence[tuple[ProgrammeItem, ItemCount]]


@dataclass(frozen=True)
class Overview:
    status: EventStatus
    today: date
    since: date
    days: Sequence[ProgrammeDay]
    dinner: ProgrammeItem | None
    changes: Sequence[tuple[date, Change]]
    """Of the last seven days, newest first, each with its day at the event's place."""
    steps: Sequence[Step]
    to_look_at: Sequence[Mail]
    next_wave: int
    alarms: Sequence[Alarm]
    stop: Pause | None
    """Who stopped all mails of the event, and when."""

    @property
    def sent(self) -> int:
        return self.status.deliveries[DeliveryState.SENT]


def read_overview(session: Session, event: Event, *, now: datetime) -> Overview:
    """Return what the dashboard shows, read in one transaction (20 queries)."""
    status = event_status(session, event)
    today = today_at(event, now)
    to_look_at = list_mails_to_look_at(session, event.id)
    return Overview(
        status=status,
        today=today,
        since=today - LOOK_BACK,
        days=list(_by_day(status, event.time_zone)),
        dinner=find_dinner([item for item, _ in status.programme]),
        changes=_changes_since(session, event, now - LOOK_BACK),
        steps=next_steps(status, to_look_at, reply_by_passed=today > event.reply_by),
        to_look_at=to_look_at,
        next_wave=next_wave_number(session, event.id),
        alarms=list_alarms(session, now),
        stop=event_stop(session, event.id, now),
    )


def _by_day(status: EventStatus, zone: str) -> Iterator[ProgrammeDay]:
    def day_of(counted: tuple[ProgrammeItem, ItemCount]) -> date:
        return in_zone(counted[0].starts, zone).date()

    for day, items in groupby(status.programme, key=day_of):
        yield ProgrammeDay(day, tuple(items))


def _changes_since(session: Session, event: Event, since: datetime) -> list[tuple[date, Change]]:
    versions = versions_since(session, event.id, since)
    changes: list[Change] = [*answers_since(session, event.id, since), *versions]
    newest_first = sorted(changes, key=_moment, reverse=True)
    return [(in_zone(_moment(change), event.time_zone).date(), change) for change in newest_first]


def _moment(change: Change) -> datetime:
    return change.approved_at if isinstance(change, GuestListVersion) else change.at


def changed_kinds(change: AnswerChange, *, with_health: bool) -> list[str]:
    """Return which kinds of parts a press changed (`item`, `diet`), never what they say.

    That a guest has a diet or access needs at all is for organisers: others read `details`.
    """
    kinds = (part.part.partition(":")[0] for part in change.parts)
    shown = (kind if with_health or kind not in HEALTH else "details" for kind in kinds)
    return list(dict.fromkeys(shown))


def next_steps(
    status: EventStatus, to_look_at: Sequence[Mail], *, reply_by_passed: bool
) -> list[Step]:
    """Say what is to be done, the most pressing first; nothing where all is well."""
    in_time = not reply_by_passed
    free = max(status.ledger.free, 0)
    first = (status.next_on_reserve,) if status.next_on_reserve else ()
    uncertain = [mail for mail, _ in to_look_at if mail.state is DeliveryState.UNCERTAIN]
    unreached = _unreached(to_look_at)
    steps = (
        Step(StepKind.DECIDE, status.requests),
        Step(StepKind.APPROVE, status.guests[GuestStatus.PROPOSED]),
        Step(StepKind.INVITE, min(status.not_invited, free) if in_time else 0),
        Step(StepKind.OFFER, status.places_to_offer if first else 0, first),
        Step(StepKind.SETTLE, len(uncertain)),
        Step(StepKind.CALL, len(unreached), unreached),
        Step(StepKind.REMIND, status.ledger.held if in_time else 0),
        Step(StepKind.PARTS, status.half_way),
    )
    return [step for step in steps if step.number]


def _unreached(mails: Sequence[Mail]) -> list[Guest]:
    """Return each guest once whom a mail did not reach for good."""
    lost = (guest for mail, guest in mails if guest is not None and mail.state in UNREACHED)
    return list({guest.id: guest for guest in lost}.values())
