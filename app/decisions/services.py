"""Deciding: approving the guest list, and keeping the steering group's register."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.decisions.models import Decision, Matter
from app.events.models import Event
from app.events.queries import lock_for_places, today_at
from app.guests.services import FrozenList, freeze_list
from app.invitations.models import InvitationState
from app.invitations.queries import invitations_by_guest, spent_guest_ids
from app.invitations.services import close, renew_link


def approve_guest_list(session: Session, event: Event, *, by: str, now: datetime) -> FrozenList:
    """Freeze the proposed list as its next version and enter the decision, in one transaction.

    Who was removed, or moved to the reserve, loses an invitation that is still running; who got a
    new address gets a new link, and the old one is dead. Raises NothingToApproveError,
    QuotaExceededError.
    """
    event = lock_for_places(session, event.id)
    frozen = freeze_list(session, event, by=by, now=now, spent=spent_guest_ids(session, event.id))
    invitations = invitations_by_guest(session, event.id)
    for guest in (*frozen.removed, *frozen.demoted):
        invitation = invitations.get(guest.id)
        if invitation is not None and invitation.state is not InvitationState.WITHDRAWN:
            close(session, invitation, InvitationState.WITHDRAWN, now=now)
    for guest in frozen.readdressed:
        if guest.id in invitations:
            renew_link(session, invitations[guest.id], now=now)
    session.add(_decision(event, frozen, by=by, now=now))
    session.flush()
    return frozen


def _decision(event: Event, frozen: FrozenList, *, by: str, now: datetime) -> Decision:
    number, names, reserve = frozen.version.number, len(frozen.approved), len(frozen.reserve)
    return Decision(
        event_id=event.id,
        matter=Matter.LIST,
        text={
            "en": f"Guest list version {number}: {names} on the list, {reserve} on the reserve",
            "sv": f"Gästlista version {number}: {names} på listan, {reserve} på reservlistan",
        },
        decided_on=today_at(event, now),
        by=by,
        recorded_at=now,
        version_id=frozen.version.id,
    )
