"""What the mails tell of: events, guests and answers, the same at every run."""

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delegates.services import add_delegate
from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.digests.services import MOST_LINES, make_digest
from app.events.models import Event, Host
from app.guests.models import GuestStatus
from app.invitations.models import Invitation
from app.invitations.services import send_wave
from app.requests.models import Request, Wished
from app.requests.representatives import propose
from app.requests.services import ask_late_change
from app.rsvp.changes import AnswerWish, CompanionWish, DietWish
from app.rsvp.models import Answer, AnswerChannel, Diet
from app.rsvp.services import record_answer
from tests.factories import (
    NOW,
    approve_list,
    both,
    make_dinner,
    make_event,
    make_guest,
    make_invitation,
    make_item,
)
from tests.mails.composing import newest, parts_of

LATE = datetime(2026, 12, 3, 9, tzinfo=UTC)
"""After every part is locked, before the event."""
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)

GUEST = {"channel": AnswerChannel.GUEST, "actor": ""}
MARIA = {"channel": AnswerChannel.DELEGATE, "actor": "Maria Lind"}
PERSON = {
    "salutation": "Ms",
    "first_name": "Marta",
    "last_name": "Kowalska",
    "email": "marta@example.org",
    "language": "en",
}


def summit(session: Session, language: str, **facts: object) -> Event:
    """A summit of two hosts: a dinner, an opening, a visit, and a workshop of one place."""
    languages = sorted(("en", "sv"), key=lambda known: known != language)
    event = make_event(session, languages=languages, **{"created_at": NOW - WEEK, **facts})
    event.hosts.append(Host(position=1, name=both("Cisco Systems"), quota=None))
    make_dinner(
        session, event, title=both("Dinner", "Middag"), venue=both("City Hall", "Stadshuset")
    )
    make_item(session, event, "opening", title=both("Opening", "Öppnande"))
    afternoon = datetime(2026, 12, 10, 13, tzinfo=UTC)
    for hours, slug, title in (
        (0, "workshop", both("Workshop", "Verkstad")),
        (2, "visit", both("Visit to Kista", "Besök i Kista")),
    ):
        starts = afternoon + hours * HOUR
        places = 1 if slug == "workshop" else None
        facts_of_item = {"title": title, "starts": starts, "ends": starts + HOUR, "places": places}
        make_item(session, event, slug, **facts_of_item)
    return event


def invite(session: Session, event: Event, language: str, **facts: object) -> Invitation:
    """Invite Zofia Strøm-Łęcka, or whom the facts name."""
    given = {"last_name": "Strøm-Łęcka", "email": "zofia@example.org", "language": language}
    return make_invitation(session, event, **{**given, **facts})


def asked(session: Session, language: str) -> Invitation:
    return invite(session, summit(session, language), language)


def accepting(*items: str, **facts: object) -> AnswerWish:
    return AnswerWish(Answer.ACCEPTED, frozenset(items), **facts)  # type: ignore[arg-type]


def answered(
    session: Session, invitation: Invitation, wish: AnswerWish, now: datetime = NOW
) -> Invitation:
    record_answer(session, invitation, wish, now=now, **GUEST)
    return invitation


DECLINED = AnswerWish(Answer.DECLINED)
DINING = accepting(
    "dinner",
    "opening",
    diet=DietWish(Diet.VEGETARIAN),
    companions=(CompanionWish("Karin Ek", DietWish(Diet.OTHER, "no shellfish")),),
    access_needs="A hearing loop, please.",
    message="I come by train.",
)


def busy(session: Session, language: str) -> Event:
    """A summit where much has happened: answers, a reserve, a mail that did not arrive."""
    event = summit(session, language)
    answered(session, invite(session, event, language), DINING)
    ines = {"first_name": "Inês", "last_name": "Falcão-Brás", "salutation": "Ms"}
    second = invite(session, event, language, email="ines@example.org", **ines)
    answered(session, second, DECLINED, NOW + HOUR)
    bogdan = {"first_name": "Bogdan", "last_name": "Țărmureanu", "salutation": "Mr"}
    invite(session, event, language, email="bogdan@example.org", **bogdan)
    unread = newest(session, DeliveryKind.INVITATION)
    unread.state, unread.error = DeliveryState.FAILED, "The mailbox does not exist."
    reserve = {"status": GuestStatus.RESERVE, "rank": 1, "last_name": "Brandstätter-Huf"}
    make_guest(session, event, **reserve, country="Austria")
    return event


def crowded(session: Session, language: str) -> Event:
    """A summit to which more are invited than a digest names, and no mail has arrived."""
    event = summit(session, language, place_limit=40)
    for number in range(1, MOST_LINES + 5):
        names = {"first_name": "Maria Konstantina", "last_name": f"von Hohenberg-Łęcka {number}"}
        make_guest(session, event, **names, email=f"guest{number}@example.org")
    approve_list(session, event)
    send_wave(session, event, by="Astrid", now=NOW)
    session.flush()
    for delivery in session.scalars(select(Delivery)):
        delivery.state, delivery.error = DeliveryState.FAILED, "The mailbox does not exist."
    return event


def digested(app: Flask, session: Session, event: Event, slot: str, now: datetime) -> None:
    session.flush()
    with app.app_context():
        make_digest(session, event, slot=slot, now=now, parts=parts_of(app))


def with_delegate(session: Session, language: str, by: str = "") -> None:
    who = {"name": "Anna Berg", "email": "anna@example.org"}
    add_delegate(session, asked(session, language), **who, by=by, now=NOW)


def late_change(session: Session, language: str, asker: dict[str, object] = GUEST) -> Request:
    """Ask for the visit once it is locked."""
    invitation = answered(session, asked(session, language), accepting("opening"))
    wished = {"part": "item:visit", "wished": Wished.YES, "words": "My train is early."}
    return known(ask_late_change(session, invitation, **wished, now=LATE, **asker))


def proposal(session: Session, language: str, asker: dict[str, object] = GUEST) -> Request:
    """Propose Marta Kowalska in the guest's place."""
    invitation = answered(session, asked(session, language), accepting("opening"))
    return known(propose(session, invitation, PERSON, words="", now=NOW, **asker))


def known(request: Request) -> Request:
    request.public_id = "a-request"
    return request
