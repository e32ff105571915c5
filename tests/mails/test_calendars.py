"""Every calendar object of every mail reads the same in both readers, and is about one part."""

import pytest

from tests.calendars.readers import read_with_ical_js, read_with_icalendar
from tests.mails.press import EVERY


@pytest.mark.browser
def test_every_calendar_object_of_every_mail_reads_the_same(press, scripts):
    files = [file.content for one in EVERY for file in press.mail(*one).calendars]
    assert files
    python = [read_with_icalendar(content) for content in files]
    assert [read_with_ical_js(scripts, content) for content in files] == python


@pytest.mark.parametrize(
    ("case", "methods"),
    [
        ("confirmation", ["REQUEST", "REQUEST"]),
        ("decline_known_to_the_calendar", ["CANCEL", "CANCEL"]),
        ("moved_up", ["REQUEST"]),
        ("programme_changed", ["REQUEST"]),
        ("withdrawn_after_the_answer", ["CANCEL", "CANCEL"]),
        ("called_off", ["CANCEL", "CANCEL"]),
    ],
)
def test_each_object_is_about_one_part(press, case, methods):
    readings = [read_with_icalendar(file.content) for file in press.mail(case, "sv").calendars]
    assert [reading.method for reading in readings] == methods
    assert {len(reading.entries) for reading in readings} == {1}


def test_the_confirmation_carries_what_was_accepted(press):
    files = press.mail("confirmation", "sv").calendars
    entries = [read_with_icalendar(file.content).entries[0] for file in files]
    assert [entry.summary for entry in entries] == ["Middag", "Öppnande"]
    assert {entry.status for entry in entries} == {"CONFIRMED"}
    assert {entry.attendees[0].partstat for entry in entries} == {"ACCEPTED"}
