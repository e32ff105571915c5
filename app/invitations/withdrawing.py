"""Withdrawing an invitation, courteously: the guest is told, and the calendar follows."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.calendars.queries import untold
from app.calendars.services import thread_of
from app.deliveries.models import DeliveryKind, DeliveryState
from app.deliveries.queries import states_about
from app.deliveries.services import queue_delivery
from app.events.models import Event
from app.events.queries import lock_for_places, refuse_called_off
from app.guests.queries import list_guests
from app.invitations.models import Invitation, InvitationState
from app.invitations.plans import find_named
from app.invitations.queries import invitations_by_guest
from app.invitations.services import ASKING, NotOpenError, close

KNOWN = frozenset(
    {
        DeliveryState.SENDING,
        DeliveryState.SENT,
        DeliveryState.UNCERTAIN,
    }
)
"""States in which a mail has reached the guest, or may have."""


def withdraw(
    session: Session, event: Event, *, email: str, by: str = "", now: datetime
) -> Invitation:
    """Withdraw a guest's invitation: its link is dead at once, its place free.

    Raises UnknownAddressError, NotOpenError, CalledOffError.
    """
    refuse_called_off(lock_for_places(session, event.id))
    guest = find_named(list_guests(session, event.id), [email])[0]
    invitation = invitations_by_guest(session, event.id).get(guest.id)
    if invitation is None or invitation.state is InvitationState.WITHDRAWN:
        state = "is not invited" if invitation is None else "has no invitation any more"
        raise NotOpenError(f"{guest.full_name} {state}; nothing was changed.")
    withdraw_invitation(session, invitation, by=by, now=now)
    return invitation


def withdraw_invitation(
    session: Session, invitation: Invitation, *, by: str = "", now: datetime
) -> None:
    """Withdraw it and ask for the mail that says so, under the event's lock.

    No mail goes to a guest who has declined, whose invitation never went out, or whose link is in
    the wrong hands, nor where the event is called off anyway; but one does where the calendar has
    still to be told of a part that is off.
    """
    knows = _knows_of_it(session, invitation)
    close(session, invitation, InvitationState.WITHDRAWN, now=now)
    if knows:
        _tell(session, invitation, by=by, now=now)


def _knows_of_it(session: Session, invitation: Invitation) -> bool:
    if invitation.disowned_at is not None or invitation.event.called_off_at is not None:
        return False
    if not invitation.holds_place:
        return bool(untold(session, invitation.id))
    answered = invitation.state is InvitationState.ANSWERED
    return answered or bool(states_about(session, ASKING, invitation.id) & KNOWN)


def _tell(session: Session, invitation: Invitation, *, by: str, now: datetime) -> None:
    queue_delivery(
        session,
        DeliveryKind.WITHDRAWN,
        key=f"{DeliveryKind.WITHDRAWN}:{invitation.id}:{invitation.link_version}",
        subject_id=invitation.id,
        recipient=invitation.guest.email,
        language=invitation.guest.language,
        event_id=invitation.event_id,
        guest_id=invitation.guest_id,
        thread=thread_of(invitation.id),
        by=by,
        now=now,
    )
