"""Questions about requests: what waits, one by its id, and all of one invitation."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, ScalarSelect, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from app.invitations.models import Invitation, InvitationState
from app.requests.models import Request, RequestKind, RequestState


def is_waiting() -> ColumnElement[bool]:
    """Whether the organiser is still to decide (a query must join the invitation).

    A request lapses with its invitation, and word of a wrong address once nobody disowns the
    invitation any more.
    """
    return and_(
        Request.state == RequestState.WAITING,
        Invitation.state != InvitationState.WITHDRAWN,
        or_(Request.kind != RequestKind.NOT_ME, Invitation.disowned_at.is_not(None)),
    )


def waits(request: Request) -> bool:
    """Whether the organiser is still to decide that one: `is_waiting` of a row."""
    return (
        request.state is RequestState.WAITING
        and request.invitation.state is not InvitationState.WITHDRAWN
        and (request.kind is not RequestKind.NOT_ME or request.invitation.disowned_at is not None)
    )


def number_waiting(event_id: int) -> ScalarSelect[int]:
    """Return the count of what waits, as part of a larger query: every page has it from here."""
    return (
        select(func.count(Request.id))
        .join(Request.invitation)
        .where(Request.event_id == event_id, is_waiting())
        .scalar_subquery()
    )


def list_requests(session: Session, event_id: int) -> Sequence[Request]:
    """Return the event's requests with their guests: what waits first, then the newest."""
    return session.scalars(
        select(Request)
        .join(Request.invitation)
        .join(Invitation.guest)
        .options(contains_eager(Request.invitation).contains_eager(Invitation.guest))
        .where(Request.event_id == event_id)
        .order_by(case((is_waiting(), 0), else_=1), Request.asked_at.desc(), Request.id.desc())
    ).all()


def find_request(session: Session, event_id: int, public_id: str) -> Request | None:
    """Return one request of the event with its invitation and guest."""
    return session.scalars(
        select(Request)
        .join(Request.invitation)
        .join(Invitation.guest)
        .options(contains_eager(Request.invitation).contains_eager(Invitation.guest))
        .where(Request.event_id == event_id, Request.public_id == public_id)
    ).one_or_none()


# Built once: it is asked by every page of a guest.
OF_INVITATION = (
    select(Request)
    .where(Request.invitation_id == bindparam("invitation"))
    .order_by(Request.asked_at.desc(), Request.id.desc())
)


def list_of_invitation(session: Session, invitation_id: int) -> Sequence[Request]:
    """Return everything that was asked about one invitation, the newest first."""
    return session.scalars(OF_INVITATION, {"invitation": invitation_id}).all()


def find_waiting(
    session: Session, invitation_id: int, kind: RequestKind, part: str = ""
) -> Request | None:
    """Return the waiting request of that kind about that part; there is one at most."""
    return session.scalars(
        select(Request).where(
            Request.invitation_id == invitation_id,
            Request.kind == kind,
            Request.part == part,
            Request.state == RequestState.WAITING,
        )
    ).one_or_none()
