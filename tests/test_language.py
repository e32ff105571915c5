"""Texts, dates and times as a reader of each language expects them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.language import (
    clock,
    current_language,
    date_span,
    day_date,
    file_size,
    in_each_language,
    in_language,
    in_zone,
    language_name,
    listed,
    local,
    long_date,
    month,
    month_date,
    short_date,
    stamp,
    stamp_to_the_second,
    time_span,
    using,
    weekday,
)

ZONE = "Europe/Stockholm"
DAY = date(2009, 12, 9)
SEVEN = datetime(2009, 12, 9, 18, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_app(app):
    with app.test_request_context():
        yield


@pytest.fixture
def database_url(tmp_path):
    """Nothing is asked of a database here: one kind is enough."""
    return f"sqlite:///{tmp_path}/couvert.sqlite3"


def in_both(show) -> tuple[str, str]:
    with using("en"):
        english = show()
    with using("sv"):
        return english, show()


def test_a_language_is_spoken_inside_its_block_only():
    with using("sv"):
        with using("en"):
            assert current_language() == "en"
        assert current_language() == "sv"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ({"en": "Dinner", "sv": "Middag"}, "Middag"),
        ({"en": "Dinner"}, "Dinner"),
        ({"en": "Dinner", "sv": ""}, "Dinner"),
        ({}, ""),
    ],
)
def test_a_text_missing_in_a_language_is_shown_in_the_first(text, shown):
    assert in_language(text, "sv") == shown


def test_a_text_of_the_event_follows_the_language():
    assert in_both(lambda: local({"en": "Dinner", "sv": "Middag"})) == ("Dinner", "Middag")
    assert in_both(lambda: local(None)) == ("", "")


@pytest.mark.parametrize(
    ("show", "english", "swedish"),
    [
        (long_date, "Wednesday 9 December 2009", "onsdagen den 9 december 2009"),
        (day_date, "Wednesday 9 December", "onsdag 9 december"),
        (month_date, "9 December", "9 december"),
        (short_date, "9 Dec", "9 dec"),
        (weekday, "Wednesday", "onsdag"),
        (month, "December", "december"),
    ],
)
def test_a_date_is_written_as_its_readers_write_it(show, english, swedish):
    assert in_both(lambda: show(DAY)) == (english, swedish)


@pytest.mark.parametrize(
    ("ends", "english", "swedish"),
    [
        (date(2009, 12, 9), "9 December 2009", "9 december 2009"),
        (date(2009, 12, 10), "9 and 10 December 2009", "9 och 10 december 2009"),
        (date(2009, 12, 12), "9–12 December 2009", "9–12 december 2009"),
        (date(2010, 1, 2), "9 December – 2 January 2010", "9 december – 2 januari 2010"),
    ],
)
def test_a_span_of_days_names_each_month_once(ends, english, swedish):
    assert in_both(lambda: date_span(DAY, ends)) == (english, swedish)


def test_a_time_is_that_of_the_events_zone():
    assert in_both(lambda: clock(SEVEN, ZONE)) == ("19:00", "19.00")
    ends = SEVEN + timedelta(hours=3, minutes=30)
    assert in_both(lambda: time_span(SEVEN, ends, ZONE)) == ("19:00–22:30", "19.00–22.30")
    assert in_zone(SEVEN, ZONE).hour == 19


def test_when_something_was_noted_is_told_in_the_events_zone():
    almost_midnight = datetime(2009, 12, 9, 23, 5, tzinfo=UTC)
    assert in_both(lambda: stamp(almost_midnight, ZONE)) == ("10 Dec, 00:05", "10 dec, 00.05")


def test_summer_time_counts():
    noon = datetime(2009, 7, 1, 12, 0, tzinfo=UTC)
    assert in_both(lambda: clock(noon, ZONE)) == ("14:00", "14.00")


def test_names_are_listed_as_the_language_lists_them():
    assert listed(("A", "B", "C"), "en") == "A, B, and C"
    assert listed(("A", "B", "C"), "sv") == "A, B och C"
    assert (listed(("A",), "sv"), listed((), "sv")) == ("A", "")


def test_a_log_tells_the_seconds_as_the_language_writes_them():
    shown = in_both(lambda: stamp_to_the_second(SEVEN, ZONE))
    assert shown == ("9 Dec 2009, 19:00:00", "9 dec. 2009, 19.00.00")


def test_the_size_of_a_file_has_the_languages_decimal_sign():
    assert in_both(lambda: file_size(1234)) == ("1.2 kB", "1,2 kB")
    assert in_both(lambda: file_size(15)) == ("15 bytes", "15 byte")


def test_a_language_goes_by_its_name_in_the_readers_own():
    assert in_both(lambda: language_name("sv")) == ("Swedish", "Svenska")
    assert in_both(lambda: language_name("tlh")) == ("tlh", "tlh")


def test_what_is_kept_for_good_is_kept_in_every_language():
    assert in_each_language("%(name)s is here", lambda code: {"name": code.upper()}) == {
        "en": "EN is here",
        "sv": "SV is here",
    }
    assert in_each_language("Diet", lambda _: {})["sv"] == "Specialkost"
