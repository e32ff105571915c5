"""Two readers understand a calendar file alike, and as RFC 5545 has it."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Error

from tests.calendars.readers import (
    Attendee,
    Entry,
    Person,
    Reading,
    read_with_ical_js,
    read_with_icalendar,
)

pytestmark = pytest.mark.browser

ZONE = """
BEGIN:VTIMEZONE
TZID:Europe/Stockholm
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:{spring}
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE"""
BY_THE_RFC, BY_ICALENDAR = "19700329T020000", "19700329T030000"
"""When summer time begins, by the clock before (RFC 5545 3.6.5) and by the clock after it."""
DINNER = """
BEGIN:VEVENT
UID:dinner.zofia@couvert
SEQUENCE:3
STATUS:CONFIRMED
DTSTAMP:20261102T090000Z
DTSTART;TZID=Europe/Stockholm:20261209T190000
DTEND;TZID=Europe/Stockholm:20261209T223000
SUMMARY:Middag i Blå hallen\\, Stadshuset\\; frack
LOCATION:Stadshuset\\, Hantverkargatan 1
DESCRIPTION:Första raden\\nandra raden\\\\n med ett omvänt snedstreck och mycket
  mer text\\, som går vidare på nästa rad utan att orden bryts: Łęcka\\, Țărmur
 eanu\\, Falcão-Brás\\, 李明 🎉
ORGANIZER;CN="City Executive Office; Protocol, Åsa":mailto:summit@stockholm.
 example
ATTENDEE;CN=Zofia Strøm-Łęcka;PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:zofia@exampl
 e.org
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:karin@example.org
END:VEVENT"""


def written(*parts: str, method: str = "REQUEST") -> bytes:
    head = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Couvert//EN\nMETHOD:{method}"
    return "\r\n".join(f"{head}{''.join(parts)}\nEND:VCALENDAR\n".split("\n")).encode()


def zone(spring: str = BY_THE_RFC) -> str:
    return ZONE.format(spring=spring)


@pytest.fixture
def read(scripts):
    """Read with both, which must agree."""

    def both(ics: bytes) -> Reading:
        reading = read_with_icalendar(ics)
        assert read_with_ical_js(scripts, ics) == reading
        return reading

    return both


def test_all_that_stands_in_an_entry_is_read(read):
    assert read(written(zone(), DINNER)) == Reading(
        "REQUEST",
        (
            Entry(
                uid="dinner.zofia@couvert",
                sequence=3,
                status="CONFIRMED",
                starts=datetime(2026, 12, 9, 18, tzinfo=UTC),
                ends=datetime(2026, 12, 9, 21, 30, tzinfo=UTC),
                stamped=datetime(2026, 11, 2, 9, tzinfo=UTC),
                summary="Middag i Blå hallen, Stadshuset; frack",
                location="Stadshuset, Hantverkargatan 1",
                description="Första raden\nandra raden\\n med ett omvänt snedstreck och mycket"
                " mer text, som går vidare på nästa rad utan att orden bryts: Łęcka, Țărmureanu,"
                " Falcão-Brás, 李明 🎉",
                organizer=Person(
                    "mailto:summit@stockholm.example", "City Executive Office; Protocol, Åsa"
                ),
                attendees=(
                    Attendee(
                        "mailto:zofia@example.org", "Zofia Strøm-Łęcka", "ACCEPTED", rsvp=True
                    ),
                    Attendee("mailto:karin@example.org", "", "NEEDS-ACTION", rsvp=False),
                ),
            ),
        ),
    )


def test_a_cancelled_entry_without_much_in_it_is_read(read):
    bare = """
BEGIN:VEVENT
UID:bare@couvert
STATUS:CANCELLED
DTSTAMP:20261102T090000Z
DTSTART:20261209T180000Z
DTEND:20261209T190000Z
END:VEVENT"""
    (entry,) = read(written(bare, method="CANCEL")).entries
    assert (entry.status, entry.sequence, entry.summary) == ("CANCELLED", 0, "")
    assert (entry.organizer, entry.attendees) == (None, ())


def at_night(local: str) -> str:
    """Return an entry of ten minutes from that local time on."""
    starts = datetime.strptime(local, "%Y%m%dT%H%M").replace(tzinfo=UTC)  # the zone stands beside
    ends = starts + timedelta(minutes=10)
    return f"""
BEGIN:VEVENT
UID:night@couvert
DTSTAMP:20261102T090000Z
DTSTART;TZID=Europe/Stockholm:{starts:%Y%m%dT%H%M00}
DTEND;TZID=Europe/Stockholm:{ends:%Y%m%dT%H%M00}
END:VEVENT"""


@pytest.mark.parametrize("spring", [BY_THE_RFC, BY_ICALENDAR])
@pytest.mark.parametrize(
    "day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC)]
)
@pytest.mark.parametrize(
    ("local", "minutes"),
    [("0130", 30), ("0145", 45), ("0300", 60), ("0330", 90), ("0400", 120), ("1900", 17 * 60)],
)
def test_the_night_of_summer_time_is_read_alike(read, spring, day, local, minutes):
    (entry,) = read(written(zone(spring), at_night(f"{day:%Y%m%d}T{local}"))).entries
    assert entry.starts == day + timedelta(minutes=minutes)
    assert entry.ends - entry.starts == timedelta(minutes=10)


def test_the_hour_that_comes_twice_is_the_first_to_one_and_the_second_to_the_other(scripts):
    """RFC 5545 3.3.5 means the first: an item in that hour must be written in UTC."""
    night = written(zone(), at_night("20261025T0230"))
    assert read_with_icalendar(night).entries[0].starts == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert read_with_ical_js(scripts, night).entries[0].starts == second


def test_the_hour_that_never_comes_is_read_by_each_in_its_own_way(scripts):
    """RFC 5545 3.3.5 goes on counting from before: 02:30 is 01:30 UTC."""
    night = written(zone(), at_night("20260329T0230"))
    assert read_with_icalendar(night).entries[0].starts == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    earlier = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert read_with_ical_js(scripts, night).entries[0].starts == earlier


def test_the_rules_of_the_file_count_for_ical_js_and_none_of_an_earlier_one(scripts):
    moved = zone().replace("+0100", "+0500")
    night = written(moved, at_night("20270110T1200"))
    assert read_with_ical_js(scripts, written(zone(), DINNER)).entries[0].starts.hour == 18
    assert read_with_ical_js(scripts, night).entries[0].starts.hour == 7
    assert read_with_icalendar(night).entries[0].starts.hour == 11


def test_a_time_without_a_zone_is_refused_by_both(scripts):
    floating = written(at_night("20270110T1200").replace(";TZID=Europe/Stockholm", ""))
    with pytest.raises(ValueError, match="DTSTART has no zone"):
        read_with_icalendar(floating)
    with pytest.raises(Error, match="dtstart has no zone"):
        read_with_ical_js(scripts, floating)


def test_a_zone_that_does_not_stand_in_the_file_is_refused_by_ical_js(scripts):
    with pytest.raises(Error, match="dtstart has no zone"):
        read_with_ical_js(scripts, written(DINNER))
