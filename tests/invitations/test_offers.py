"""The invitation of a guest who has moved up from the reserve: an offer, in all else alike."""

import pytest
from sqlalchemy import select

from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.guests.models import Guest
from app.invitations.plans import plan_reminder, plan_wave
from app.invitations.queries import find_of_guest
from app.invitations.services import send_wave
from app.invitations.withdrawing import withdraw
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from tests.factories import NOW, approve_list, make_dinner, make_event, make_guest
from tests.mails.composing import html_of, make_mail

OFFER = DeliveryKind.OFFER
SECOND_CHOICE = ("reserve", "declined", "instead", "unfortunately", "short notice")


@pytest.fixture
def event(session):
    return make_event(session)


def move_up(session, event, **facts) -> Guest:
    """A guest who stood on the reserve, and is approved by the next version."""
    guest = make_guest(session, event, rank=1, **{"last_name": "Strøm-Łęcka", **facts})
    approve_list(session, event)
    guest.proposed_change = {"rank": None}
    approve_list(session, event)
    return guest


def send(session, event, *emails: str):
    return send_wave(session, event, by="Organiser", now=NOW, emails=emails)


def mails(session) -> list[tuple[DeliveryKind, DeliveryState]]:
    return [(row.kind, row.state) for row in session.scalars(select(Delivery).order_by("id"))]


def test_who_stood_on_the_reserve_gets_an_offer_and_the_others_an_invitation(session, event):
    make_guest(session, event)
    moved_up = move_up(session, event)
    kinds = {to.guest.id: to.kind for to in plan_wave(session, event, now=NOW).addressees}
    send(session, event)
    sent = session.execute(select(Delivery.guest_id, Delivery.kind)).all()
    assert kinds == dict(sent)
    assert kinds.pop(moved_up.id) is OFFER
    assert set(kinds.values()) == {DeliveryKind.INVITATION}


def test_an_offer_sent_again_stays_an_offer(session, event):
    guest = move_up(session, event)
    send(session, event)
    send(session, event, guest.email)
    assert mails(session) == [
        (OFFER, DeliveryState.CANCELLED),
        (OFFER, DeliveryState.QUEUED),
    ]


def test_an_invitation_stays_one_whatever_later_versions_say(session, event):
    guest = make_guest(session, event)
    approve_list(session, event)
    send(session, event)
    moved_up = move_up(session, event)
    send(session, event, guest.email, moved_up.email)
    mail = select(Delivery.kind).where(Delivery.guest_id == guest.id)
    assert set(session.scalars(mail)) == {DeliveryKind.INVITATION}


def test_an_offer_holds_a_place_and_is_reminded_of(session, event):
    move_up(session, event)
    send(session, event)
    assert len(plan_reminder(session, event, now=NOW).addressees) == 1
    assert plan_wave(session, event, now=NOW).addressees == ()


def test_an_answer_and_a_withdrawal_cancel_an_offer_that_waits(session, event):
    first, second = move_up(session, event), move_up(session, event)
    send(session, event)
    answer = {"channel": AnswerChannel.PHONE, "actor": "Astrid", "now": NOW}
    invitation = find_of_guest(session, first.id)
    record_answer(session, invitation, AnswerWish(Answer.DECLINED), **answer)
    withdraw(session, event, email=second.email, now=NOW)
    session.expire_all()
    offers = select(Delivery.state).where(Delivery.kind == OFFER)
    assert set(session.scalars(offers)) == {DeliveryState.CANCELLED}


@pytest.mark.parametrize("language", ["en", "sv"])
def test_the_offer_reads_as_a_courtesy(app, session, event, language):
    make_dinner(session, event)
    move_up(session, event, language=language)
    send(session, event)
    mail = make_mail(app, session, OFFER)
    read = f"{mail.subject} {mail.body} {html_of(mail)}".casefold()
    assert [word for word in SECOND_CHOICE if word in read] == []
