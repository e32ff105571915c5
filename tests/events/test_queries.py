"""Finding events, locking one, and its days in its own zone."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.events.queries import (
    UnknownEventError,
    end_of_day,
    find_event,
    get_event,
    list_events,
    lock_for_places,
    today_at,
)
from app.guests.models import Guest
from tests.factories import make_event, make_guest


def test_an_event_is_found_by_its_slug(session):
    event = make_event(session)
    assert find_event(session, "summit") is event
    assert find_event(session, "Summit") is None


def test_an_unknown_event_is_refused_with_those_there_are(session):
    with pytest.raises(UnknownEventError) as refused:
        get_event(session, "sumit")
    assert str(refused.value) == (
        'There is no event "sumit". Load one: couvert events load FILE.toml.'
    )
    make_event(session, slug="summit")
    make_event(session, slug="gala")
    with pytest.raises(UnknownEventError) as refused:
        get_event(session, "sumit")
    assert str(refused.value) == 'There is no event "sumit". Known: gala, summit.'


def test_events_are_listed_the_latest_first(session):
    make_event(session, slug="summit-2026")
    make_event(session, slug="summit-2027", starts=date(2027, 12, 9), ends=date(2027, 12, 9))
    make_event(session, slug="gala-2026")
    slugs = [event.slug for event in list_events(session)]
    assert slugs == ["summit-2027", "gala-2026", "summit-2026"]


def test_what_was_read_before_the_lock_is_read_again_under_it(sessions):
    with sessions.begin() as session:
        event = make_event(session)
        guest_id = make_guest(session, event, title="Director").id
    with sessions() as waiting:
        guest = waiting.get_one(Guest, guest_id)
    with sessions.begin() as faster:
        faster.get_one(Guest, guest_id).title = "Minister"
    with sessions.begin() as session:
        session.add(guest)
        lock_for_places(session, event.id)
        assert guest.title == "Minister"


def test_a_change_made_before_the_lock_survives_it(session):
    event = make_event(session)
    guest = make_guest(session, event)
    guest.title = "Minister"
    lock_for_places(session, event.id)
    assert guest.title == "Minister"


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 20, 22, 59, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 23, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
    ],
)
def test_today_is_the_day_at_the_place_of_the_event(session, now, day):
    assert today_at(make_event(session), now) == day


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 12, 9), 24)],
)
def test_a_day_ends_at_midnight_however_long_it_was(day, hours):
    zone = "Europe/Stockholm"
    began = end_of_day(day - timedelta(days=1), zone).astimezone(UTC)
    assert end_of_day(day, zone).astimezone(UTC) - began == timedelta(hours=hours)
