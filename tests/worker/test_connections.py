"""The connections of a worker: what went wrong on one is no trouble for the next mail."""

from dataclasses import dataclass

import pytest
from flask import Flask

from app.mail.message import MailMessage
from app.mail.transport import Deferred, SafeMail, Sent
from app.worker.connections import Answered, Connections, Handed
from tests.factories import NOW
from tests.faults.smtp_server import FaultServer
from tests.mail.conftest import make_message


@dataclass
class Sending:
    connections: Connections
    handed: int = 0

    def send(self, message: MailMessage) -> Answered:
        self.handed += 1
        self.connections.send(Handed(self.handed, "agh.test", 1, message, NOW))
        return next(self.connections.finished(10))


@pytest.fixture
def server():
    with FaultServer() as listening:
        yield listening


@pytest.fixture
def sending(server):
    app = Flask(__name__)
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=server.port, MAIL_TIMEOUT=5)
    sending = Sending(Connections(SafeMail(app), 1, lambda: NOW))
    yield sending
    sending.connections.close()


def unsendable() -> MailMessage:
    message = make_message()
    message.sender = "åsa@stockholm.test"  # and not said to be outside ASCII
    return message


def test_an_error_nobody_thought_of_defers_a_mail_whose_final_dot_was_not_sent(server, sending):
    answered = sending.send(unsendable())
    assert type(answered.outcome) is Deferred
    assert answered.outcome.reason.startswith("Something unexpected came up")
    assert server.messages == []


def test_after_such_an_error_the_next_mail_goes_over_a_fresh_connection(server, sending):
    outcomes = [sending.send(each).outcome for each in (unsendable(), make_message())]
    assert [type(outcome) for outcome in outcomes] == [Deferred, Sent]
    assert server.connections == 2
