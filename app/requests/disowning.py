"""Word that an invitation has reached somebody whom it is not for, and how that is settled."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.calendars.services import renew_feed_address
from app.delegates.models import Delegate
from app.delegates.services import revoke_delegate
from app.deliveries import reasons
from app.deliveries.models import DeliveryKind
from app.deliveries.services import cancel_waiting
from app.events.queries import lock_for_places
from app.invitations.models import Invitation, InvitationState
from app.invitations.services import ANSWERING, ASKING, Order, close, send_again
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
from app.requests.queries import find_waiting, list_of_invitation
from app.rsvp.models import AnswerChannel
from app.rsvp.noting import begin_version, queue_confirmation
from app.rsvp.queries import find_rsvp
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
    renew_feed_address(request.invitation)
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
) -> DeliveryKind | None:
    """Settle it so: the link opens again, and what is asked for from now on goes out.

    Where the address was taken for wrong before, that link is dead: the new one is sent to the
    same address. Return the kind of the mail that carries it. Raises RequestRefusedError.
    """
    lock_for_places(session, request.event_id)
    invitation = request.invitation
    if is_thought_wrong(session, request):
        invitation.disowned_at = None
        return _send_new_link(session, invitation, by=by, now=now)
    lock_waiting(session, request, RequestKind.NOT_ME)
    decide(request, RequestState.REFUSED, by=by, reply=read_words(reply), now=now)
    invitation.disowned_at = None
    return None


def _send_new_link(
    session: Session, invitation: Invitation, *, by: str, now: datetime
) -> DeliveryKind | None:
    """Send it with the invitation, or with what is recorded; an expired one has nothing to open."""
    if invitation.state is InvitationState.OPEN:
        send_again(session, invitation, invitation.guest, Order(by, now))
        return DeliveryKind.INVITATION
    if rsvp := find_rsvp(session, invitation.id):
        begin_version(rsvp, rsvp.changed_at)  # a mail of its own; the answer is as old as before
        queue_confirmation(session, invitation, rsvp, now=now)
        return DeliveryKind.CONFIRMATION
    return None


def is_thought_wrong(session: Session, request: Request) -> bool:
    """Whether the guest's address was taken for wrong by that request, and is not corrected yet."""
    if (request.kind, request.state) != (RequestKind.NOT_ME, RequestState.GRANTED):
        return False
    invitation = request.invitation
    if invitation.disowned_at is None or invitation.state is InvitationState.WITHDRAWN:
        return False
    said = (
        one
        for one in list_of_invitation(session, invitation.id)
        if one.kind is RequestKind.NOT_ME and one.channel is AnswerChannel.GUEST
    )
    return next(said, None) is request


def _cancel_mails(session: Session, invitation: Invitation, *, now: datetime) -> None:
    cancel_waiting(
        session,
        (*ASKING, *ANSWERING),
        subject_ids=[invitation.id],
        reason=reasons.DISOWNED,
        now=now,
    )
