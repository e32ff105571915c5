"""The calendar file: what a calendar program reads back is what was answered."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from app.events.models import Event
from app.programme.models import ProgrammeItem
from app.rsvp.calendar import CalendarParts, answer_calendar, calendar_parts
from app.rsvp.models import Answer, Choice, ChoiceAnswer, Rsvp
from tests.factories import NOW, both

ZONES = ("Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"])).map(str.strip).filter(bool)
MOMENTS = st.integers(0, 15 * 365 * 24).map(
    lambda hours: datetime(2020, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=hours)
)
SPANS = st.integers(1, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def event_in(zone: str = "Europe/Stockholm", name: str = "Public Services Summit") -> Event:
    return Event(
        name=both(name, "Toppmötet"),
        time_zone=zone,
        contact_name=both("City Executive Office; Protocol, Åsa"),
        contact_email="summit@stockholm.example",
    )


def item(number: int = 1, **facts: object) -> ProgrammeItem:
    given_facts: dict[str, object] = {
        "id": number,
        "public_id": f"item{number}",
        "slug": f"item-{number}",
        "title": both("Dinner", "Middag"),
        "starts": datetime(2026, 12, 9, 18, 0, tzinfo=UTC),
        "ends": datetime(2026, 12, 9, 21, 30, tzinfo=UTC),
        "venue": both("City Hall, Golden Hall", "Stadshuset, Gyllene salen"),
        "dress_code": both("Dark suit", "Mörk kostym"),
        "sequence": 0,
        **facts,
    }
    return ProgrammeItem(**given_facts)


def written(
    parts: CalendarParts, event: Event | None = None, *, version: int = 1, language: str = "en"
) -> bytes:
    return answer_calendar(
        event or event_in(),
        parts,
        invitation_id="guest1",
        version=version,
        language=language,
        now=NOW,
    )


def read(*given_parts: object, **facts: object) -> Calendar:
    return Calendar.from_ical(written(*given_parts, **facts))


def test_an_accepted_part_is_an_entry_at_its_local_time():
    entry = read(CalendarParts([item()])).events[0]
    stockholm = ZoneInfo("Europe/Stockholm")
    assert entry.start == datetime(2026, 12, 9, 19, 0, tzinfo=stockholm)
    assert entry.end == datetime(2026, 12, 9, 22, 30, tzinfo=stockholm)
    assert entry["DTSTART"].params["TZID"] == "Europe/Stockholm"
    assert (entry["UID"], entry["STATUS"]) == ("item1.guest1@couvert", "CONFIRMED")
    assert entry["DTSTAMP"].dt == NOW


def test_nobody_is_asked_to_answer_the_calendar():
    calendar = read(CalendarParts([item()]))
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    assert "ATTENDEE" not in calendar.events[0]


def test_the_organiser_is_the_contact_of_the_event():
    organiser = read(CalendarParts([item()])).events[0]["ORGANIZER"]
    assert organiser == "mailto:summit@stockholm.example"
    assert organiser.params["CN"] == "City Executive Office; Protocol, Åsa"


def test_the_entry_speaks_the_language_of_the_guest():
    entry = read(CalendarParts([item()]), language="sv").events[0]
    assert (entry["SUMMARY"], entry["LOCATION"], entry["DESCRIPTION"]) == (
        "Middag",
        "Stadshuset, Gyllene salen",
        "Toppmötet\nMörk kostym",
    )


def test_a_later_answer_and_a_changed_item_raise_the_sequence():
    sequences = [
        read(CalendarParts([item(sequence=sequence)]), version=version).events[0]["SEQUENCE"]
        for sequence, version in ((0, 1), (0, 2), (1, 2))
    ]
    assert sequences == [1, 2, 3]


def test_a_part_that_is_off_is_cancelled_under_the_same_uid():
    on = read(CalendarParts(on=[item()]), version=1).events[0]
    off = read(CalendarParts(on=[], off=[item()]), version=2).events[0]
    assert (off["STATUS"], off["UID"]) == ("CANCELLED", on["UID"])
    assert off["SEQUENCE"] > on["SEQUENCE"]


def test_entries_stand_in_the_order_of_time():
    late = item(1, starts=datetime(2026, 12, 9, 19, 0, tzinfo=UTC))
    early = item(2, starts=datetime(2026, 12, 9, 8, 0, tzinfo=UTC))
    uids = [entry["UID"] for entry in read(CalendarParts([late], [early])).events]
    assert uids == ["item2.guest1@couvert", "item1.guest1@couvert"]


def test_lines_end_in_crlf_and_are_folded_at_75_octets():
    lines = written(CalendarParts([item(title=both("Föreläsning " * 20))])).split(b"\r\n")
    assert lines[-1] == b""
    assert all(b"\n" not in line for line in lines)
    assert max(len(line) for line in lines) <= 75


def test_a_calendar_without_parts_is_still_one():
    assert read(CalendarParts([])).events == []


def answered(answer: Answer, **answers: ChoiceAnswer) -> Rsvp:
    return Rsvp(
        answer=answer,
        choices=[
            Choice(item_id=int(name.removeprefix("item")), answer=given_answer)
            for name, given_answer in answers.items()
        ],
    )


def test_only_a_yes_is_on_and_only_what_was_yes_is_off():
    items = [item(number) for number in range(1, 6)]
    rsvp = answered(
        Answer.ACCEPTED,
        item1=ChoiceAnswer.YES,
        item2=ChoiceAnswer.NO,
        item3=ChoiceAnswer.RESERVE,
        item4=ChoiceAnswer.NO,
    )
    parts = calendar_parts(rsvp, items, once_yes={"item-1", "item-2"})
    assert parts == CalendarParts([items[0]], [items[1]])


def test_a_decline_puts_everything_off():
    items = [item(1), item(2)]
    rsvp = answered(Answer.DECLINED, item1=ChoiceAnswer.NO)
    assert calendar_parts(rsvp, items, once_yes={"item-1"}) == CalendarParts([], [items[0]])


@settings(deadline=None)
@given(zone=st.sampled_from(ZONES), starts=MOMENTS, lasts=SPANS, title=TEXTS)
def test_whatever_the_zone_time_and_title_they_are_read_back(zone, starts, lasts, title):
    given_item = item(title=both(title), starts=starts, ends=starts + lasts)
    entry = read(CalendarParts([given_item]), event_in(zone, name=title)).events[0]
    local = starts.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert entry.start.replace(tzinfo=None) == local
    assert (entry["SUMMARY"], entry["DESCRIPTION"]) == (title, f"{title}\nDark suit")


@settings(deadline=None)
@given(zone=st.sampled_from(ZONES), starts=MOMENTS, lasts=SPANS)
def test_the_time_zone_that_goes_along_has_the_offset_of_the_event(zone, starts, lasts):
    calendar = read(CalendarParts([item(starts=starts, ends=starts + lasts)]), event_in(zone))
    local = starts.astimezone(ZoneInfo(zone)).replace(fold=0)
    told = calendar.timezones[0].to_tz(lookup_tzid=False)
    assert local.replace(tzinfo=told).utcoffset() == local.utcoffset()
