"""Adding and revoking delegates: who may answer for a guest, by a link of their own."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.addresses import email_key, read_address
from app.delegates.models import Delegate
from app.delegates.queries import list_delegates
from app.deliveries import reasons
from app.deliveries.models import DeliveryKind
from app.deliveries.services import cancel_waiting, queue_delivery
from app.events.queries import lock_for_places
from app.guests.headings import UNSEEN
from app.guests.rows import NEEDED
from app.invitations.models import Invitation, InvitationState
from app.invitations.queries import lock_with_places
from app.tokens import Revoked

LONGEST_NAME = 100
MOST_AT_A_TIME = 3
MOST_EVER = 10
"""Each one costs two mails: whoever has the link cannot have any number of them sent."""


class DelegateProblem(StrEnum):
    IS_THE_GUEST = "is the guest"
    KNOWN = "known"
    NAME = "name"
    TOO_MANY = "too many"


WORDS = {
    DelegateProblem.IS_THE_GUEST: "That is the guest's own address: give the delegate's.",
    DelegateProblem.NAME: f"Give a name of one line, of 1 to {LONGEST_NAME} characters.",
    DelegateProblem.KNOWN: "That address is a delegate's already.",
    DelegateProblem.TOO_MANY: f"There are {MOST_AT_A_TIME} delegates already: revoke one first.",
}


class DelegateRefusedError(Exception):
    """The delegate cannot be added; nothing was changed."""

    def __init__(self, problem: DelegateProblem) -> None:
        self.problem = problem
        super().__init__(WORDS[problem])


def add_delegate(
    session: Session, invitation: Invitation, *, name: str, email: str, by: str, now: datetime
) -> Delegate:
    """Let somebody answer for the guest: they get an own link, and the guest is told.

    `by`: the organiser's name, or empty where it was done by the guest's link. Raises
    AddressRefusedError, DelegateRefusedError, Revoked where the invitation was withdrawn.
    """
    shown = NEEDED.sub("", name)
    if not shown or len(name) > LONGEST_NAME or not shown.isprintable() or UNSEEN.search(shown):
        raise DelegateRefusedError(DelegateProblem.NAME)
    address = read_address(email.strip())
    lock_with_places(session, invitation)
    if invitation.state is InvitationState.WITHDRAWN:
        raise Revoked
    _refuse(session, invitation, email_key(address))
    delegate = Delegate(
        invitation_id=invitation.id,
        name=name,
        email=address,
        email_key=email_key(address),
        added_at=now,
        added_by=by,
    )
    session.add(delegate)
    session.flush()
    for kind, recipient in (
        (DeliveryKind.DELEGATE, address),
        (DeliveryKind.DELEGATE_ADDED, invitation.guest.email),
    ):
        _tell(session, kind, delegate, invitation, recipient=recipient, now=now)
    return delegate


def _refuse(session: Session, invitation: Invitation, key: str) -> None:
    standing = list_delegates(session, invitation.id)
    of_invitation = Delegate.invitation_id == invitation.id
    ever = session.scalars(select(func.count(Delegate.id)).where(of_invitation)).one()
    if key == invitation.guest.email_key:
        raise DelegateRefusedError(DelegateProblem.IS_THE_GUEST)
    if any(delegate.email_key == key for delegate in standing):
        raise DelegateRefusedError(DelegateProblem.KNOWN)
    if len(standing) >= MOST_AT_A_TIME or ever >= MOST_EVER:
        raise DelegateRefusedError(DelegateProblem.TOO_MANY)


def _tell(
    session: Session,
    kind: DeliveryKind,
    delegate: Delegate,
    invitation: Invitation,
    *,
    recipient: str,
    now: datetime,
) -> None:
    queue_delivery(
        session,
        kind,
        key=f"{kind}:{delegate.id}",
        subject_id=delegate.id,
        recipient=recipient,
        language=invitation.guest.language,
        event_id=invitation.event_id,
        guest_id=invitation.guest_id,
        now=now,
    )


def revoke_added_by_link(session: Session, invitation: Invitation, *, now: datetime) -> None:
    """End for all whom the guest's old link has named: it may have been in the wrong hands."""
    for delegate in list_delegates(session, invitation.id):
        if not delegate.added_by:
            revoke_delegate(session, delegate, by="", now=now)


def revoke_delegate(session: Session, delegate: Delegate, *, by: str, now: datetime) -> None:
    """End it: the delegate's link is dead at once. Once more changes nothing."""
    lock_for_places(session, delegate.invitation.event_id)
    if delegate.revoked_at is not None:
        return
    delegate.revoked_at, delegate.revoked_by = now, by
    delegate.link_version += 1
    cancel_waiting(
        session,
        (DeliveryKind.DELEGATE, DeliveryKind.DELEGATE_ADDED),
        subject_ids=[delegate.id],
        reason=reasons.REVOKED,
        now=now,
    )
