"""Bad days of the real worker: full disks, locks, lost databases, odd clocks, broken mails.

Whatever happens, each mail ends in a state that says why, nothing is lost or stuck, nothing goes
out twice in silence, and the other guests' mails go out.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask_mail import email_dispatched
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.event import listen

from app import create_app
from app.deliveries import moves, reasons
from app.deliveries.claiming import claim
from app.deliveries.models import Delivery, DeliveryKind, DeliveryMove, DeliveryState, PauseKind
from app.deliveries.moves import Note
from app.deliveries.pauses import batch_scope, read_pauses, stop
from app.deliveries.reasons import UNEXPECTED
from app.deliveries.services import queue_delivery, send_again
from app.events.models import Event
from app.invitations.services import send_wave
from app.worker.jobs import COMPOSERS
from app.worker.loop import Worker
from app.worker.presence import Presence
from tests.factories import NOW, approve_list, make_event, make_guest
from tests.faults.smtp_server import Fault, FaultServer, Step
from tests.outbox import FIRST
from tests.product import wait_until

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
QUEUED, SENDING, SENT = DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.SENT
DEFERRED, FAILED, UNCERTAIN = DeliveryState.DEFERRED, DeliveryState.FAILED, DeliveryState.UNCERTAIN


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start(settings, clock):
    """Give a worker that sends to that server; `clock` is its clock."""
    engines: list[Engine] = []

    def with_server(server: FaultServer, told=clock, **mail_settings) -> Worker:
        facts = {"server": "127.0.0.1", "port": server.port, "timeout": 2, **mail_settings}
        mail = replace(settings.mail, **facts)
        worker = Worker(create_app(replace(settings, mail=mail), clock=told))
        engines.append(worker.parts.sessions.kw["bind"])
        return worker

    yield with_server
    for engine in engines:
        engine.dispose()


@contextmanager
def working(*workers: Worker) -> Iterator[None]:
    """Let them work as in the product; at the end they are told to stop, and must."""
    threads = [threading.Thread(target=worker.run, name="worker") for worker in workers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.stop.set()
        for thread in threads:
            thread.join(60)
    assert not any(thread.is_alive() for thread in threads)


def engine_of(worker: Worker) -> Engine:
    return worker.parts.sessions.kw["bind"]


def invite(sessions, guests: int = 3, **facts) -> list[str]:
    """Invite as many guests, and return their addresses."""
    with sessions.begin() as session:
        event = make_event(session, place_limit=guests)
        emails = [make_guest(session, event, **facts).email for _ in range(guests)]
        approve_list(session, event)
        send_wave(session, event, by="Organiser", now=NOW)
    return emails


def states(sessions) -> dict[str, DeliveryState]:
    with sessions() as session:
        rows = session.execute(select(Delivery.recipient, Delivery.state)).all()
    return {row.recipient: row.state for row in rows}


def all_are(sessions, state: DeliveryState):
    return lambda: set(states(sessions).values()) == {state}


def is_settled(sessions) -> bool:
    return not set(states(sessions).values()) & {QUEUED, SENDING}


def errors(sessions) -> dict[str, tuple[DeliveryState, str]]:
    with sessions() as session:
        rows = session.execute(select(Delivery.recipient, Delivery.state, Delivery.error)).all()
    return {row.recipient: (row.state, row.error) for row in rows}


def logs(sessions) -> list[list[tuple[DeliveryState, str]]]:
    """Return the log of each mail: state and reason of each line."""
    with sessions() as session:
        lines = session.scalars(select(DeliveryMove).order_by(DeliveryMove.id)).all()
        rows = sorted({line.delivery_id for line in lines})
        return [
            [(line.state, line.reason) for line in lines if line.delivery_id == row] for row in rows
        ]


def arrivals(server: FaultServer) -> Counter[str]:
    return Counter(message.recipient for message in server.messages)


def fill_the_disk(worker: Worker, full: threading.Event) -> None:
    """Let the worker's database grow no more while `full` is set, as on a full disk."""

    def limit(connection: Connection) -> None:
        pages = 1 if full.is_set() else 2**30  # 1 means as many as it has
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    listen(engine_of(worker), "begin", limit)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_is_waited_for_and_no_mail_goes_twice(sessions, start, caplog):
    emails, full = invite(sessions, 12), threading.Event()
    full.set()
    with FaultServer([]) as server:
        worker = start(server)
        fill_the_disk(worker, full)
        with working(worker):
            wait_until(lambda: caplog.text.count("disk is full") > 1, "the alarm")
            before = arrivals(server)
            full.clear()
            wait_until(all_are(sessions, SENT), "the end")
    assert set(before.values()) <= {1}
    assert arrivals(server) == dict.fromkeys(emails, 1)
    assert "the database did not answer; trying again" in caplog.messages


def be_impatient(worker: Worker) -> None:
    """Wait for locks a fifth of a second, not as long as the product does."""
    waits = {
        "sqlite": "PRAGMA busy_timeout=200",
        "postgresql": "SET LOCAL lock_timeout='200ms'",
    }
    engine = engine_of(worker)
    if engine.dialect.name == "sqlite":
        listen(engine, "connect", lambda driver, _: driver.execute(waits["sqlite"]))
    else:
        listen(engine, "begin", lambda each: each.exec_driver_sql(waits["postgresql"]))


@contextmanager
def locked(sessions) -> Iterator[None]:
    """Hold the database so that nobody else can write mails."""
    with sessions() as session:
        session.execute(text("SELECT 1"))  # on SQLite that is BEGIN IMMEDIATE
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("LOCK TABLE delivery IN ACCESS EXCLUSIVE MODE"))
        yield
        session.rollback()


def test_a_locked_database_is_waited_for_with_the_mail_in_hand_known(sessions, start, caplog):
    emails = invite(sessions)
    with FaultServer([Fault(Step.DOT, delay=0.5)]) as server:
        worker = start(server)
        be_impatient(worker)
        with working(worker):
            wait_until(lambda: worker.post.in_hand != {}, "a mail in hand")
            with locked(sessions):
                wait_until(lambda: worker.lost_in_a_row > 1, "the lock")
            wait_until(all_are(sessions, SENT), "the end")
    assert "the database did not answer; trying again" in caplog.messages
    assert arrivals(server) == dict.fromkeys(emails, 1)


def test_who_must_stop_while_the_database_is_gone_ends_and_the_next_asks_a_person(sessions, start):
    invite(sessions, 1)
    with FaultServer([Fault(Step.DOT, delay=0.5)]) as server:
        worker = start(server)
        be_impatient(worker)
        with working(worker):
            wait_until(lambda: worker.post.in_hand != {}, "a mail in hand")
            with locked(sessions):
                worker.stop.set()
                wait_until(lambda: worker.lost_in_a_row >= 3, "the end")
        with working(start(server)):
            wait_until(all_are(sessions, UNCERTAIN), "the successor")
    assert logs(sessions)[0][-1] == (UNCERTAIN, reasons.CRASHED)
    assert len(server.messages) == 1


def lose_a_commit(worker: Worker, state: DeliveryState, *, kept: bool, then=lambda: None) -> None:
    """Lose the connection in the first commit after which a mail is in that state.

    `kept`: the database has committed, and only its answer is lost.
    """
    lost: list[bool] = []
    count = f"SELECT count(*) FROM delivery WHERE state = '{state}'"  # noqa: S608 - no input

    def lose(connection: Connection) -> None:
        if lost or not connection.exec_driver_sql(count).scalar():
            return
        lost.append(True)
        then()
        driver = connection.connection.dbapi_connection
        if kept:
            driver.commit()
        elif connection.dialect.name == "postgresql":
            terminate(connection.engine, driver.info.backend_pid)
            return
        driver.close()

    listen(engine_of(worker), "commit", lose)


def terminate(engine: Engine, pid: int) -> None:
    """End that connection, and wait until it has ended."""
    with engine.connect() as other:
        ending = text("SELECT pg_terminate_backend(:pid, 60000)")
        assert other.execute(ending, {"pid": pid}).scalar()


@pytest.mark.parametrize("kept", [False, True])
def test_a_database_lost_in_the_commit_that_begins_hands_nothing_over(sessions, start, kept):
    emails = invite(sessions)
    with FaultServer([]) as server:
        worker = start(server)
        lose_a_commit(worker, SENDING, kept=kept)
        with working(worker):
            wait_until(all_are(sessions, SENT), "the end")
    put_back = [(SENDING, ""), (DEFERRED, reasons.NOT_HANDED_OVER)] if kept else []
    assert logs(sessions)[0] == [(QUEUED, ""), *put_back, (SENDING, ""), (SENT, "")]
    assert arrivals(server) == dict.fromkeys(emails, 1)


@pytest.mark.parametrize("kept", [False, True])
def test_a_database_lost_in_the_commit_that_notes_is_told_again(sessions, start, kept):
    emails = invite(sessions)
    with FaultServer([]) as server:
        worker = start(server)
        lose_a_commit(worker, SENT, kept=kept)
        with working(worker):
            wait_until(all_are(sessions, SENT), "the end")
    assert logs(sessions)[0] == [(QUEUED, ""), (SENDING, ""), (SENT, "")]
    assert arrivals(server) == dict.fromkeys(emails, 1)


@pytest.mark.parametrize("state", [SENDING, SENT])
@pytest.mark.parametrize("kept", [False, True])
def test_who_is_told_to_stop_while_in_doubt_settles_it_first(sessions, start, state, kept):
    invite(sessions)
    with FaultServer([]) as server:
        worker = start(server)
        lose_a_commit(worker, state, kept=kept, then=worker.stop.set)
        with working(worker):
            wait_until(worker.stop.is_set, "the loss")
    ended = Counter(states(sessions).values())
    assert ended[SENT] == len(server.messages)
    assert set(ended) <= {SENT, QUEUED, DEFERRED}
    with sessions() as session:
        leased = select(func.count()).where(Delivery.lease.is_not(None))
        assert session.scalars(leased).one() == 0


def test_a_long_loss_of_the_database_does_not_pass_for_a_dead_worker(sessions, start, clock):
    emails = invite(sessions, 1)

    with FaultServer([]) as server:
        worker = start(server)

        def go_by() -> None:
            clock.now += HOUR
            worker.periodic_at = 0.0

        lose_a_commit(worker, SENDING, kept=True, then=go_by)
        with working(worker):
            wait_until(all_are(sessions, SENT), "the end")
    states_of_it = [state for state, _ in logs(sessions)[0]]
    assert states_of_it == [QUEUED, SENDING, DEFERRED, SENDING, SENT]
    assert arrivals(server) == dict.fromkeys(emails, 1)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_worker_whose_presence_was_lost_still_ends_well(sessions, start):
    invite(sessions)
    with FaultServer([]) as server:
        worker = start(server)
        with working(worker):
            wait_until(all_are(sessions, SENT), "the end")
            with sessions() as session:
                others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                mine = "datname = current_database() AND pid <> pg_backend_pid()"
                session.execute(text(others + mine))
        assert worker.post.idle


def test_the_clock_set_back_between_asking_and_sending_holds_no_mail_back(sessions, start, clock):
    emails = invite(sessions)
    clock.now = NOW - HOUR
    with FaultServer([]) as server, working(start(server)):
        wait_until(all_are(sessions, SENT), "sending")
    assert arrivals(server) == dict.fromkeys(emails, 1)


def test_the_clock_set_back_while_a_mail_is_deferred_does_not_hold_it_back(sessions, start, clock):
    emails = invite(sessions, 1)
    busy = Fault(Step.RCPT, "451 4.2.1 Busy", times=1)
    with FaultServer([busy]) as server, working(start(server)):
        wait_until(all_are(sessions, DEFERRED), "the deferral")
        clock.now = NOW - HOUR
        wait_until(all_are(sessions, SENT), "sending")
    assert arrivals(server) == dict.fromkeys(emails, 1)


def test_the_clock_set_back_while_a_dead_worker_holds_leases_ends_them(sessions, start, clock):
    invite(sessions, 2)
    with sessions.begin() as session:
        first, _ = claim(session, FIRST, read_pauses(session, NOW), limit=2)
        facts = {"lease": FIRST.lease, "lease_until": NOW + FIRST.lasts, "domain": "a.example"}
        moves.begin(session, [first.id], **facts, note=Note(NOW, FIRST.name))
    clock.now = NOW - HOUR
    with Presence(sessions.kw["bind"]) as living, FaultServer([]) as server:
        living.alone()  # the new one must not think that it is
        with working(start(server)):
            wait_until(lambda: is_settled(sessions), "the end")
    assert Counter(states(sessions).values()) == {UNCERTAIN: 1, SENT: 1}
    assert len(server.messages) == 1


def test_the_clock_set_back_while_a_pause_stands_ends_it_by_a_trial(sessions, start, clock):
    emails = invite(sessions, 2)
    away = Fault(Step.CONNECT, "421 4.3.2 Back soon")
    with FaultServer([away]) as server, working(start(server)):
        wait_until(lambda: DEFERRED in states(sessions).values(), "the fault")
        with sessions() as session:
            assert [each.kind for each in read_pauses(session, NOW).rows] == [PauseKind.SERVER]
        server.script.clear()
        clock.now = NOW - HOUR
        wait_until(all_are(sessions, SENT), "sending")
    with sessions() as session:
        assert read_pauses(session, clock.now).rows == []
    assert arrivals(server) == dict.fromkeys(emails, 1)


def test_the_clock_set_back_does_not_stretch_the_minute_of_the_rate(sessions, start, clock):
    invite(sessions, 2)
    with FaultServer([]) as server, working(start(server, rate_per_minute=1)):
        wait_until(lambda: SENT in states(sessions).values(), "the first")
        clock.now = NOW - HOUR
        wait_until(all_are(sessions, SENT), "the second")
    assert len(server.messages) == 2


def test_a_mail_that_cannot_be_made_fails_alone_and_the_log_says_why(sessions, start, caplog):
    (good,) = invite(sessions, 1)
    with sessions.begin() as session:
        event = session.scalars(select(Event)).one()
        event.place_limit = 2
        broken = make_guest(session, event, email="zofia@exa mple.org").email
        approve_list(session, event)
        send_wave(session, event, by="Organiser", now=NOW, emails=[broken])
    with FaultServer([]) as server, working(start(server)):
        wait_until(lambda: is_settled(sessions), "the end")
    assert errors(sessions) == {good: (SENT, ""), broken: (FAILED, reasons.NOT_MADE)}
    assert "'exa mple.org' cannot be written in a mail." in caplog.text


def test_a_mail_whose_facts_are_gone_does_not_hold_up_the_others(sessions, start, monkeypatch):
    (good,) = invite(sessions, 1)
    asks_for_what_is_gone = lambda session, *_: session.get_one(Event, 4711)  # noqa: E731
    monkeypatch.setitem(COMPOSERS, DeliveryKind.TEST, asks_for_what_is_gone)
    with sessions.begin() as session:
        facts = {"key": "test", "subject_id": 1, "language": "en", "now": NOW - MINUTE}
        queue_delivery(session, DeliveryKind.TEST, recipient="astrid@stockholm.example", **facts)
    with FaultServer([]) as server, working(start(server)):
        wait_until(lambda: is_settled(sessions), "the end")
    assert errors(sessions) == {
        good: (SENT, ""),
        "astrid@stockholm.example": (FAILED, reasons.NOT_MADE),
    }


def test_a_mail_over_the_servers_size_fails_alone_without_being_handed_over(sessions, start):
    (small,) = invite(sessions, 1)
    with FaultServer([]) as server, working(start(server)):
        wait_until(all_are(sessions, SENT), "the measure")
    size = len(server.messages[0].content) + 300
    with sessions.begin() as session:
        event = session.scalars(select(Event)).one()
        event.place_limit = 2
        large = make_guest(session, event, last_name="Ł" * 150).email
        approve_list(session, event)
        send_wave(session, event, by="Organiser", now=NOW, emails=[large, small])
    with FaultServer([], extensions=["8BITMIME", f"SIZE {size}"]) as server:
        with working(start(server)):
            wait_until(lambda: is_settled(sessions), "the end")
        assert server.steps.count("DATA") == 1
    assert errors(sessions)[large] == (FAILED, "The mail is larger than the server takes")
    assert arrivals(server) == {small: 1}


@pytest.mark.parametrize("step", [Step.MAIL, Step.DOT])
def test_a_mail_the_server_finds_too_large_fails_alone(sessions, start, step):
    emails = invite(sessions)
    too_large = Fault(step, "552 5.3.4 Too large", messages=frozenset({1}))
    with FaultServer([too_large]) as server, working(start(server)):
        wait_until(lambda: is_settled(sessions), "the end")
    first, *others = emails
    assert errors(sessions) == {
        first: (FAILED, "The mail is larger than the server takes"),
        **dict.fromkeys(others, (SENT, "")),
    }
    assert arrivals(server) == dict.fromkeys(others, 1)


@contextmanager
def listening(receiver) -> Iterator[None]:
    """Let somebody hear of each mail that has gone, as Flask-Mail's signal allows."""
    email_dispatched.connect(receiver)
    try:
        yield
    finally:
        email_dispatched.disconnect(receiver)


def test_a_connection_that_fails_unexpectedly_leaves_its_mail_uncertain(sessions, start, caplog):
    first, *others = invite(sessions)

    def fail(_app, message, **_details) -> None:
        if message.recipients == [first]:
            raise ZeroDivisionError

    with FaultServer([]) as server, listening(fail), working(start(server)):
        wait_until(lambda: is_settled(sessions), "the end")
    assert errors(sessions) == {first: (UNCERTAIN, UNEXPECTED), **dict.fromkeys(others, (SENT, ""))}
    assert "delivery 1: the connection failed unexpectedly" in caplog.messages
    assert [message.connection for message in server.messages] == [1, 2, 2]


def test_a_worker_that_fails_unexpectedly_says_so_and_goes_on(sessions, start, clock, caplog):
    emails = invite(sessions)
    failures = [ZeroDivisionError("the clock has stopped")]

    def told() -> datetime:
        in_the_loop = threading.current_thread().name == "worker"
        if in_the_loop and failures and states(sessions)[emails[0]] is SENT:
            raise failures.pop()
        return clock()

    with FaultServer([]) as server, working(start(server, told=told)):
        wait_until(all_are(sessions, SENT), "the end")
    assert "the worker failed unexpectedly; trying again" in caplog.messages
    assert arrivals(server) == dict.fromkeys(emails, 1)


def test_a_stop_pressed_between_claim_and_begin_holds_within_a_mail_of_each_worker(sessions, start):
    invite(sessions, 12)
    with sessions() as session:
        batch = session.scalars(select(Delivery.batch).distinct()).one()
    begun = select(func.count()).where(DeliveryMove.state == SENDING)
    with FaultServer([Fault(Step.DOT, delay=0.3)]) as server:
        workers = [start(server), start(server)]
        with working(*workers):
            wait_until(lambda: len(server.messages) > 1, "sending")
            with sessions.begin() as session:
                stop(session, batch_scope(batch), by="Astrid", now=NOW)
                before = session.scalars(begun).one()
            wait_until(lambda: all(not worker.post.in_hand for worker in workers), "the stop")
    with sessions() as session:
        assert session.scalars(begun).one() <= before + len(workers)
    ended = Counter(states(sessions).values())
    assert ended == {SENT: len(server.messages), QUEUED: 12 - len(server.messages)}
    assert ended[QUEUED] >= 6


def test_a_mail_given_up_for_dead_and_sent_again_waits_for_the_first_answer(
    sessions, start, clock, caplog
):
    (email,) = invite(sessions, 1)
    with FaultServer([Fault(Step.DOT, delay=4, times=1)]) as server:
        worker = start(server, connections=2, timeout=10)
        with working(worker):
            wait_until(lambda: worker.post.in_hand != {}, "a mail in hand")
            clock.now += HOUR
            worker.periodic_at = 0.0
            wait_until(all_are(sessions, UNCERTAIN), "the end of the lease")
            with sessions.begin() as session:
                delivery = session.scalars(select(Delivery)).one()
                send_again(session, delivery, by="Astrid", now=clock.now)
            wait_until(all_are(sessions, SENT), "sending again")
    assert [state for state, _ in logs(sessions)[0]] == [
        QUEUED,
        SENDING,
        UNCERTAIN,
        QUEUED,
        SENDING,
        SENT,
    ]
    assert arrivals(server) == {email: 2}
    assert "delivery 1: too late to note Sent" in caplog.text
