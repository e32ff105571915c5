"""`couvert programme`: the items, and naming guests for those open by name."""

import json

import pytest

from app.programme.queries import named_guest_ids
from tests.factories import make_event, make_guest, make_item


@pytest.fixture
def event(session):
    made = make_event(session)
    make_item(session, made, "opening")
    for name in ("ada", "bo"):
        host = made.hosts[0].id if name == "bo" else None
        make_guest(session, made, email=f"{name}@example.org", host_id=host)
    return made


@pytest.fixture
def item(session, event):
    made = make_item(session, event, "visit", by_name=True, places=5)
    session.commit()
    return made


def test_the_list_tells_who_may_come(harmless, item):
    listed = json.loads(harmless("programme", "list", "summit", "--json"))
    assert listed[1] == {
        "slug": item.slug,
        "title": "Visit",
        "places": 5,
        "yes": 0,
        "reserve": 0,
        "locks": "2026-12-01",
        "by_name": True,
        "named": 0,
        "unnamed": [],
    }
    assert "visit    5       0    0" in harmless("programme", "list", "summit")


@pytest.mark.parametrize(
    ("whom", "number"),
    [
        (["--email", "ada@example.org", "--email", "BO@example.org"], "2 guests"),
        (["--host", "stockholms stad"], "1 guest"),
        (["--all"], "2 guests"),
    ],
)
def test_guests_are_named_and_no_longer(run, session, item, whom, number):
    told = run("programme", "name", "summit", "visit", *whom).stdout
    assert told == f"{number} named anew for visit.\n"
    assert len(named_guest_ids(session, item)) == int(number[0])
    session.commit()
    told = run("programme", "unname", "summit", "visit", *whom).stdout
    assert told == f"{number} no longer named for visit.\n"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (["visit"], "Say whom: --email ADDRESS (several times), --host NAME, or --all.\n"),
        (["visit", "--host", "Cisco"], 'There is no host "Cisco". Known: City of Stockholm.\n'),
        (["tour", "--all"], 'There is no programme item "tour". Known: opening, visit.\n'),
        (["visit", "--email", "x@y.example"], "No guest of this event has the address x@y"),
        (["opening", "--all"], '"opening" is open to every guest; to open it by name only'),
    ],
)
def test_what_cannot_be_done_is_told(refused, item, typed, words):
    assert refused("programme", "name", "summit", *typed).startswith(words)
    assert item.by_name
