"""`couvert calendars`, `programme change` and `events call-off`, as they are typed."""

import json

import pytest

from tests.amendments.test_services import invite
from tests.factories import make_event, make_guest, make_item

CHANGE = ("programme", "change", "summit", "visit")
NOTE = ("--note", "en=The hall is needed.", "--note", "sv=Salen behövs.")


@pytest.fixture
def event(session):
    made = make_event(session)
    make_item(session, made, "visit")
    invite(session, made, "visit", email="ada@example.org", first_name="Ada", last_name="Byron")
    make_guest(session, made, email="new@example.org")
    session.commit()
    return made


def test_the_feeds_have_addresses_that_can_be_made_anew(run, client, event):
    for whose in ((), ("--email", "ADA@example.org")):
        address = json.loads(run("calendars", "show", "summit", *whose, "--json").stdout)["feed"]
        assert client.get(address).status_code == 200
        renewed = run("calendars", "renew", "summit", *whose).stdout
        assert client.get(address).status_code == 404
        assert client.get(renewed.split()[-1]).status_code == 200


def test_who_is_not_invited_has_no_feed(refused, event):
    asked = ("calendars", "show", "summit", "--email", "new@example.org")
    assert "is not invited yet" in refused(*asked)


def test_a_dry_run_tells_whom_a_change_hits(harmless, event):
    shown = harmless(*CHANGE, "--starts", "2026-12-10 14:00", "--dry-run")
    assert shown == (
        "visit: 2026-12-10 14:00, Grand Hôtel\n  1 guest told, with an update of the calendar\n"
    )


def test_a_change_is_saved_and_told(run, event):
    done = run(*CHANGE, "--starts", "2026-12-10 14:00", *NOTE, "--by", "Astrid")
    assert done.stdout.endswith("Saved. 1 guest told by mail.\n")
    again = run(*CHANGE, "--starts", "2026-12-10 14:00").stdout
    assert again.startswith("Nothing changes")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("--starts", "2026-12-20 14:00"), "outside the days"),
        (("--ends", "2026-12-10 07:00"), "not after the start"),
        (("--title", "en=Visit", "--note", "en=Only English"), "missing in sv"),
    ],
)
def test_what_cannot_be_is_refused_in_words(refused, event, typed, words):
    assert words in refused(*CHANGE, *typed)


def test_a_text_without_a_language_is_a_slip(run, event):
    assert "names no language" in run(*CHANGE, "--title", "Visit").stderr


def test_an_event_is_called_off_after_a_question(run, event):
    assert "1 guest would be told" in run("events", "call-off", "summit", "--dry-run").stdout
    assert run("events", "call-off", "summit").exit_code == 1  # nobody has said yes
    done = run("events", "call-off", "summit", "--yes", *NOTE)
    assert done.stdout.endswith("Called off. 1 guest told by mail.\n")
    assert "was called off" in run("invitations", "send", "summit").stderr
