"""What an event file says of the guest's page: erasure, the code first, items open by name only."""

from dataclasses import replace
from datetime import date

import pytest

from app.event_files.mistakes import EventFileError
from app.programme.queries import list_items
from tests.event_files.conftest import GOOD
from tests.event_files.examples import DINNER, VISIT, load

LAST = 'languages = ["en", "sv"]\n'


def test_the_keys_of_the_guests_page_are_read(read_source):
    source = GOOD.replace(LAST, LAST + "erase_health_on = 2009-12-11\ncode_first = true\n")
    file = read_source(source.replace("places = 40", "places = 40\nby_name = true"))
    assert (file.erase_health_on, file.code_first) == (date(2009, 12, 11), True)
    assert [item.by_name for item in file.programme] == [True, False]


def test_without_them_the_page_is_open_and_health_is_erased_after_two_weeks(read_source, session):
    file = read_source()
    assert (file.erase_health_on, file.code_first) == (None, False)
    assert load(session).event.health_erased_on == date(2026, 12, 24)


def test_the_day_of_erasure_moves_with_the_event(read_source):
    source = GOOD.replace(LAST, LAST + "erase_health_on = 2009-12-12\n")
    file = read_source(source, starts=date(2009, 12, 16))
    assert file.erase_health_on == date(2009, 12, 19)


def test_health_data_is_kept_as_long_as_the_event_lasts(read_source):
    with pytest.raises(EventFileError) as refused:
        read_source(GOOD.replace(LAST, LAST + "erase_health_on = 2009-12-10\n"))
    assert str(refused.value) == (
        "event, erase_health_on (line 12): diets and access needs would be erased (10 December"
        " 2009) before the event is over (10 December 2009). Write a day after the last one, or"
        " take the line out: then it is 14 days after it."
    )


def test_a_changed_key_is_told_and_taken_over(session):
    load(session)
    by_name = (VISIT, replace(DINNER, by_name=True))
    loaded = load(session, code_first=True, erase_health_on=date(2026, 12, 31), programme=by_name)
    assert loaded.changes == [
        "code first: no -> yes",
        "erase health on: (none) -> 2026-12-31",
        "programme item dinner, by name: no -> yes",
    ]
    named = {item.slug: item.by_name for item in list_items(session, loaded.event.id)}
    assert named == {"visit": False, "dinner": True}
