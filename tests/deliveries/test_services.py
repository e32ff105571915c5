"""The moves of a delivery: asked for once, claimed by one worker, marked by its holder alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.deliveries.services import (
    CRASHED,
    begin_sending,
    cancel_claimed,
    cancel_waiting,
    claim,
    fail_claimed,
    mark_deferred,
    mark_failed,
    mark_sent,
    mark_uncertain,
    queue_delivery,
    recover,
    release,
    retry_after,
)
from tests.factories import NOW

LEASE = timedelta(minutes=1)
EXPIRED = NOW + timedelta(minutes=2)


def queue(session, key: str, **facts) -> Delivery:
    given = {
        "subject_id": 1,
        "recipient": f"{key}@example.org",
        "language": "en",
        "now": NOW,
        **facts,
    }
    delivery = queue_delivery(session, DeliveryKind.INVITATION, key=key, **given)
    session.flush()
    return delivery


def take(session, *, now=NOW, limit=10, **facts) -> list[Delivery]:
    """Claim, and let go of the rows: a worker's knowledge of them grows old."""
    claimed = claim(session, now=now, limit=limit, lease_for=LEASE, **facts)
    for delivery in claimed:
        session.expunge(delivery)
    return list(claimed)


def begin(session, delivery: Delivery, *, now=NOW) -> bool:
    return begin_sending(session, delivery, message_id="m@example", now=now, lease_for=LEASE)


def fate(session, key: str) -> tuple[DeliveryState, str]:
    row = session.execute(select(Delivery.state, Delivery.error).where(Delivery.key == key)).one()
    return row.state, row.error


def begun(session, key: str) -> Delivery:
    queue(session, key)
    (delivery,) = take(session)
    assert begin(session, delivery)
    return delivery


def test_one_fact_is_mailed_once(session):
    queue(session, "invitation:1:1")
    with pytest.raises(IntegrityError):
        queue(session, "invitation:1:1")


def test_a_claim_takes_what_is_due_the_longest_first(session):
    for key, minutes in (("late", 2), ("early", 0), ("middle", 1), ("future", 9)):
        queue(session, key, now=NOW + timedelta(minutes=minutes))
    claimed = take(session, now=NOW + timedelta(minutes=5), limit=2)
    assert [delivery.key for delivery in claimed] == ["early", "middle"]
    claimed = take(session, now=NOW + timedelta(minutes=5))
    assert [delivery.key for delivery in claimed] == ["late"]


def test_a_claimed_mail_is_left_alone_until_its_lease_ends(session):
    queue(session, "one")
    assert len(take(session)) == 1
    assert take(session, now=NOW + LEASE) == []
    assert len(take(session, now=NOW + LEASE + timedelta(seconds=1))) == 1


def test_what_is_released_can_be_claimed_at_once(session):
    queue(session, "one")
    (delivery,) = take(session)
    release(session, delivery.lease)
    assert len(take(session)) == 1


def test_the_rate_counts_what_was_sent_and_what_is_held(session):
    for number in range(6):
        queue(session, f"mail{number}")
    first = take(session, limit=1)[0]
    assert begin(session, first)
    mark_sent(session, first, reply="250 ok", subject="", text="", now=NOW)
    assert len(take(session, limit=2)) == 2
    assert len(take(session, rate_per_minute=4)) == 1
    assert take(session, rate_per_minute=4) == []
    later = NOW + timedelta(seconds=61)
    assert len(take(session, now=later, rate_per_minute=4)) == 4


def test_a_mail_begun_is_sending_with_one_more_attempt(session):
    begun(session, "one")
    delivery = session.scalars(select(Delivery)).one()
    assert (delivery.state, delivery.attempts) == (DeliveryState.SENDING, 1)
    assert (delivery.message_id, delivery.lease_until) == ("m@example", NOW + LEASE)


def test_beginning_one_mail_renews_the_lease_on_the_rest_of_the_batch(session):
    queue(session, "one")
    queue(session, "two")
    first, second = take(session)
    assert begin(session, first, now=NOW + timedelta(seconds=50))
    assert take(session, now=NOW + timedelta(seconds=100)) == []
    assert begin(session, second, now=NOW + timedelta(seconds=100))


def test_a_mail_cancelled_meanwhile_is_not_begun(session):
    queue(session, "one")
    (delivery,) = take(session)
    kinds = (DeliveryKind.INVITATION,)
    assert cancel_waiting(session, kinds, subject_ids=[1], reason="Withdrawn.") == 1
    assert begin(session, delivery) is False
    assert fate(session, "one") == (DeliveryState.CANCELLED, "Withdrawn.")


def test_a_mail_taken_over_by_another_is_not_begun(session):
    queue(session, "one")
    (slow,) = take(session)
    (fast,) = take(session, now=EXPIRED)
    assert begin(session, slow, now=EXPIRED) is False
    assert begin(session, fast, now=EXPIRED) is True


def test_only_what_waits_is_cancelled_and_only_of_that_subject_and_kind(session):
    begun(session, "handed over")
    queue(session, "waiting")
    queue(session, "other subject", subject_id=2)
    kinds = (DeliveryKind.INVITATION,)
    assert cancel_waiting(session, (DeliveryKind.DIGEST,), subject_ids=[1], reason="No.") == 0
    assert cancel_waiting(session, kinds, subject_ids=[1], reason="Answered.") == 1
    assert fate(session, "handed over") == (DeliveryState.SENDING, "")
    assert fate(session, "waiting") == (DeliveryState.CANCELLED, "Answered.")
    assert fate(session, "other subject") == (DeliveryState.QUEUED, "")


def test_a_sent_mail_keeps_the_reply_and_a_copy(session):
    delivery = begun(session, "one")
    mark_sent(session, delivery, reply="250 ok", subject="Welcome", text="Dear", now=NOW)
    kept = session.scalars(select(Delivery)).one()
    assert (kept.state, kept.sent_at, kept.reply) == (DeliveryState.SENT, NOW, "250 ok")
    assert (kept.subject, kept.text, kept.lease) == ("Welcome", "Dear", None)


def test_a_deferred_mail_is_tried_again_within_a_minute_and_then_ever_later(session):
    delivery = begun(session, "one")
    mark_deferred(session, delivery, reason="Busy.", reply="451", attempts=1, now=NOW)
    assert fate(session, "one") == (DeliveryState.DEFERRED, "Busy.")
    assert take(session, now=NOW + timedelta(seconds=20)) == []
    (again,) = take(session, now=NOW + timedelta(seconds=40))
    assert begin(session, again, now=NOW + timedelta(seconds=40))
    assert session.scalars(select(Delivery.attempts)).one() == 2


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 30), (1, 30), (2, 60), (5, 480), (8, 3600), (4000, 3600)]
)
def test_the_wait_doubles_up_to_an_hour_with_jitter(attempts, seconds):
    waits = [retry_after(attempts).total_seconds() for _ in range(50)]
    assert seconds * 0.8 <= min(waits) < max(waits) <= seconds * 1.2


def test_after_four_days_a_deferred_mail_fails_with_its_last_reason(session):
    delivery = begun(session, "one")
    late = NOW + timedelta(days=4, seconds=1)
    mark_deferred(session, delivery, reason="Busy.", reply="451", attempts=90, now=late)
    assert fate(session, "one") == (DeliveryState.FAILED, "Given up after four days: Busy.")


def test_who_lost_the_lease_cannot_mark(session):
    delivery = begun(session, "one")
    recover(session, now=EXPIRED)
    mark_sent(session, delivery, reply="250", subject="", text="", now=EXPIRED)
    mark_failed(session, delivery, reason="Refused.")
    mark_deferred(session, delivery, reason="Busy.", reply="", attempts=1, now=EXPIRED)
    assert fate(session, "one") == (DeliveryState.UNCERTAIN, CRASHED)


def test_what_waits_is_not_marked_as_if_it_had_been_handed_over(session):
    queue(session, "one")
    (delivery,) = take(session)
    mark_sent(session, delivery, reply="250", subject="", text="", now=NOW)
    mark_uncertain(session, delivery, reason="Lost.")
    assert fate(session, "one") == (DeliveryState.QUEUED, "")


def test_what_is_handed_over_is_not_cancelled_or_failed_as_unsent(session):
    delivery = begun(session, "one")
    cancel_claimed(session, delivery, reason="Answered.")
    fail_claimed(session, delivery, reason="Broken.")
    assert fate(session, "one") == (DeliveryState.SENDING, "")


def test_a_claimed_mail_is_cancelled_or_failed_by_its_holder(session):
    queue(session, "one")
    queue(session, "two")
    first, second = take(session)
    cancel_claimed(session, first, reason="Answered.")
    fail_claimed(session, second, reason="Broken.")
    assert fate(session, "one") == (DeliveryState.CANCELLED, "Answered.")
    assert fate(session, "two") == (DeliveryState.FAILED, "Broken.")


def test_a_dead_workers_mail_in_hand_becomes_uncertain_when_its_lease_ends(session):
    begun(session, "one")
    assert recover(session, now=NOW + LEASE) == 0
    assert recover(session, now=EXPIRED) == 1
    assert fate(session, "one") == (DeliveryState.UNCERTAIN, CRASHED)
    assert take(session, now=EXPIRED) == []


def test_a_worker_alone_settles_every_lease_at_once(session):
    begun(session, "in hand")
    queue(session, "claimed")
    take(session)
    assert recover(session, now=NOW, nobody_else=True) == 1
    assert [delivery.key for delivery in take(session)] == ["claimed"]
