"""Presence: whether another worker is alive, on one host and on several."""

import subprocess
import sys
import threading

from sqlalchemy import func, select

from app.worker.presence import Presence
from tests.product import wait_until

ALIVE = """
import sys, time
from app.db.engine import make_engine
from app.worker.presence import Presence

with Presence(make_engine(sys.argv[1])) as presence:
    print(presence.alone(), flush=True)
    time.sleep(60)
"""


def engine(sessions):
    return sessions.kw["bind"]


def end_connection(sessions, connection) -> None:
    """End it from outside, as an administrator or a restart of PostgreSQL does."""
    number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with sessions() as session:
        session.execute(select(func.pg_terminate_backend(number, 5000)))


def test_the_first_worker_is_alone_and_the_second_is_not(sessions):
    with Presence(engine(sessions)) as first, Presence(engine(sessions)) as second:
        assert first.alone() is True
        assert second.alone() is False


def test_once_the_others_have_ended_a_worker_is_alone_again(sessions):
    with Presence(engine(sessions)) as first:
        assert first.alone() is True
        with Presence(engine(sessions)) as second:
            assert second.alone() is False
    with Presence(engine(sessions)) as third:
        assert third.alone() is True


def test_a_worker_that_lives_on_is_seen_after_the_first_has_ended(sessions):
    with Presence(engine(sessions)) as second:
        with Presence(engine(sessions)) as first:
            assert (first.alone(), second.alone()) == (True, False)
        with Presence(engine(sessions)) as third:
            assert third.alone() is False


def test_of_many_who_start_at_once_one_at_most_is_alone(sessions):
    barrier, ended = threading.Barrier(6), threading.Barrier(6)
    answers: list[bool] = []

    def start() -> None:
        with Presence(engine(sessions)) as presence:
            barrier.wait()
            answers.append(presence.alone())
            ended.wait()

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers)[:5] == [False] * 5
    assert len(answers) == 6


def test_a_worker_whose_connection_the_database_ended_is_seen_again(sessions):
    with Presence(engine(sessions)) as living:
        assert living.alone() is True
        if living.connection is not None:
            end_connection(sessions, living.connection)
        living.keep()
        with Presence(engine(sessions)) as second:
            assert second.alone() is False


def test_a_worker_whose_connection_the_database_ended_leaves_without_an_error(sessions):
    with Presence(engine(sessions)) as leaving:
        leaving.alone()
        if leaving.connection is not None:
            end_connection(sessions, leaving.connection)
    with Presence(engine(sessions)) as successor:
        assert successor.alone() is True


def test_a_killed_worker_is_no_longer_there(sessions, database_url):
    worker = subprocess.Popen(
        [sys.executable, "-c", ALIVE, database_url], stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "True\n"
    with Presence(engine(sessions)) as other:
        assert other.alone() is False
    worker.kill()
    worker.wait()
    worker.stdout.close()
    with Presence(engine(sessions)) as successor:
        wait_until(successor.alone, "PostgreSQL learning that its client is dead")
