"""A representative: proposed by the guest, and once approved invited in the guest's place."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.addresses import email_key
from app.decisions.services import approve_representative
from app.deliveries.models import DeliveryKind
from app.events.models import Event
from app.events.queries import lock_for_places, today_at
from app.guests.substitution import NotOnListError, has_address
from app.invitations.models import Invitation, InvitationState
from app.invitations.queries import place_ledger
from app.invitations.services import close, invite_in_place
from app.programme.models import NamedGuest
from app.requests.asking import (
    Asker,
    RequestRefusedError,
    Why,
    decide,
    file_request,
    lock_waiting,
    read_words,
    tell_guest,
)
from app.requests.models import Request, RequestKind, RequestState
from app.requests.queries import find_waiting
from app.rsvp.models import AnswerChannel
from app.rsvp.services import PlacesTakenError
from app.tokens import Revoked

TIME_TO_ANSWER = timedelta(days=7)
"""What a representative gets where the event's reply-by date is over."""


def propose(
    session: Session,
    invitation: Invitation,
    person: Mapping[str, str],
    *,
    words: str,
    channel: AnswerChannel,
    actor: str,
    now: datetime,
) -> Request:
    """Propose somebody who comes in the guest's place; `person` has the columns of a guest file.

    One proposal waits at a time; nothing of the invitation changes by it. An address of the list
    is not refused here: a bearer of the link would learn who is invited. Raises Revoked,
    RequestRefusedError.
    """
    lock_for_places(session, invitation.event_id)
    if invitation.state is InvitationState.WITHDRAWN:
        raise Revoked
    if find_waiting(session, invitation.id, RequestKind.REPRESENTATIVE):
        raise RequestRefusedError(Why.ONE_WAITS)
    if email_key(person["email"]) == invitation.guest.email_key:
        raise RequestRefusedError(Why.OWN_ADDRESS)
    said = read_words(words)
    asker, kind = Asker(channel, actor), RequestKind.REPRESENTATIVE
    return file_request(session, invitation, kind, asker, now=now, words=said, person=dict(person))


def is_listed(session: Session, request: Request) -> bool:
    """Whether a guest of the list has the address that is proposed: it is not approved then."""
    person = request.person
    return person is not None and has_address(session, request.event_id, person["email"])


def reply_by_for(event: Event, now: datetime) -> date:
    """Return until when a representative who is invited now can answer, unless told otherwise."""
    today = today_at(event, now)
    return max(event.reply_by, min(today + TIME_TO_ANSWER, event.starts))


def needs_date(event: Event, now: datetime) -> bool:
    """Whether the event's own reply-by date is over, so that the organiser names one."""
    return today_at(event, now) > event.reply_by


def approve(
    session: Session,
    request: Request,
    *,
    by: str,
    reply: str = "",
    reply_by: date | None = None,
    now: datetime,
) -> Invitation:
    """Invite the representative in the guest's place; return the new invitation.

    In one transaction the next version of the list is frozen with this one change, the decision
    entered, the guest's invitation withdrawn with all its links, and its place moved to the new
    one; where the guest holds none any more, one must be free. What is open to the guest by name
    is open to the representative. The guest is told by mail.
    Raises RequestRefusedError, PlacesTakenError; nothing is changed then.
    """
    event = lock_waiting(session, request, RequestKind.REPRESENTATIVE)
    said = read_words(reply)
    last_day = _last_day(event, reply_by, now)
    old, person = request.invitation, request.person or {}
    if has_address(session, event.id, person["email"]):
        raise RequestRefusedError(Why.LISTED_MEANWHILE)
    if not old.holds_place and place_ledger(session, event).free < 1:
        raise PlacesTakenError(event.place_limit)
    try:
        guest = approve_representative(session, event, old.guest, person, by=by, now=now)
    except NotOnListError as refusal:
        raise RequestRefusedError(Why.NOT_LISTED) from refusal
    decide(request, RequestState.GRANTED, by=by, reply=said, now=now)
    close(session, old, InvitationState.WITHDRAWN, now=now)
    session.flush()
    _hand_on_names(session, old.guest_id, guest.id)
    invitation = invite_in_place(session, event, guest, reply_by=last_day, by=by, now=now)
    tell_guest(session, request, DeliveryKind.REPRESENTATIVE, now=now)
    return invitation


def _hand_on_names(session: Session, leaving: int, joining: int) -> None:
    """Open to the joining guest what is open by name to the leaving one."""
    named = session.scalars(select(NamedGuest.item_id).where(NamedGuest.guest_id == leaving))
    session.add_all(NamedGuest(item_id=item_id, guest_id=joining) for item_id in named.all())


def _last_day(event: Event, given: date | None, now: datetime) -> date:
    """Return the representative's reply-by date; raise RequestRefusedError for a useless one."""
    today = today_at(event, now)
    if today > event.starts:
        raise RequestRefusedError(Why.EVENT_BEGUN)
    chosen = given or reply_by_for(event, now)
    if not today <= chosen <= event.starts:
        raise RequestRefusedError(Why.DATE_NOT_GOOD)
    return chosen
