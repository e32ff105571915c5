"""Every mail there is, in each way it can read: built the same at every run, in any language.

A case builds what the mail tells of and leaves its delivery, the newest of its kind. A new one is
a function under `@case(KIND)`; then `make golden`, and read what came of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy.orm import Session

from app.amendments.services import amend
from app.amendments.wishes import ItemWish
from app.codes.services import ask_code
from app.decisions.asking import ask_approval
from app.delegates.models import Delegate
from app.delegates.queries import Bearer
from app.deliveries.models import DeliveryKind
from app.invitations.calling_off import call_off
from app.invitations.models import Invitation
from app.invitations.reminding import remind
from app.invitations.services import send_test, send_wave
from app.invitations.thanking import thank
from app.invitations.withdrawing import withdraw
from app.organisers.models import Role
from app.organisers.services import request_sign_in
from app.programme.queries import get_item
from app.requests.disowning import disown, leave
from app.requests.queries import list_of_invitation
from app.requests.representatives import approve
from app.requests.services import grant, refuse
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer
from tests.factories import NOW, approve_list, both, make_event, make_guest, make_organiser
from tests.mails.composing import newest
from tests.mails.scenes import (
    DECLINED,
    DINING,
    HOUR,
    LATE,
    MARIA,
    WEEK,
    accepting,
    answered,
    asked,
    busy,
    crowded,
    digested,
    invite,
    known,
    late_change,
    proposal,
    summit,
    with_delegate,
)
from tests.outbox import send

Build = Callable[[Flask, Session, str], object]


@dataclass(frozen=True)
class Case:
    kind: DeliveryKind
    build: Build
    now: datetime
    """When the mail is made."""


OVER = datetime(2026, 12, 11, 9, tzinfo=UTC)
LAST_DAYS = datetime(2026, 11, 18, 9, tzinfo=UTC)
CASES: dict[str, Case] = {}
"""Each case by its name, which is its golden file's."""


def case(kind: DeliveryKind, *, now: datetime = NOW) -> Callable[[Build], Build]:
    def register(build: Build) -> Build:
        CASES[build.__name__] = Case(kind, build, now)
        return build

    return register


@case(DeliveryKind.INVITATION)
def invitation(_app, session, language):
    asked(session, language)


@case(DeliveryKind.INVITATION)
def invitation_plain(_app, session, language):
    """One host, no theme, no dinner, nobody to call."""
    nobody = {"contact_name": both("City Executive Office"), "contact_phone": ""}
    invite(session, make_event(session, theme=both(""), **nobody), language)


@case(DeliveryKind.INVITATION)
def invitation_with_long_names(_app, session, language):
    name = "The Fourteenth International Summit on Public Services, Data and Trust in the North"
    event = summit(session, language, name=both(name), contact_name=both(name))
    long = {"first_name": "Maria Alexandra Konstantina", "last_name": "von und zu Hohenberg-Łęcka"}
    invite(session, event, language, salutation="Her Excellency Professor Dr", **long)


@case(DeliveryKind.REMINDER)
def reminder(_app, session, language):
    remind(session, asked(session, language).event, by="Astrid", now=NOW)


@case(DeliveryKind.LAST_REMINDER, now=LAST_DAYS)
def last_reminder(_app, session, language):
    remind(session, asked(session, language).event, by="Astrid", now=LAST_DAYS)


@case(DeliveryKind.OFFER)
def offer(_app, session, language):
    event = summit(session, language)
    facts = {"last_name": "Strøm-Łęcka", "email": "zofia@example.org", "language": language}
    guest = make_guest(session, event, rank=1, **facts)
    approve_list(session, event)
    guest.proposed_change = {"rank": None}
    approve_list(session, event)
    send_wave(session, event, by="Astrid", now=NOW)


@case(DeliveryKind.THANK_YOU, now=OVER)
def thank_you(_app, session, language):
    thank(session, answered(session, asked(session, language), DINING).event, by="Astrid", now=OVER)


@case(DeliveryKind.APPROVAL_REQUEST)
def approval_request(_app, session, language):
    """Added, removed and changed names, and a host's quota."""
    event = asked(session, language).event
    host = event.hosts[0]
    host.quota = 2
    facts = {"host_id": host.id, "language": language}
    make_guest(
        session, event, first_name="Ada", last_name="Byron", email="ada@example.org", **facts
    )
    make_guest(
        session, event, first_name="Bo", last_name="Ek", email="bo@example.org", rank=1, **facts
    )
    make_organiser(session, event, Role.APPROVER, email="anna@city.example", language=language)
    ask_approval(session, event, by="Astrid", now=NOW)


@case(DeliveryKind.APPROVAL_REQUEST)
def approval_request_of_the_first_version(_app, session, language):
    event = summit(session, language)
    make_guest(session, event, first_name="Ada", last_name="Byron", email="ada@example.org")
    make_organiser(session, event, Role.APPROVER, email="anna@city.example", language=language)
    ask_approval(session, event, by="Astrid", now=NOW)


@case(DeliveryKind.TEST)
def invitation_test(_app, session, language):
    event = asked(session, language).event
    send_test(session, event, to="astrid@city.example", language=language, by="Astrid", now=NOW)


@case(DeliveryKind.CONFIRMATION)
def confirmation(_app, session, language):
    answered(session, asked(session, language), DINING)


@case(DeliveryKind.CONFIRMATION)
def confirmation_half_way(_app, session, language):
    answered(session, asked(session, language), AnswerWish.alone(Answer.ACCEPTED))


@case(DeliveryKind.CONFIRMATION)
def confirmation_without_parts(_app, session, language):
    answered(session, asked(session, language), accepting())


@case(DeliveryKind.CONFIRMATION)
def confirmation_on_reserve(_app, session, language):
    first = asked(session, language)
    answered(session, first, accepting("workshop"))
    second = invite(session, first.event, language, email="second@example.org")
    answered(session, second, accepting("workshop"), NOW + HOUR)


@case(DeliveryKind.CONFIRMATION, now=LATE)
def confirmation_locked(_app, session, language):
    answered(session, asked(session, language), DINING)


@case(DeliveryKind.CONFIRMATION)
def decline(_app, session, language):
    answered(session, asked(session, language), DECLINED)


@case(DeliveryKind.CONFIRMATION)
def decline_after_acceptance(_app, session, language):
    answered(session, answered(session, asked(session, language), DINING), DECLINED, NOW + HOUR)


@case(DeliveryKind.CONFIRMATION)
def decline_known_to_the_calendar(_app, session, language):
    invitation = answered(session, asked(session, language), DINING)
    send(session, newest(session, DeliveryKind.CONFIRMATION))
    answered(session, invitation, DECLINED, NOW + HOUR)


@case(DeliveryKind.MOVED_UP)
def moved_up(_app, session, language):
    first = asked(session, language)
    second = invite(session, first.event, language, email="second@example.org")
    answered(session, first, accepting("workshop"))
    answered(session, second, accepting("workshop"), NOW + HOUR)
    answered(session, first, DECLINED, NOW + 2 * HOUR)


def change(session: Session, invitation: Invitation, slug: str, **facts: object) -> None:
    """Change an item of the programme, with a line that says why."""
    item = get_item(session, invitation.event, slug)
    wish = replace(ItemWish.of(item), **facts)
    note = {"en": "The hall is needed by the laureates.", "sv": "Pristagarna behöver salen."}
    amend(session, item, wish, by="Astrid", note=note, now=NOW + HOUR)


MORNING = datetime(2026, 12, 10, 8, tzinfo=UTC)


@case(DeliveryKind.PROGRAMME_CHANGED)
def programme_changed(_app, session, language):
    invitation = answered(session, asked(session, language), accepting("opening"))
    send(session, newest(session, DeliveryKind.CONFIRMATION))
    venue = both("Golden Hall", "Gyllene salen")
    change(session, invitation, "opening", starts=MORNING, ends=MORNING + HOUR, venue=venue)


@case(DeliveryKind.PROGRAMME_CHANGED, now=LATE)
def programme_changed_twice_and_in_the_way(_app, session, language):
    """A new title, and a part that now runs into another; both are locked by now."""
    invitation = answered(session, asked(session, language), accepting("visit", "workshop"))
    send(session, newest(session, DeliveryKind.CONFIRMATION))
    change(session, invitation, "workshop", title=both("Data workshop", "Dataverkstad"))
    starts = datetime(2026, 12, 10, 13, 30, tzinfo=UTC)
    change(session, invitation, "visit", starts=starts, ends=starts + HOUR)


@case(DeliveryKind.WITHDRAWN)
def withdrawn(_app, session, language):
    invitation = asked(session, language)
    send(session, newest(session, DeliveryKind.INVITATION))
    withdraw(session, invitation.event, email="zofia@example.org", by="Astrid", now=NOW)


@case(DeliveryKind.WITHDRAWN)
def withdrawn_after_the_answer(_app, session, language):
    invitation = answered(session, asked(session, language), DINING)
    send(session, newest(session, DeliveryKind.CONFIRMATION))
    withdraw(session, invitation.event, email="zofia@example.org", by="Astrid", now=NOW)


CLOSED = {"en": "The airports are closed.", "sv": "Flygplatserna är stängda."}


@case(DeliveryKind.CALLED_OFF)
def called_off(_app, session, language):
    invitation = answered(session, asked(session, language), DINING)
    send(session, newest(session, DeliveryKind.CONFIRMATION))
    call_off(session, invitation.event, by="Astrid", note=CLOSED, now=NOW)


@case(DeliveryKind.CALLED_OFF)
def called_off_without_a_word(_app, session, language):
    invitation = answered(session, asked(session, language), accepting())
    call_off(session, invitation.event, by="Astrid", now=NOW)


def signing_in(session: Session, language: str, **facts: object) -> None:
    email = "astrid@stockholm.example"
    make_organiser(session, make_event(session), email=email, language=language, **facts)
    request_sign_in(session, email, NOW)


@case(DeliveryKind.SIGN_IN)
def sign_in(_app, session, language):
    signing_in(session, language)


@case(DeliveryKind.SIGN_IN)
def sign_in_without_name(_app, session, language):
    signing_in(session, language, name="astrid@stockholm.example")


@case(DeliveryKind.DIGEST)
def digest(app, session, language):
    digested(app, session, busy(session, language), "2026-W45", NOW + 2 * HOUR)


@case(DeliveryKind.DIGEST)
def digest_before_anything(app, session, language):
    digested(app, session, summit(session, language), "2026-W45", NOW)


@case(DeliveryKind.DIGEST, now=NOW + WEEK)
def digest_unchanged(app, session, language):
    event = busy(session, language)
    digested(app, session, event, "2026-W45", NOW + 2 * HOUR)
    digested(app, session, event, "2026-W46", NOW + WEEK)


@case(DeliveryKind.DIGEST)
def digest_of_many(app, session, language):
    """Every list is longer than a digest shows."""
    digested(app, session, crowded(session, language), "2026-W45", NOW + 2 * HOUR)


@case(DeliveryKind.DELEGATE)
def delegate(_app, session, language):
    with_delegate(session, language)


@case(DeliveryKind.DELEGATE_ADDED)
def delegate_added(_app, session, language):
    with_delegate(session, language)


@case(DeliveryKind.DELEGATE_ADDED)
def delegate_added_by_organiser(_app, session, language):
    with_delegate(session, language, by="Astrid")


@case(DeliveryKind.CODE)
def code(_app, session, language):
    bearer = Bearer(answered(session, asked(session, language), DINING))
    ask_code(session, bearer, now=NOW).public_id = "a-code"  # the digits come of it


@case(DeliveryKind.QUESTION, now=LATE)
def question(_app, session, language):
    late_change(session, language)


@case(DeliveryKind.QUESTION)
def question_of_representative(_app, session, language):
    proposal(session, language, MARIA)


@case(DeliveryKind.QUESTION)
def question_not_me(_app, session, language):
    invitation = answered(session, asked(session, language), accepting("opening"))
    disown(session, invitation, now=NOW)
    known(list_of_invitation(session, invitation.id)[0])


@case(DeliveryKind.QUESTION)
def question_not_me_of_delegate(_app, session, language):
    invitation = answered(session, asked(session, language), accepting("opening"))
    facts = {"email": "a@example.org", "email_key": "a@example.org", "added_by": ""}
    delegate = Delegate(invitation=invitation, name="Maria Lind", added_at=NOW, **facts)
    session.add(delegate)
    session.flush()
    leave(session, delegate, now=NOW)
    known(list_of_invitation(session, invitation.id)[0])


REPLY = "The coach is full.\nWe are sorry."


@case(DeliveryKind.LATE_CHANGE, now=LATE)
def late_change_refused(_app, session, language):
    refuse(session, late_change(session, language), by="Astrid", reply=REPLY, now=LATE)


@case(DeliveryKind.LATE_CHANGE, now=LATE)
def late_change_granted(_app, session, language):
    grant(session, late_change(session, language), by="Astrid", reply="Welcome.", now=LATE)


@case(DeliveryKind.REPRESENTATIVE)
def representative(_app, session, language):
    reply = "With our thanks."
    approve(session, proposal(session, language), by="Astrid", reply=reply, now=NOW)


@case(DeliveryKind.REPRESENTATIVE)
def representative_of_who_had_accepted(_app, session, language):
    request = proposal(session, language)
    answered(session, request.invitation, accepting("opening"))
    send(session, newest(session, DeliveryKind.CONFIRMATION))
    approve(session, request, by="Astrid", reply="", now=NOW)


@case(DeliveryKind.REPRESENTATIVE)
def representative_refused(_app, session, language):
    reply = "The invitation is personal."
    refuse(session, proposal(session, language), by="Astrid", reply=reply, now=NOW)
