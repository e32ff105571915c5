"""The mails of an answer: what is recorded, and that a place came from the reserve."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.calendars.messages import CalendarNews, calendar_news
from app.calendars.queries import asked_about
from app.deliveries import reasons
from app.deliveries.messages import Senders, make_message, senders_of
from app.deliveries.models import Delivery, DeliveryKind
from app.deliveries.services import ObsoleteError
from app.invitations.messages import (
    Facts,
    Occasion,
    compose_mail,
    event_facts,
    find_invitation,
    guest_facts,
    occasion_in,
)
from app.invitations.models import Invitation, InvitationState
from app.mail.message import MailMessage
from app.parts import Parts
from app.programme.models import ProgrammeItem
from app.rsvp.models import Rsvp
from app.rsvp.page import Recorded, recorded_of


@dataclass(frozen=True)
class Told:
    """An answer that a mail tells of, and what it tells the guest's calendar."""

    invitation: Invitation
    occasion: Occasion
    recorded: Recorded
    rsvp: Rsvp
    news: CalendarNews
    senders: Senders


def compose_confirmation(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the confirmation; raise ObsoleteError when no answer stands any more.

    With it goes a calendar object for each part that was put in or taken out since the last mail.
    """
    told = told_of(session, delivery, parts, now)
    return make_told(delivery, told, {}, parts=parts, now=now)


def compose_moved_up(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the word of places from the reserve; raise ObsoleteError where none is left."""
    told = told_of(session, delivery, parts, now)
    freed = [
        entry.item
        for entry in asked_about(session, told.invitation.id, DeliveryKind.MOVED_UP)
        if entry.item is not None
    ]
    if not freed:
        raise ObsoleteError(reasons.NOT_THEIRS)
    facts: Facts = {"freed": freed, "may_give_back": _may_give_back(told.recorded, freed)}
    return make_told(delivery, told, facts, parts=parts, now=now)


def _may_give_back(recorded: Recorded, freed: list[ProgrammeItem]) -> bool:
    ids = {item.id for item in freed}
    return any(part.item.id in ids and not part.locked for part in recorded.parts)


def told_of(session: Session, delivery: Delivery, parts: Parts, now: datetime) -> Told:
    """Return the answer a mail is about; raise ObsoleteError when none stands any more."""
    invitation = find_invitation(session, delivery)
    occasion = occasion_in(session, invitation.event_id, delivery.language)
    if occasion.event.called_off_at is not None:
        raise ObsoleteError(reasons.CALLED_OFF)
    if invitation.state is not InvitationState.ANSWERED:
        raise ObsoleteError(reasons.NO_ANSWER)
    recorded = recorded_of(session, invitation, now=now)
    if recorded.rsvp is None:
        raise ObsoleteError(reasons.NO_ANSWER)
    senders = senders_of(occasion.event, delivery.language, parts.settings.mail.sender)
    news = calendar_news(
        session,
        occasion.event,
        invitation.guest,
        invitation_id=invitation.id,
        attends=False,
        language=delivery.language,
        sender=senders.sender,
        now=now,
    )
    return Told(invitation, occasion, recorded, recorded.rsvp, news, senders)


def answer_facts(recorded: Recorded, rsvp: Rsvp, news: CalendarNews, language: str) -> Facts:
    """Return what every mail about an answer says of it, but for its links."""
    return {
        **event_facts(recorded.event, language),
        **guest_facts(recorded.guest, language),
        "recorded": recorded,
        "rsvp": rsvp,
        "zone": recorded.event.time_zone,
        "calendar": news,
    }


def make_told(
    delivery: Delivery, told: Told, facts: Facts, *, parts: Parts, now: datetime
) -> MailMessage:
    """Return the mail of that answer, with its calendar objects and some facts of its own."""
    invitation = told.invitation
    facts = {
        **answer_facts(told.recorded, told.rsvp, told.news, delivery.language),
        "feed": parts.links.feed(invitation.public_id, invitation.feed_version),
        "link": parts.links.rsvp(invitation.public_id, invitation.link_version),
        **facts,
    }
    return make_message(
        delivery,
        compose_mail(told.occasion, delivery.kind, delivery.language, facts, parts),
        to_name=invitation.guest.name,
        senders=told.senders,
        now=now,
        calendars=told.news.files,
    )
