"""When a deferred mail is tried again, and when it is given up."""

from datetime import timedelta

import pytest

from app.deliveries import moves
from app.deliveries.models import Delivery
from app.deliveries.moves import Note
from app.deliveries.retries import GIVE_UP_AFTER, is_given_up, retry_after
from tests.factories import NOW
from tests.outbox import begin, begun, queue, take

LONG_AGO = NOW - timedelta(days=30)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 30), (1, 30), (2, 60), (5, 480), (8, 3600), (4000, 3600)]
)
def test_the_wait_doubles_up_to_an_hour_with_jitter(attempts, seconds):
    waits = [retry_after(attempts).total_seconds() for _ in range(50)]
    assert seconds * 0.8 <= min(waits) < max(waits) <= seconds * 1.2


def test_a_mail_is_given_up_four_days_after_its_first_attempt(session):
    delivery = begun(session)
    ends = NOW + GIVE_UP_AFTER
    assert is_given_up(session, delivery.id, ends) is False
    assert is_given_up(session, delivery.id, ends + timedelta(seconds=1)) is True


def test_the_days_before_the_first_attempt_do_not_count(session):
    delivery = queue(session, now=LONG_AGO)
    assert is_given_up(session, delivery.id, NOW) is False
    take(session)
    begin(session, "one")
    assert is_given_up(session, delivery.id, NOW) is False


def test_later_attempts_do_not_count_anew(session):
    delivery = begun(session)
    moves.mark_deferred(
        session, delivery.id, lease="first", due_at=NOW, note=Note(NOW, "w", "Busy.")
    )
    late = NOW + timedelta(days=3)
    take(session, now=late)
    assert begin(session, "one", now=late) == {"one": 2}
    assert is_given_up(session, delivery.id, NOW + timedelta(days=5)) is True


def test_what_a_person_sends_again_has_four_days_of_its_own(session):
    delivery, late = begun(session), NOW + timedelta(days=9)
    moves.mark_failed(session, delivery.id, lease="first", note=Note(NOW, "w", "Refused."))
    moves.send_again(session, Delivery.id == delivery.id, Note(late, "Astrid"))
    assert is_given_up(session, delivery.id, late) is False
    take(session, now=late)
    assert begin(session, "one", now=late) == {"one": 2}
    assert is_given_up(session, delivery.id, late + timedelta(days=1)) is False
    assert is_given_up(session, delivery.id, late + timedelta(days=5)) is True
