"""One provider that asks for patience, one full mailbox, a greylist: the others do not wait."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta

import pytest

from app.config import Settings
from app.db.engine import SessionFactory
from app.deliveries.models import DeliveryState, PauseKind
from tests.factories import NOW
from tests.faults.batch import Batch, invite
from tests.faults.matrix import Others, Row, read_rows
from tests.faults.smtp_server import Fault, FaultServer, Step

LATER = "451 4.7.1 Too much mail from you"
FULL = "452 4.2.2 Full"
Begin = Callable[..., Batch]
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
STRIKES = [row for row in read_rows() if row.others is Others.PROVIDER]
SENT, DEFERRED, QUEUED = DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.QUEUED


def mailboxes(domain: str, number: int) -> list[str]:
    return [f"guest{each}@{domain}" for each in range(1, number + 1)]


@pytest.fixture
def begin(sessions: SessionFactory, settings_for: Callable[..., Settings]):
    """Ask for a mail to each address, and send what is due to a server with these faults."""
    with ExitStack() as opened:

        def begun(emails: list[str], script: list[Fault], **given: object) -> Batch:
            narrow = bool(given.pop("narrow", False))
            invite(sessions, emails)
            server = opened.enter_context(FaultServer(script, narrow=narrow))
            batch = opened.enter_context(Batch(settings_for(server, **given), server))
            if narrow:
                batch.lengthen()
            batch.send_due()
            return batch

        yield begun


def states(batch: Batch, domain: str) -> Counter[DeliveryState]:
    return Counter(each.state for each in batch.deliveries() if each.recipient_domain == domain)


def attempts(batch: Batch) -> int:
    return sum(delivery.attempts for delivery in batch.deliveries())


def taken(batch: Batch) -> Counter[str]:
    return Counter(mail.recipient for mail in batch.server.messages)


@ON_SQLITE
@pytest.mark.parametrize("row", STRIKES, ids=str)
def test_after_the_fifth_the_others_to_the_provider_wait_and_nobody_else(row: Row, begin: Begin):
    emails = [*mailboxes("agh.test", 8), *mailboxes("stockholm.test", 2)]
    script = row.script(10, recipient="@agh.test")
    batch = begin(emails, script, narrow=row.step is Step.CONTENT)
    assert states(batch, "agh.test") == {DEFERRED: 5, QUEUED: 3}
    assert states(batch, "stockholm.test") == {SENT: 2}
    (pause,) = batch.pauses()
    assert (pause.scope, pause.kind, pause.strikes) == ("domain:agh.test", PauseKind.DOMAIN, 5)
    batch.server.script = []
    batch.run()
    assert set(taken(batch).values()) == {1}
    assert len(taken(batch)) == 10


@pytest.mark.parametrize("connections", [1, 4])
def test_a_large_provider_that_asks_for_patience_gets_one_mail_at_a_time(
    connections: int, begin: Begin
):
    emails = [*mailboxes("agh.test", 40), *mailboxes("stockholm.test", 10)]
    script = [Fault(Step.RCPT, LATER, recipient="@agh.test")]
    batch = begin(emails, script, connections=connections)
    assert states(batch, "stockholm.test") == {SENT: 10}
    assert 5 <= states(batch, "agh.test")[DEFERRED] < 5 + connections
    for _ in range(4):
        before = attempts(batch)
        batch.clock.now = max(pause.until for pause in batch.pauses())
        batch.send_due()
        assert attempts(batch) == before + 1


def test_a_provider_that_takes_mail_again_gets_all_of_it_once(begin: Begin):
    batch = begin(mailboxes("agh.test", 40), [Fault(Step.RCPT, LATER)], connections=4)
    batch.server.script = []
    batch.run()
    assert states(batch, "agh.test") == {SENT: 40}
    assert set(taken(batch).values()) == {1}


def test_full_mailboxes_do_not_slow_their_neighbours(begin: Begin):
    emails = mailboxes("agh.test", 12)
    full = [Fault(Step.RCPT, FULL, recipient=email) for email in emails[:7]]
    batch = begin(emails, full)
    assert states(batch, "agh.test") == {DEFERRED: 7, SENT: 5}
    assert batch.pauses() == []


def test_a_mailbox_that_is_full_no_more_gets_its_mail(begin: Begin):
    batch = begin(mailboxes("agh.test", 2), [Fault(Step.RCPT, FULL, messages=frozenset({1}))])
    batch.run()
    assert [each.attempts for each in batch.deliveries()] == [2, 1]
    assert set(taken(batch).values()) == {1}


@pytest.mark.parametrize("connections", [1, 4])
def test_a_greylist_is_passed_by_every_mail_with_its_own_message_id(connections: int, begin: Begin):
    emails = mailboxes("agh.test", 12)
    greylist = [Fault(Step.RCPT, LATER, recipient=email, times=1) for email in emails]
    batch = begin(emails, greylist, connections=connections)
    first = {each.id: each.message_id for each in batch.deliveries() if each.message_id}
    batch.run()
    assert {each.attempts for each in batch.deliveries()} == {2}
    assert first.items() <= {each.id: each.message_id for each in batch.deliveries()}.items()
    assert set(taken(batch).values()) == {1}
    assert batch.clock.now - NOW < timedelta(minutes=10)
