"""Mails that go by day alone: a worker at night leaves them for the morning, whatever kept them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app import create_app
from app.deliveries.models import Delivery, DeliveryState
from app.deliveries.pauses import event_scope, go_on, stop
from app.deliveries.queries import read_log
from app.worker.loop import Worker
from tests.factories import make_event, make_invitation
from tests.faults.smtp_server import Fault, FaultServer, Step
from tests.sending import send_due

EVENING = datetime(2026, 11, 2, 18, 59, 30, tzinfo=UTC)
NIGHT = datetime(2026, 11, 2, 22, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 3, 7, 0, tzinfo=UTC)


class Hands:
    """A clock that shows what a test sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock():
    return Hands(NIGHT)


@pytest.fixture
def start(settings, clock):
    """Give a worker that sends to that server."""
    opened = []

    def with_server(server: FaultServer) -> Worker:
        mail = replace(settings.mail, server="127.0.0.1", port=server.port)
        opened.append(create_app(replace(settings, mail=mail), clock=clock))
        return Worker(opened[-1])

    yield with_server
    for app in opened:
        app.extensions["couvert"].sessions.kw["bind"].dispose()


def ask(sessions, *, by_day: bool = True) -> None:
    """Ask for one mail, in Stockholm, the morning before."""
    with sessions.begin() as session:
        make_invitation(session, make_event(session))
        session.execute(update(Delivery).values(by_day=by_day))


def only_mail(sessions) -> Delivery:
    with sessions() as session:
        return session.scalars(select(Delivery)).one()


def log_of(sessions) -> list[tuple[DeliveryState, int, str]]:
    with sessions() as session:
        lines = read_log(session, session.scalars(select(Delivery.id)).one())
        return [(line.state, line.attempt, line.reason) for line in lines]


def test_at_night_it_waits_for_the_morning_and_no_attempt_is_counted(sessions, start, clock):
    ask(sessions)
    with FaultServer() as server:
        worker = start(server)
        send_due(worker)
        mail = only_mail(sessions)
        assert (mail.state, mail.attempts) == (DeliveryState.QUEUED, 0)
        assert (mail.due_at, mail.lease, server.messages) == (MORNING, None, [])
        clock.now = MORNING
        send_due(worker)
    mail = only_mail(sessions)
    assert (mail.state, mail.attempts, len(server.messages)) == (DeliveryState.SENT, 1, 1)


def test_the_log_says_that_it_waits_for_the_morning(sessions, start):
    ask(sessions)
    with FaultServer() as server:
        send_due(start(server))
    line = "It is night at the event’s place; the mail waits for the morning"
    assert log_of(sessions)[1:] == [(DeliveryState.QUEUED, 0, line)]


def test_what_was_put_off_in_the_evening_is_not_retried_at_night(sessions, start, clock):
    ask(sessions)
    clock.now = EVENING
    with FaultServer([Fault(Step.RCPT, "451 4.7.1 later")]) as server:
        worker = start(server)
        send_due(worker)
        assert only_mail(sessions).state is DeliveryState.DEFERRED
        clock.now = EVENING + timedelta(minutes=5)
        send_due(worker)
        mail = only_mail(sessions)
        assert (mail.state, mail.attempts, mail.due_at) == (DeliveryState.DEFERRED, 1, MORNING)
    assert server.messages == []


def test_a_mail_made_before_nightfall_is_not_begun_after_it(sessions, start, clock):
    ask(sessions)
    clock.now = EVENING
    with FaultServer() as server:
        worker = start(server)
        with worker.app.app_context():
            worker.send_due()
        assert [prepared.delivery.attempts for prepared in worker.post.pile] == [0]
        clock.now = EVENING + timedelta(seconds=31)
        send_due(worker)
    assert (only_mail(sessions).due_at, server.messages) == (MORNING, [])


def test_other_mail_goes_at_any_hour(sessions, start):
    ask(sessions, by_day=False)
    with FaultServer() as server:
        send_due(start(server))
    assert only_mail(sessions).state is DeliveryState.SENT


def test_what_a_stop_held_back_until_night_still_waits_for_the_morning(sessions, start, clock):
    ask(sessions)
    clock.now = EVENING
    with sessions.begin() as session:
        event_id = session.scalars(select(Delivery.event_id)).one()
        stop(session, event_scope(event_id), by="Astrid", now=EVENING)
    with FaultServer() as server:
        worker = start(server)
        send_due(worker)
        clock.now = NIGHT
        with sessions.begin() as session:
            go_on(session, event_scope(event_id))
        send_due(worker)
    assert (only_mail(sessions).due_at, server.messages) == (MORNING, [])
