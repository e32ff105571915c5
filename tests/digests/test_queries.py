"""Which week a digest is for, and what it says happened."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dashboard.queries import AnswerChange, event_status
from app.decisions.services import approve_guest_list
from app.digests.models import Digest
from app.digests.queries import (
    Deed,
    deed_of,
    digest_facts,
    latest_digest,
    numbers_of,
    weekly_slot,
)
from app.events.models import Event
from app.guests.models import Guest
from app.rsvp.changes import AnswerWish, CompanionWish, DietWish
from app.rsvp.models import Answer, AnswerChannel, Diet, RsvpChange
from app.rsvp.services import record_answer
from tests.factories import NOW, make_dinner, make_event, make_guest, make_invitation, make_item

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


def weekly(weekday: int = 0, at: time = time(7), zone: str = "Europe/Stockholm") -> Event:
    return Event(time_zone=zone, digest_weekday=weekday, digest_time=at)


@pytest.mark.parametrize(
    ("now", "name", "begins"),
    [
        ("2026-11-02T06:00", "2026-W45", "2026-11-02T06:00"),
        ("2026-11-02T05:59", "2026-W44", "2026-10-26T06:00"),
        ("2026-11-08T23:00", "2026-W45", "2026-11-02T06:00"),
        ("2026-10-25T12:00", "2026-W43", "2026-10-19T05:00"),
        ("2026-03-30T05:00", "2026-W14", "2026-03-30T05:00"),
        ("2027-01-01T12:00", "2026-W53", "2026-12-28T06:00"),
    ],
)
def test_the_slot_is_the_last_monday_at_seven_in_stockholm(now, name, begins):
    slot = weekly_slot(weekly(), datetime.fromisoformat(f"{now}+00:00"))
    assert (slot.name, slot.begins) == (name, datetime.fromisoformat(f"{begins}+00:00"))


def test_the_week_is_that_of_the_date_at_the_events_place():
    slot = weekly_slot(weekly(zone="Asia/Tokyo"), datetime(2026, 11, 1, 23, 0, tzinfo=UTC))
    assert (slot.name, slot.begins) == ("2026-W45", datetime(2026, 11, 1, 22, 0, tzinfo=UTC))


def test_a_time_the_clock_leaps_over_still_begins_once():
    sunday = weekly(weekday=6, at=time(2, 30))
    slot = weekly_slot(sunday, datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
    assert (slot.name, slot.begins) == ("2026-W13", datetime(2026, 3, 29, 1, 30, tzinfo=UTC))


@given(
    now=st.integers(0, 10 * 365 * 24 * 4).map(
        lambda quarters: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * quarters)
    ),
    weekday=st.integers(0, 6),
    at=st.times(),
    zone=st.sampled_from(["Europe/Stockholm", "America/New_York", "Pacific/Apia", "UTC"]),
)
def test_a_slot_has_begun_and_the_next_has_not(now, weekday, at, zone):
    event = weekly(weekday, at, zone)
    slot = weekly_slot(event, now)
    following = weekly_slot(event, slot.begins + WEEK + 2 * HOUR)
    assert slot.begins <= now < following.begins
    assert weekly_slot(event, slot.begins) == slot
    assert slot.name < following.name


def change(*parts: tuple[str, str, str], channel=AnswerChannel.PHONE) -> AnswerChange:
    rows = tuple(RsvpChange(part=part, before=old, after=new) for part, old, new in parts)
    return AnswerChange(NOW, Guest(), channel, "", rows)


@pytest.mark.parametrize(
    ("parts", "deed"),
    [
        ([("event", "", "accepted"), ("diet", "none", "vegan")], Deed.ACCEPTED),
        ([("event", "accepted", "declined"), ("item:dinner", "yes", "no")], Deed.DECLINED),
        ([("wish", "", "accepted")], Deed.WISH),
        ([("item:opening", "no", "yes"), ("message", "", "Hello")], Deed.PROGRAMME),
        ([("item:dinner", "no", "yes"), ("diet", "none", "vegan")], Deed.PROGRAMME_AND_DINNER),
        ([("diet", "none", "vegan")], Deed.DINNER),
        ([("companion-diet", "none", "vegan"), ("note", "", "called")], Deed.DINNER),
        ([("message", "", "Hello"), ("note", "", "called")], Deed.MESSAGE),
        ([("note", "", "called")], Deed.NOTE),
    ],
)
def test_a_change_is_told_by_its_weightiest_part(parts, deed):
    assert deed_of(change(*parts)) is deed


def test_a_change_nobody_made_is_a_move_up():
    moved = change(("item:dinner", "reserve", "yes"), channel=None)
    assert deed_of(moved) is Deed.MOVED_UP


def make_digest_row(session, event, made_at, **facts) -> Digest:
    given_facts = {
        "slot": f"now:{made_at.isoformat()}",
        "subject": "",
        "text": "",
        "html": "",
        "numbers": numbers_of(event_status(session, event)),
        **facts,
    }
    digest = Digest(event_id=event.id, made_at=made_at, **given_facts)
    session.add(digest)
    session.flush()
    return digest


def answer(session, invitation, wish, now=NOW):
    channel = AnswerChannel.PHONE
    record_answer(session, invitation, wish, channel=channel, actor="Astrid", now=now)


def test_the_first_digest_tells_everything_since_the_event_was_made(session):
    event = make_event(session, created_at=NOW - WEEK)
    answer(session, make_invitation(session, event), AnswerWish(Answer.DECLINED))
    facts = digest_facts(session, event, now=NOW + HOUR)
    assert (facts.previous, facts.since) == (None, date(2026, 10, 26))
    assert [happening.deed for happening in facts.happenings] == [Deed.DECLINED, None]
    assert facts.happenings[1].version.number == 1
    assert not facts.unchanged


def test_the_next_one_tells_only_what_came_after(session):
    event = make_event(session)
    invitation = make_invitation(session, event, last_name="Strøm-Łęcka")
    answer(session, invitation, AnswerWish(Answer.ACCEPTED))
    last = make_digest_row(session, event, NOW + HOUR)
    answer(session, invitation, AnswerWish(Answer.DECLINED), now=NOW + 2 * HOUR)
    facts = digest_facts(session, event, now=NOW + WEEK)
    assert latest_digest(session, event.id) is last
    told = [(happening.name, happening.deed, happening.channel) for happening in facts.happenings]
    assert told == [("Dr Zofia Strøm-Łęcka", Deed.DECLINED, AnswerChannel.PHONE)]


def test_a_week_without_answers_versions_or_other_numbers_is_unchanged(session):
    event = make_event(session)
    make_invitation(session, event)
    make_digest_row(session, event, NOW + HOUR)
    assert digest_facts(session, event, now=NOW + WEEK).unchanged


def test_an_expired_invitation_changes_the_week_through_its_number(session):
    event = make_event(session)
    numbers = {**numbers_of(event_status(session, event)), "expired": 1}
    make_digest_row(session, event, NOW + HOUR, numbers=numbers)
    assert not digest_facts(session, event, now=NOW + WEEK).unchanged


def test_a_new_version_of_the_list_changes_the_week(session):
    event = make_event(session)
    make_digest_row(session, event, NOW)
    make_guest(session, event)
    approve_guest_list(session, event, by="Steering group", now=NOW + HOUR)
    facts = digest_facts(session, event, now=NOW + WEEK)
    assert [happening.version.approved_by for happening in facts.happenings] == ["Steering group"]


def test_the_numbers_are_those_of_the_overview(session):
    event = make_event(session)
    make_dinner(session, event)
    make_item(session, event, "opening")
    wish = AnswerWish(
        Answer.ACCEPTED, frozenset({"dinner"}), DietWish(Diet.VEGAN), (CompanionWish("K. Ek"),)
    )
    answer(session, make_invitation(session, event), wish)
    make_invitation(session, event)
    ledger = {"limit": 3, "accepted": 1, "held": 1, "free": 1, "declined": 0}
    closed = {"expired": 0, "withdrawn": 0}
    items = {"yes:dinner": 2, "reserve:dinner": 0, "yes:opening": 0, "reserve:opening": 0}
    diets = {"diet:vegan": 1, "diet:none": 1}
    assert digest_facts(session, event, now=NOW).numbers == ledger | closed | items | diets


def test_who_has_an_open_invitation_is_awaited(session):
    event = make_event(session)
    answered, open_one = make_invitation(session, event), make_invitation(session, event)
    answer(session, answered, AnswerWish(Answer.ACCEPTED))
    assert digest_facts(session, event, now=NOW).awaited == [open_one.guest]
