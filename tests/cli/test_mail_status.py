"""`couvert mail status` and `retry`: what keeps mail back, for people and for monitors."""

import json
from datetime import timedelta

import pytest

from app.deliveries.models import PauseKind
from app.deliveries.pauses import ALL, event_scope, note_trouble, stop
from tests.factories import NOW
from tests.outbox import queue


def hold_back(session, kind: PauseKind, minutes: int) -> None:
    since = NOW - timedelta(minutes=minutes)
    words = {"reason": "The mail server cannot be reached", "reply": "Connection refused"}
    note_trouble(session, ALL, kind, began=since, now=since, **words)
    session.commit()


def test_where_all_is_well_the_exit_status_is_0(harmless):
    assert harmless("mail", "status") == "Nothing keeps mail back.\n"
    assert json.loads(harmless("mail", "status", "--json")) == {"alarms": [], "pauses": []}


@pytest.mark.parametrize(
    ("kind", "minutes", "status"),
    [(PauseKind.SETTINGS, 0, 1), (PauseKind.SERVER, 1, 0), (PauseKind.SERVER, 6, 1)],
)
def test_a_monitor_is_told_what_needs_a_person(run, session, kind, minutes, status):
    hold_back(session, kind, minutes)
    result = run("mail", "status", "--json")
    alarms = [alarm["alarm"] for alarm in json.loads(result.stdout)["alarms"]]
    assert (result.exit_code, alarms) == (status, [str(kind)] if status else [])


def test_mail_that_is_overdue_while_nothing_goes_out_is_an_alarm(run, session):
    queue(session, now=NOW - timedelta(minutes=6))
    session.commit()
    result = run("mail", "status")
    assert result.exit_code == 1
    assert "Does a worker run?" in result.stdout


def test_what_an_organiser_stopped_is_no_alarm(run, session):
    stop(session, event_scope(7), by="Astrid", now=NOW)
    session.commit()
    result = run("mail", "status")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1].split() == [
        *("event:7", "stopped", "2026-11-02T09:00:00+00:00", "1", "by", "Astrid")
    ]


def test_after_the_mend_it_is_tried_at_once(run, session):
    hold_back(session, PauseKind.SETTINGS, 1)
    assert run("mail", "retry").stdout == "It is tried again now.\n"
    assert run("mail", "retry").stdout == "Nothing waited for a fault.\n"
