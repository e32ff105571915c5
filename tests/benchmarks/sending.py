"""1 000 invitations by real processes on SQLite and PostgreSQL, beside bare smtplib in one run."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Select, func, select

from app.clock import utc_now
from app.db import migrate
from app.db.engine import SessionFactory, make_engine, make_sessions
from app.deliveries.models import Delivery, DeliveryMove, DeliveryState
from app.events.models import Event
from app.invitations.services import send_wave
from tests.benchmarks.bare import Texts, example_texts, send_bare
from tests.benchmarks.cpu import cpu_seconds
from tests.databases import PostgresServer
from tests.factories import approve_list, make_dinner, make_event, make_guest, make_organiser
from tests.faults.browser import Browser
from tests.product import Product, Running, find_links, wait_until

MAILS = 1000
FEW = 200
"""Where one connection waits for a slow relay, so many tell the speed."""
RELAY_SECONDS = 0.05
REQUIRED_SECONDS = 5.0
REQUIRED_OF_TWO = 1.8
AHEAD = {"starts": date(2090, 12, 9), "ends": date(2090, 12, 10), "reply_by": date(2090, 11, 20)}
ROW = "  {:10}  {:41}  {:>5}  {:>7}  {:>7}  {:>5}  {:>6}  {}"


@dataclass(frozen=True)
class Setup:
    """Who sends how much to a server of which pace."""

    pace: float
    connections: int
    workers: int = 1
    mails: int = MAILS

    @property
    def name(self) -> str:
        server = f"relay {self.pace * 1000:.0f} ms" if self.pace else "fast sink"
        workers = f", {self.workers} workers" if self.workers > 1 else ""
        plural = "s" if self.connections > 1 else ""
        return f"{server}, {self.connections} connection{plural}{workers}"

    @property
    def bound(self) -> float:
        """How long the server alone would take, in seconds."""
        return self.pace * self.mails / (self.connections * self.workers)


@dataclass(frozen=True)
class Measured:
    """`seconds` from the wave's commit to the last mail; `rate` in mails per second meanwhile.

    `cpu`: seconds of the CPU, of all that send.
    """

    seconds: float
    rate: float
    cpu: float


SETUPS = (
    Setup(0, 1),
    Setup(0, 4),
    Setup(RELAY_SECONDS, 1, mails=FEW),
    Setup(RELAY_SECONDS, 4),
    Setup(RELAY_SECONDS, 16),
)
TWO_WORKERS = Setup(RELAY_SECONDS, 4, workers=2)


class Bench:
    """An installation on a database of its own, with guests who wait to be invited."""

    def __init__(self, folder: Path, url: str, port: int, setup: Setup) -> None:
        self.product = Product(
            folder / "instance",
            DATABASE_URL=url,
            MAIL_SERVER="127.0.0.1",
            MAIL_PORT=str(port),
            MAIL_CONNECTIONS=str(setup.connections),
        )
        self.setup = setup
        self.sessions: SessionFactory = make_sessions(url)
        with self.sessions.begin() as session:
            event = make_event(session, place_limit=setup.mails, created_at=utc_now(), **AHEAD)
            make_dinner(session, event, places=setup.mails)
            for _ in range(setup.mails):
                make_guest(session, event, language="en")
            approve_list(session, event)
            self.organiser = make_organiser(session, event).email

    def send(self) -> Measured:
        """Send the wave by workers that wait for it already."""
        running = [self.product.start("worker") for _ in range(self.setup.workers)]
        wait_until(lambda: all("Delivering." in each.output for each in running), "the start")
        time.sleep(1)
        with self.sessions.begin() as session:
            event = session.scalars(select(Event)).one()
            send_wave(session, event, by="Bench", now=utc_now())
        asked, used = utc_now(), _cpu_of(running)
        self._wait_for_the_end()
        used = _cpu_of(running) - used
        if any(each.stop() for each in running):
            raise RuntimeError("a worker did not end well")
        with self.sessions() as session:
            first, _ = session.execute(_moments(DeliveryState.SENDING)).one()
            _, last = session.execute(_moments(DeliveryState.SENT)).one()
        rate = self.setup.mails / (last - first).total_seconds()
        return Measured((last - asked).total_seconds(), rate, used)

    def _wait_for_the_end(self) -> None:
        sent = select(func.count()).where(Delivery.state == DeliveryState.SENT)

        def ended() -> bool:
            time.sleep(0.2)  # counting must not slow down what is measured
            with self.sessions() as session:
                return session.scalars(sent).one() == self.setup.mails

        wait_until(ended, "the last mail", seconds=180)

    def press(self) -> float:
        """Return how long the page's request that sends them all takes, in seconds."""
        serving = self.product.serve()
        browser = Browser(self.product.port)
        link = self.product.run("organisers", "sign-in-link", self.organiser)
        browser.sign_in(find_links(link, "sign-in")[0])
        seconds = browser.send_wave("summit")
        serving.kill()
        return seconds

    def close(self) -> None:
        self.product.__exit__()
        self.sessions.kw["bind"].dispose()


def _cpu_of(running: list[Running]) -> float:
    return sum(cpu_seconds(each.process.pid) for each in running)


def _moments(state: DeliveryState) -> Select[datetime, datetime]:
    return select(func.min(DeliveryMove.at), func.max(DeliveryMove.at)).where(
        DeliveryMove.state == state
    )


class Databases:
    """A fresh database for every measurement."""

    def __init__(self, folder: Path, postgres: PostgresServer) -> None:
        self.folder, self.postgres = folder, postgres
        self.number = 0

    @contextmanager
    def bench(self, kind: str, setup: Setup) -> Iterator[Bench]:
        self.number += 1
        folder = self.folder / str(self.number)
        folder.mkdir()
        with _server(setup.pace) as port, self._fresh(kind, folder) as url:
            bench = Bench(folder, url, port, setup)
            try:
                yield bench
            finally:
                bench.close()

    @contextmanager
    def _fresh(self, kind: str, folder: Path) -> Iterator[str]:
        if kind == "PostgreSQL":
            with self.postgres.fresh_database() as url:
                yield url
            return
        url = f"sqlite:///{folder / 'couvert.sqlite3'}"
        engine = make_engine(url)
        migrate.upgrade(engine)
        engine.dispose()
        yield url


def measure(folder: Path, _database_url: str = "") -> None:
    print(f"Sending {MAILS} invitations: wave to last mail, by `couvert worker`; durable databases")
    print(ROW.format("", "", "mails", "seconds", "mails/s", "ratio", "CPU ms", "beside it"))
    postgres = PostgresServer(folder / "postgresql", durable=True)
    try:
        databases = Databases(folder, postgres)
        texts = example_texts(folder / "example")
        bare = {pace: _bare(pace, texts) for pace in (0, RELAY_SECONDS)}
        for kind in ("SQLite", "PostgreSQL"):
            _measure_database(databases, kind, bare)
    finally:
        postgres.stop()


def _bare(pace: float, texts: Texts) -> float:
    """Return the yardstick in mails per second: one kept connection, built while sending."""
    setup = Setup(pace, 1, mails=FEW if pace else MAILS)
    with _server(pace) as port:
        seconds, cpu = send_bare(port, setup.mails, texts)
    rate = setup.mails / seconds
    _print("", setup, Measured(seconds, rate, cpu), rate)
    return rate


def _measure_database(databases: Databases, kind: str, bare: dict[float, float]) -> None:
    rates = {}
    for setup in SETUPS:
        rates[setup] = _measure_one(databases, kind, setup, bare[setup.pace])
    if kind == "PostgreSQL":
        two = _measure_one(databases, kind, TWO_WORKERS, bare[RELAY_SECONDS])
        one = rates[Setup(RELAY_SECONDS, 4)]
        print(f"  two workers beside one: {two / one:.2f} times (required: {REQUIRED_OF_TWO})")
    with databases.bench(kind, Setup(0, 4)) as bench:
        seconds = bench.press()
    print(f"  {kind:10}  the request that sends them returns in {seconds:.2f} s", flush=True)


def _measure_one(databases: Databases, kind: str, setup: Setup, bare: float) -> float:
    with databases.bench(kind, setup) as bench:
        measured = bench.send()
    beside = f"the relay alone: {setup.bound:.1f} s" if setup.pace else ""
    if setup.connections == SETUPS[-1].connections:
        beside += f"; required: {REQUIRED_SECONDS:.0f} s"
    _print(kind, setup, measured, bare, beside)
    return measured.rate


def _print(kind: str, setup: Setup, measured: Measured, bare: float, beside: str = "") -> None:
    cpu = f"{measured.cpu * 1000 / setup.mails:.1f}"
    figures = (
        f"{measured.seconds:.1f}",
        f"{measured.rate:.0f}",
        f"{measured.rate / bare:.2f}",
        cpu,
    )
    name = setup.name if kind else f"bare smtplib, {setup.name}"
    print(ROW.format(kind, name, setup.mails, *figures, beside), flush=True)


@contextmanager
def _server(pace: float) -> Iterator[int]:
    """A mail server in a process of its own that takes so many seconds for each mail."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.smtp_server", str(pace)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("the server has no pipes")
        try:
            yield int(process.stdout.readline().split()[-1])
        finally:
            process.communicate()
