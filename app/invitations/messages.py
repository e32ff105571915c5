"""Mails that ask a guest: invitation, offer, reminder; thanks; and how they read, as a test."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from app.addresses import email_key
from app.calendars.messages import calendar_news
from app.deliveries import reasons
from app.deliveries.messages import make_message, senders_of
from app.deliveries.models import Delivery, DeliveryKind
from app.deliveries.services import ObsoleteError
from app.events.models import Event
from app.events.queries import today_at
from app.guests.models import Guest
from app.guests.salutations import addressed, full_name, greeting
from app.invitations.models import Invitation, InvitationState
from app.invitations.services import CLOSED_BY
from app.invitations.texts import Unwritten, find_unwritten
from app.language import in_language, in_zone, listed
from app.mail.compose import MailContent
from app.mail.gaps import Personal
from app.mail.message import MailMessage
from app.parts import Parts
from app.programme.models import ProgrammeItem
from app.programme.queries import find_dinner, list_items, named_guest_ids
from app.texts.messages import find_words
from app.texts.queries import OwnWords, own_words

Facts = dict[str, object]


def compose_invitation(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the invitation or offer; raise ObsoleteError when it can no longer be answered."""
    return _compose_asking(session, delivery, parts, now)


def compose_reminder(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the reminder; raise ObsoleteError when there is nothing left to remind of."""
    return _compose_asking(session, delivery, parts, now)


def _compose_asking(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Fill the templates of the delivery's kind: both mails tell the same facts."""
    invitation = find_invitation(session, delivery)
    occasion = occasion_in(session, invitation.event_id, delivery.language)
    _refuse_closed(invitation, occasion.event, now)
    if delivery.by_day and today_at(occasion.event, now) >= invitation.reply_by:
        raise ObsoleteError(reasons.LAST_DAY)
    link = parts.links.rsvp(invitation.public_id, invitation.link_version)
    facts = {
        **asking_facts(
            occasion,
            delivery.language,
            reply_by=invitation.reply_by,
            guest_id=invitation.guest_id,
        ),
        **guest_facts(invitation.guest, delivery.language),
        "link": Personal(link),
    }
    return _make(delivery, facts, occasion, to_name=invitation.guest.name, parts=parts, now=now)


def compose_thanks(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the thanks; raise ObsoleteError where the guest's acceptance stands no more."""
    invitation = find_invitation(session, delivery)
    if invitation.state is not InvitationState.ANSWERED or not invitation.holds_place:
        raise ObsoleteError(reasons.NO_ANSWER)
    occasion = occasion_in(session, invitation.event_id, delivery.language, with_programme=False)
    if occasion.event.called_off_at is not None:
        raise ObsoleteError(reasons.CALLED_OFF)
    facts = {
        **event_facts(occasion.event, delivery.language),
        **guest_facts(invitation.guest, delivery.language),
    }
    return _make(delivery, facts, occasion, to_name=invitation.guest.name, parts=parts, now=now)


def compose_test(session: Session, delivery: Delivery, parts: Parts, now: datetime) -> MailMessage:
    """Return how the invitation reads to one guest; its link opens nothing, for nobody."""
    guest = session.get(Guest, delivery.subject_id)
    if guest is None:
        raise ObsoleteError(reasons.GONE)
    occasion = occasion_in(session, guest.event_id, delivery.language)
    facts = {
        **asking_facts(
            occasion, delivery.language, reply_by=occasion.event.reply_by, guest_id=guest.id
        ),
        **guest_facts(guest, delivery.language),
        "link": parts.links.rsvp("test", 1),
    }
    return _make(delivery, facts, occasion, to_name="", parts=parts, now=now)


def _make(
    delivery: Delivery,
    facts: Facts,
    occasion: "Occasion",
    *,
    to_name: str,
    parts: Parts,
    now: datetime,
) -> MailMessage:
    return make_message(
        delivery,
        compose_mail(occasion, delivery.kind, delivery.language, facts, parts),
        to_name=to_name,
        senders=senders_of(occasion.event, delivery.language, parts.settings.mail.sender),
        now=now,
    )


def compose_mail(
    occasion: "Occasion", kind: str, language: str, facts: Facts, parts: Parts
) -> MailContent:
    """Return the mail of that kind, in the organiser's own words where there are any."""
    words = find_words(occasion.own_words, kind, language, facts)
    return parts.composer.compose(kind, language=language, facts=facts, words=words)


def asking_facts(
    occasion: "Occasion", language: str, *, reply_by: date, guest_id: int | None = None
) -> Facts:
    """Return what a mail that asks says of the event: the same for all whom the dinner is open to.

    Without a guest it says what is open to everybody.
    """
    shows_dinner = occasion.named is None or guest_id in occasion.named
    return {
        **event_facts(occasion.event, language),
        "dinner": _dinner_facts(occasion, language) if shows_dinner else None,
        "reply_by": reply_by,
    }


def subject_of(
    session: Session, event: Event, kind: DeliveryKind, *, language: str, parts: Parts
) -> str:
    """Return the subject that a mail of that kind to guests of the event has in that language."""
    occasion = occasion_of(session, event.id)
    facts = asking_facts(occasion, language, reply_by=event.reply_by)
    words = find_words(occasion.own_words, kind, language, facts)
    if words is not None:
        # It is shown for all: where a subject names its guest, the placeholder stands.
        facts |= {"greeting": "{greeting}", "full_name": "{name}"}
    return parts.composer.subject(kind, language=language, facts=facts, words=words)


def find_invitation(session: Session, delivery: Delivery) -> Invitation:
    """Return what the delivery is about, with its guest.

    Raises ObsoleteError where it is gone, or the guest has another address by now, or somebody has
    said that it is not theirs: the link in the mail is for nobody else.
    """
    invitation = session.get(Invitation, delivery.subject_id, options=[_with_guest()])
    if invitation is None:
        raise ObsoleteError(reasons.GONE)
    refuse_wrong_address(invitation, delivery)
    return invitation


def refuse_wrong_address(invitation: Invitation, delivery: Delivery) -> None:
    """Raise ObsoleteError where the mail would go to an address that is not the guest's (now)."""
    if invitation.guest.email_key != email_key(delivery.recipient):
        raise ObsoleteError(reasons.READDRESSED)
    if invitation.disowned_at is not None:
        raise ObsoleteError(reasons.DISOWNED)


@cache
def _with_guest() -> ORMOption:
    return joinedload(Invitation.guest)


def compose_withdrawn(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the word that the invitation stands no more; it leads nowhere: the link is dead."""
    invitation = find_invitation(session, delivery)
    if invitation.state is not InvitationState.WITHDRAWN:
        raise ObsoleteError(reasons.STANDS_AGAIN)
    return _make_last_word(session, delivery, invitation, parts=parts, now=now)


def compose_called_off(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the word that the event does not take place, with what the organiser says of it."""
    invitation = find_invitation(session, delivery)
    return _make_last_word(session, delivery, invitation, parts=parts, now=now)


def _make_last_word(
    session: Session, delivery: Delivery, invitation: Invitation, *, parts: Parts, now: datetime
) -> MailMessage:
    """Return a mail after which nothing is left to answer; it clears the guest's calendar."""
    language = delivery.language
    occasion = occasion_in(session, invitation.event_id, language, with_programme=False)
    event, guest = occasion.event, invitation.guest
    senders = senders_of(event, language, parts.settings.mail.sender)
    news = calendar_news(
        session,
        event,
        guest,
        invitation_id=invitation.id,
        attends=True,
        language=language,
        sender=senders.sender,
        now=now,
    )
    facts: Facts = {
        **event_facts(event, language),
        **guest_facts(guest, language),
        "answered": invitation.answered_at is not None,
        "note": in_language(event.called_off_note or {}, language),
        "calendar": news,
    }
    return make_message(
        delivery,
        compose_mail(occasion, delivery.kind, language, facts, parts),
        to_name=guest.name,
        senders=senders,
        now=now,
        calendars=news.files,
    )


def _refuse_closed(invitation: Invitation, event: Event, now: datetime) -> None:
    if event.called_off_at is not None:
        raise ObsoleteError(reasons.CALLED_OFF)
    if invitation.state is not InvitationState.OPEN:
        raise ObsoleteError(CLOSED_BY[invitation.state])
    if today_at(event, now) > invitation.reply_by:
        raise ObsoleteError(reasons.TOO_LATE)


@dataclass(frozen=True)
class Occasion:
    """What all mails of one event share."""

    event: Event
    items: Sequence[ProgrammeItem]
    named: frozenset[int] | None
    """Row ids of the guests for whom the dinner is open, where it is open by name only."""
    own_words: OwnWords
    """What the organiser has written for the event's mails."""


def occasion_of(session: Session, event_id: int) -> Occasion:
    """Return the event and its programme, read once for all mails made in this session."""
    key = f"{__name__}:{event_id}"
    if key not in session.info:
        session.info[key] = _read_occasion(session, event_id)
    known: Occasion = session.info[key]
    return known


def occasion_in(
    session: Session, event_id: int, language: str, *, with_programme: bool = True
) -> Occasion:
    """Return the event for a mail to a guest, wholly in that language.

    Raises ObsoleteError where a text of it is missing in that language; those of the programme
    count `with_programme`. A mail that mixes two languages goes to nobody.
    """
    occasion = occasion_of(session, event_id)
    key = f"{__name__}:{event_id}:{language}:{with_programme}"
    if key not in session.info:
        items = occasion.items if with_programme else ()
        session.info[key] = find_unwritten(occasion.event, items, language)
    unwritten: Unwritten | None = session.info[key]
    if unwritten:
        raise ObsoleteError(unwritten.reason)
    return occasion


def _read_occasion(session: Session, event_id: int) -> Occasion:
    event = session.get_one(Event, event_id, options=[joinedload(Event.hosts)])
    items = list_items(session, event_id)
    dinner = find_dinner(items)
    named = named_guest_ids(session, dinner) if dinner and dinner.by_name else None
    return Occasion(event, items, named, own_words(session, event_id))


def event_facts(event: Event, language: str) -> Facts:
    """Return what the layout of a mail and every template about the event may name."""
    contact_name = in_language(event.contact_name, language)
    hosts = [in_language(host.name, language) for host in event.hosts] or [contact_name]
    return {
        "event_name": in_language(event.name, language),
        "theme": in_language(event.theme, language),
        "city": in_language(event.city, language),
        "starts": event.starts,
        "ends": event.ends,
        "hosts": hosts,
        "other_hosts": listed(tuple(hosts[1:]), language),
        "contact_name": contact_name,
        "contact_email": event.contact_email,
        "contact_phone": event.contact_phone,
    }


def guest_facts(guest: Guest, language: str) -> Facts:
    """Return how a mail names its guest and speaks to them."""
    return {
        "greeting": Personal(greeting(guest, language)),
        "addressed": Personal(addressed(guest, language)),
        "full_name": Personal(full_name(guest, language)),
    }


def _dinner_facts(occasion: Occasion, language: str) -> Facts | None:
    dinner, zone = find_dinner(occasion.items), occasion.event.time_zone
    if dinner is None:
        return None
    return {
        "title": in_language(dinner.title, language),
        "venue": in_language(dinner.venue, language),
        "date": in_zone(dinner.starts, zone).date(),
        "starts": dinner.starts,
        "zone": zone,
        "dress_code": in_language(dinner.dress_code or {}, language),
    }
