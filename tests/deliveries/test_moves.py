"""The moves of a delivery: who holds the lease marks it, each move is logged, none is made up."""

from datetime import timedelta

import pytest

from app.deliveries import moves, reasons
from app.deliveries.claiming import recover
from app.deliveries.models import Delivery, DeliveryState
from app.deliveries.moves import TRANSITIONS, Note
from tests.factories import NOW
from tests.outbox import (
    EXPIRED,
    FIRST,
    LEASE,
    SECOND,
    begin,
    begun,
    fate,
    id_of,
    log_of,
    queue,
    read,
    sent,
    states_of,
    take,
    uncertain,
)

QUEUED, SENDING, DEFERRED = DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED
SENT, FAILED, CANCELLED = DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.CANCELLED
UNCERTAIN = DeliveryState.UNCERTAIN
LATER = NOW + timedelta(seconds=7)
TAKEN = Note(LATER, FIRST.name, reply="250 ok")
TROUBLE = Note(LATER, FIRST.name, "Busy.", "451 later")


def test_the_picture_names_every_state_and_no_other():
    assert set(TRANSITIONS) == set(DeliveryState)
    assert set().union(*TRANSITIONS.values()) == set(DeliveryState)


def test_what_came_back_and_what_was_cancelled_moves_no_more():
    ends = {state for state, onward in TRANSITIONS.items() if not onward}
    assert ends == {DeliveryState.BOUNCED, CANCELLED}


def test_a_mail_begun_is_sending_with_one_more_attempt_and_its_message_id(session):
    delivery = begun(session)
    message_id = f"{delivery.public_id}@stockholm.example"
    columns = ("state", "attempts", "message_id", "lease", "lease_until")
    assert read(session, "one", *columns) == (SENDING, 1, message_id, "first", NOW + LEASE)
    line = log_of(session)[-1]
    assert (line.state, line.attempt, line.at, line.by) == (SENDING, 1, NOW, "worker first")


def test_the_message_id_stays_though_the_sender_has_another_domain_by_now(session):
    delivery = begun(session)
    before = read(session, "one", "message_id")
    moves.mark_deferred(session, delivery.id, lease="first", due_at=LATER, note=TROUBLE)
    take(session, now=LATER)
    again = Note(LATER, FIRST.name)
    facts = {"lease": "first", "lease_until": EXPIRED, "domain": "other.example", "note": again}
    assert moves.begin(session, [delivery.id], **facts) == {delivery.id: 2}
    assert read(session, "one", "message_id") == before


def test_what_was_cancelled_or_taken_over_meanwhile_is_not_begun(session):
    for key in ("cancelled", "taken over", "good"):
        queue(session, key)
    take(session)
    moves.cancel(session, Delivery.key == "cancelled", Note(NOW, "Astrid", "Withdrawn."))
    taken_over = session.get_one(Delivery, id_of(session, "taken over"))
    taken_over.lease = SECOND.lease
    session.flush()
    assert begin(session, "cancelled", "taken over", "good") == {"good": 1}
    assert states_of(session, "taken over") == [QUEUED]


def test_a_mail_whose_lease_has_ended_is_not_begun(session):
    queue(session)
    take(session)
    assert begin(session, "one", now=NOW + LEASE + timedelta(seconds=1)) == {}
    assert begin(session, "one", now=NOW + LEASE) == {"one": 1}


def test_a_sent_mail_has_its_time_and_the_servers_words_and_no_lease(session):
    delivery = begun(session)
    assert moves.mark_sent(session, {delivery.id: TAKEN}, lease="first") == [delivery.id]
    columns = ("state", "sent_at", "changed_at", "lease", "lease_until")
    assert read(session, "one", *columns) == (SENT, LATER, LATER, None, None)
    assert [line.reply for line in log_of(session)] == ["", "", "250 ok"]


def test_of_several_mails_sent_each_has_its_own_line(session):
    first, second = begun(session, "one"), begun(session, "two")
    notes = {first.id: Note(NOW, "w", reply="250 a"), second.id: Note(LATER, "w", reply="250 b")}
    assert sorted(moves.mark_sent(session, notes, lease="first")) == [first.id, second.id]
    lines = [log_of(session, key)[-1] for key in ("one", "two")]
    assert [(line.at, line.reply) for line in lines] == [(NOW, "250 a"), (LATER, "250 b")]


def test_nothing_answered_notes_nothing(session):
    assert moves.mark_sent(session, {}, lease="first") == []


def test_a_refused_mail_fails_for_good_with_its_reason(session):
    delivery = begun(session)
    moves.mark_failed(session, delivery.id, lease="first", note=Note(LATER, "w", "No.", "550"))
    assert fate(session) == (FAILED, "No.")
    assert log_of(session)[-1].reply == "550"


def test_a_deferred_mail_waits_for_its_time(session):
    delivery, due_at = begun(session), LATER + timedelta(seconds=30)
    moves.mark_deferred(session, delivery.id, lease="first", due_at=due_at, note=TROUBLE)
    assert fate(session) == (DEFERRED, "Busy.")
    assert read(session, "one", "due_at", "changed_at", "lease") == (due_at, LATER, None)
    assert take(session, now=due_at - timedelta(seconds=1)) == []
    assert take(session, now=due_at) == ["one"]


def test_who_does_not_hold_the_lease_cannot_mark(session):
    delivery = begun(session)
    assert moves.mark_sent(session, {delivery.id: TAKEN}, lease="second") == []
    assert moves.mark_failed(session, delivery.id, lease="second", note=TROUBLE) == []
    assert moves.mark_uncertain(session, delivery.id, lease="second", note=TROUBLE) == []
    facts = {"lease": "second", "due_at": LATER, "note": TROUBLE}
    assert moves.mark_deferred(session, delivery.id, **facts) == []
    assert states_of(session) == [QUEUED, SENDING]


def test_what_waits_is_not_marked_as_if_it_had_been_handed_over(session):
    delivery = queue(session)
    take(session)
    assert moves.mark_sent(session, {delivery.id: TAKEN}, lease="first") == []
    assert moves.mark_uncertain(session, delivery.id, lease="first", note=TROUBLE) == []
    assert fate(session) == (QUEUED, "")


def test_what_is_handed_over_is_not_cancelled_or_failed_as_unsent(session):
    delivery = begun(session)
    moves.cancel(session, Delivery.key == "one", TROUBLE)
    moves.cancel_claimed(session, delivery.id, lease="first", note=TROUBLE)
    moves.fail_claimed(session, delivery.id, lease="first", note=TROUBLE)
    assert fate(session) == (SENDING, "")


def test_a_claimed_mail_is_cancelled_or_failed_by_its_holder_alone(session):
    one, two = queue(session, "one"), queue(session, "two")
    take(session)
    assert moves.cancel_claimed(session, one.id, lease="second", note=TROUBLE) == []
    assert moves.cancel_claimed(session, one.id, lease="first", note=TROUBLE) == [one.id]
    assert moves.fail_claimed(session, two.id, lease="first", note=TROUBLE) == [two.id]
    assert (fate(session, "one"), fate(session, "two")) == (
        (CANCELLED, "Busy."),
        (FAILED, "Busy."),
    )


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (lambda s, row: moves.mark_sent(s, {row: TAKEN}, lease="first"), SENT),
        (lambda s, row: moves.mark_failed(s, row, lease="first", note=TROUBLE), FAILED),
        (
            lambda s, row: moves.mark_deferred(s, row, lease="first", due_at=LATER, note=TROUBLE),
            DEFERRED,
        ),
        (lambda s, row: moves.mark_uncertain(s, row, lease="first", note=TROUBLE), UNCERTAIN),
    ],
)
def test_the_late_answer_of_a_worker_given_up_for_dead_settles_the_question(session, answer, state):
    delivery = begun(session)
    assert recover(session, now=EXPIRED) == 1
    answer(session, delivery.id)
    expected = [QUEUED, SENDING, UNCERTAIN] + ([state] if state is not UNCERTAIN else [])
    assert states_of(session) == expected


def test_a_late_answer_counts_no_more_once_a_person_has_decided(session):
    delivery = begun(session)
    recover(session, now=EXPIRED)
    moves.send_again(session, Delivery.id == delivery.id, Note(EXPIRED, "Astrid"))
    assert moves.mark_sent(session, {delivery.id: TAKEN}, lease="first") == []
    assert fate(session) == (QUEUED, "")


def test_what_a_commit_in_doubt_began_is_put_back_but_not_what_is_in_hand(session):
    lost, out = begun(session, "lost"), begun(session, "out")
    note = Note(LATER, FIRST.name, reasons.NOT_HANDED_OVER)
    assert moves.put_back(session, lease="first", in_hand=[out.id], note=note) == [lost.id]
    assert fate(session, "lost") == (DEFERRED, reasons.NOT_HANDED_OVER)
    assert fate(session, "out") == (SENDING, "")
    assert take(session, SECOND, now=LATER) == ["lost"]


def test_nothing_of_another_worker_or_in_another_state_is_put_back(session):
    uncertain(session, "uncertain")
    sent(session, "sent")
    begun(session, "mine")
    note = Note(LATER, SECOND.name, reasons.NOT_HANDED_OVER)
    assert moves.put_back(session, lease="second", in_hand=[], note=note) == []
    assert fate(session, "uncertain") == (UNCERTAIN, "Lost.")


def test_a_mail_that_passes_for_lost_is_not_put_back_though_its_lease_is_kept(session):
    begun(session)
    recover(session, now=EXPIRED)
    assert read(session, "one", "lease") == ("first",)
    note = Note(EXPIRED, FIRST.name, reasons.NOT_HANDED_OVER)
    assert moves.put_back(session, lease="first", in_hand=[], note=note) == []
    assert fate(session) == (UNCERTAIN, reasons.CRASHED)


def test_a_move_that_is_not_in_the_picture_is_an_error_of_ours(session):
    with pytest.raises(ValueError, match="sent"):
        moves._move_all(session, Delivery.id == 1, QUEUED, TROUBLE, sources=(SENT,))  # noqa: SLF001
