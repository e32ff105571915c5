"""The rules of a zone as a VTIMEZONE: a program that follows them reads every clock right."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.calendars.zones import time_zone

HOUR = timedelta(hours=1)
ZONES = (
    "Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC",
    "America/Sao_Paulo", "Africa/Casablanca",
)  # fmt: skip


def offset_by_the_rules(made, local: datetime) -> timedelta:
    """Return the offset in force at a wall-clock time, as RFC 5545 3.6.5 has it: the last onset."""
    begun = [one for one in made.subcomponents if one["DTSTART"].dt <= local]
    newest = max(begun, key=lambda one: one["DTSTART"].dt)
    return newest["TZOFFSETTO"].td


@pytest.mark.parametrize("name", ZONES)
def test_every_hour_of_a_year_is_read_as_it_is(name):
    zone, first = ZoneInfo(name), datetime(2026, 1, 15, tzinfo=UTC)
    made = time_zone(name, first, first + timedelta(days=365))
    for hour in range(365 * 24):
        local = (first + hour * HOUR).astimezone(zone)
        if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
            assert offset_by_the_rules(made, local.replace(tzinfo=None)) == local.utcoffset()


def test_spring_begins_in_stockholm_by_the_clock_of_winter():
    made = time_zone(
        "Europe/Stockholm", datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC)
    )
    assert [(one.name, f"{one['DTSTART'].dt:%m-%d %H:%M}") for one in made.subcomponents] == [
        ("STANDARD", "10-26 03:00"),
        ("DAYLIGHT", "03-29 02:00"),
    ]


def test_a_winter_event_needs_but_one_rule():
    made = time_zone(
        "Europe/Stockholm", datetime(2026, 12, 9, tzinfo=UTC), datetime(2026, 12, 10, tzinfo=UTC)
    )
    assert [one["TZNAME"] for one in made.subcomponents] == ["CET"]
