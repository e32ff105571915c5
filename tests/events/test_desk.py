"""Calling an event off at the desk: only with its short name typed, and said everywhere after."""

import pytest

from app.deliveries.models import DeliveryKind
from tests.desk import Desk
from tests.factories import make_event, make_invitation, make_organiser
from tests.mails.composing import newest
from tests.outbox import send


@pytest.fixture
def desk(app, session):
    event = make_event(session)
    make_invitation(session, event)
    send(session, newest(session, DeliveryKind.INVITATION))
    organiser = make_organiser(session, event)
    session.commit()
    return Desk(app).sign_in(organiser)


def test_the_page_says_whom_it_concerns(desk):
    assert "call-off" in desk.get("").text
    page = desk.page("call-off")
    assert "One guest is told by mail" in page
    assert "There is no way back." in page


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"slug": "Summit"},
        {"slug": "summit", "note-en": "Closed."},
        {"slug": "summit", "note-en": "x" * 501, "note-sv": "y"},
    ],
)
def test_a_slip_calls_nothing_off(desk, typed):
    assert desk.post("call-off", **typed).status_code == 422
    assert "is called off" not in desk.page("")


def test_it_is_called_off_once_and_said_on_the_overview(desk):
    assert desk.post("call-off", slug="summit").status_code == 303
    assert "The event is called off." in desk.page("")
    assert "It was called off on" in desk.page("call-off")
    assert desk.post("call-off", slug="summit").status_code == 409


def test_nothing_is_sent_or_recorded_after_it(desk):
    desk.post("call-off", slug="summit")
    assert desk.get("invitations").status_code == 200
    assert desk.post("invitations", shown="0-").status_code == 409
