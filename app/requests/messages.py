"""The mails about requests: to the organiser that one waits, to the guest what became of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from app.addresses import email_key
from app.calendars.messages import calendar_news
from app.db.types import LocalText
from app.deliveries import reasons
from app.deliveries.messages import make_message, senders_of
from app.deliveries.models import Delivery
from app.deliveries.services import ObsoleteError
from app.guests.salutations import named
from app.invitations.messages import (
    Facts,
    Occasion,
    compose_mail,
    event_facts,
    guest_facts,
    occasion_in,
    occasion_of,
)
from app.invitations.models import Invitation, InvitationState
from app.language import in_language
from app.mail.message import CalendarFile, MailMessage
from app.parts import Parts
from app.requests.asking import Why
from app.requests.models import Request, RequestKind, RequestState
from app.requests.queries import waits
from app.requests.services import EVENT_PART
from app.rsvp.changes import ITEM
from app.rsvp.models import AnswerChannel


def compose_question(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the mail that tells the organiser who asks, and of what kind it is; never the words.

    Raises ObsoleteError where it no longer waits; a delegate's word never did.
    """
    request = _find_request(session, delivery)
    if not waits(request) and not _is_delegates_leave(request):
        raise ObsoleteError(_why_over(request))
    occasion = occasion_of(session, request.event_id)
    facts: Facts = {"link": parts.links.request(occasion.event.slug, request.public_id)}
    return _make(delivery, request, occasion, facts, to_name="", parts=parts, now=now)


def _is_delegates_leave(request: Request) -> bool:
    return request.kind is RequestKind.NOT_ME and request.channel is AnswerChannel.DELEGATE


def _why_over(request: Request) -> str:
    """Return why a request waits no longer."""
    if request.state is RequestState.TAKEN_BACK:
        return reasons.TAKEN_BACK
    if request.state is not RequestState.WAITING:
        return Why.DECIDED
    withdrawn = request.invitation.state is InvitationState.WITHDRAWN
    return reasons.WITHDRAWN if withdrawn else reasons.READDRESSED


def compose_late_change(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return what became of a late change; raise ObsoleteError where the link is dead by now."""
    request = _find_request(session, delivery)
    _refuse_wrong_hands(request, delivery)
    invitation = request.invitation
    if invitation.state is InvitationState.WITHDRAWN:
        raise ObsoleteError(reasons.WITHDRAWN)
    facts: Facts = {"link": parts.links.rsvp(invitation.public_id, invitation.link_version)}
    return _to_guest(session, delivery, request, facts, parts=parts, now=now)


def compose_representative(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return what became of a proposal; raise ObsoleteError where the link is dead by now.

    Of one that was approved it is, by that: the mail names no link.
    """
    request = _find_request(session, delivery)
    _refuse_wrong_hands(request, delivery)
    invitation = request.invitation
    if request.state is RequestState.REFUSED and invitation.state is InvitationState.WITHDRAWN:
        raise ObsoleteError(reasons.WITHDRAWN)
    facts: Facts = {"link": parts.links.rsvp(invitation.public_id, invitation.link_version)}
    return _to_guest(session, delivery, request, facts, parts=parts, now=now)


def person_name(request: Request, language: str) -> str:
    """Return the name of the representative who is proposed: 'Ms Marta Kowalska'."""
    person = request.person or {}
    words = (person.get(name, "") for name in ("first_name", "last_name"))
    return named(person.get("salutation", ""), " ".join(filter(None, words)), language)


def _to_guest(
    session: Session,
    delivery: Delivery,
    request: Request,
    facts: Facts,
    *,
    parts: Parts,
    now: datetime,
) -> MailMessage:
    occasion = occasion_in(session, request.event_id, delivery.language)
    invitation, event = request.invitation, occasion.event
    news = calendar_news(
        session,
        event,
        invitation.guest,
        invitation_id=invitation.id,
        attends=invitation.state is InvitationState.WITHDRAWN,  # we end it, not the guest
        language=delivery.language,
        sender=senders_of(event, delivery.language, parts.settings.mail.sender).sender,
        now=now,
    )
    return _make(
        delivery,
        request,
        occasion,
        {**facts, "calendar": news},
        to_name=invitation.guest.name,
        calendars=news.files,
        parts=parts,
        now=now,
    )


def _make(
    delivery: Delivery,
    request: Request,
    occasion: Occasion,
    facts: Facts,
    *,
    to_name: str,
    calendars: Sequence[CalendarFile] = (),
    parts: Parts,
    now: datetime,
) -> MailMessage:
    language = delivery.language
    facts = {**request_facts(request, occasion, language), **facts}
    return make_message(
        delivery,
        compose_mail(occasion, delivery.kind, language, facts, parts),
        to_name=to_name,
        senders=senders_of(occasion.event, language, parts.settings.mail.sender),
        now=now,
        calendars=calendars,
    )


def request_facts(request: Request, occasion: Occasion, language: str) -> Facts:
    """Return what the mails about a request say of it, but for their link."""
    guest = request.invitation.guest
    return {
        **event_facts(occasion.event, language),
        **guest_facts(guest, language),
        "request": request,
        "person": person_name(request, language),
        "part_title": in_language(_title_of(request, occasion), language),
    }


def _title_of(request: Request, occasion: Occasion) -> LocalText:
    """Return what a late change is about; a part that is gone goes by its slug."""
    if request.part in {"", EVENT_PART}:
        return occasion.event.name
    slug = request.part.removeprefix(ITEM)
    return next((item.title for item in occasion.items if item.slug == slug), {"": slug})


def _find_request(session: Session, delivery: Delivery) -> Request:
    request = session.scalars(
        select(Request)
        .join(Request.invitation)
        .join(Invitation.guest)
        .options(contains_eager(Request.invitation).contains_eager(Invitation.guest))
        .where(Request.id == delivery.subject_id)
    ).one_or_none()
    if request is None:
        raise ObsoleteError(reasons.GONE)
    return request


def _refuse_wrong_hands(request: Request, delivery: Delivery) -> None:
    """The link in the mail, and what it says, are for nobody else."""
    if request.invitation.disowned_at is not None:
        raise ObsoleteError(reasons.DISOWNED)
    if request.invitation.guest.email_key != email_key(delivery.recipient):
        raise ObsoleteError(reasons.READDRESSED)
