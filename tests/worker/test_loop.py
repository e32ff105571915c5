"""The worker's loop against real SMTP servers that take, refuse, defer, and fall silent."""

from collections import Counter
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.config import DkimSettings
from app.deliveries.copies import read_copies
from app.deliveries.models import Delivery, DeliveryMove, DeliveryState, Pause, PauseKind
from app.deliveries.queries import read_log
from app.invitations.withdrawing import withdraw
from app.worker.loop import Worker
from tests.factories import NOW, make_event, make_invitation
from tests.faults.smtp_server import DROP, SILENT, Fault, FaultServer, Step
from tests.mail.keys import make_key, verifies
from tests.sending import send_due


@pytest.fixture
def start(settings):
    """Give a worker that sends to a server with these faults."""
    opened = []

    def with_server(server: FaultServer, **mail_settings) -> Worker:
        mail = replace(
            settings.mail, server="127.0.0.1", port=server.port, timeout=1, **mail_settings
        )
        app: Flask = create_app(replace(settings, mail=mail), clock=lambda: NOW)
        opened.append(app)
        return Worker(app)

    yield with_server
    for app in opened:
        app.extensions["couvert"].sessions.kw["bind"].dispose()


def only_delivery(sessions) -> Delivery:
    with sessions() as session:
        return session.scalars(select(Delivery)).one()


def log_of(sessions, delivery: Delivery) -> list[DeliveryMove]:
    with sessions() as session:
        return list(read_log(session, delivery.id))


def test_a_mail_that_was_taken_is_sent_with_the_servers_reply(sessions, start):
    with sessions.begin() as session:
        make_invitation(session, make_event(session))
    with FaultServer([]) as server:
        send_due(start(server))
    delivery = only_delivery(sessions)
    assert (delivery.state, delivery.attempts) == (DeliveryState.SENT, 1)
    assert log_of(sessions, delivery)[-1].reply.startswith("250")
    assert [message.message_id for message in server.messages] == [delivery.message_id]


def test_the_copy_that_is_kept_has_its_link_masked(sessions, start):
    with sessions.begin() as session:
        make_invitation(session, make_event(session))
    with FaultServer([]) as server:
        send_due(start(server))
    delivery = only_delivery(sessions)
    with sessions() as session:
        copy = read_copies(session, delivery.id)[1]
    assert "/rsvp/…" in copy.text
    assert b"/rsvp/" in server.messages[0].content


def test_a_mail_leaves_signed_where_a_key_is_set(sessions, start):
    with sessions.begin() as session:
        make_invitation(session, make_event(session))
    with FaultServer([]) as server:
        worker = start(server, dkim=DkimSettings(make_key(), "couvert"))
        send_due(worker)
    assert verifies(server.messages[0].content, worker.parts.dkim)
    assert only_delivery(sessions).state == DeliveryState.SENT


@pytest.mark.parametrize(
    ("fault", "state", "error"),
    [
        (
            Fault(Step.RCPT, "550 5.1.1 No such user"),
            DeliveryState.FAILED,
            "The mailbox does not exist",
        ),
        (Fault(Step.RCPT, "452 4.2.2 Mailbox full"), DeliveryState.DEFERRED, "The mailbox is full"),
        (Fault(Step.DATA, DROP), DeliveryState.DEFERRED, ""),
        (Fault(Step.DOT, DROP), DeliveryState.UNCERTAIN, ""),
    ],
)
def test_what_the_server_says_becomes_a_state_with_a_plain_reason(
    sessions, start, fault, state, error
):
    with sessions.begin() as session:
        make_invitation(session, make_event(session))
    with FaultServer([fault]) as server:
        send_due(start(server))
    delivery = only_delivery(sessions)
    assert delivery.state is state
    assert delivery.error.startswith(error)
    assert delivery.error != ""


def test_a_deferred_mail_is_tried_again_within_a_minute_with_the_same_message_id(sessions, start):
    with sessions.begin() as session:
        make_invitation(session, make_event(session))
    with FaultServer([Fault(Step.RCPT, "451 4.7.1 Greylisted", times=1)]) as server:
        worker = start(server)
        send_due(worker)
        first = only_delivery(sessions)
        with sessions.begin() as session:
            session.get_one(Delivery, first.id).due_at = NOW
        send_due(worker)
    second = only_delivery(sessions)
    assert 0 < (first.due_at - NOW).total_seconds() <= 60
    assert (second.state, second.attempts) == (DeliveryState.SENT, 2)
    assert second.message_id == first.message_id


def test_one_refused_address_does_not_stop_the_others(sessions, start):
    with sessions.begin() as session:
        event = make_event(session)
        refused = make_invitation(session, event).guest.email
        make_invitation(session, event)
    with FaultServer([Fault(Step.RCPT, "550 5.1.1 No", recipient=refused)]) as server:
        send_due(start(server))
    with sessions() as session:
        states = dict(session.execute(select(Delivery.recipient, Delivery.state)).all())
    assert states.pop(refused) is DeliveryState.FAILED
    assert set(states.values()) == {DeliveryState.SENT}


def test_a_withdrawn_invitation_is_not_sent_any_more(sessions, start):
    with sessions.begin() as session:
        event = make_event(session)
        invitation = make_invitation(session, event)
        withdraw(session, event, email=invitation.guest.email, now=NOW)
    with FaultServer([]) as server:
        send_due(start(server))
    assert (only_delivery(sessions).state, server.messages) == (DeliveryState.CANCELLED, [])


def test_where_no_mail_can_go_the_queue_waits_and_nobody_else_is_tried(sessions, start):
    with sessions.begin() as session:
        event = make_event(session)
        make_invitation(session, event)
        make_invitation(session, event)
    with FaultServer([Fault(Step.AUTH, "535 5.7.8 Wrong password")]) as server:
        worker = start(server, username="couvert", password="wrong")
        send_due(worker)
        send_due(worker)
    with sessions() as session:
        rows = session.scalars(select(Delivery).order_by(Delivery.id)).all()
    assert [row.state for row in rows] == [DeliveryState.DEFERRED, DeliveryState.QUEUED]
    assert [row.attempts for row in rows] == [1, 0]


def test_the_rate_per_minute_holds(sessions, start):
    with sessions.begin() as session:
        event = make_event(session)
        for _ in range(3):
            make_invitation(session, event)
    with FaultServer([]) as server:
        worker = start(server, rate_per_minute=2)
        send_due(worker)
        send_due(worker)
    assert len(server.messages) == 2


def test_a_mail_in_hand_can_be_read_before_its_fate_is_known(sessions, start):
    with sessions.begin() as session:
        make_invitation(session, make_event(session))
    with FaultServer([Fault(Step.DOT, SILENT)]) as server:
        worker = start(server)
        with worker.app.app_context():
            worker.send_due()
            worker.send_due()
        with sessions() as session:
            copies = read_copies(session, only_delivery(sessions).id)
    assert only_delivery(sessions).state is DeliveryState.SENDING
    assert "/rsvp/…" in copies[1].text
    worker.post.connections.close()


def test_mails_refused_in_a_row_for_what_we_are_hold_the_queue(sessions, start):
    with sessions.begin() as session:
        event = make_event(session, place_limit=9)
        for _ in range(6):
            make_invitation(session, event)
    with FaultServer([Fault(Step.RCPT, "554 5.7.1 Relay access denied")]) as server:
        send_due(start(server))
    with sessions() as session:
        states = Counter(session.scalars(select(Delivery.state)))
        pause = session.scalars(select(Pause)).one()
    assert states[DeliveryState.FAILED] == 3
    assert states[DeliveryState.DEFERRED] + states[DeliveryState.QUEUED] == 3
    assert (pause.scope, pause.kind) == ("all", PauseKind.SETTINGS)


def test_one_guest_whose_server_refuses_us_holds_nobody_else(sessions, start):
    with sessions.begin() as session:
        event = make_event(session, place_limit=9)
        refused = [make_invitation(session, event).guest.email for _ in range(2)]
        make_invitation(session, event)
    faults = [Fault(Step.RCPT, "554 5.7.1 Not from you", recipient=who) for who in refused]
    with FaultServer(faults) as server:
        send_due(start(server))
    with sessions() as session:
        states = Counter(session.scalars(select(Delivery.state)))
    assert states == {DeliveryState.FAILED: 2, DeliveryState.SENT: 1}
