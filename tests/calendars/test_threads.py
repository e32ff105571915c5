"""Mails of one thread go out in the order in which they were asked for, one at a time."""

from datetime import timedelta

import pytest

from app.deliveries import moves
from app.deliveries.models import DeliveryState
from app.deliveries.moves import Note
from app.deliveries.services import recall
from tests.factories import NOW, make_event
from tests.outbox import FIRST, SECOND, begin, queue, take

THREAD = {"thread": "calendar:1"}


def test_a_later_mail_waits_for_an_earlier_one(session):
    queue(session, "one", **THREAD)
    queue(session, "two", **THREAD)
    queue(session, "other", thread="calendar:2")
    assert take(session) == ["one", "other"]
    assert take(session, SECOND) == []


@pytest.mark.parametrize("state", ["sending", "deferred"])
def test_it_waits_while_the_earlier_one_is_under_way(session, state):
    first = queue(session, "one", **THREAD)
    queue(session, "two", **THREAD)
    take(session)
    begin(session, "one")
    if state == "deferred":
        later = NOW + timedelta(minutes=5)
        note = Note(NOW, FIRST.name, "Greylisted")
        moves.mark_deferred(session, first.id, lease=FIRST.lease, due_at=later, note=note)
    assert take(session, SECOND) == []


@pytest.mark.parametrize(
    "state", [DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNCERTAIN]
)
def test_it_goes_once_the_earlier_one_is_settled(session, state):
    first = queue(session, "one", **THREAD)
    queue(session, "two", **THREAD)
    take(session)
    begin(session, "one")
    note = Note(NOW, FIRST.name, "Settled")
    match state:
        case DeliveryState.SENT:
            moves.mark_sent(session, {first.id: note}, lease=FIRST.lease)
        case DeliveryState.FAILED:
            moves.mark_failed(session, first.id, lease=FIRST.lease, note=note)
        case DeliveryState.UNCERTAIN:
            moves.mark_uncertain(session, first.id, lease=FIRST.lease, note=note)
    assert take(session) == ["two"]


def test_mails_without_a_thread_wait_for_nobody(session):
    queue(session, "one")
    queue(session, "two")
    assert take(session) == ["one", "two"]


def test_a_mail_that_was_made_ahead_is_made_anew_once_recalled(session):
    event = make_event(session)
    queue(session, "one", event_id=event.id)
    assert take(session) == ["one"]
    recall(session, event.id)
    assert begin(session, "one") == {}
    assert take(session, SECOND) == ["one"]
