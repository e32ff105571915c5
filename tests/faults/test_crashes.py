"""kill -9 at any moment: nothing lost, nothing stuck, nothing sent twice in silence.

Short runs of what `make faults` does with a thousand mails.
"""

import random
from pathlib import Path

import pytest
from sqlalchemy import update

from app.clock import utc_now
from app.deliveries.models import Delivery, DeliveryState
from tests.faults.crashes import Case, cases, crash
from tests.faults.house import House
from tests.faults.smtp_server import Fault, Step
from tests.product import wait_until

MAILS, KILLS = 60, 4
SEED = random.randrange(1_000_000)  # noqa: S311 - any moment will do


def named(case: Case) -> str:
    return f"{case.victim} {case.connections}"


def held_promises(case: Case, database_url: str, folder: Path) -> None:
    account = crash(case, database_url, folder, mails=MAILS, kills=KILLS, seed=SEED)
    assert account.broken() == [], f"{SEED=} {account}"
    assert account.kills >= KILLS - 1  # a slow machine may have sent all before the last


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("case", cases("sqlite"), ids=named)
def test_no_crash_on_sqlite_loses_a_mail_or_sends_it_twice_in_silence(case, database_url, tmp_path):
    held_promises(case, database_url, tmp_path)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("case", cases("postgresql"), ids=named)
def test_no_crash_on_postgresql_loses_a_mail_or_sends_it_twice(case, database_url, tmp_path):
    held_promises(case, database_url, tmp_path)


def test_a_server_that_was_away_gets_every_mail_once_it_is_back(database_url, tmp_path):
    with House(database_url, tmp_path, connections=1) as house:
        house.server.script = [Fault(Step.CONNECT, "421 4.3.2 Back soon", times=1)]
        house.build(["summit"], 5)
        house.send_wave("summit")
        worker = house.product.start("worker")
        wait_until(lambda: DeliveryState.DEFERRED in house.states().values(), "the first attempt")
        with house.sessions.begin() as session:
            session.execute(update(Delivery).values(due_at=utc_now()))
        assert house.ended()
        assert worker.stop() == 0
        assert set(house.states().values()) == {DeliveryState.SENT}
    assert set(house.arrivals().values()) == {1}
