"""Lists and counts of deliveries."""

from datetime import timedelta

from app.deliveries.models import INVITING, Delivery, DeliveryKind, DeliveryState
from app.deliveries.queries import (
    count_by_state,
    find_delivery,
    list_deliveries,
    list_of_guest,
    list_to_look_at,
    read_fates,
    read_log,
)
from app.deliveries.services import queue_delivery
from tests.factories import NOW, make_event, make_guest
from tests.outbox import sent

ENDS = {
    DeliveryState.SENDING: {"lease": "a worker"},
    DeliveryState.SENT: {"sent_at": NOW},
    DeliveryState.FAILED: {"error": "Refused."},
}


def queue(session, event, state=DeliveryState.QUEUED, minutes: int = 0, **facts) -> Delivery:
    number = len(list_deliveries(session, event.id))
    delivery = queue_delivery(
        session,
        DeliveryKind.INVITATION,
        key=f"{event.slug}:{number}",
        subject_id=number,
        recipient="zofia@example.org",
        language="en",
        event_id=event.id,
        now=NOW + timedelta(minutes=minutes),
        **facts,
    )
    delivery.state = state
    for name, value in ENDS.get(state, {}).items():
        setattr(delivery, name, value)
    session.flush()
    return delivery


def test_deliveries_are_listed_newest_first_of_one_state_or_all(session):
    event = make_event(session)
    old, new = queue(session, event), queue(session, event, minutes=1)
    sent = queue(session, event, DeliveryState.SENT, minutes=1)
    assert list(list_deliveries(session, event.id)) == [sent, new, old]
    assert list(list_deliveries(session, event.id, state=DeliveryState.SENT)) == [sent]


def test_what_a_person_must_see_to_comes_by_urgency(session):
    event = make_event(session)
    kept = {state: queue(session, event, state) for state in DeliveryState}
    assert list_to_look_at(session, event.id) == [
        kept[DeliveryState.FAILED],
        kept[DeliveryState.UNCERTAIN],
        kept[DeliveryState.BOUNCED],
        kept[DeliveryState.DEFERRED],
    ]


def test_every_state_is_counted_empty_ones_as_none(session):
    event, other = make_event(session), make_event(session, slug="gala")
    queue(session, event)
    queue(session, event, DeliveryState.SENT)
    queue(session, other, DeliveryState.SENT)
    counts = count_by_state(session, event.id)
    assert list(counts) == list(DeliveryState)
    assert {state: number for state, number in counts.items() if number} == {
        DeliveryState.QUEUED: 1,
        DeliveryState.SENT: 1,
    }


def test_a_delivery_is_found_within_its_own_event(session):
    event, other = make_event(session), make_event(session, slug="gala")
    delivery = queue(session, event)
    assert find_delivery(session, event.id, delivery.public_id) is delivery
    assert find_delivery(session, other.id, delivery.public_id) is None


def test_the_mails_of_one_guest_are_listed_newest_first(session):
    event = make_event(session)
    guest = make_guest(session, event)
    queue(session, event)
    old = queue(session, event, guest_id=guest.id)
    new = queue(session, event, minutes=1, guest_id=guest.id)
    assert list(list_of_guest(session, guest.id)) == [new, old]


def test_what_waits_for_a_time_or_a_stop_is_held_and_what_was_cancelled_never_went(session):
    event = make_event(session)
    later = NOW + timedelta(hours=1)
    scheduled = queue(session, event, due_at=later)
    stopped = queue(session, event, batch="1:wave:1")
    cancelled = queue(session, event, DeliveryState.CANCELLED)
    gone = queue(session, event, DeliveryState.SENT)
    fates = read_fates(session, event.id, INVITING, now=NOW, stopped=["1:wave:1"])
    assert fates.held == {scheduled.subject_id, stopped.subject_id}
    assert [fates.never_went(mail.subject_id) for mail in (cancelled, gone)] == [True, False]
    assert [fates.went_out(mail.subject_id) for mail in (cancelled, gone)] == [False, True]


def test_the_log_tells_every_move_the_oldest_first(session):
    delivery = sent(session)
    sent(session, "other")
    assert [
        (line.state, line.attempt, line.by, line.reply) for line in read_log(session, delivery.id)
    ] == [
        (DeliveryState.QUEUED, 0, "", ""),
        (DeliveryState.SENDING, 1, "worker first", ""),
        (DeliveryState.SENT, 1, "worker first", "250 ok"),
    ]
