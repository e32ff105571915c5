"""Relays with limits of their own, and faults met over several connections at once."""

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from app.config import Settings
from app.db.engine import SessionFactory
from app.deliveries.models import DeliveryState, PauseKind
from tests.faults.batch import Batch, invite
from tests.faults.matrix import Row, Way, read_rows
from tests.faults.smtp_server import DROP, Fault, FaultServer, Step

MAILS = 12
STRUCK = (1, 6, 12)
EMAILS = [f"guest{number}@example.org" for number in range(1, MAILS + 1)]
SENT, DEFERRED, QUEUED = DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.QUEUED
OVER_SEVERAL = {
    (Step.RCPT, Way.NEVER),
    (Step.RCPT, Way.CLOSING),
    (Step.DATA, Way.DROP),
    (Step.DOT, Way.LATER),
    (Step.DOT, Way.DROP),
}
ROWS = [row for row in read_rows() if (row.step, row.way) in OVER_SEVERAL]
REFUSED_SIGN_IN = Fault(Step.AUTH, "535 5.7.8 Wrong")
Begin = Callable[..., Batch]


@pytest.fixture
def begin(sessions: SessionFactory, settings_for: Callable[..., Settings]):
    """Ask for a mail to each address, for a worker with so many connections to this server."""
    with ExitStack() as opened:

        def begun(server: FaultServer, connections: int = 1) -> Batch:
            invite(sessions, EMAILS)
            opened.enter_context(server)
            settings = settings_for(server, connections=connections)
            return opened.enter_context(Batch(settings, server))

        yield begun


def states(batch: Batch) -> list[DeliveryState]:
    return [delivery.state for delivery in batch.deliveries()]


def attempts(batch: Batch) -> list[int]:
    return [delivery.attempts for delivery in batch.deliveries()]


def most_copies(batch: Batch) -> int:
    """Return how often the server took the mail it took most often."""
    return max(Counter(mail.message_id for mail in batch.server.messages).values())


@pytest.mark.parametrize("act", [DROP, "421 4.3.2 One mail only"])
def test_a_relay_that_closes_after_each_mail_gets_every_mail_at_once(act: str, begin: Begin):
    batch = begin(FaultServer([Fault(Step.AFTER, act)]))
    batch.send_due()
    assert (states(batch), attempts(batch)) == ([SENT] * MAILS, [1] * MAILS)
    assert most_copies(batch) == 1


def test_a_relay_that_closes_after_five_mails_gets_every_mail_at_once(begin: Begin):
    batch = begin(FaultServer(mails_per_connection=5))
    batch.send_due()
    assert (states(batch), attempts(batch)) == ([SENT] * MAILS, [1] * MAILS)
    assert (batch.server.connections, most_copies(batch)) == (3, 1)


def test_a_relay_that_takes_two_connections_gets_every_mail_over_them(begin: Begin, caplog):
    server = FaultServer([Fault(Step.EHLO, delay=0.1)], most_connections=2)
    batch = begin(server, connections=4)
    batch.send_due()
    assert Counter(states(batch)) == {SENT: MAILS - 2, DEFERRED: 2}
    assert batch.pauses() == []
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []
    batch.run()
    assert (states(batch), most_copies(batch)) == ([SENT] * MAILS, 1)
    assert server.connections <= 6


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_fault_over_several_connections_strikes_no_other_mail(row: Row, begin: Begin):
    server = FaultServer()
    for number in STRUCK:
        server.script += row.script(10, recipient=EMAILS[number - 1], times=1)
    batch = begin(server, connections=3)
    batch.run()
    ended = SENT if row.state is DEFERRED else row.state
    assert states(batch) == [ended if number in STRUCK else SENT for number in range(1, 13)]
    assert most_copies(batch) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (REFUSED_SIGN_IN, PauseKind.SETTINGS),
        (Fault(Step.MAIL, "550 5.7.1 Not you"), PauseKind.SETTINGS),
        (Fault(Step.MAIL, "452 4.3.1 Out of space"), PauseKind.SERVER),
        (Fault(Step.CONNECT, "421 4.3.2 Not now"), PauseKind.SERVER),
    ],
)
def test_a_fault_that_stops_all_mail_is_one_fault_over_all_connections(
    fault: Fault, kind: PauseKind, begin: Begin
):
    server = FaultServer([fault], password="secret")
    batch = begin(server, connections=3)
    batch.send_due()
    assert [(pause.scope, pause.kind, pause.strikes) for pause in batch.pauses()] == [
        ("all", kind, 1)
    ]
    assert Counter(states(batch)) == {DEFERRED: 3, QUEUED: MAILS - 3}
    server.script = []
    batch.run()
    assert (states(batch), most_copies(batch)) == ([SENT] * MAILS, 1)


def test_while_no_mail_can_go_one_is_tried_ever_more_rarely(begin: Begin):
    batch = begin(FaultServer([REFUSED_SIGN_IN], password="secret"))
    batch.send_due()
    waits = []
    for _ in range(6):
        (pause,) = batch.pauses()
        waits.append((pause.until - batch.clock.now).total_seconds())
        batch.clock.now = pause.until
        batch.send_due()
    assert waits == [30, 60, 120, 240, 480, 600]
    assert sum(attempts(batch)) == 7


def test_a_server_that_comes_back_gets_every_mail_without_a_word_from_anybody(begin: Begin):
    server = FaultServer()
    batch = begin(server, connections=3)
    server.go_away()
    batch.send_due()
    assert [pause.kind for pause in batch.pauses()] == [PauseKind.SERVER]
    server.come_back()
    batch.run()
    assert (states(batch), most_copies(batch), batch.pauses()) == ([SENT] * MAILS, 1, [])
