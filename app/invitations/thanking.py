"""Thanking: one mail to every guest who had accepted, once the event is over."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.deliveries.batches import next_batch
from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.events.models import Event
from app.events.queries import end_of_day, lock_for_places, refuse_called_off
from app.guests.models import Guest
from app.guests.queries import list_guests
from app.invitations.models import Invitation, InvitationState
from app.invitations.plans import CLOSED, DISOWNED, Addressee, Plan, Skipped, refuse_past
from app.invitations.queries import invitations_by_guest
from app.invitations.reminding import SentBatch
from app.invitations.services import Order, ask
from app.language import N_

THANKED = N_("has been thanked already")
DECLINED = N_("has declined")
NO_ANSWER = N_("has not answered")


class TooEarlyError(Exception):
    """Thanks were asked for before the event is over."""


def plan_thanks(
    session: Session, event: Event, *, now: datetime, at: datetime | None = None
) -> Plan:
    """Return whom `thank` would write to now: who had accepted and has not been thanked.

    Raises NotInTimeError, TooEarlyError, CalledOffError.
    """
    _refuse_untimely(event, now=now, at=at)
    invited = invitations_by_guest(session, event.id)
    thanked = _count_thanks(session, event, unless=DeliveryState.CANCELLED)
    addressees: list[Addressee] = []
    skipped: list[Skipped] = []
    for guest in list_guests(session, event.id):
        invitation = invited.get(guest.id)
        if invitation is None:
            continue
        reason = THANKED if invitation.id in thanked else _why_not(invitation)
        if reason is None:
            addressees.append(Addressee(guest, guest.language, DeliveryKind.THANK_YOU))
        else:
            skipped.append(Skipped(guest, reason))
    return Plan(tuple(addressees), tuple(skipped))


def _refuse_untimely(event: Event, *, now: datetime, at: datetime | None) -> None:
    refuse_past(now=now, at=at)
    refuse_called_off(event)
    over = end_of_day(event.ends, event.time_zone)
    if (at or now) < over:
        raise TooEarlyError(
            f"The event's last day, {event.ends.isoformat()}, is not over then. Send later, or at a"
            " later time with --at."
        )


def _why_not(invitation: Invitation) -> str | None:
    if invitation.disowned_at is not None:
        return DISOWNED
    if invitation.state is InvitationState.ANSWERED:
        return None if invitation.holds_place else DECLINED
    return NO_ANSWER if invitation.state is InvitationState.OPEN else CLOSED[invitation.state]


def _count_thanks(
    session: Session, event: Event, *, unless: DeliveryState | None = None
) -> dict[int, int]:
    """Return how many thanks were asked for, by the invitation's row id."""
    query = select(Delivery.subject_id, func.count()).where(
        Delivery.event_id == event.id, Delivery.kind == DeliveryKind.THANK_YOU
    )
    if unless is not None:
        query = query.where(Delivery.state != unless)
    return dict(session.execute(query.group_by(Delivery.subject_id)).all())


def thank(
    session: Session, event: Event, *, by: str, now: datetime, at: datetime | None = None
) -> SentBatch:
    """Ask for thanks to each guest of `plan_thanks`, in one transaction: once per guest for ever.

    What was cancelled before it went out may be asked for again. Raises what plan_thanks raises.
    """
    event = lock_for_places(session, event.id)
    plan = plan_thanks(session, event, now=now, at=at)
    invited = invitations_by_guest(session, event.id)
    before = _count_thanks(session, event)
    order = Order(by, now, at, next_batch(session, event.id, "thanks"))
    for addressee in plan.addressees:
        _thank(session, invited[addressee.guest.id], addressee.guest, order, before)
    return SentBatch(order.batch or "", plan)


def _thank(
    session: Session, invitation: Invitation, guest: Guest, order: Order, before: dict[int, int]
) -> None:
    version = before.get(invitation.id, 0) + 1
    ask(session, DeliveryKind.THANK_YOU, invitation, guest, order, version=version)
