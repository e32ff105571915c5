"""`couvert privacy`: what is kept, and erasing it by hand."""

import json

import pytest

from tests.event_files.examples import accept
from tests.factories import make_dinner, make_event, make_invitation
from tests.privacy.conftest import WORD, tables_with, tell


@pytest.fixture
def event(session):
    made = make_event(session)
    make_dinner(session, made)
    tell(session, make_invitation(session, made))
    accept(session, made, "dinner")
    return made


def test_the_status_tells_how_much_is_kept_and_until_when(harmless, event):
    assert (
        harmless("privacy", "status", event.slug)
        == """\
To be erased at the end of 2026-12-24.
Answers               1
Companions            1
Lines of the history  3
Copies of mails       0
Requests              0
"""
    )


def test_the_status_in_json_after_the_erasure(run, event):
    run("privacy", "erase-health", event.slug, "--yes")
    assert json.loads(run("privacy", "status", event.slug, "--json").stdout) == {
        "erase_health_on": "2026-12-24",
        "erased_on": "2026-11-02",
        **dict.fromkeys(("answers", "companions", "history", "mails", "requests"), 0),
    }


def test_erasing_needs_a_yes(refused, event):
    assert refused("privacy", "erase-health", event.slug) == (
        "Health data of 1 answers and 1 companions would be erased; nothing brings it back."
        " To do so, add --yes.\n"
    )


def test_erasing_once_and_twice(run, session, event):
    told = run("privacy", "erase-health", event.slug, "--yes").stdout
    assert told == "Diets and access needs are erased, and no longer asked for.\n"
    assert tables_with(session, WORD) == set()
    session.rollback()
    again = run("privacy", "erase-health", "summit", "--yes").stdout
    assert again == "It was erased on 2026-11-02; nothing was changed.\n"
