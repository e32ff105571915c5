"""Questions about health data: how much of it is kept, and whether its day has come."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from app.deliveries.models import Delivery, DeliveryCopy, DeliveryKind
from app.events.models import Event
from app.events.queries import today_at
from app.invitations.models import Invitation
from app.requests.models import Request, RequestKind
from app.rsvp.models import Companion, Diet, Rsvp, RsvpChange

HEALTH_PARTS = ("diet", "companion-diet", "access")
"""Parts of an answer's history that say something of somebody's health (RsvpChange.part)."""
QUOTING = (DeliveryKind.CONFIRMATION,)
"""Kinds of mail in which it may stand."""


@dataclass(frozen=True)
class HealthKept:
    """How many rows hold health data; never whose."""

    answers: int
    """Answers with a diet, own words, or access needs."""
    companions: int
    history: int
    """Lines of the history that say what was before and after."""
    mails: int
    """Copies of confirmations."""
    requests: int
    """Late changes asked for in the guest's own words."""

    @property
    def nothing(self) -> bool:
        return not any(asdict(self).values())


def is_due(event: Event, now: datetime) -> bool:
    """Whether the day of erasure is over at the event's place, and it has not been done yet."""
    return event.health_erased_at is None and today_at(event, now) > event.health_erased_on


def erased_day(event: Event) -> date | None:
    """Return the day, at the event's place, on which health data was erased; None: not yet."""
    return today_at(event, event.health_erased_at) if event.health_erased_at else None


def health_kept(session: Session, event: Event) -> HealthKept:
    def number(query: Select[int]) -> int:
        return session.scalars(query).one()

    def of_event(column: ColumnElement[int], *where: ColumnElement[bool]) -> Select[int]:
        return select(func.count()).where(column.in_(rsvp_ids(event)), *where)

    return HealthKept(
        answers=number(of_event(Rsvp.id.expression, answer_says_health())),
        companions=number(of_event(Companion.rsvp_id.expression, companion_says_health())),
        history=number(of_event(RsvpChange.rsvp_id.expression, line_says_health())),
        mails=number(select(func.count()).where(copy_says_health(event))),
        requests=number(select(func.count()).where(request_says_health(event))),
    )


def rsvp_ids(event: Event) -> Select[int]:
    """Return the query for the row ids of the event's answers."""
    return select(Rsvp.id).join(Rsvp.invitation).where(Invitation.event_id == event.id)


def answer_says_health() -> ColumnElement[bool]:
    return or_(Rsvp.diet != Diet.NONE, Rsvp.diet_words != "", Rsvp.access_needs != "")


def companion_says_health() -> ColumnElement[bool]:
    return or_(Companion.diet != Diet.NONE, Companion.diet_words != "")


def line_says_health() -> ColumnElement[bool]:
    said = or_(RsvpChange.before != "", RsvpChange.after != "")
    return RsvpChange.part.in_(HEALTH_PARTS) & said


def copy_says_health(event: Event) -> ColumnElement[bool]:
    mails = select(Delivery.id).where(Delivery.event_id == event.id, Delivery.kind.in_(QUOTING))
    if event.health_erased_at is not None:
        # What was asked for later was made of answers that hold none any more.
        mails = mails.where(Delivery.created_at <= event.health_erased_at)
    return DeliveryCopy.delivery_id.in_(mails) & (DeliveryCopy.text != "")


def request_says_health(event: Event) -> ColumnElement[bool]:
    late = Request.kind == RequestKind.LATE_CHANGE
    return late & (Request.event_id == event.id) & (Request.words != "")
