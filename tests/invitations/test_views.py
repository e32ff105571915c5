"""Sending, reminding and withdrawing: the plan is shown first, and only what was shown is done."""

import re

import pytest
from sqlalchemy import select

from app.deliveries.models import Delivery, DeliveryKind
from app.invitations.models import Invitation, InvitationState
from app.invitations.services import send_wave
from app.invitations.withdrawing import withdraw
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from tests.desk import Desk, text_of
from tests.factories import (
    NOW,
    approve_list,
    make_event,
    make_guest,
    make_invitation,
    make_organiser,
)


@pytest.fixture
def event(session):
    return make_event(session)


@pytest.fixture
def desk(app, session, event):
    organiser = make_organiser(session, event)
    session.commit()
    return Desk(app).sign_in(organiser)


def approved(session, event, **facts):
    guest = make_guest(session, event, **facts)
    approve_list(session, event)
    session.commit()
    return guest


def seal_on(desk, path="invitations"):
    """Return what the page's form says was shown."""
    return re.findall(r'name="shown" value="([^"]+)"', desk.get(path).text)[0]


def states(session):
    found = session.scalars(select(Invitation.state).order_by(Invitation.id)).all()
    session.commit()
    return found


def kinds(session):
    found = session.scalars(select(Delivery.kind).order_by(Delivery.id)).all()
    session.commit()
    return found


def test_the_dry_run_names_who_is_invited_and_who_is_not_and_why(session, event, desk):
    approved(session, event, first_name="Ada", language="sv")
    make_guest(session, event, first_name="Grace", rank=1)
    approve_list(session, event)
    session.commit()
    page = desk.page("invitations")
    assert "Send one invitation" in page
    assert re.search(r"Dr Ada .* Swedish", page)
    assert re.search(r"stands on the reserve 1 Dr Grace", page)
    assert kinds(session) == []


def test_sending_does_what_was_shown_and_says_so(session, event, desk):
    approved(session, event)
    approved(session, event)
    response = desk.post("invitations", shown=seal_on(desk))
    sending = "/organiser/summit/deliveries/sending/wave/1"
    assert (response.status_code, response.location) == (303, sending)
    assert "0 of 2 mails sent" in desk.page(sending)
    assert "2 held" in desk.page("invitations")
    assert kinds(session) == [DeliveryKind.INVITATION] * 2


def test_a_plan_that_changed_meanwhile_is_shown_anew_and_not_sent(session, event, desk):
    approved(session, event)
    shown = seal_on(desk)
    approved(session, event, first_name="Grace")
    response = desk.post("invitations", shown=shown)
    assert response.status_code == 409
    assert "Nothing was sent: the list has changed meanwhile" in text_of(response)
    assert "Dr Grace" in response.text
    assert (kinds(session), states(session)) == ([], [])
    fresh = re.findall(r'name="shown" value="([^"]+)"', response.text)[0]
    assert desk.post("invitations", shown=fresh).status_code == 303


def test_pressing_twice_sends_once(session, event, desk):
    approved(session, event)
    shown = seal_on(desk)
    answers = [desk.post("invitations", shown=shown).status_code for _ in range(2)]
    assert answers == [303, 409]
    assert kinds(session) == [DeliveryKind.INVITATION]


def test_a_changed_address_or_language_is_another_plan(session, event, desk):
    guest = approved(session, event)
    shown = seal_on(desk)
    guest.language = "sv"
    session.commit()
    assert desk.post("invitations", shown=shown).status_code == 409


def test_after_the_reply_by_date_nothing_can_be_sent(app, session, desk):
    late = make_event(session, slug="late", reply_by=NOW.date().replace(day=1))
    approved(session, late)
    organiser = make_organiser(session, late)
    session.commit()
    late_desk = Desk(app, "late").sign_in(organiser)
    assert "has passed: an invitation now could not be answered" in late_desk.page("invitations")
    assert late_desk.post("invitations", shown="1-x").status_code == 409
    assert kinds(session) == []


def test_only_those_who_have_not_answered_are_reminded(session, event, desk):
    answered = make_invitation(session, event)
    decline = AnswerWish(Answer.DECLINED)
    record_answer(session, answered, decline, channel=AnswerChannel.GUEST, actor="", now=NOW)
    make_invitation(session, event, first_name="Grace")
    session.commit()
    assert "Send one reminder" in desk.page("invitations/remind")
    response = desk.post("invitations/remind", shown=seal_on(desk, "invitations/remind"))
    assert response.location == "/organiser/summit/deliveries/sending/reminder/1"
    assert "Reminder 1" in desk.page(response.location)
    assert kinds(session).count(DeliveryKind.REMINDER) == 1


def test_a_reminder_that_would_reach_others_by_now_is_not_sent(session, event, desk):
    make_invitation(session, event)
    session.commit()
    shown = seal_on(desk, "invitations/remind")
    make_invitation(session, event)
    session.commit()
    assert desk.post("invitations/remind", shown=shown).status_code == 409
    assert DeliveryKind.REMINDER not in kinds(session)


def test_an_open_link_can_be_sent_again(session, event, desk):
    guest = make_invitation(session, event).guest
    session.commit()
    response = desk.post(f"invitations/{guest.public_id}/send")
    assert response.location.endswith(f"/guests/{guest.public_id}")
    page = desk.page(f"guests/{guest.public_id}")
    assert f"The invitation is on its way to {guest.email}." in page
    assert kinds(session) == [DeliveryKind.INVITATION] * 2


def test_one_guest_can_be_invited_from_the_guests_page(session, event, desk):
    guest = approved(session, event)
    desk.post(f"invitations/{guest.public_id}/send")
    assert states(session) == [InvitationState.OPEN]


def test_an_unapproved_guest_is_not_invited_and_the_page_says_why(session, event, desk):
    guest = make_guest(session, event)
    session.commit()
    desk.post(f"invitations/{guest.public_id}/send")
    assert "not on an approved version of the list" in desk.page(f"guests/{guest.public_id}")
    assert kinds(session) == []


def test_withdrawing_asks_first_and_then_frees_the_place(session, event, desk):
    guest = make_invitation(session, event).guest
    session.commit()
    address = f"invitations/{guest.public_id}/withdraw"
    assert "The link is dead at once" in desk.page(address)
    assert states(session) == [InvitationState.OPEN]
    desk.post(address)
    assert "The invitation is withdrawn" in desk.page(f"guests/{guest.public_id}")
    assert states(session) == [InvitationState.WITHDRAWN]


def test_withdrawing_twice_is_harmless(session, event, desk):
    guest = make_invitation(session, event).guest
    withdraw(session, event, email=guest.email, now=NOW)
    session.commit()
    desk.post(f"invitations/{guest.public_id}/withdraw")
    assert "has no invitation to withdraw" in desk.page(f"guests/{guest.public_id}")


def test_waves_so_far_are_listed_with_who_sent_them(session, event, desk):
    approved(session, event)
    send_wave(session, event, by="Astrid", now=NOW)
    session.commit()
    assert "Wave 1 2 Nov, 10:00 No reminders Astrid 1 No reminders" in desk.page("invitations")
