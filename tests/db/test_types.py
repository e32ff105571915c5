"""Column types: aware moments in UTC, states that exist, ids that say nothing."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from app.db.types import new_public_id
from app.guests.models import Guest
from tests.factories import make_event, make_guest

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 2, 9, 0, 0, 123456, tzinfo=UTC),
        datetime(2026, 11, 2, 10, 0, tzinfo=STOCKHOLM),
        datetime(2026, 10, 25, 2, 30, tzinfo=STOCKHOLM, fold=1),
        datetime(2026, 11, 2, 9, 0, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
    ],
)
def test_a_moment_comes_back_in_utc(session, moment):
    guest = make_guest(session, make_event(session), created_at=moment)
    session.expire(guest)
    assert (guest.created_at, guest.created_at.tzinfo) == (moment.astimezone(UTC), UTC)


def test_moments_of_different_zones_are_compared_as_moments(session):
    event = make_event(session)
    first = make_guest(session, event, created_at=datetime(2026, 11, 2, 9, 59, tzinfo=STOCKHOLM))
    make_guest(session, event, created_at=datetime(2026, 11, 2, 9, 30, tzinfo=UTC))
    nine = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    assert session.scalars(select(Guest).where(Guest.created_at < nine)).all() == [first]


def test_a_naive_moment_is_refused(session):
    with pytest.raises(StatementError, match="give an aware one"):
        make_guest(session, make_event(session), created_at=datetime(2026, 11, 2))  # noqa: DTZ001


def test_an_unknown_state_is_refused_by_the_database(session):
    guest = make_guest(session, make_event(session))
    with pytest.raises(IntegrityError):
        session.execute(
            text("UPDATE guest SET status = 'bounced' WHERE id = :id"), {"id": guest.id}
        )


def test_a_change_that_waits_keeps_its_kinds_of_values(session):
    guest = make_guest(session, make_event(session))
    change = {"rank": None, "title": "Minister", "removed": False}
    session.execute(update(Guest).where(Guest.id == guest.id).values(proposed_change=change))
    session.expire(guest)
    assert guest.proposed_change == change


def test_public_ids_are_random_and_fit_into_a_url():
    ids = {new_public_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(public_id) for public_id in ids} == {16}


def test_no_public_id_begins_like_an_option_of_a_command():
    assert all(new_public_id()[0].isalnum() for _ in range(2000))
