"""What is open by name only is told to nobody else: not on the page, not by mail."""

import pytest

from app.deliveries.models import DeliveryKind
from app.deliveries.queries import list_deliveries
from app.programme.queries import list_items
from app.programme.services import name_guests
from app.worker.jobs import compose
from tests.factories import NOW, both, make_dinner, make_event, make_invitation, make_item
from tests.rsvp.browsing import GuestsBrowser

SECRET = ("King’s dinner", "Secret visit")


@pytest.fixture
def event(session):
    made = make_event(session)
    make_dinner(session, made, by_name=True, title=both("King’s dinner"), dress_code=both("Tails"))
    make_item(session, made, "visit", by_name=True, title=both("Secret visit"))
    make_item(session, made, "opening")
    return made


@pytest.fixture
def outside(session, event):
    return make_invitation(session, event)


@pytest.fixture
def inside(session, event, outside):
    """A guest who is named for the dinner."""
    made = make_invitation(session, event)
    dinner = next(item for item in list_items(session, event.id) if item.is_dinner)
    name_guests(session, dinner, [made.guest])
    assert outside.event_id == event.id
    session.commit()
    return made


def mails(app, session, event, kind: DeliveryKind) -> dict[str, str]:
    """Return the mails of a kind as text and HTML, by address, made in one session."""
    parts = app.extensions["couvert"]
    session.expire_all()
    made = {
        delivery.recipient: compose(session, delivery, parts, NOW)
        for delivery in list_deliveries(session, event.id)
        if delivery.kind is kind
    }
    return {
        address: f"{mail.body}{mail.alts['html']}{mail.calendars}" for address, mail in made.items()
    }


def test_the_invitation_names_the_dinner_to_who_may_come_alone(
    app, session, event, outside, inside
):
    told = mails(app, session, event, DeliveryKind.INVITATION)
    assert "King’s dinner" in told[inside.guest.email]
    assert "Tails" in told[inside.guest.email]
    assert [word for word in (*SECRET, "Tails") if word in told[outside.guest.email]] == []


@pytest.mark.parametrize("rest", ["", "?change=1"])
def test_the_page_of_who_is_not_named_tells_of_nothing_closed(app, outside, inside, rest):
    page = GuestsBrowser(app, outside).get(rest).text
    assert [word for word in (*SECRET, "Tails") if word in page] == []
    assert "Opening" in page
    shown = GuestsBrowser(app, inside).get(rest).text
    assert [word for word in SECRET if word in shown] == ["King’s dinner"]


def test_the_confirmation_tells_of_nothing_closed(app, session, event, outside, inside):
    browser = GuestsBrowser(app, outside)
    session.commit()
    assert browser.post(answer="accepted", items="opening").status_code == 303
    told = mails(app, session, event, DeliveryKind.CONFIRMATION)
    assert list(told) == [outside.guest.email]
    assert [word for word in (*SECRET, "Tails") if word in told[outside.guest.email]] == []
    assert [word for word in SECRET if word in browser.text()] == []
    assert inside.event_id == event.id


def test_who_ticks_a_closed_part_all_the_same_is_refused_and_learns_nothing(
    app, session, event, outside, inside
):
    browser = GuestsBrowser(app, outside)
    session.commit()
    refused = browser.post(answer="accepted", items=["opening", "visit", "dinner"])
    assert refused.status_code == 422
    assert "A part you ticked is open by name only" in refused.text
    assert [word for word in (*SECRET, "Tails") if word in refused.text] == []
    assert inside.event_id == event.id
