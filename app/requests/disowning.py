"""Word that an invitation has reached somebody whom it is not for, and how that is settled."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.delegates.models import Delegate
from app.delegates.services import revoke_delegate
from app.deliveries import reasons
from app.deliveries.models import DeliveryKind
from app.deliveries.services import cancel_waiting
from app.events.queries import lock_for_places
from app.invitations.models import Invitation, InvitationState
from app.invitations.services import ASKING, close
from app.requests.asking import (
    Asker,
    RequestRefusedError,
    Why,
    decide,
    file_request,
    lock_waiting,
    read_words,
    take_back,
)
from app.requests.models import Request, RequestKind, RequestState
from app.requests.queries import find_waiting
from app.rsvp.models import AnswerChannel
from app.tokens import Revoked


def disown(session: Session, invitation: Invitation, *, now: datetime) -> None:
    """Note that the link is in the wrong hands; from now on it shows nothing and takes nothing.

    The invitation stays open and holds its place until the organiser has settled it; no mail that
    waits goes to that address. Raises Revoked; said twice, it is noted once.
    """
    lock_for_places(session, invitation.event_id)
    if invitation.state is InvitationState.WITHDRAWN:
        raise Revoked
    if invitation.disowned_at is not None:
        return
    invitation.disowned_at = now
    if earlier := find_waiting(session, invitation.id, RequestKind.NOT_ME):
        take_back(session, earlier, now=now)  # it lapsed when the address was corrected
    file_request(session, invitation, RequestKind.NOT_ME, Asker(AnswerChannel.GUEST), now=now)
    _cancel_mails(session, invitation, now=now)


def leave(session: Session, delegate: Delegate, *, now: datetime) -> None:
    """Note that a delegate's link is in the wrong hands: it is dead at once, the guest's is not.

    There is nothing for the organiser to decide; the mail tells them all the same. Raises Revoked.
    """
    lock_for_places(session, delegate.invitation.event_id)
    if delegate.revoked_at is not None:
        raise Revoked
    revoke_delegate(session, delegate, by=delegate.name, now=now)
    asker = Asker(AnswerChannel.DELEGATE, delegate.name)
    kind, state = RequestKind.NOT_ME, RequestState.GRANTED
    file_request(session, delegate.invitation, kind, asker, now=now, state=state)


def own_after_all(session: Session, invitation: Invitation, *, now: datetime) -> None:
    """Take it back, by the same link, as long as the organiser has not settled it.

    Raises RequestRefusedError.
    """
    waiting = find_waiting(session, invitation.id, RequestKind.NOT_ME)
    if waiting is None:
        raise RequestRefusedError(Why.DECIDED)
    take_back(session, waiting, now=now)
    invitation.disowned_at = None


def address_was_wrong(
    session: Session, request: Request, *, by: str, reply: str = "", now: datetime
) -> None:
    """Settle it so: the link is dead, and nothing is sent before the address is corrected.

    The invitation holds its place; the next approved version with another address makes a new
    link. Raises RequestRefusedError.
    """
    lock_waiting(session, request, RequestKind.NOT_ME)
    decide(request, RequestState.GRANTED, by=by, reply=read_words(reply), now=now)
    request.invitation.link_version += 1
    _cancel_mails(session, request.invitation, now=now)


def withdraw_disowned(
    session: Session, request: Request, *, by: str, reply: str = "", now: datetime
) -> None:
    """Settle it so: the invitation is withdrawn, its place free. Raises RequestRefusedError."""
    lock_waiting(session, request, RequestKind.NOT_ME)
    decide(request, RequestState.GRANTED, by=by, reply=read_words(reply), now=now)
    close(session, request.invitation, InvitationState.WITHDRAWN, now=now)


def is_right_after_all(
    session: Session, request: Request, *, by: str, reply: str = "", now: datetime
) -> None:
    """Settle it so: the link opens again, and mails go out as before.

    Also where the address was taken for wrong before. Raises RequestRefusedError.
    """
    lock_for_places(session, request.event_id)
    if not is_thought_wrong(request):
        lock_waiting(session, request, RequestKind.NOT_ME)
        decide(request, RequestState.REFUSED, by=by, reply=read_words(reply), now=now)
    request.invitation.disowned_at = None


def is_thought_wrong(request: Request) -> bool:
    """Whether an address was taken for wrong, and is not corrected yet."""
    settled = request.kind is RequestKind.NOT_ME and request.state is RequestState.GRANTED
    still_disowned = request.invitation.disowned_at is not None
    return settled and still_disowned and request.invitation.state is not InvitationState.WITHDRAWN


def _cancel_mails(session: Session, invitation: Invitation, *, now: datetime) -> None:
    cancel_waiting(
        session,
        (*ASKING, DeliveryKind.CONFIRMATION),
        subject_ids=[invitation.id],
        reason=reasons.DISOWNED,
        now=now,
    )
