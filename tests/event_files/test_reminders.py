"""The days of reminders in an event file: read, told on reloading, refused where they are none."""

import pytest

from app.event_files.entries import RemindersEntry
from tests.event_files.examples import load

TABLE = "\n[reminders]\n"


def test_the_days_are_read_in_order(good_source, read_source):
    source = f"{good_source}{TABLE}days_after = [14, 7]\ndays_before = [2]\n"
    assert read_source(source).reminders == RemindersEntry((7, 14), (2,))


@pytest.mark.parametrize("written", ["", TABLE, f"{TABLE}days_after = []\n"])
def test_without_days_nobody_is_reminded_by_itself(good_source, read_source, written):
    assert read_source(f"{good_source}{written}").reminders == RemindersEntry()


@pytest.mark.parametrize(
    ("days", "mend"),
    [
        ("[7, 0]", "0 is no number of days. Write whole days from 1 to 180."),
        ("[181]", "181 is no number of days. Write whole days from 1 to 180."),
        ("[7, 7]", "7 stands here twice. Take one out."),
        ("[1, 2, 3, 4, 5, 6, 7]", "7 days are too many. Write at most 6."),
        ("[1.5]", "expected a whole number, found a decimal number. Write it like 30,"),
        ('["7"]', "expected a whole number, found a text. Write it like 30,"),
        ("[true]", "expected a whole number, found true or false. Write it like 30,"),
        ("7", "expected a list, found a whole number."),
    ],
)
@pytest.mark.parametrize("key", ["days_after", "days_before"])
def test_what_is_no_cadence_is_refused_with_its_mend(good_source, told, key, days, mend):
    words = told(f"{good_source}{TABLE}{key} = {days}\n")
    assert words.startswith(f"reminders, {key} (line 63): {mend}")


def test_an_unknown_key_is_named(good_source, told):
    words = told(f"{good_source}{TABLE}day_after = [7]\n")
    assert 'unknown key "day_after". Did you mean "days_after"?' in words


def test_loading_again_tells_what_changed_and_leaves_waves_alone(session):
    load(session)
    loaded = load(session, reminders=RemindersEntry((7, 14), (2,)))
    assert loaded.changes == [
        "remind after: (none) -> 7, 14",
        "remind before: (none) -> 2",
    ]
    assert (loaded.event.remind_after, loaded.event.remind_before) == ([7, 14], [2])
