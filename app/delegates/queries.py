"""Questions about delegates, and who stands behind a link."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from app.delegates.models import Delegate
from app.guests.models import Guest
from app.invitations.models import Invitation, InvitationState
from app.invitations.queries import read_claim
from app.tokens import Claim, Invalid, Revoked, Signers


@dataclass(frozen=True)
class Bearer:
    """Who opened a good link: the guest or a delegate; a forwarded link says no more than that."""

    invitation: Invitation
    delegate: Delegate | None = None
    proven: bool = False
    """Whether the browser gave the first answer itself, or a code that came by mail."""

    @property
    def claim(self) -> Claim:
        """What a proof of the browser is good for: this link, as long as it is the newest."""
        owner = self.delegate or self.invitation
        return Claim(owner.public_id, owner.link_version)

    @property
    def name(self) -> str:
        """The delegate's name; empty for the guest."""
        return self.delegate.name if self.delegate else ""

    @property
    def sees_all(self) -> bool:
        """Whether diets, access needs and the message that are recorded may be shown."""
        nothing_recorded = self.invitation.answered_at is None
        return self.delegate is None and (self.proven or nothing_recorded)

    @property
    def needs_code(self) -> bool:
        """Whether the event asks for a code before an answer is shown to this browser."""
        answered = self.invitation.answered_at is not None
        return self.invitation.event.code_first and answered and not self.proven


def read_bearer(session: Session, signers: Signers, token: str) -> Bearer:
    """Return whom a link belongs to, with invitation, guest and event; raise a LinkError.

    A delegate's link opens as long as the delegate is not revoked, and the invitation stands.
    """
    try:
        claim = signers.rsvp.read(token)
    except Invalid:
        return _read_delegate(session, signers.delegate.read(token))
    return Bearer(read_claim(session, claim))


def _read_delegate(session: Session, claim: Claim) -> Bearer:
    delegate = session.scalars(
        select(Delegate)
        .join(Delegate.invitation)
        .join(Invitation.guest)
        .join(Invitation.event)
        .options(
            contains_eager(Delegate.invitation).options(
                contains_eager(Invitation.guest), contains_eager(Invitation.event)
            )
        )
        .where(Delegate.public_id == claim.public_id)
    ).one_or_none()
    if delegate is None or delegate.revoked_at or delegate.link_version != claim.version:
        raise Revoked
    if delegate.invitation.state is InvitationState.WITHDRAWN:
        raise Revoked
    return Bearer(delegate.invitation, delegate)


def refuse_dead(session: Session, bearer: Bearer, claim: Claim) -> None:
    """Raise Revoked where the link has died since its claim was read.

    Asked once more after the event's lock was taken: while this request waited for it, others may
    have withdrawn the invitation, given it a new link, or revoked the delegate.
    """
    session.refresh(bearer.invitation, ["state", "link_version"])
    if bearer.delegate is not None:
        session.refresh(bearer.delegate, ["link_version", "revoked_at"])
    if bearer.invitation.state is InvitationState.WITHDRAWN or bearer.claim != claim:
        raise Revoked


def list_of_event(session: Session, event_id: int) -> Sequence[Delegate]:
    """Return everybody who may answer for a guest of the event, with the guest, by their names."""
    return session.scalars(
        select(Delegate)
        .join(Delegate.invitation)
        .join(Invitation.guest)
        .options(contains_eager(Delegate.invitation).contains_eager(Invitation.guest))
        .where(Invitation.event_id == event_id, Delegate.revoked_at.is_(None))
        .order_by(Guest.position, Delegate.added_at, Delegate.id)
    ).all()


def list_delegates(session: Session, invitation_id: int) -> Sequence[Delegate]:
    """Return who may answer for the guest, in the order in which they were added."""
    return session.scalars(
        select(Delegate)
        .where(Delegate.invitation_id == invitation_id, Delegate.revoked_at.is_(None))
        .order_by(Delegate.added_at, Delegate.id)
    ).all()
