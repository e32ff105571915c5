"""Which worker sends which mail: leases, the rate over all workers, the dead, and odd clocks."""

from datetime import timedelta

import pytest

from app.deliveries import moves, reasons
from app.deliveries.claiming import LONGEST_LEASE, recover, release, renew
from app.deliveries.models import DeliveryState
from app.deliveries.moves import Note
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
    queue,
    read,
    sent,
    take,
)

SECONDS = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def test_a_claim_takes_what_is_due_the_longest_first(session):
    for key, minutes in (("late", 2), ("early", 0), ("middle", 1), ("future", 9)):
        queue(session, key, due_at=NOW + timedelta(minutes=minutes))
    later = NOW + timedelta(minutes=5)
    assert take(session, now=later, limit=2) == ["early", "middle"]
    assert take(session, now=later) == ["late"]


def test_a_claimed_mail_is_left_alone_until_its_lease_ends(session):
    queue(session)
    assert take(session) == ["one"]
    assert take(session, SECOND, now=NOW + LEASE) == []
    assert take(session, SECOND, now=NOW + LEASE + SECONDS) == ["one"]
    assert read(session, "one", "lease") == ("second",)


def test_a_lease_that_is_renewed_lasts_from_then_on(session):
    begun(session, "in hand")
    queue(session, "claimed")
    take(session)
    renew(session, FIRST, now=NOW + 50 * SECONDS)
    ends = NOW + 50 * SECONDS + LEASE
    assert [read(session, key, "lease_until") for key in ("in hand", "claimed")] == [(ends,)] * 2
    assert take(session, SECOND, now=ends) == []


def test_a_lease_that_has_ended_on_what_waits_is_not_renewed(session):
    begun(session, "in hand")
    queue(session, "claimed")
    take(session)
    renew(session, FIRST, now=EXPIRED)
    assert read(session, "in hand", "lease_until") == (EXPIRED + LEASE,)
    assert take(session, SECOND, now=EXPIRED) == ["claimed"]


def test_nobody_renews_the_lease_of_another(session):
    queue(session)
    take(session)
    renew(session, SECOND, now=NOW + 50 * SECONDS)
    assert read(session, "one", "lease_until") == (NOW + LEASE,)


def test_what_is_released_can_be_claimed_at_once_but_for_what_is_kept(session):
    queue(session, "kept")
    queue(session, "released")
    take(session)
    release(session, FIRST, keep=[id_of(session, "kept")])
    assert take(session, SECOND) == ["released"]


def test_what_is_being_handed_over_is_not_released(session):
    begun(session)
    release(session, FIRST)
    assert read(session, "one", "state", "lease") == (DeliveryState.SENDING, "first")


def test_the_rate_counts_what_all_workers_began_and_hold_leased(session):
    for number in range(6):
        queue(session, f"mail{number}")
    assert take(session, limit=1) == ["mail0"]
    assert begin(session, "mail0") == {"mail0": 1}
    assert len(take(session, SECOND, limit=2)) == 2
    assert len(take(session, rate=4)) == 1
    assert take(session, SECOND, rate=4) == []


def test_the_rate_is_free_again_a_minute_after_the_last_was_begun(session):
    sent(session, "before")
    queue(session, "after")
    assert take(session, now=NOW + 60 * SECONDS, rate=1) == []
    assert take(session, now=NOW + 61 * SECONDS, rate=1) == ["after"]


def test_a_mail_tried_twice_counts_twice(session):
    delivery = begun(session)
    queue(session, "two")
    note = Note(NOW, "w", "Busy.")
    moves.mark_deferred(session, delivery.id, lease="first", due_at=NOW, note=note)
    assert take(session, rate=2) == ["one"]
    assert begin(session, "one") == {"one": 2}
    assert take(session, rate=2) == []


def test_a_dead_workers_mail_in_hand_becomes_uncertain_when_its_lease_ends(session):
    begun(session)
    assert recover(session, now=NOW + LEASE) == 0
    assert recover(session, now=EXPIRED) == 1
    assert fate(session) == (DeliveryState.UNCERTAIN, reasons.CRASHED)
    assert take(session, SECOND, now=EXPIRED) == []


def test_a_worker_alone_settles_every_lease_at_once(session):
    begun(session, "in hand")
    queue(session, "claimed")
    take(session)
    assert recover(session, now=NOW, nobody_else=True) == 1
    assert fate(session, "in hand") == (DeliveryState.UNCERTAIN, reasons.CRASHED)
    assert take(session, SECOND) == ["claimed"]


def test_a_mail_in_hand_is_settled_once(session):
    begun(session)
    assert [recover(session, now=EXPIRED) for _ in range(2)] == [1, 0]
    assert recover(session, now=EXPIRED, nobody_else=True) == 0


def test_a_mail_asked_for_before_the_clock_was_set_back_goes_at_once(session):
    queue(session, now=NOW + HOUR)
    assert take(session, now=NOW) == ["one"]


def test_a_mail_deferred_before_the_clock_was_set_back_goes_at_once(session):
    delivery, due_at = begun(session), NOW + HOUR + 30 * SECONDS
    note = Note(NOW + HOUR, "w", "Busy.")
    moves.mark_deferred(session, delivery.id, lease="first", due_at=due_at, note=note)
    assert take(session, now=NOW) == ["one"]


def test_a_mail_scheduled_before_the_clock_was_set_back_keeps_its_time(session):
    due_at = NOW + 2 * HOUR
    queue(session, now=NOW + HOUR, due_at=due_at)
    assert take(session, now=due_at - SECONDS) == []
    assert take(session, now=due_at) == ["one"]


@pytest.mark.parametrize("back", [LONGEST_LEASE, 5 * HOUR])
def test_a_lease_of_a_dead_worker_ends_though_the_clock_was_set_back(session, back):
    queue(session, "claimed")
    take(session)
    begun(session, "in hand")
    assert take(session, SECOND, now=NOW - back) == ["claimed"]
    assert recover(session, now=NOW - back) == 1
