"""The desk after a wave: the days of its reminders, who is not reminded, and thanks."""

import re

import pytest
from sqlalchemy import select

from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.invitations.models import Wave
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
from tests.outbox import queue
from tests.test_templates import Page, controls

DAYS = "Monday 9 November 2026 ; Monday 16 November 2026 ; Wednesday 18 November 2026"
WRONG = "Give at most 6 numbers in each field, from 1 to 180, like 7, 14."


@pytest.fixture
def event(session):
    """With one guest to be invited, and reminders after 7 and 14 days and 2 days before."""
    made = make_event(session, remind_after=[7, 14], remind_before=[2])
    make_guest(session, made)
    approve_list(session, made)
    return made


@pytest.fixture
def desk(app, session, event):
    organiser = make_organiser(session, event)
    session.commit()
    return Desk(app).sign_in(organiser)


def hidden(desk, path: str) -> dict[str, str]:
    """Return what the form of the page sends along unseen."""
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', desk.get(path).text)
    return {name: value for name, value in fields if name != "csrf_token"}


def cadences(session) -> list[tuple[list[int], list[int]]]:
    rows = session.execute(select(Wave.remind_after, Wave.remind_before)).all()
    session.commit()
    return [tuple(row) for row in rows]


def accepted(session, event):
    invitation = make_invitation(session, event)
    facts = {"channel": AnswerChannel.GUEST, "actor": "", "now": NOW}
    record_answer(session, invitation, AnswerWish(Answer.ACCEPTED), **facts)
    session.commit()
    return invitation


def test_before_a_wave_goes_its_days_are_shown_with_the_events_ones_filled_in(desk):
    page = desk.page("invitations")
    assert f"Who has not answered is reminded on: {DAYS} ." in page
    assert (hidden(desk, "invitations")["after"], hidden(desk, "invitations")["before"]) == (
        "7, 14",
        "2",
    )


def test_what_is_sent_has_the_days_that_were_shown(session, desk):
    path = "invitations?after=3&before="
    assert "reminded on: Thursday 5 November 2026 ." in desk.page(path)
    assert desk.post("invitations", **hidden(desk, path)).status_code == 303
    assert cadences(session) == [([3], [])]


def test_a_wave_can_go_without_reminders(session, desk):
    path = "invitations?after=&before="
    assert "Nobody is reminded by itself." in desk.page(path)
    desk.post("invitations", **hidden(desk, path))
    assert cadences(session) == [([], [])]


@pytest.mark.parametrize("typed", ["soon", "0", "181", "1 2 3 4 5 6 7", "7;8", "-3", "٣"])
def test_days_that_are_none_are_refused_with_what_was_typed(desk, typed):
    response = desk.client.get(desk.base + "invitations", query_string={"after": typed})
    assert (response.status_code, text_of(response).count(WRONG)) == (422, 2)
    assert f'value="{typed}"' in response.text


def test_days_that_are_none_send_nothing(session, desk):
    fields = {**hidden(desk, "invitations"), "after": "soon"}
    assert desk.post("invitations", **fields).status_code == 422
    assert cadences(session) == []


def test_a_waves_days_can_be_changed_later(session, event, desk):
    make_invitation(session, event)
    session.commit()
    assert DAYS in desk.page("invitations/waves/1")
    response = desk.post("invitations/waves/1", after="10", before="")
    assert response.location == "/organiser/summit/invitations/waves/1"
    assert "Thursday 12 November 2026 ." in desk.page("invitations/waves/1")
    assert cadences(session) == [([10], [])]


def test_a_waves_page_refuses_what_is_no_cadence(session, event, desk):
    make_invitation(session, event)
    session.commit()
    response = desk.post("invitations/waves/1", after="x", before="2")
    assert (response.status_code, text_of(response).count(WRONG)) == (422, 2)
    assert (cadences(session), desk.get("invitations/waves/2").status_code) == (
        [([7, 14], [2])],
        404,
    )


def test_a_guest_can_be_left_unreminded_and_reminded_again(session, event, desk):
    guest = make_invitation(session, event).guest
    path = f"invitations/{guest.public_id}"
    session.commit()
    desk.post(f"{path}/do-not-remind")
    page = desk.page(f"guests/{guest.public_id}")
    assert "Not to be reminded." in page
    assert "Remind again" in page
    assert "not to be reminded" in desk.page("guests")
    desk.post(f"{path}/remind")
    assert "Not to be reminded." not in desk.page(f"guests/{guest.public_id}")


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (1, "Reminded once, on 12 November"),
        (2, "Reminded twice, last on 12 November"),
        (3, "Reminded 3 times, last on 12 November"),
    ],
)
def test_the_list_and_the_guests_page_say_how_often_and_when_last(
    session, event, desk, times, words
):
    guest = make_invitation(session, event).guest
    for day in range(12, 12 - times, -1):
        mail = queue(session, f"r{day}", kind=DeliveryKind.REMINDER, guest_id=guest.id)
        mail.event_id, mail.sent_at = event.id, NOW.replace(day=day)
        mail.state = DeliveryState.SENT
    session.commit()
    assert words in desk.page("guests")
    assert words in desk.page(f"guests/{guest.public_id}")


def test_thanks_can_be_planned_for_after_the_event(session, event, desk):
    accepted(session, event)
    page = desk.get("invitations/thank")
    assert 'value="2026-12-11T10:00"' in page.text
    fields = hidden(desk, "invitations/thank")
    response = desk.post("invitations/thank", at="2026-12-11T10:00", **fields)
    assert response.location == "/organiser/summit/deliveries/sending/thanks/1"
    assert "Thanks 1" in desk.page(response.location)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Choose a time after the last day of the event."),
        ("2026-12-10T20:00", "Choose a time after the last day of the event."),
        ("2026-11-01T10:00", "Choose a time that lies ahead."),
        ("soon", "Give a date and a time, or leave it empty to send now."),
    ],
)
def test_thanks_that_would_go_too_early_are_refused(session, event, desk, typed, told):
    accepted(session, event)
    response = desk.post("invitations/thank", at=typed, **hidden(desk, "invitations/thank"))
    assert (response.status_code, text_of(response).count(told)) == (422, 2)
    thanks = select(Delivery).where(Delivery.kind == DeliveryKind.THANK_YOU)
    assert session.scalars(thanks).all() == []


def test_thanks_go_to_whom_the_page_showed_or_to_nobody(session, event, desk):
    accepted(session, event)
    fields = hidden(desk, "invitations/thank")
    accepted(session, event)
    response = desk.post("invitations/thank", at="2026-12-11T10:00", **fields)
    assert response.status_code == 409
    assert "Nothing was sent: the list has changed meanwhile" in text_of(response)


def test_an_event_that_is_called_off_has_nobody_to_thank(session, event, desk):
    accepted(session, event)
    event.called_off_at = NOW
    session.add(event)
    session.commit()
    assert "The event is called off: nobody is thanked." in desk.page("invitations/thank")
    assert desk.post("invitations/thank", shown="").status_code == 409


def test_the_pages_are_well_formed_and_every_control_has_a_label(session, event, desk):
    make_invitation(session, event)
    accepted(session, event)
    for path in ("invitations", "invitations/waves/1", "invitations/thank", "guests"):
        page = Page(desk.get(path).text)
        assert (page.wrong, page.count("h1")) == ([], 1)
        assert set(controls(page)) - set(page.values("for", "label")) == set()


def test_the_pages_after_a_wave_belong_to_the_invitations(session, event, desk):
    make_invitation(session, event)
    session.commit()
    for path in ("invitations/waves/1", "invitations/thank"):
        assert re.search(r'aria-current="page">Invitations<', desk.get(path).text)
