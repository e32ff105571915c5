"""The event at one glance: the one source of numbers for pages, digests and exports."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from app.deliveries.models import DeliveryState
from app.deliveries.queries import count_by_state
from app.events.models import Event
from app.guests.models import Guest, GuestStatus
from app.guests.queries import count_by_status, next_on_reserve
from app.invitations.models import Invitation
from app.invitations.queries import PlaceLedger, place_ledger
from app.programme.models import ProgrammeItem
from app.programme.queries import list_items
from app.requests.queries import number_waiting
from app.rsvp.models import AnswerChannel, Rsvp, RsvpChange
from app.rsvp.queries import (
    DinnerCount,
    ItemCount,
    dinner_count,
    number_half_way,
    programme_counts,
)


@dataclass(frozen=True)
class EventStatus:
    """Every number of an event, read in one transaction: they always agree."""

    ledger: PlaceLedger
    guests: dict[GuestStatus, int]
    not_invited: int
    """Approved guests who have no invitation yet."""
    programme: Sequence[tuple[ProgrammeItem, ItemCount]]
    dinner: DinnerCount
    deliveries: dict[DeliveryState, int]
    next_on_reserve: Guest | None
    half_way: int
    """Guests who have accepted and not yet chosen."""
    requests: int
    """Requests that wait for the organiser."""

    @property
    def places_to_offer(self) -> int:
        """Free places that no approved guest is still to be invited to: the reserve's."""
        return max(0, self.ledger.free - self.not_invited)


def event_status(session: Session, event: Event) -> EventStatus:
    """Return the numbers of the event as they stand in this transaction (10 queries)."""
    half_way, requests = _count_open_matters(session, event.id)
    items = list_items(session, event.id)
    dinner = dinner_count(session, event.id, items)
    return EventStatus(
        ledger=place_ledger(session, event),
        guests=count_by_status(session, event.id),
        not_invited=_count_not_invited(session, event.id),
        programme=programme_counts(session, event.id, items),
        # Once they are erased, "no special diet" would not be true.
        dinner=replace(dinner, diets={}) if event.health_erased_at else dinner,
        deliveries=count_by_state(session, event.id),
        next_on_reserve=next_on_reserve(session, event.id),
        half_way=half_way,
        requests=requests,
    )


def _count_open_matters(session: Session, event_id: int) -> tuple[int, int]:
    half_way, requests = session.execute(
        select(number_half_way(event_id), number_waiting(event_id))
    ).one()
    return half_way, requests


def _count_not_invited(session: Session, event_id: int) -> int:
    return session.scalars(
        select(func.count())
        .select_from(Guest)
        .outerjoin(Invitation, Invitation.guest_id == Guest.id)
        .where(
            Guest.event_id == event_id,
            Guest.status == GuestStatus.APPROVED,
            Invitation.id.is_(None),
        )
    ).one()


@dataclass(frozen=True)
class AnswerChange:
    """What one press (or one phone call) changed in one guest's answer."""

    at: datetime
    guest: Guest
    channel: AnswerChannel | None
    actor: str
    parts: tuple[RsvpChange, ...]

    def part(self, name: str) -> RsvpChange | None:
        """Return the change of that part, like `event` or `diet`, if it is among them."""
        return next((change for change in self.parts if change.part == name), None)


def answers_since(session: Session, event_id: int, since: datetime) -> list[AnswerChange]:
    """Return every change of an answer after that moment, the newest first."""
    changes = (
        session.scalars(
            select(RsvpChange)
            .join(RsvpChange.rsvp)
            .join(Rsvp.invitation)
            .join(Invitation.guest)
            .options(
                contains_eager(RsvpChange.rsvp)
                .contains_eager(Rsvp.invitation)
                .contains_eager(Invitation.guest)
            )
            .where(Invitation.event_id == event_id, RsvpChange.at > since)
            .order_by(RsvpChange.at.desc(), RsvpChange.rsvp_id, RsvpChange.version, RsvpChange.id)
        )
        .unique()
        .all()
    )
    presses = groupby(changes, key=lambda change: (change.rsvp_id, change.version))
    return [_press(tuple(parts)) for _, parts in presses]


def _press(parts: tuple[RsvpChange, ...]) -> AnswerChange:
    first = parts[0]
    return AnswerChange(first.at, first.rsvp.invitation.guest, first.channel, first.actor, parts)
