"""SIGTERM: every mail in hand is finished, the rest given back, also with a silent server."""

import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.deliveries.models import WAITING, Delivery, DeliveryState
from tests.faults.house import House
from tests.faults.smtp_server import SILENT, Fault, Step
from tests.product import Running, wait_until

CONNECTIONS = 4
TIMEOUT = 3
A_LITTLE = 5
"""Seconds that a process takes to end beside the mails: it says goodbye, notes, closes."""


@pytest.fixture
def house(database_url: str, tmp_path: Path):
    with House(database_url, tmp_path, connections=CONNECTIONS) as house:
        house.product.environ["MAIL_TIMEOUT"] = str(TIMEOUT)
        house.build(["summit"], 30)
        house.send_wave("summit")
        yield house


def stop(running: Running) -> float:
    """Tell it to end, and see that it ends well; return the seconds it took."""
    began = time.monotonic()
    assert running.stop() == 0
    return time.monotonic() - began


def leased(house: House) -> int:
    with house.sessions() as session:
        held = select(func.count()).where(Delivery.state.in_(WAITING), Delivery.lease.is_not(None))
        return session.scalars(held).one()


@pytest.mark.parametrize("command", ["worker", "serve"])
def test_who_is_told_to_stop_finishes_every_mail_in_hand(house, command):
    house.server.script = [Fault(Step.DOT, delay=0.5)]
    running = house.product.start(command)
    wait_until(lambda: house.taken >= CONNECTIONS, "sending")
    stop(running)
    states = Counter(house.states().values())
    assert set(states) == {DeliveryState.SENT, DeliveryState.QUEUED}
    assert states[DeliveryState.SENT] == house.taken
    assert leased(house) == 0


@pytest.mark.parametrize("command", ["worker", "serve"])
def test_a_silent_server_holds_up_the_end_no_longer_than_a_mail_may_take(house, command):
    house.server.script = [Fault(Step.DOT, SILENT)]
    running = house.product.start(command)
    wait_until(lambda: house.server.steps.count("DATA") == CONNECTIONS, "mails in hand")
    assert stop(running) < TIMEOUT + A_LITTLE
    states = Counter(house.states().values())
    assert states == {DeliveryState.UNCERTAIN: CONNECTIONS, DeliveryState.QUEUED: 26}
    assert leased(house) == 0
