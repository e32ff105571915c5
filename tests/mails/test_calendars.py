"""The calendar of every mail that has one reads the same in both readers."""

import pytest

from tests.calendars.readers import read_with_ical_js, read_with_icalendar
from tests.mails.press import EVERY


@pytest.mark.browser
def test_the_calendar_of_every_mail_reads_the_same(press, scripts):
    files = {one: press.mail(*one).calendar for one in EVERY}
    carried = {one: ics for one, ics in files.items() if ics is not None}
    assert ("confirmation", "sv") in carried
    python = {one: read_with_icalendar(ics) for one, ics in carried.items()}
    assert {one: read_with_ical_js(scripts, ics) for one, ics in carried.items()} == python


def test_the_confirmation_carries_what_was_accepted(press):
    reading = read_with_icalendar(press.mail("confirmation", "sv").calendar)
    assert [entry.summary for entry in reading.entries] == ["Middag", "Öppnande"]
    assert {entry.status for entry in reading.entries} == {"CONFIRMED"}
