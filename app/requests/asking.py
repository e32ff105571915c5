"""What requests of every kind have in common: filing one, taking it back, deciding it once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from unicodedata import category

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calendars.services import thread_of
from app.deliveries import reasons
from app.deliveries.models import DeliveryKind
from app.deliveries.services import cancel_waiting, queue_delivery
from app.events.models import Event
from app.events.queries import lock_for_places, refuse_called_off
from app.invitations.models import Invitation
from app.language import N_
from app.requests.models import Request, RequestKind, RequestState
from app.requests.queries import waits
from app.rsvp.models import AnswerChannel

LONGEST_WORDS = 1000
MOST_REQUESTS = 30
"""Of one invitation: each writes to the organiser, and a link may be in anybody's hands."""
BOUNDED = (RequestKind.LATE_CHANGE, RequestKind.REPRESENTATIVE)
"""Kinds that count for it: a link in the wrong hands can always be disowned."""


class Why(StrEnum):
    """Why a request cannot be filed or decided: stored nowhere, shown in the reader's language."""

    STILL_OPEN = N_("This can still be changed by yourself")
    UNKNOWN_PART = N_("The programme has no such part any more")
    NOT_ANSWERED = N_("The invitation must be answered first")
    NOT_ACCEPTED = N_("The guest has not accepted, so no part of the programme can be chosen")
    WISH_MISSING = N_("Say what you would like to change")
    RECORDED_ALREADY = N_("This is what is recorded already")
    WORDS_MISSING = N_("Tell us in a few words what you would like to change")
    WORDS_TOO_LONG = N_("Shorten this to 1000 characters")
    WORDS_UNREADABLE = N_("There is a control character in this: please type it again")
    TOO_MANY = N_("Please call or write to us: there are many requests from this link already")
    ONE_WAITS = N_("You have proposed somebody already: take that back first")
    OWN_ADDRESS = N_("This is the address of your own invitation: please give the other person’s")
    LISTED_MEANWHILE = N_("A guest of the list has this address: nobody can be invited twice")
    NOT_LISTED = N_("The guest is not on the newest approved version of the list")
    DECIDED = N_("This has been decided or taken back meanwhile")
    OTHER_KIND = N_("A request of this kind is decided in another way")
    REPLY_MISSING = N_("Write a reply: the guest is told why")
    DATE_NOT_GOOD = N_("Choose a day from today until the event begins")
    EVENT_BEGUN = N_("The event has begun: nobody can be invited any more")


class RequestRefusedError(Exception):
    """A request cannot be filed or decided like this; nothing was changed."""

    def __init__(self, why: Why) -> None:
        self.why = why
        super().__init__(f"{why}.")


@dataclass(frozen=True)
class Asker:
    """Who asks, and how: the guest (no name) or a delegate."""

    channel: AnswerChannel
    name: str = ""


def file_request(
    session: Session,
    invitation: Invitation,
    kind: RequestKind,
    asker: Asker,
    *,
    now: datetime,
    state: RequestState = RequestState.WAITING,
    **facts: object,
) -> Request:
    """File a request and tell the organiser by mail, once. Runs under the event's lock.

    That a link is in the wrong hands can always be said; past the bound no more mails go out.
    """
    too_many = _are_too_many(session, invitation, kind)
    if too_many and kind in BOUNDED:
        raise RequestRefusedError(Why.TOO_MANY)
    request = Request(
        event_id=invitation.event_id,
        invitation=invitation,
        kind=kind,
        state=state,
        channel=asker.channel,
        actor=asker.name,
        asked_at=now,
        decided_at=None if state is RequestState.WAITING else now,
        **facts,
    )
    session.add(request)
    session.flush()
    if not too_many:
        _tell_organiser(session, request, invitation.event, now=now)
    return request


def _are_too_many(session: Session, invitation: Invitation, kind: RequestKind) -> bool:
    counted = BOUNDED if kind in BOUNDED else (kind,)
    filed = select(func.count(Request.id)).where(
        Request.invitation_id == invitation.id, Request.kind.in_(counted)
    )
    return session.scalars(filed).one() >= MOST_REQUESTS


def _tell_organiser(session: Session, request: Request, event: Event, *, now: datetime) -> None:
    queue_delivery(
        session,
        DeliveryKind.QUESTION,
        key=f"{DeliveryKind.QUESTION}:{request.id}",
        subject_id=request.id,
        recipient=event.contact_email,
        language=event.default_language,
        event_id=event.id,
        now=now,
    )


def take_back(session: Session, request: Request, *, now: datetime) -> None:
    """Take a waiting request back; raise RequestRefusedError where it was decided meanwhile."""
    lock_waiting(session, request)
    decide(request, RequestState.TAKEN_BACK, now=now)
    cancel_waiting(
        session,
        (DeliveryKind.QUESTION,),
        subject_ids=[request.id],
        reason=reasons.TAKEN_BACK,
        now=now,
    )


def lock_waiting(session: Session, request: Request, *kinds: RequestKind) -> Event:
    """Lock the event, and make sure that nobody has decided the request before.

    Raises RequestRefusedError; also where the request is of no kind among `kinds`.
    """
    event = lock_for_places(session, request.event_id)
    refuse_called_off(event)
    if not waits(request):
        raise RequestRefusedError(Why.DECIDED)
    if kinds and request.kind not in kinds:
        raise RequestRefusedError(Why.OTHER_KIND)
    return event


def decide(
    request: Request, state: RequestState, *, by: str = "", reply: str = "", now: datetime
) -> None:
    """Note what became of a request; `lock_waiting` has been passed before."""
    request.state, request.decided_at = state, now
    request.decided_by, request.reply = by, reply


def tell_guest(session: Session, request: Request, kind: DeliveryKind, *, now: datetime) -> None:
    """Ask for the mail that tells the guest what became of the request."""
    guest = request.invitation.guest
    queue_delivery(
        session,
        kind,
        key=f"{kind}:{request.id}",
        subject_id=request.id,
        recipient=guest.email,
        language=guest.language,
        event_id=request.event_id,
        guest_id=guest.id,
        thread=thread_of(request.invitation_id),
        by=request.decided_by,
        now=now,
    )


def read_words(typed: str, *, required: bool = False) -> str:
    """Return what somebody wrote; raise RequestRefusedError."""
    words = typed.replace("\r\n", "\n").strip()
    if required and not words:
        raise RequestRefusedError(Why.WORDS_MISSING)
    if len(words) > LONGEST_WORDS:
        raise RequestRefusedError(Why.WORDS_TOO_LONG)
    if any(category(letter) in {"Cc", "Cs"} and letter not in "\n\t" for letter in words):
        raise RequestRefusedError(Why.WORDS_UNREADABLE)
    return words
