"""Each mistake between the values of an event file, as it is told."""

from datetime import date

import pytest


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        pytest.param(
            "ends = 2009-12-10\n",
            "ends = 2009-12-08\n",
            (
                "event, ends (line 6): the event ends (8 December 2009) before it starts (9 "
                "December 2009). Write a last day that is not before the first."
            ),
            id="the event ends before it starts",
        ),
        pytest.param(
            "ends = 2009-12-09T22:30:00",
            "ends = 2009-12-09T19:00:00",
            (
                'programme[0] "dinner", ends (line 26): the end is not after the start. Write a '
                "later time."
            ),
            id="an item ends when it starts",
        ),
        pytest.param(
            "ends = 2009-12-08T21:00:00",
            "ends = 2009-12-08T18:00:00",
            (
                'fixed_points[0] "Concert", ends (line 43): the end is not after the start. '
                "Write a later time."
            ),
            id="a fixed point ends before it starts",
        ),
        pytest.param(
            "reply_by = 2009-11-20",
            "reply_by = 2009-12-10",
            (
                "event, reply_by (line 10): the reply-by date (10 December 2009) is after the "
                "start (9 December 2009). Write a day before the event."
            ),
            id="a reply-by date after the start",
        ),
        pytest.param(
            "reply_by = 2009-11-20",
            "reply_by = 2009-09-30",
            (
                "event, reply_by (line 10): the reply-by date (30 September 2009) has passed. "
                "Write a coming day, or move the whole event with --starts DATE."
            ),
            id="a reply-by date that has passed",
        ),
        pytest.param(
            'slug = "visit-kista"',
            'slug = "dinner"',
            (
                'programme[1] "dinner", slug (line 32): the slug is already that of programme[0] '
                '"dinner" (line 21). Give each item its own.'
            ),
            id="the same slug twice",
        ),
        pytest.param(
            'name = "Cisco Systems"',
            'name = "stockholms stad"',
            (
                'hosts[1] "stockholms stad", name (line 19): "stockholms stad" is already '
                'hosts[0] "City of Stockholm" (line 14). Name each host once.'
            ),
            id="the same host twice",
        ),
        pytest.param(
            "quota = 20",
            "quota = 31",
            (
                'hosts[0] "City of Stockholm", quota (line 16): the quota (31) is over the '
                "event's place limit (30). Lower the quota or raise the limit."
            ),
            id="a quota over the place limit",
        ),
        pytest.param(
            "places = 40\n",
            "",
            (
                'programme[0] "dinner", places (line 21): the dinner has no places. Add places = '
                "40, say: guests and companions together."
            ),
            id="a dinner without places",
        ),
        pytest.param(
            'kind = "study visit"',
            'kind = "dinner"\nplaces = 10',
            (
                'programme[1] "visit-kista", kind (line 33): there is already a dinner, '
                'programme[0] "dinner" (line 21). An event has one dinner; make this one a '
                '"reception".'
            ),
            id="a second dinner",
        ),
        pytest.param(
            "starts = 2009-12-10T08:30:00",
            "starts = 2009-12-08T08:30:00",
            (
                'programme[1] "visit-kista", starts (line 35): the study visit lies outside the '
                "conference (9-10 December 2009). Move it inside."
            ),
            id="a study visit before the conference",
        ),
        pytest.param(
            (
                'kind = "study visit"\ntitle = "Kista"\nstarts = 2009-12-10T08:30:00\nends = '
                "2009-12-10T12:00:00"
            ),
            (
                'kind = "workshop"\ntitle = "Kista"\nstarts = 2009-12-10T22:30:00\nends = '
                "2009-12-11T00:30:00"
            ),
            (
                'programme[1] "visit-kista", ends (line 36): the workshop lies outside the '
                "conference (9-10 December 2009). Move it inside."
            ),
            id="a workshop that ends after the conference",
        ),
        pytest.param(
            "starts = 2009-12-09T19:00:00\nends = 2009-12-09T22:30:00",
            (
                "starts = 2009-12-11T19:00:00\nends = 2009-12-11T22:30:00\ntransfer_minutes = 15\n"
                'dress_code = "Dark suit"'
            ),
            (
                'programme[0] "dinner", starts (line 25): the dinner lies outside the conference '
                "(9-10 December 2009). Move it inside, or write arrival = true."
            ),
            id="another item outside the conference",
        ),
        pytest.param(
            "transfer_minutes = 30",
            "transfer_minutes = 30\narrival = true",
            (
                'programme[1] "visit-kista", arrival (line 39): a study visit is never arrival '
                "programme: it lies within the conference. Take the line out."
            ),
            id="a study visit as arrival programme",
        ),
        pytest.param(
            "locks = 2009-12-02",
            "locks = 2009-12-10",
            (
                'programme[0] "dinner", locks (line 29): the answers lock (10 December 2009) '
                "after the day of the item (9 December 2009). Write that day or one before it."
            ),
            id="a lock after the day of the item",
        ),
        pytest.param(
            "decided_on = 2009-10-01",
            "decided_on = 2009-12-10",
            (
                'decisions[0] "theme", decided_on (line 49): the decision (10 December 2009) '
                "comes after the start of the event (9 December 2009). Write the day it was made."
            ),
            id="a decision after the start",
        ),
    ],
)
def test_a_broken_rule_is_told_with_its_place_line_and_mend(spoilt, told, good, bad, message):
    assert told(spoilt(good, bad)) == message


def test_an_arrival_item_may_lie_before_the_conference(spoilt, read_source):
    source = spoilt(
        "starts = 2009-12-09T19:00:00\nends = 2009-12-09T22:30:00",
        "starts = 2009-12-07T19:00:00\nends = 2009-12-07T22:30:00\narrival = true",
    )
    source = source.replace("locks = 2009-12-02\n", "")

    assert read_source(source).programme[0].arrival


def test_the_day_of_an_item_is_that_of_the_events_zone(spoilt, told):
    source = spoilt("ends = 2009-12-10T12:00:00", "ends = 2009-12-11T00:00:00")

    assert told(source) == (
        'programme[1] "visit-kista", ends (line 36): '
        "the study visit lies outside the conference (9-10 December 2009). Move it inside."
    )


def test_the_reply_by_date_passes_when_its_day_is_over(good_source, read_source, told):
    assert read_source(today=date(2009, 11, 20)).reply_by == date(2009, 11, 20)
    assert told(good_source, today=date(2009, 11, 21)) == (
        "event, reply_by (line 10): the reply-by date (20 November 2009) has passed. "
        "Write a coming day, or move the whole event with --starts DATE."
    )


def test_items_are_not_measured_against_a_conference_with_bad_dates(spoilt, told):
    assert told(spoilt("starts = 2009-12-09\n", 'starts = "soon"\n')) == (
        "event, starts (line 5): expected a date, found a text. "
        "Write it like 2009-12-09, without quotation marks."
    )
