"""A file whose reply-by date has passed can still be loaded again while that date is in force."""

from datetime import date

import pytest

from app.event_files.built_in import SAMPLE_EVENT
from app.event_files.mistakes import EventFileError
from app.event_files.reading import read_event_file

LATE = date(2009, 12, 1)
IN_FORCE = date(2009, 11, 20)


def test_a_venue_can_change_in_the_last_week():
    file = read_event_file(SAMPLE_EVENT, today=LATE, reply_by_of=lambda _slug: IN_FORCE)
    assert file.reply_by == IN_FORCE


def test_another_passed_date_is_still_a_mistake():
    with pytest.raises(EventFileError) as refused:
        read_event_file(SAMPLE_EVENT, today=LATE, reply_by_of=lambda _slug: date(2009, 11, 1))
    assert [mistake.message for mistake in refused.value.mistakes] == [
        "the reply-by date (20 November 2009) has passed."
    ]
