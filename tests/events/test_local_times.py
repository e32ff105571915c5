"""Local times: read as moments, the hours of a clock change refused."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.events.local_times import ClockChangeError, by_day, moment_at

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        (datetime.fromisoformat("2026-11-03 08:00"), datetime(2026, 11, 3, 7, 0, tzinfo=UTC)),
        (datetime.fromisoformat("2026-07-03 08:00"), datetime(2026, 7, 3, 6, 0, tzinfo=UTC)),
        (datetime.fromisoformat("2027-03-28 03:00"), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_a_moment(local, utc):
    assert moment_at(local, STOCKHOLM) == utc


@pytest.mark.parametrize(
    ("local", "words"),
    [
        (datetime.fromisoformat("2027-03-28 02:30"), "02:30 on 28 March 2027 does not exist"),
        (datetime.fromisoformat("2026-10-25 02:30"), "02:30 on 25 October 2026 comes twice"),
    ],
)
def test_the_hour_of_a_clock_change_is_refused(local, words):
    with pytest.raises(ClockChangeError, match=words):
        moment_at(local, STOCKHOLM)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-02 08:00", "2026-11-02 08:00"),
        ("2026-11-02 19:59", "2026-11-02 19:59"),
        ("2026-11-02 07:59", "2026-11-02 08:00"),
        ("2026-11-02 20:00", "2026-11-03 08:00"),
        ("2027-03-27 23:00", "2027-03-28 08:00"),
        ("2026-10-24 23:00", "2026-10-25 08:00"),
    ],
)
def test_night_lasts_until_eight_by_the_clock_on_the_wall(now, day):
    moment = datetime.fromisoformat(now).replace(tzinfo=STOCKHOLM)
    assert by_day(moment, STOCKHOLM) == datetime.fromisoformat(day).replace(tzinfo=STOCKHOLM)
