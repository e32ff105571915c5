"""Local times of an event file: the event's zone, the clock changes, the move by whole days."""

from datetime import UTC, date, datetime

import pytest

from app.event_files.times import write_days

DINNER = "starts = 2009-12-09T19:00:00"


def test_a_local_time_is_read_in_the_events_zone(read_source):
    assert read_source().programme[0].starts == datetime(2009, 12, 9, 18, tzinfo=UTC)


def test_the_clock_time_is_kept_when_the_event_moves_into_summer_time(read_source):
    event = read_source(starts=date(2010, 6, 7))

    assert event.programme[0].starts == datetime(2010, 6, 7, 17, tzinfo=UTC)


def test_every_date_moves_by_the_same_whole_days(read_source):
    event = read_source(starts=date(2026, 12, 9))

    assert [event.starts, event.ends] == [date(2026, 12, 9), date(2026, 12, 10)]
    assert event.reply_by == date(2026, 11, 20)
    assert event.programme[0].locks == date(2026, 12, 2)
    assert event.programme[1].ends == datetime(2026, 12, 10, 11, tzinfo=UTC)
    assert event.fixed_points[0].starts == datetime(2026, 12, 8, 18, tzinfo=UTC)
    assert event.decisions[0].decided_on == date(2026, 10, 1)


def test_a_reply_by_date_is_judged_after_the_move(good_source, read_source, told):
    today = date(2026, 11, 1)
    moved = told(good_source, today=today, starts=date(2026, 11, 19))

    assert read_source(today=today, starts=date(2026, 12, 9)).starts == date(2026, 12, 9)
    assert moved == (
        "event, reply_by (line 10): the reply-by date (31 October 2026) has passed. "
        "Write a coming day, or move the whole event with --starts DATE."
    )


@pytest.mark.parametrize(
    ("starts", "message"),
    [
        (
            date(2026, 3, 29),
            "02:30 on 29 March 2026 does not exist: the clocks change in that hour.",
        ),
        (
            date(2026, 10, 25),
            "02:30 on 25 October 2026 comes twice: the clocks change in that hour.",
        ),
    ],
)
def test_a_time_in_the_hour_of_a_clock_change_is_a_mistake(spoilt, told, starts, message):
    source = spoilt(DINNER, "starts = 2009-12-09T02:30:00")

    assert told(source, starts=starts) == (
        f'programme[0] "dinner", starts (line 25): {message} Choose a time outside that hour.'
    )


@pytest.mark.parametrize("written", ["2009-12-09T18:00:00Z", "2009-12-09T20:00:00+02:00"])
def test_a_time_with_an_offset_is_a_mistake_with_its_local_time_as_the_mend(spoilt, told, written):
    assert told(spoilt(DINNER, f"starts = {written}")) == (
        'programme[0] "dinner", starts (line 25): the time has an offset; '
        "the file's times are local. "
        "Write the time in Europe/Stockholm without one: 2009-12-09T19:00:00."
    )


def test_a_year_out_of_reach_is_a_mistake(spoilt, told):
    assert told(spoilt("reply_by = 2009", "reply_by = 0001")) == (
        "event, reply_by (line 10): the year is out of reach. Use a year from 1970 to 2199."
    )


def test_a_move_out_of_reach_is_told_once(good_source, told):
    assert told(good_source, starts=date(9999, 12, 31)) == (
        "--starts: the year is out of reach. Use a year from 1970 to 2199."
    )


def test_an_event_without_a_first_day_is_not_moved(spoilt, told):
    source = spoilt("starts = 2009-12-09\n", "")

    assert told(source, starts=date(2009, 12, 9)) == (
        "event, starts (line 1): it is missing. Add starts here."
    )


def test_an_event_that_is_written_far_away_is_not_moved(spoilt, told):
    source = spoilt("starts = 2009-12-09\n", "starts = 9999-12-09\n")

    assert told(source, starts=date(2009, 12, 9)) == (
        "event, starts (line 5): the year is out of reach. Use a year from 1970 to 2199."
    )


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        (date(2009, 12, 9), date(2009, 12, 9), "9 December 2009"),
        (date(2009, 12, 9), date(2009, 12, 10), "9-10 December 2009"),
        (date(2009, 11, 30), date(2009, 12, 2), "30 November - 2 December 2009"),
        (date(2009, 12, 31), date(2010, 1, 2), "31 December 2009 - 2 January 2010"),
    ],
)
def test_days_are_written_short(first, last, written):
    assert write_days(first, last) == written
