"""A small good event file, to be spoilt one value at a time, and its readers."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from app.event_files.entries import EventFile
from app.event_files.mistakes import EventFileError
from app.event_files.reading import read_event_file

TODAY = date(2009, 10, 1)

GOOD = """\
[event]
slug = "summit"
name = "Summit"
theme = { en = "Future", sv = "Framtid" }
starts = 2009-12-09
ends = 2009-12-10
time_zone = "Europe/Stockholm"
city = "Stockholm"
place_limit = 30
reply_by = 2009-11-20
languages = ["en", "sv"]
contact = { name = "Leader", email = "summit@stockholm.example" }

[[hosts]]
name = { en = "City of Stockholm", sv = "Stockholms stad" }
quota = 20

[[hosts]]
name = "Cisco Systems"

[[programme]]
slug = "dinner"
kind = "dinner"
title = "Dinner"
starts = 2009-12-09T19:00:00
ends = 2009-12-09T22:30:00
venue = "City Hall"
places = 40
locks = 2009-12-02

[[programme]]
slug = "visit-kista"
kind = "study visit"
title = "Kista"
starts = 2009-12-10T08:30:00
ends = 2009-12-10T12:00:00
venue = "Coach"
transfer_minutes = 30

[[fixed_points]]
title = "Concert"
starts = 2009-12-08T19:00:00
ends = 2009-12-08T21:00:00
venue = "Concert Hall"

[[decisions]]
matter = "theme"
text = "The theme"
decided_on = 2009-10-01
by = "Steering group"

[[funders]]
name = "STOKAB"
share = 150000.50
currency = "SEK"

[digest]
weekday = "friday"
time = 08:15:00
recipients = ["summit@stockholm.example", "group@stockholm.example"]
"""


@pytest.fixture
def good_source() -> str:
    return GOOD


@pytest.fixture
def spoilt() -> Callable[[str, str], str]:
    """Return the good source with the first occurrence of one piece replaced."""

    def replace(old: str, new: str) -> str:
        assert old in GOOD
        return GOOD.replace(old, new, 1)

    return replace


@pytest.fixture
def read_source(tmp_path: Path) -> Callable[..., EventFile]:
    def read(source: str = GOOD, *, today: date = TODAY, starts: date | None = None) -> EventFile:
        path = tmp_path / "event.toml"
        path.write_text(source, encoding="utf-8")
        return read_event_file(path, today=today, starts=starts)

    return read


@pytest.fixture
def told(read_source: Callable[..., EventFile]) -> Callable[..., str]:
    """Return what a bad source is told to be."""

    def tell(source: str, *, today: date = TODAY, starts: date | None = None) -> str:
        with pytest.raises(EventFileError) as refused:
            read_source(source, today=today, starts=starts)
        return str(refused.value)

    return tell
