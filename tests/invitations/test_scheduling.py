"""Sending at a chosen time, and a test mail before anybody is written to."""

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app.deliveries.models import Delivery, DeliveryKind
from tests.desk import Desk, text_of
from tests.factories import (
    approve_list,
    make_event,
    make_guest,
    make_invitation,
    make_organiser,
)

AHEAD = "Choose a time that lies ahead, and not after the reply-by date."
NO_TIME = "Give a date and a time, or leave it empty to send now."
WRONG = {
    "2027-03-28T02:30": "The clocks change in that hour. Choose a time outside it.",
    "2027-10-31T02:30": "The clocks change in that hour. Choose a time outside it.",
    "2026-11-02T09:59": AHEAD,
    "2028-01-01T08:00": AHEAD,
    "tomorrow": NO_TIME,
    "2026-11-03T08:00+01:00": NO_TIME,
}
PAGES = ("invitations", "invitations/remind")


@pytest.fixture
def event(session):
    """An event one guest is invited to, and one still to be; answers are due by 2027."""
    days = {"starts": date(2027, 12, 9), "ends": date(2027, 12, 10)}
    event = make_event(session, reply_by=date(2027, 12, 1), **days)
    make_invitation(session, event)
    make_guest(session, event, language="sv")
    approve_list(session, event)
    return event


@pytest.fixture
def desk(app, session, event):
    organiser = make_organiser(session, event, email="astrid@stockholm.example")
    session.commit()
    return Desk(app).sign_in(organiser)


def seal_on(desk, path):
    return re.findall(r'name="shown" value="([^"]+)"', desk.get(path).text)[0]


def asked_for(session):
    """Return what was asked for besides the first invitation."""
    found = session.scalars(select(Delivery).order_by(Delivery.id)).all()[1:]
    session.commit()
    return found


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("typed", WRONG)
def test_a_time_nobody_can_keep_is_refused_with_what_was_typed(session, desk, path, typed):
    response = desk.post(path, shown=seal_on(desk, path), at=typed)
    assert response.status_code == 422
    page = text_of(response)
    assert "Please correct one thing Nothing has been recorded yet." in page
    assert page.count(WRONG[typed]) == 2
    assert f'value="{typed}"' in response.text
    assert asked_for(session) == []


@pytest.mark.parametrize(
    ("path", "kind"), [("invitations", "wave"), ("invitations/remind", "reminder")]
)
def test_a_sending_can_be_asked_for_at_a_later_time(session, desk, path, kind):
    response = desk.post(path, shown=seal_on(desk, path), at="2026-11-03T08:00")
    number = 2 if kind == "wave" else 1
    assert response.location == f"/organiser/summit/deliveries/sending/{kind}/{number}"
    assert "The mails go out on Tuesday 3 November 2026 at 08:00" in desk.page(response.location)
    [mail] = asked_for(session)
    assert mail.due_at == datetime(2026, 11, 3, 7, 0, tzinfo=UTC)


def test_the_subject_is_shown_in_each_language_before_anything_is_sent(session, event, desk):
    make_guest(session, event)
    approve_list(session, event)
    session.commit()
    page = desk.page("invitations")
    assert "Subject, English Invitation: Public Services Summit, Stockholm" in page
    assert "Subject, Swedish Inbjudan: Public Services Summit, Stockholm" in page


def test_a_test_mail_goes_to_the_organiser_alone(session, desk):
    response = desk.post("invitations/test")
    assert response.location == "/organiser/summit/invitations"
    assert "A test mail is on its way to astrid@stockholm.example." in desk.page("invitations")
    assert [(mail.kind, mail.recipient, mail.language) for mail in asked_for(session)] == [
        (DeliveryKind.TEST, "astrid@stockholm.example", language) for language in ("en", "sv")
    ]


def test_without_a_guest_there_is_no_test_mail(app, session):
    empty = make_event(session, slug="empty")
    organiser = make_organiser(session, empty)
    session.commit()
    desk = Desk(app, "empty").sign_in(organiser)
    desk.post("invitations/test")
    assert "The list has no guest yet" in desk.page("invitations")
