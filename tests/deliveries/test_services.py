"""Asking for a mail, cancelling it, and what an organiser decides of it."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.deliveries import reasons
from app.deliveries.models import DeliveryKind, DeliveryState
from app.deliveries.services import (
    NotPossibleError,
    cancel_batch,
    cancel_one,
    cancel_waiting,
    mark_arrived,
    mark_bounced,
    send_again,
    settle_by_answer,
)
from tests.factories import NOW
from tests.outbox import (
    begin,
    begun,
    failed,
    fate,
    log_of,
    queue,
    read,
    sent,
    states_of,
    take,
    uncertain,
)

ASTRID = {"by": "Astrid", "now": NOW + timedelta(seconds=5)}
INVITATIONS = (DeliveryKind.INVITATION,)
QUEUED, SENDING, CANCELLED = DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.CANCELLED
SENT, UNCERTAIN, BOUNCED = DeliveryState.SENT, DeliveryState.UNCERTAIN, DeliveryState.BOUNCED


def test_one_fact_is_mailed_once(session):
    queue(session, "invitation:1:1")
    with pytest.raises(IntegrityError):
        queue(session, "invitation:1:1")


def test_a_mail_that_is_asked_for_waits_and_the_log_says_who_asked(session):
    queue(session, by="Astrid")
    (line,) = log_of(session)
    assert (line.state, line.at, line.by, line.attempt) == (QUEUED, NOW, "Astrid", 0)
    assert (line.reason, line.reply) == ("", "")
    assert read(session, "one", "state", "due_at", "changed_at") == (QUEUED, NOW, NOW)


def test_a_mail_is_paced_by_the_domain_of_its_recipient_however_it_is_written(session):
    queue(session, recipient="Zofia@Ministry.EXAMPLE")
    assert read(session, "one", "recipient", "recipient_domain") == (
        "Zofia@Ministry.EXAMPLE",
        "ministry.example",
    )


def test_a_scheduled_mail_waits_for_its_time(session):
    later = NOW + timedelta(days=1)
    queue(session, due_at=later)
    assert take(session, now=later - timedelta(seconds=1)) == []
    assert take(session, now=later) == ["one"]


def test_only_what_waits_is_cancelled_and_only_of_that_subject_and_kind(session):
    begun(session, "handed over")
    queue(session, "waiting")
    queue(session, "other subject", subject_id=2)
    facts = {"subject_ids": [1], "reason": "Answered.", "now": NOW}
    assert cancel_waiting(session, (DeliveryKind.DIGEST,), **facts) == 0
    assert cancel_waiting(session, INVITATIONS, **facts) == 1
    assert fate(session, "handed over") == (SENDING, "")
    assert fate(session, "waiting") == (CANCELLED, "Answered.")
    assert fate(session, "other subject") == (QUEUED, "")


def test_of_a_batch_that_is_cancelled_only_what_waits_is_not_sent(session):
    begun(session, "handed over", batch="7:wave:1")
    queue(session, "waiting", batch="7:wave:1")
    queue(session, "other", batch="7:wave:2")
    assert cancel_batch(session, "7:wave:1", **ASTRID) == 1
    assert fate(session, "handed over") == (SENDING, "")
    assert fate(session, "waiting") == (CANCELLED, reasons.CANCELLED)
    assert fate(session, "other") == (QUEUED, "")


def test_one_mail_is_cancelled_by_a_person_even_where_a_worker_has_claimed_it(session):
    delivery = queue(session)
    take(session)
    cancel_one(session, delivery, **ASTRID)
    assert begin(session, "one") == {}
    assert states_of(session) == [QUEUED, CANCELLED]
    assert [(line.by, line.reason) for line in log_of(session)][1:] == [
        ("Astrid", reasons.CANCELLED)
    ]


def test_an_uncertain_mail_that_has_arrived_is_sent(session):
    mark_arrived(session, uncertain(session), **ASTRID)
    assert fate(session) == (SENT, "")
    # It went out when it was handed over, not when somebody said so.
    assert read(session, "one", "sent_at", "changed_at") == (NOW, ASTRID["now"])
    assert log_of(session)[-1].reason == reasons.ARRIVED


@pytest.mark.parametrize("ended", [uncertain, failed])
def test_a_mail_sent_again_keeps_its_message_id_and_counts_on(session, ended):
    delivery = ended(session)
    before = read(session, "one", "message_id")
    send_again(session, delivery, **ASTRID)
    assert fate(session) == (QUEUED, "")
    assert take(session, now=ASTRID["now"]) == ["one"]
    assert begin(session, "one", now=ASTRID["now"]) == {"one": 2}
    assert read(session, "one", "message_id") == before


def test_a_mail_that_came_back_is_bounced_and_keeps_the_time_it_was_sent(session):
    mark_bounced(session, sent(session), **ASTRID)
    assert fate(session) == (BOUNCED, reasons.CAME_BACK)
    assert read(session, "one", "sent_at", "changed_at") == (NOW, ASTRID["now"])


def test_an_uncertain_mail_that_came_back_is_bounced(session):
    mark_bounced(session, uncertain(session), **ASTRID)
    assert states_of(session) == [QUEUED, SENDING, UNCERTAIN, BOUNCED]


def test_the_guests_answer_settles_what_was_uncertain_about_the_invitation(session):
    uncertain(session, "asked")
    uncertain(session, "other guest", subject_id=2)
    sent(session, "sent before")
    assert settle_by_answer(session, INVITATIONS, subject_id=1, now=NOW) == 1
    assert fate(session, "asked") == (SENT, "")
    assert fate(session, "other guest") == (UNCERTAIN, "Lost.")
    assert log_of(session, "asked")[-1].reason == reasons.GUEST_ANSWERED


@pytest.mark.parametrize(
    ("make", "act"),
    [
        (queue, mark_arrived),
        (queue, send_again),
        (queue, mark_bounced),
        (begun, cancel_one),
        (begun, mark_arrived),
        (begun, send_again),
        (begun, mark_bounced),
        (sent, cancel_one),
        (sent, mark_arrived),
        (sent, send_again),
        (failed, cancel_one),
        (failed, mark_arrived),
        (failed, mark_bounced),
        (uncertain, cancel_one),
    ],
)
def test_what_is_not_possible_in_a_state_is_refused_and_changes_nothing(session, make, act):
    delivery = make(session)
    before, lines = fate(session), states_of(session)
    with pytest.raises(NotPossibleError) as refused:
        act(session, delivery, **ASTRID)
    assert str(refused.value) == f"The mail to one@example.org is {before[0]} by now."
    assert (fate(session), states_of(session)) == (before, lines)


def test_of_two_who_press_at_once_the_second_is_told_the_state_of_now(session):
    delivery = uncertain(session)
    session.refresh(delivery)
    mark_arrived(session, delivery, **ASTRID)
    with pytest.raises(NotPossibleError) as refused:
        send_again(session, delivery, **ASTRID)
    assert refused.value.state is SENT
