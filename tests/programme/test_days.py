"""The programme by day, in the event's own time."""

from datetime import UTC, date, datetime, timedelta

from app.programme.days import Day, by_day
from app.programme.models import FixedPoint, ProgrammeItem

ZONE = "Europe/Stockholm"
NINE = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)


def item(slug: str, starts: datetime, hours: float = 1) -> ProgrammeItem:
    return ProgrammeItem(slug=slug, starts=starts, ends=starts + timedelta(hours=hours))


def point(starts: datetime) -> FixedPoint:
    return FixedPoint(starts=starts, ends=starts + timedelta(hours=1))


def slugs(days: list[Day]) -> dict[date, list[list[str]]]:
    return {day.date: [[item.slug for item in group] for group in day.groups] for day in days}


def test_an_event_without_items_has_no_days():
    assert by_day([], [point(NINE)], ZONE) == []


def test_days_come_in_order_each_with_its_items_by_time():
    items = [
        item("second-late", NINE + timedelta(hours=3)),
        item("second-early", NINE),
        item("first", NINE - timedelta(days=1)),
    ]
    assert slugs(by_day(items, [], ZONE)) == {
        date(2026, 12, 9): [["first"]],
        date(2026, 12, 10): [["second-early"], ["second-late"]],
    }


def test_what_runs_at_exactly_the_same_time_is_one_group():
    items = [item("schools", NINE), item("e-services", NINE), item("longer", NINE, hours=2)]
    assert slugs(by_day(items, [], ZONE)) == {
        date(2026, 12, 10): [["e-services", "schools"], ["longer"]]
    }


def test_a_day_is_that_of_the_events_zone():
    midnight_in_stockholm = datetime(2026, 12, 9, 23, 0, tzinfo=UTC)
    items = [
        item("before", midnight_in_stockholm - timedelta(minutes=1)),
        item("after", midnight_in_stockholm),
    ]
    assert slugs(by_day(items, [], ZONE)) == {
        date(2026, 12, 9): [["before"]],
        date(2026, 12, 10): [["after"]],
    }


def test_fixed_points_stand_beside_the_items_of_their_day():
    same_day, next_day = point(NINE + timedelta(hours=6)), point(NINE + timedelta(days=1))
    (day,) = by_day([item("visit", NINE)], [same_day, next_day], ZONE)
    assert day.fixed_points == (same_day,)
