"""The built-in sample: a real event of 2009, moved so that it always lies ahead."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

SAMPLE_EVENT = Path(__file__).parent / "sample" / "event.toml"
SAMPLE_GUESTS = Path(__file__).parent / "sample" / "guests.csv"

TIME_TO_REPLY = timedelta(weeks=2)


def sample_starts(today: date) -> date:
    """Return the first day of the sample: the coming 9 December with two weeks left to reply."""
    event = tomllib.loads(SAMPLE_EVENT.read_text(encoding="utf-8"))["event"]
    reply_by: timedelta = event["starts"] - event["reply_by"]
    coming: date = event["starts"].replace(year=today.year)
    if coming - reply_by < today + TIME_TO_REPLY:
        return coming.replace(year=today.year + 1)
    return coming
