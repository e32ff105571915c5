"""Batches: the mails asked for in one press, and how far their sending has come."""

from datetime import timedelta

import pytest

from app.deliveries.batches import (
    list_batches,
    next_reminder_batch,
    read_progress,
    reminder_batch,
    wave_batch,
)
from app.deliveries.models import Delivery, DeliveryState, PauseKind
from app.deliveries.moves import Note, cancel
from app.deliveries.pauses import ALL, batch_scope, event_scope, note_trouble, stop
from tests.factories import NOW, make_event
from tests.outbox import begun, failed, queue, sent, uncertain

SECONDS = timedelta(seconds=1)


@pytest.fixture
def event(session):
    return make_event(session)


def counted(progress) -> dict[DeliveryState, int]:
    return {state: number for state, number in progress.counts.items() if number}


def test_progress_counts_every_state_of_the_batch_and_of_no_other(session, event):
    mine = {"event_id": event.id, "batch": wave_batch(event.id, 1)}
    for make, key in ((queue, "q"), (begun, "b"), (sent, "s"), (failed, "f"), (uncertain, "u")):
        make(session, key, **mine)
    queue(session, "other batch", event_id=event.id, batch=wave_batch(event.id, 2))
    progress = read_progress(session, event.id, now=NOW, batch=wave_batch(event.id, 1))
    expected = dict.fromkeys(("queued", "sending", "sent", "failed", "uncertain"), 1)
    assert counted(progress) == {DeliveryState(state): 1 for state in expected}
    assert list(progress.counts) == list(DeliveryState)
    assert (progress.total, progress.waiting, progress.unfinished, progress.done) == (5, 1, 2, 3)


def test_without_a_batch_all_mails_of_the_event_count(session, event):
    queue(session, "in a batch", event_id=event.id, batch=wave_batch(event.id, 1))
    queue(session, "alone", event_id=event.id)
    queue(session, "elsewhere", event_id=make_event(session, slug="gala").id)
    assert counted(read_progress(session, event.id, now=NOW)) == {DeliveryState.QUEUED: 2}


def test_what_was_cancelled_is_no_part_of_the_whole(session, event):
    sent(session, "gone out", event_id=event.id)
    queue(session, "cancelled", event_id=event.id)
    cancel(session, Delivery.key == "cancelled", Note(NOW, "Astrid"))
    progress = read_progress(session, event.id, now=NOW)
    assert (progress.total, progress.done) == (1, 1)


def test_the_time_left_comes_from_the_speed_of_the_last_minute(session, event):
    sent(session, "long ago", now=NOW - 61 * SECONDS, event_id=event.id)
    for number in range(4):
        sent(session, f"sent{number}", now=NOW - 30 * SECONDS, event_id=event.id)
    for number in range(6):
        queue(session, f"waits{number}", event_id=event.id)
    progress = read_progress(session, event.id, now=NOW)
    assert (progress.per_minute, progress.unfinished) == (4, 6)
    assert progress.time_left(NOW) == timedelta(seconds=60)


def test_before_the_first_has_gone_out_nobody_knows_the_time_left(session, event):
    queue(session, event_id=event.id)
    assert read_progress(session, event.id, now=NOW).time_left(NOW) is None


def test_what_is_scheduled_says_when_it_goes_and_no_time_left(session, event):
    sent(session, "before", event_id=event.id)
    due_at = NOW + timedelta(days=1)
    queue(session, "scheduled", event_id=event.id, due_at=due_at)
    progress = read_progress(session, event.id, now=NOW)
    assert (progress.due_at, progress.time_left(NOW)) == (due_at, None)


def test_a_batch_is_held_by_its_own_stop_or_its_events_or_a_fault(session, event):
    mine, other = wave_batch(event.id, 1), wave_batch(event.id, 2)

    def holder(batch):
        held_by = read_progress(session, event.id, now=NOW, batch=batch).held_by
        return held_by and held_by.scope

    assert holder(mine) is None
    words = {"reason": "Away.", "reply": "", "began": NOW, "now": NOW}
    note_trouble(session, ALL, PauseKind.SERVER, **words)
    assert [holder(batch) for batch in (mine, other)] == [ALL, ALL]
    stop(session, batch_scope(mine), by="Astrid", now=NOW)
    assert [holder(batch) for batch in (mine, other)] == [batch_scope(mine), ALL]
    stop(session, event_scope(event.id), by="Astrid", now=NOW)
    assert holder(other) == event_scope(event.id)


def test_batches_are_listed_newest_first_with_their_counts(session, event):
    wave, reminder = wave_batch(event.id, 1), reminder_batch(event.id, 1)
    sent(session, "one", event_id=event.id, batch=wave)
    queue(session, "two", event_id=event.id, batch=wave)
    queue(session, "late", event_id=event.id, batch=reminder, now=NOW + SECONDS)
    queue(session, "alone", event_id=event.id)
    batches = list_batches(session, event.id)
    assert [(each.name, each.kind, each.number) for each in batches] == [
        (reminder, "reminder", 1),
        (wave, "wave", 1),
    ]
    assert batches[1].asked_at == NOW
    assert batches[1].counts == {DeliveryState.SENT: 1, DeliveryState.QUEUED: 1}


def test_reminders_are_numbered_within_their_event_also_past_nine(session, event):
    other = make_event(session, slug="gala", id=event.id * 10 + 1)
    assert next_reminder_batch(session, event.id) == f"{event.id}:reminder:1"
    for number in (1, 9, 10):
        queue(session, f"r{number}", event_id=event.id, batch=reminder_batch(event.id, number))
    queue(session, "wave", event_id=event.id, batch=wave_batch(event.id, 40))
    queue(session, "other", event_id=other.id, batch=reminder_batch(other.id, 70))
    assert next_reminder_batch(session, event.id) == f"{event.id}:reminder:11"
