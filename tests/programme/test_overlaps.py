"""Which programme items cannot both be attended."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.programme.models import FixedPoint, ProgrammeItem
from app.programme.overlaps import at_the_same_time, close_to, overlapping_pairs, overlaps

NINE = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)


def item(starts: int, ends: int, transfer: int = 0, slug: str = "item") -> ProgrammeItem:
    """An item by its minutes after nine."""
    return ProgrammeItem(
        slug=slug,
        starts=NINE + timedelta(minutes=starts),
        ends=NINE + timedelta(minutes=ends),
        transfer_minutes=transfer,
    )


@pytest.mark.parametrize(
    ("one", "other", "collide"),
    [
        (item(0, 60), item(0, 60), True),
        (item(0, 60), item(59, 90), True),
        (item(0, 60), item(60, 90), False),
        (item(0, 60), item(20, 30), True),
        (item(0, 60, 15), item(74, 90), True),
        (item(0, 60, 15), item(75, 90), False),
        (item(0, 60, 15), item(89, 90, 15), True),
        (item(0, 60, 15), item(90, 120, 15), False),
    ],
)
def test_items_overlap_where_one_ends_too_late_for_the_other(one, other, collide):
    assert overlaps(one, other) is collide
    assert overlaps(other, one) is collide


MINUTES = st.integers(0, 300)
ITEMS = st.builds(
    lambda starts, lasts, transfer: item(starts, starts + lasts, transfer),
    MINUTES,
    st.integers(1, 120),
    st.integers(0, 60),
)


@given(one=ITEMS, other=ITEMS)
def test_items_overlap_exactly_if_the_gap_is_less_than_both_transfers(one, other):
    first, second = sorted((one, other), key=lambda each: each.starts)
    gap = (second.starts - first.ends) / timedelta(minutes=1)
    collide = gap < one.transfer_minutes + other.transfer_minutes
    assert overlaps(one, other) is overlaps(other, one) is collide


def test_pairs_that_collide_come_in_the_programmes_order():
    late, early, between = item(50, 90, slug="c"), item(0, 60, slug="a"), item(30, 40, slug="b")
    assert overlapping_pairs([late, early, between]) == [(early, between), (early, late)]


def test_a_fixed_point_beside_an_item_counts_no_transfer():
    visit = item(0, 60, transfer=30)
    beside = FixedPoint(starts=NINE + timedelta(minutes=59), ends=NINE + timedelta(minutes=70))
    after = FixedPoint(starts=NINE + timedelta(minutes=60), ends=NINE + timedelta(minutes=70))
    assert at_the_same_time(visit, [after, beside]) == [beside]


@pytest.mark.parametrize(
    ("starts", "ends", "near"),
    [
        (60, 90, True),
        (89, 120, True),
        (90, 120, False),
        (-60, -29, True),
        (-60, -30, False),
        (30, 90, False),
    ],
)
def test_close_is_what_the_transfer_time_alone_reaches_into(starts, ends, near):
    point = FixedPoint(starts=NINE + timedelta(minutes=starts), ends=NINE + timedelta(minutes=ends))
    assert (close_to(item(0, 60, 30), [point]) == [point]) is near
