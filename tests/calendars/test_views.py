"""Calendar feeds over HTTP: each at a secret address of its own, which can be made anew."""

import re

import pytest
from icalendar import Calendar

from app.invitations.withdrawing import withdraw
from app.requests.disowning import disown
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from tests.desk import Desk
from tests.factories import (
    NOW,
    make_dinner,
    make_event,
    make_fixed_point,
    make_invitation,
    make_item,
    make_organiser,
)
from tests.rsvp.browsing import GuestsBrowser


@pytest.fixture
def event(session):
    made = make_event(session)
    make_dinner(session, made)
    make_item(session, made, "opening")
    make_fixed_point(session, made)
    return made


@pytest.fixture
def invitation(session, event):
    made = make_invitation(session, event, language="sv")
    answer(session, made, "dinner", "opening")
    answer(session, made, "dinner")
    session.commit()
    return made


def answer(session, invitation, *items: str) -> None:
    wish = AnswerWish(Answer.ACCEPTED, frozenset(items))
    record_answer(session, invitation, wish, channel=AnswerChannel.GUEST, actor="", now=NOW)
    session.flush()


def links(app):
    return app.extensions["couvert"].links


def path_of(app, invitation) -> str:
    return links(app).feed(invitation.public_id, invitation.feed_version).partition("test")[2]


def feed_in(page: str) -> str:
    """Return the address of the feed that stands on a page."""
    return re.findall(r"(/calendars/[^<]+)</code>", page)[0]


def shown(response) -> dict[str, str]:
    assert response.status_code == 200
    events = Calendar.from_ical(response.data).events
    return {str(event["SUMMARY"]): str(event["STATUS"]) for event in events}


def test_a_guests_feed_shows_what_is_on_and_what_was_taken_out(app, client, invitation):
    response = client.get(path_of(app, invitation))
    assert response.mimetype == "text/calendar"
    assert shown(response) == {"Dinner": "CONFIRMED", "Opening": "CANCELLED"}
    assert "Mörk kostym" in response.text


def test_who_has_it_already_gets_nothing_twice(app, client, invitation):
    path = path_of(app, invitation)
    etag = client.get(path).headers["ETag"]
    again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["/calendars/nonsense", "/calendars/event/nonsense"])
def test_another_address_shows_nothing(client, event, path):
    assert client.get(path).status_code == 404


def test_the_guest_makes_a_new_address_and_the_old_one_is_dead(app, client, invitation):
    browser = GuestsBrowser(app, invitation)
    old = feed_in(browser.get().text)
    assert client.get(old).status_code == 200
    assert browser.post("/calendars").status_code == 303
    assert client.get(old).status_code == 404
    assert client.get(feed_in(browser.get().text)).status_code == 200


def test_the_feed_of_a_withdrawn_guest_takes_everything_out(app, client, session, invitation):
    path = path_of(app, invitation)
    withdraw(session, invitation.event, email=invitation.guest.email, now=NOW)
    session.commit()
    assert set(shown(client.get(path)).values()) == {"CANCELLED"}


def test_the_feed_of_a_link_in_the_wrong_hands_shows_nothing(app, client, session, invitation):
    path = path_of(app, invitation)
    disown(session, invitation, now=NOW)
    session.commit()
    assert client.get(path).status_code == 404


def test_the_organisers_feed_has_numbers_and_no_names(app, client, session, event, invitation):
    path = links(app).event_feed(event.slug, event.feed_version).partition("test")[2]
    response = client.get(path)
    everything = ("Dinner", "Opening", "Nobel Prize Award Ceremony")
    assert shown(response) == dict.fromkeys(everything, "CONFIRMED")
    assert "1 coming" in response.text
    assert invitation.guest.last_name not in response.text


def test_the_organiser_gives_both_feeds_new_addresses(app, client, session, event, invitation):
    event_path = links(app).event_feed(event.slug, event.feed_version).partition("test")[2]
    guest_path, public_id = path_of(app, invitation), invitation.guest.public_id
    organiser = make_organiser(session, event)
    session.commit()
    desk = Desk(app).sign_in(organiser)
    assert client.get(feed_in(desk.get("programme").text)).status_code == 200
    assert desk.post("calendars").status_code == 303
    assert desk.post(f"calendars/{public_id}").status_code == 303
    assert [client.get(path).status_code for path in (event_path, guest_path)] == [404, 404]
