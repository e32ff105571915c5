"""Calling an event off: everybody who may come is told, and every calendar follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, contains_eager

from app.calendars.queries import has_untold_cancellation
from app.calendars.services import drop_all_entries, thread_of
from app.deliveries import moves, reasons
from app.deliveries.batches import batch_of
from app.deliveries.models import WAITING, Delivery, DeliveryKind
from app.deliveries.moves import Note
from app.deliveries.queries import GONE_OUT
from app.deliveries.services import Asked, queue_deliveries
from app.events.models import Event
from app.events.notes import complete_note
from app.events.queries import lock_for_places, refuse_called_off
from app.guests.models import Guest
from app.invitations.models import Invitation, InvitationState
from app.invitations.services import ASKING

TO_GUESTS = (
    *ASKING,
    DeliveryKind.CONFIRMATION,
    DeliveryKind.MOVED_UP,
    DeliveryKind.PROGRAMME_CHANGED,
    DeliveryKind.LATE_CHANGE,
    DeliveryKind.REPRESENTATIVE,
    DeliveryKind.DELEGATE,
    DeliveryKind.DELEGATE_ADDED,
    DeliveryKind.THANK_YOU,
)
"""Mails that make no sense any more once there is no event."""


@dataclass(frozen=True)
class CallingOff:
    """Whom calling the event off concerns."""

    told: tuple[Guest, ...]
    """Who has, or may have, the invitation and has not declined."""
    waiting: int
    """Mails to guests that wait and are not sent any more."""


def plan_calling_off(session: Session, event: Event) -> CallingOff:
    """Return what `call_off` would do now; changes nothing."""
    told = [invitation.guest for invitation in _concerned(session, event)]
    waiting = session.scalars(select(Delivery.id).where(_waiting(event)))
    return CallingOff(tuple(told), len(waiting.all()))


def call_off(
    session: Session, event: Event, *, by: str, note: Mapping[str, str] | None = None, now: datetime
) -> CallingOff:
    """Call the event off, for good: nothing is asked or answered any more, and guests are told.

    One transaction, under the event's lock. `note`: what the guests are told about it, in every
    language of the event. Raises CalledOffError, NoteMissingError.
    """
    event = lock_for_places(session, event.id)
    refuse_called_off(event)
    said = complete_note(event, note)
    concerned = _concerned(session, event)
    cancelled = moves.cancel(session, _waiting(event), Note(now, by, reasons.CALLED_OFF))
    event.called_off_at, event.called_off_by, event.called_off_note = now, by, said
    batch = batch_of(event.id, "called_off", 1)
    queue_deliveries(
        session,
        DeliveryKind.CALLED_OFF,
        [_asked(invitation) for invitation in concerned],
        event_id=event.id,
        batch=batch,
        by=by,
        now=now,
    )
    told = tuple(each.guest for each in concerned)
    drop_all_entries(session, event.id, now=now)
    return CallingOff(told, len(cancelled))


def _concerned(session: Session, event: Event) -> list[Invitation]:
    """Return the invitations of guests who may come, as far as they know of it."""
    went_out = select(Delivery.subject_id).where(
        Delivery.event_id == event.id, Delivery.kind.in_(ASKING), Delivery.state.in_(GONE_OUT)
    )
    known = (Invitation.state == InvitationState.ANSWERED) | Invitation.id.in_(went_out)
    return list(
        session.scalars(
            select(Invitation)
            .join(Invitation.guest)
            .options(contains_eager(Invitation.guest))
            .where(
                Invitation.event_id == event.id,
                Invitation.disowned_at.is_(None),
                Invitation.state != InvitationState.WITHDRAWN,
                # A decline whose mail still waits: the calendar does not know of it yet.
                and_(Invitation.holds_place, known) | has_untold_cancellation(Invitation.id),
            )
            .order_by(Guest.position)
        )
    )


def _waiting(event: Event) -> ColumnElement[bool]:
    of_guests = Delivery.kind.in_(TO_GUESTS) & Delivery.state.in_(WAITING)
    return of_guests & (Delivery.event_id == event.id)


def _asked(invitation: Invitation) -> Asked:
    guest = invitation.guest
    return Asked(
        key=f"{DeliveryKind.CALLED_OFF}:{invitation.id}",
        subject_id=invitation.id,
        guest_id=guest.id,
        recipient=guest.email,
        language=guest.language,
        thread=thread_of(invitation.id),
    )
