"""What is struck while it sends: a worker, the one process, or what they say to the database."""

import random
import sqlite3
import threading
import time
from contextlib import closing, suppress
from http.client import HTTPException
from typing import Protocol

from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import NullPool

from app import create_app
from app.config import Settings
from app.worker.loop import Worker
from tests.faults.browser import Browser
from tests.faults.house import House, waited
from tests.faults.lives import Life
from tests.product import find_links

LOCK_SECONDS = 0.1
"""How long a worker in a thread waits for a locked file; the product waits 15 s."""
HIT_SECONDS = 5.0
START_SECONDS = 60.0
STEPS = 10
"""SQLite's own small steps between two looks at whether to break off; a statement has about 100."""


class Victim(Protocol):
    struck: int
    """How often it was, in a way that could hurt."""

    def start(self) -> None:
        """Begin to send, unless it does."""

    def strike(self) -> None: ...

    def stop(self) -> int: ...


class WorkerProcess:
    """`couvert worker`, killed with SIGKILL."""

    command, first_words = "worker", "Delivering."

    def __init__(self, house: House, chance: random.Random) -> None:
        self.house, self.chance = house, chance
        self.struck = 0
        self.life: Life | None = None

    def start(self) -> None:
        if self.life is None:
            output = self.house.product.folder / f"{self.command}.log"
            self.life = Life([self.command], self.house.product.environ, output)
            life = self.life
            if not waited(lambda: life.said(self.first_words), START_SECONDS, step=0.01):
                raise TimeoutError(output.read_text(encoding="utf-8"))

    def strike(self) -> None:
        if self.life is not None:
            self.life.kill()
            self.life = None
            self.struck += 1

    def stop(self) -> int:
        self.start()
        life, self.life = self.life, None
        return life.stop() if life else 1


class OneProcess(WorkerProcess):
    """`couvert serve`: the organiser's page sends the wave, and may be struck while it does."""

    command, first_words = "serve", "Couvert runs at"

    def sign_in(self, email: str) -> None:
        link = find_links(self.house.product.run("organisers", "sign-in-link", email), "sign-in")
        self.start()
        self.browser = Browser(self.house.product.port)
        self.browser.sign_in(link[0])

    def send_wave(self, slug: str, strikes: int) -> None:
        """Press the button, struck so often meanwhile at most, until the invitations are there."""
        last = self.struck + strikes
        while not any(self.house.wave(slug)):
            self.start()
            pressing = threading.Thread(target=self._press, args=[slug])
            pressing.start()
            if self.struck < last:
                time.sleep(self.chance.uniform(0, self.house.press_seconds))
                self.strike()
            pressing.join()

    def _press(self, slug: str) -> None:
        with suppress(OSError, HTTPException):
            self.browser.send_wave(slug)


class PostgresConnections(WorkerProcess):
    """`couvert worker` lives on; PostgreSQL ends every session it has."""

    def __init__(self, house: House, chance: random.Random) -> None:
        super().__init__(house, chance)
        url = house.sessions.kw["bind"].url
        self.outside = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def strike(self) -> None:
        self.house.sessions.kw["bind"].dispose()
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        ending = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"  # noqa: S608 - our own words
        with self.outside.connect() as connection:
            self.struck += bool(connection.execute(text(ending)).all())


class WorkerThread:
    """A worker in a thread of this process, so that its SQLite connections can be reached."""

    def __init__(self, house: House, chance: random.Random) -> None:
        self.house, self.chance = house, chance
        self.struck = 0
        self.failed = 0
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        if self.thread is not None:
            return
        app = create_app(Settings.from_environment(self.house.product.environ))
        self.engine = app.extensions["couvert"].sessions.kw["bind"]
        event.listen(self.engine, "connect", self._opened)
        event.listen(self.engine, "handle_error", self._failed)
        self.worker = Worker(app)
        self.thread = threading.Thread(target=self.worker.run, name="worker")
        self.thread.start()

    def _opened(self, driver: sqlite3.Connection, _record: object) -> None:
        driver.execute(f"PRAGMA busy_timeout={int(LOCK_SECONDS * 1000)}")

    def _failed(self, _context: object) -> None:
        self.failed += 1

    def stop(self) -> int:
        self.start()
        self.worker.stop.set()
        if self.thread is not None:
            self.thread.join(START_SECONDS)
            stuck = self.thread.is_alive()
            self.thread = None
        self.engine.dispose()
        return int(stuck)


class InterruptedStatements(WorkerThread):
    """A statement is broken off in its midst, as sqlite3's interrupt() does it.

    By SQLite's progress handler: most statements are over before another thread could interrupt.
    """

    steps_left = 0
    """So many times the handler lets a statement go on; 0 for ever."""

    def _opened(self, driver: sqlite3.Connection, record: object) -> None:
        super()._opened(driver, record)
        driver.set_progress_handler(self._breaks_off, STEPS)

    def _breaks_off(self) -> bool:
        if self.steps_left == 0:
            return False
        self.steps_left -= 1
        return self.steps_left == 0

    def strike(self) -> None:
        before = self.failed
        self.steps_left = self.chance.randint(1, 60)
        self.struck += waited(lambda: self.failed > before, HIT_SECONDS, step=0.01)


class LockedFile(WorkerThread):
    """Another connection holds the write lock for longer than the worker waits."""

    def strike(self) -> None:
        before = self.failed
        with closing(sqlite3.connect(self.engine.url.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            self.struck += waited(lambda: self.failed > before, HIT_SECONDS, step=0.01)
            other.execute("ROLLBACK")


VICTIMS = {
    "worker": WorkerProcess,
    "serve": OneProcess,
    "connection": PostgresConnections,
    "statement": InterruptedStatements,
    "file lock": LockedFile,
}
KILLED_PROCESSES = {"worker", "serve"}
