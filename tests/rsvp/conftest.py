"""What the tests of the guest's page share: a clock that can be set, an event, an open link."""

from datetime import UTC, date, datetime

import pytest

from app import create_app
from app.events.models import Event
from tests.factories import NOW, make_dinner, make_event, make_invitation, make_item
from tests.rsvp.browsing import GuestsBrowser


@pytest.fixture
def clock() -> list[datetime]:
    """Its first entry is the time; a test may set it."""
    return [NOW]


@pytest.fixture
def app(settings, clock):
    made = create_app(settings, clock=lambda: clock[0])
    yield made
    made.extensions["couvert"].sessions.kw["bind"].dispose()


@pytest.fixture
def event(session) -> Event:
    """A dinner, a workshop with one place, two visits at the same time."""
    made = make_event(session)
    make_dinner(session, made)
    make_item(session, made, "workshop", places=1, locks=date(2026, 11, 20))
    visit = datetime(2026, 12, 9, 8, tzinfo=UTC)
    for slug in ("visit-kista", "visit-stokab"):
        ends = visit.replace(hour=11)
        make_item(session, made, slug, starts=visit, ends=ends, transfer_minutes=30)
    return made


@pytest.fixture
def invitation(session, event):
    made = make_invitation(session, event, last_name="Strøm-Łęcka")
    session.commit()
    return made


@pytest.fixture
def browser(app, invitation):
    return GuestsBrowser(app, invitation)
