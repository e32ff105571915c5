"""A fixed point beside an item: told where it runs meanwhile, or is too near for the way."""

from datetime import timedelta

from tests.factories import make_event, make_fixed_point, make_item
from tests.rsvp.browsing import invite


def test_the_way_that_reaches_into_a_fixed_point_is_told_and_refuses_nothing(app, session):
    event = make_event(session)
    point = make_fixed_point(session, event)
    facts = {"starts": point.starts - timedelta(hours=2), "ends": point.starts}
    make_item(session, event, "visit", transfer_minutes=30, **facts)
    browser = invite(session, app, event)
    note = "Close to it: Nobel Prize Award Ceremony (16:30–18:00); the way takes 30 minutes."
    assert note in browser.text()
    assert "At the same time" not in browser.text()
    assert browser.post(answer="accepted", items="visit").status_code == 303
    assert note in browser.text()


def test_what_is_near_without_a_way_between_is_no_matter(app, session):
    event = make_event(session)
    point = make_fixed_point(session, event)
    facts = {"starts": point.starts - timedelta(hours=2), "ends": point.starts}
    make_item(session, event, "visit", transfer_minutes=0, **facts)
    assert "Close to it" not in invite(session, app, event).text()
