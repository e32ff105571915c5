"""A calendar object: what a calendar program reads back is what was written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from app.calendars.objects import EntryFacts, Party, Setting, feed, for_one
from tests.factories import NOW

ZONES = ("Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"])).map(str.strip).filter(bool)
MOMENTS = st.integers(0, 15 * 365 * 24).map(
    lambda hours: datetime(2020, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=hours)
)
SPANS = st.integers(1, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
ASTRID = Party("City Executive Office; Protocol, Åsa", "summit@stockholm.example")
ZOFIA = Party('Zofia "Zosia" Strøm-Łęcka', "zofia@agh.example")
SETTING = Setting("Europe/Stockholm", ASTRID, "post@couvert.example", NOW)
DINNER = EntryFacts(
    uid="dinner.zofia@couvert",
    sequence=2,
    is_on=True,
    starts=datetime(2026, 12, 9, 18, 0, tzinfo=UTC),
    ends=datetime(2026, 12, 9, 21, 30, tzinfo=UTC),
    summary="Dinner",
    location="City Hall, Golden Hall",
    description="Public Services Summit\nDark suit",
    changed_at=NOW,
)


def read(content: bytes):
    (event,) = Calendar.from_ical(content).events
    return event


def test_a_part_said_yes_to_is_a_request_to_its_guest_alone():
    method, content = for_one(DINNER, SETTING, ZOFIA, attends=True)
    event, attendee = read(content), read(content)["ATTENDEE"]
    assert (method, str(Calendar.from_ical(content)["METHOD"])) == ("REQUEST", "REQUEST")
    assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CONFIRMED", 2)
    assert str(attendee) == "mailto:zofia@agh.example"
    assert attendee.params["PARTSTAT"] == "ACCEPTED"
    assert attendee.params["RSVP"] == "FALSE"
    assert attendee.params["CN"] == "Zofia 'Zosia' Strøm-Łęcka"


@pytest.mark.parametrize(("attends", "state"), [(True, "ACCEPTED"), (False, "DECLINED")])
def test_a_part_that_is_off_is_a_cancellation_with_the_guests_own_state(attends, state):
    method, content = for_one(replace(DINNER, is_on=False), SETTING, ZOFIA, attends=attends)
    event = read(content)
    assert (method, str(event["STATUS"])) == ("CANCEL", "CANCELLED")
    assert event["ATTENDEE"].params["PARTSTAT"] == state


def test_the_organiser_is_the_events_contact_and_names_who_sends():
    organiser = read(for_one(DINNER, SETTING, ZOFIA, attends=True)[1])["ORGANIZER"]
    assert str(organiser) == "mailto:summit@stockholm.example"
    assert organiser.params["SENT-BY"] == "mailto:post@couvert.example"
    own = replace(SETTING, sent_by=ASTRID.email)
    assert "SENT-BY" not in read(for_one(DINNER, own, ZOFIA, attends=True)[1])["ORGANIZER"].params


def test_a_feed_has_a_name_and_no_attendee():
    content = feed(
        "Public Services Summit", [DINNER, replace(DINNER, uid="b", is_on=False)], SETTING
    )
    calendar = Calendar.from_ical(content)
    assert (str(calendar["METHOD"]), str(calendar["NAME"])) == ("PUBLISH", "Public Services Summit")
    assert [str(event["STATUS"]) for event in calendar.events] == ["CONFIRMED", "CANCELLED"]
    assert all("ATTENDEE" not in event for event in calendar.events)


def test_an_empty_feed_is_a_calendar_all_the_same():
    assert Calendar.from_ical(feed("Summit", [], SETTING)).events == []


@settings(max_examples=60, deadline=None)
@given(
    texts=st.tuples(TEXTS, TEXTS, TEXTS),
    starts=MOMENTS,
    lasts=SPANS,
    zone=st.sampled_from(ZONES),
    is_on=st.booleans(),
)
def test_whatever_it_says_is_read_back(texts, starts, lasts, zone, is_on):
    title, venue, name = texts
    facts = replace(
        DINNER, summary=title, location=venue, starts=starts, ends=starts + lasts, is_on=is_on
    )
    content = for_one(facts, replace(SETTING, zone=zone), Party(name, "g@x.example"), attends=True)[
        1
    ]
    event = read(content)
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (title, venue)
    assert (starts, starts + lasts) == (event.DTSTART, event.DTEND)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
