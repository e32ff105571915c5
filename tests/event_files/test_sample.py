"""The built-in sample: the facts of the event, and that it always lies ahead."""

import csv
from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.event_files.built_in import SAMPLE_EVENT, SAMPLE_GUESTS, sample_starts
from app.event_files.reading import read_event_file
from app.guests.importer import read_guest_file

COLUMNS = "salutation,first name,last name,title,organisation,country,email,language,host,rank,note"
DAYS = [date(2026, 11, 1) + timedelta(days=number) for number in range(0, 426, 5)]
TURNING_DAYS = [date(2026, 11, 6), date(2026, 11, 7), date(2026, 12, 31), date(2028, 2, 29)]


@pytest.fixture(scope="module")
def sample():
    return read_event_file(SAMPLE_EVENT, today=date(2009, 10, 1))


@pytest.fixture(scope="module")
def guests():
    with SAMPLE_GUESTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("today", DAYS + TURNING_DAYS, ids=str)
def test_the_sample_is_alive_on_any_day(today):
    event = read_event_file(SAMPLE_EVENT, today=today, starts=sample_starts(today))

    assert event.reply_by >= today + timedelta(weeks=2)
    assert (event.starts.day, event.starts.month) == (9, 12)


@pytest.mark.parametrize(
    ("today", "starts"),
    [
        (date(2026, 1, 1), date(2026, 12, 9)),
        (date(2026, 11, 6), date(2026, 12, 9)),
        (date(2026, 11, 7), date(2027, 12, 9)),
        (date(2026, 12, 9), date(2027, 12, 9)),
    ],
)
def test_the_sample_goes_to_the_next_year_when_two_weeks_to_reply_are_not_left(today, starts):
    assert sample_starts(today) == starts


def test_the_programme_is_that_of_the_city(sample):
    stockholm = ZoneInfo("Europe/Stockholm")

    def when(moment: datetime) -> str:
        return moment.astimezone(stockholm).strftime("%d %H:%M")

    assert [(i.slug, i.kind, when(i.starts), when(i.ends), i.places) for i in sample.programme] == [
        ("welcome-reception", "reception", "08 18:30", "08 20:30", None),
        ("opening", "plenary", "09 09:00", "09 10:00", None),
        ("plenary-innovating", "plenary", "09 10:30", "09 12:00", None),
        ("specialist-e-services", "specialist session", "09 13:00", "09 14:30", 12),
        ("specialist-it-in-education", "specialist session", "09 13:00", "09 14:30", 12),
        ("workshop-silos", "workshop", "09 15:00", "09 16:30", 12),
        ("dinner", "dinner", "09 19:00", "09 22:30", 40),
        ("visit-kista", "study visit", "10 08:30", "10 12:00", 15),
        ("visit-stokab", "study visit", "10 08:30", "10 12:00", 15),
        ("closing", "plenary", "10 13:00", "10 14:30", None),
    ]


def test_the_funders_share_the_whole_budget(sample):
    assert [int(funder.share) for funder in sample.funders] == [300000, 250000, 100000, 150000]
    assert {funder.currency for funder in sample.funders} == {"SEK"}


def test_the_steering_group_has_decided_all_but_the_list(sample):
    assert {decision.decided_on for decision in sample.decisions} == {date(2009, 10, 1)}
    assert sorted(decision.matter for decision in sample.decisions) == [
        "communication",
        "dinner",
        "main speaker",
        "participation",
        "study visits",
        "theme",
    ]


def test_the_welcome_reception_clashes_with_the_concert_on_purpose(sample):
    reception = sample.programme[0]
    clashing = [
        point.title["en"]
        for point in sample.fixed_points
        if point.starts < reception.ends and reception.starts < point.ends
    ]

    assert len(sample.fixed_points) == 6
    assert clashing == ["Nobel Prize Concert"]


def test_no_text_of_the_sample_names_a_year_or_a_weekday(sample):
    said = repr([sample.name, sample.theme, [item.title for item in sample.programme]])
    decided = repr([decision.text for decision in sample.decisions])

    assert "20" not in said + decided
    assert "day" not in said + decided


def test_the_list_has_thirty_names_and_a_reserve_of_eight(guests):
    ranks = [guest["rank"] for guest in guests]

    assert ",".join(guests[0]) == COLUMNS
    assert ranks == [""] * 30 + ["1", "2", "3", "4", "5", "6", "7", "8"]


def test_the_guests_are_of_both_languages_and_at_addresses_of_nobody(guests):
    domains = {guest["email"].partition("@")[2] for guest in guests}

    assert Counter(guest["language"] for guest in guests) == {"en": 30, "sv": 8}
    assert domains == {"example.org", "example.com", "example.net"}
    assert len({guest["email"] for guest in guests}) == 38


def test_the_guest_file_is_one_that_the_import_takes(sample):
    hosts = [name for host in sample.hosts for name in host.name.values()]

    file = read_guest_file(SAMPLE_GUESTS, languages=sample.languages, hosts=hosts)

    assert [row.rank for row in file.rows].count(None) == 30
    assert (len(file.rows), file.ignored, file.same_name) == (38, [], [])
