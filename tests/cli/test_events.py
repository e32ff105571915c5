"""`couvert events`: what is typed, what is printed, what is in the database then."""

import json
from datetime import date
from pathlib import Path

import pytest

from app.event_files.built_in import SAMPLE_EVENT
from app.events.queries import get_event
from app.invitations.withdrawing import withdraw
from tests.event_files.examples import accept
from tests.factories import (
    NOW,
    approve_list,
    make_dinner,
    make_event,
    make_guest,
    make_invitation,
    make_item,
)

SLUG = "public-services-summit-2009"
MOVED = ("--starts", "2026-12-09")


@pytest.fixture
def file(tmp_path) -> Path:
    """The sample's file, to be changed."""
    path = tmp_path / "event.toml"
    path.write_text(SAMPLE_EVENT.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def change(file: Path, old: str, new: str) -> None:
    written = file.read_text(encoding="utf-8")
    assert old in written
    file.write_text(written.replace(old, new, 1), encoding="utf-8")


def test_load_creates_the_event_and_lists_its_parts(run, file, session):
    result = run("events", "load", str(file), *MOVED)
    lines = result.stdout.splitlines()
    assert (result.exit_code, result.stderr) == (0, "")
    assert lines[0] == f'The event "{SLUG}" is loaded.'
    assert "  programme item dinner: new" in lines
    assert get_event(session, SLUG).starts == date(2026, 12, 9)


def test_loading_the_same_file_again_changes_nothing(run, harmless, file):
    run("events", "load", str(file), *MOVED)
    assert harmless("events", "load", str(file), *MOVED) == (
        f'The event "{SLUG}" is as in the file; nothing was changed.\n'
    )


def test_loading_a_changed_file_tells_each_change(run, file, session):
    run("events", "load", str(file), *MOVED)
    change(file, "place_limit = 30", "place_limit = 32")
    change(file, "starts = 2009-12-09T19:00:00", "starts = 2009-12-09T19:30:00")
    assert run("events", "load", str(file), *MOVED).stdout.splitlines() == [
        f'The event "{SLUG}" is brought in line with the file:',
        "  place limit: 30 -> 32",
        "  programme item dinner, starts: 2026-12-09 19:00 -> 2026-12-09 19:30",
    ]
    assert get_event(session, SLUG).place_limit == 32


def test_warnings_go_to_standard_error(run, file, session):
    run("events", "sample")
    run("invitations", "send", SLUG, "--email", "kofi.baidoo-ayensu@example.com")
    change(file, "reply_by = 2009-11-20", "reply_by = 2009-11-21")
    result = run("events", "load", str(file), *MOVED)
    assert result.stderr == (
        "Warning: 1 open invitation has the new reply-by date too: 2026-11-21.\n"
    )


def test_every_mistake_in_a_file_is_told_and_nothing_loaded(refused, file):
    change(file, "place_limit = 30", "place_limit = 0")
    change(file, 'time_zone = "Europe/Stockholm"', 'time_zone = "Europe/Stokholm"')
    lines = refused("events", "load", str(file), *MOVED).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "event, time_zone (line 12)",
        "event, place_limit (line 14)",
    ]


def test_a_file_that_does_not_fit_the_answers_is_refused(run, refused, file):
    run("events", "sample")
    run("invitations", "send", SLUG)
    change(file, "place_limit = 30", "place_limit = 29")
    change(file, "quota = 30", "quota = 29")
    assert refused("events", "load", str(file), *MOVED) == (
        "event, place_limit: 29 is below the 30 places that are accepted (0) or held (30)."
        " Give at least 30.\n"
    )


def test_a_missing_file_is_named(refused, tmp_path):
    path = tmp_path / "none.toml"
    assert refused("events", "load", str(path)) == (
        f"{path}: there is no such file. Check the path.\n"
    )


def test_a_date_that_is_none_is_a_usage_error(run, file):
    result = run("events", "load", str(file), "--starts", "9 December")
    assert result.exit_code == 2
    assert '"9 December" is not a date. Write it like 2026-12-09.' in result.stderr


def test_the_sample_is_loaded_approved_and_has_an_organiser(run):
    assert run("events", "sample").stdout == (
        f'The sample event "{SLUG}" is loaded, and its guest list approved.\n'
    )
    guests = json.loads(run("guests", "list", SLUG, "--json").stdout)
    assert [guest["status"] for guest in guests] == ["approved"] * 30 + ["reserve"] * 8
    assert run("organisers", "sign-in-link", "organiser@stockholm.example").exit_code == 0


def test_the_sample_is_loaded_once(run, harmless):
    run("events", "sample")
    assert harmless("events", "sample") == (
        f'The sample event "{SLUG}" is there already; nothing was changed.\n'
    )


def test_an_unknown_event_is_named_with_those_there_are(refused, session):
    make_event(session)
    session.commit()
    assert refused("events", "status", "sumit") == ('There is no event "sumit". Known: summit.\n')


@pytest.fixture
def walk(session):
    """Three places: one accepted with a companion, one withdrawn, one on the reserve."""
    event = make_event(session)
    make_dinner(session, event)
    make_item(session, event, "visit", places=15)
    accept(session, event, "dinner", "visit", companions=["Åsa Öberg"])
    make_invitation(session, event, email="gone@example.org")
    withdraw(session, event, email="gone@example.org", now=NOW)
    make_guest(session, event, first_name="Ada", last_name="Byron", email="ada@example.org", rank=1)
    approve_list(session, event)
    session.commit()
    return event


def test_status_as_json_has_every_number(harmless, walk):
    assert json.loads(harmless("events", "status", "summit", "--json")) == {
        "place_limit": 3,
        "accepted": 1,
        "held": 0,
        "free": 2,
        "declined": 0,
        "expired": 0,
        "withdrawn": 1,
        "not_invited": 0,
        "half_way": 0,
        "requests": 0,
        "places_to_offer": 2,
        "next_on_reserve": {"name": "Ada Byron", "email": "ada@example.org", "rank": 1},
        "programme": [
            {"slug": "dinner", "title": "Dinner", "places": 40, "yes": 1, "reserve": 0},
            {"slug": "visit", "title": "Visit", "places": 15, "yes": 1, "reserve": 0},
        ],
        "dinner": {"yes": 1, "companions": 1, "diets": {"none": 2}},
        "deliveries": {
            "queued": 1,
            "sending": 0,
            "deferred": 0,
            "sent": 0,
            "failed": 0,
            "uncertain": 0,
            "bounced": 0,
            "cancelled": 2,
        },
    }


def test_status_for_people_names_the_next_on_the_reserve(harmless, walk):
    assert (
        harmless("events", "status", "summit")
        == """\
Public Services Summit (summit)
2026-12-09 to 2026-12-10, reply by 2026-11-20

Accepted     1
Held         0
Free         2
Place limit  3

0 declined, 0 expired, 1 withdrawn; 0 approved and not invited yet
2 places can be offered. Next on the reserve: Dr Ada Byron <ada@example.org>

Item    Title   Places  Taken  Reserve
dinner  Dinner      40      2        0
visit   Visit       15      1        0

Dinner: 2 heads (1 guest, 1 companion)
Diets: 2 none
Deliveries: 1 queued, 2 cancelled
"""
    )


def test_status_says_when_nobody_is_left_on_the_reserve(harmless, session):
    make_event(session)
    session.commit()
    printed = harmless("events", "status", "summit")
    assert "3 places can be offered. Nobody stands on the reserve.\n" in printed
