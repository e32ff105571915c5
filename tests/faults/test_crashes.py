"""kill -9 at any moment: nothing lost, nothing stuck, nothing sent twice in silence."""

import os
import random
import time
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from app.clock import utc_now
from app.db.engine import make_sessions
from app.deliveries.models import Delivery, DeliveryState
from app.invitations.services import send_wave
from tests.factories import approve_list, make_event, make_guest
from tests.faults.smtp_server import Fault, FaultServer, Step
from tests.product import Product, wait_until

# `make faults` asks for more of both.
GUESTS = int(os.environ.get("FAULT_MAILS", "60"))
KILLS = int(os.environ.get("FAULT_KILLS", "4"))
AHEAD = {"starts": date(2090, 12, 9), "ends": date(2090, 12, 10), "reply_by": date(2090, 11, 20)}
CONNECTIONS = 4
UNFINISHED = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED)


def invite(database_url: str, guests: int) -> None:
    sessions, now = make_sessions(database_url), utc_now()
    with sessions.begin() as session:
        # The worker is a real process with the real clock: the event must lie ahead of it.
        event = make_event(session, place_limit=guests, created_at=now, **AHEAD)
        for _ in range(guests):
            make_guest(session, event)
        approve_list(session, event)
        send_wave(session, event, by="Organiser", now=now)
    sessions.kw["bind"].dispose()


def states(database_url: str) -> dict[str, DeliveryState]:
    sessions = make_sessions(database_url)
    with sessions() as session:
        rows = session.execute(select(Delivery.recipient, Delivery.state)).all()
    sessions.kw["bind"].dispose()
    return dict(tuple(row) for row in rows)


@pytest.fixture
def product(database_url: str, tmp_path: Path):
    with (
        # Slow enough that a kill meets a mail in hand.
        FaultServer([Fault(Step.DOT, delay=0.01)]) as server,
        Product(
            tmp_path / "instance",
            DATABASE_URL=database_url,
            MAIL_SERVER="127.0.0.1",
            MAIL_PORT=str(server.port),
            MAIL_CONNECTIONS=str(CONNECTIONS),
        ) as running,
    ):
        running.server = server
        yield running


def test_a_killed_worker_loses_nothing_and_doubles_nothing_in_silence(product, database_url):
    invite(database_url, GUESTS)
    for _ in range(KILLS):
        before = len(product.server.messages)
        worker = product.start("worker")
        wait_until(lambda at=before: len(product.server.messages) > at + 2, "sending")
        time.sleep(random.uniform(0, 0.05))  # noqa: S311 - any moment will do
        worker.kill()
    worker = product.start("worker")
    wait_until(lambda: not set(states(database_url).values()) & set(UNFINISHED), "the end")
    assert worker.stop() == 0

    arrived = Counter(message.recipient for message in product.server.messages)
    ended = states(database_url)
    uncertain = {who for who, state in ended.items() if state is DeliveryState.UNCERTAIN}
    assert set(ended.values()) <= {DeliveryState.SENT, DeliveryState.UNCERTAIN}
    assert len(uncertain) <= KILLS * CONNECTIONS
    assert set(arrived) | uncertain == set(ended)
    assert {who for who, times in arrived.items() if times > 1} == set()


def test_a_worker_told_to_stop_finishes_the_mail_in_hand(product, database_url):
    invite(database_url, GUESTS)
    worker = product.start("worker")
    wait_until(lambda: len(product.server.messages) > 3, "sending")
    assert worker.stop() == 0
    ended = Counter(states(database_url).values())
    assert ended[DeliveryState.SENT] == len(product.server.messages)
    assert set(ended) == {DeliveryState.SENT, DeliveryState.QUEUED}


def test_a_server_that_was_away_gets_every_mail_once_it_is_back(database_url, tmp_path):
    invite(database_url, 5)
    with FaultServer([Fault(Step.CONNECT, "421 4.3.2 Back soon", times=1)]) as server:
        settings = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(server.port)}
        with Product(tmp_path / "instance", DATABASE_URL=database_url, **settings) as product:
            worker = product.start("worker")
            wait_until(lambda: len(server.messages) == 5, "sending", seconds=90)
            wait_until(
                lambda: set(states(database_url).values()) == {DeliveryState.SENT}, "the marks"
            )
            assert worker.stop() == 0
