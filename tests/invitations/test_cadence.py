"""The days on which guests are reminded by themselves: counted, missed, kept quiet."""

from datetime import date, timedelta

import pytest

from app.invitations.cadence import (
    Cadence,
    CadenceError,
    Due,
    due_on,
    is_last_by_hand,
    is_quiet,
)

WENT_OUT, REPLY_BY = date(2026, 11, 2), date(2026, 11, 20)
CADENCE = Cadence((7, 14), (2,))
DAYS = (date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 18))


def due(day: int, dealt_with: date | None = None) -> Due | None:
    return due_on(date(2026, 11, day), DAYS, reply_by=REPLY_BY, dealt_with=dealt_with)


def test_days_are_counted_from_the_mail_and_back_from_the_reply_by_date():
    assert CADENCE.days(WENT_OUT, REPLY_BY) == DAYS


@pytest.mark.parametrize(
    ("after", "before", "days"),
    [
        ((16,), (2,), [18]),
        ((18, 19, 30), (), []),
        ((), (18, 40), []),
        ((17,), (), [19]),
        ((), (), []),
    ],
    ids=["one day twice", "on the date and after it", "before the mail", "the eve", "none"],
)
def test_what_falls_together_or_outside_is_left_out(after, before, days):
    found = Cadence(after, before).days(WENT_OUT, REPLY_BY)
    assert [day.day for day in found] == days


def test_a_guest_with_an_own_reply_by_date_has_own_days():
    assert CADENCE.days(WENT_OUT, date(2026, 11, 12)) == (date(2026, 11, 9), date(2026, 11, 10))


def test_numbers_come_in_order_and_once():
    assert Cadence.of([14, 7, 7], [2]) == CADENCE


@pytest.mark.parametrize("days", [[0], [-1], [181], [1, 2, 3, 4, 5, 6, 7]])
def test_what_is_no_cadence_is_refused(days):
    with pytest.raises(CadenceError):
        Cadence.of(days, [])
    with pytest.raises(CadenceError):
        Cadence.of([], days)


def test_nothing_is_due_before_a_day_and_each_day_once():
    assert due(8) is None
    assert due(9) == Due(DAYS[0], last=False)
    assert due(9, DAYS[0]) is None
    assert due(15, DAYS[0]) is None
    assert due(16, DAYS[0]) == Due(DAYS[1], last=False)


def test_several_days_that_were_missed_are_one_reminder():
    assert due(17) == Due(DAYS[1], last=False)
    assert due(19) == Due(DAYS[2], last=True)


def test_the_last_day_of_the_cadence_brings_the_last_reminder():
    assert due(18, DAYS[1]) == Due(DAYS[2], last=True)


@pytest.mark.parametrize("day", [20, 21])
def test_on_the_reply_by_date_and_after_it_nothing_is_due(day):
    assert due(day) is None


@pytest.mark.parametrize(("days_ago", "quiet"), [(0, True), (2, True), (3, False), (-1, True)])
def test_two_days_after_a_reminder_by_hand_the_cadence_keeps_still(days_ago, quiet):
    assert is_quiet(WENT_OUT, WENT_OUT - timedelta(days=days_ago)) is quiet
    assert not is_quiet(WENT_OUT, None)


@pytest.mark.parametrize(("day", "last"), [(17, False), (18, True), (20, True)])
def test_with_fewer_than_three_days_left_a_reminder_by_hand_is_the_last(day, last):
    assert is_last_by_hand(date(2026, 11, day), REPLY_BY) is last
