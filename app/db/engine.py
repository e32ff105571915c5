"""Engine and sessions: one behaviour on SQLite and PostgreSQL, writes that never oversell."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session, sessionmaker

LOCK_SECONDS = 15
PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    f"busy_timeout={LOCK_SECONDS}000",
    "synchronous=FULL",
)
POSTGRES_OPTIONS = "-c statement_timeout=15000 -c lock_timeout=10000 -c timezone=UTC"

# The default is to write: forgetting to say "read only" is slow, never wrong.
_read_only: ContextVar[bool] = ContextVar("read_only", default=False)

SessionFactory = sessionmaker[Session]


@contextmanager
def reading() -> Iterator[None]:
    """Make every transaction begun inside read only: a GET that tries to write fails loudly."""
    token = _read_only.set(True)
    try:
        yield
    finally:
        _read_only.reset(token)


def set_read_only(*, read_only: bool) -> None:
    """Choose the kind of transaction for the rest of this request (web/transaction.py)."""
    _read_only.set(read_only)


def make_sessions(database_url: str) -> SessionFactory:
    """Return the factory of sessions; objects stay readable after commit."""
    return sessionmaker(make_engine(database_url), expire_on_commit=False)


def make_engine(database_url: str) -> Engine:
    url = make_url(database_url)
    return _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,  # names and addresses do not belong in logs
        pool_size=10,
        max_overflow=5,
        connect_args={"options": POSTGRES_OPTIONS},
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if _read_only.get():
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    return engine


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=5,
        hide_parameters=True,
        connect_args={"timeout": LOCK_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def connect(driver: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3 or a stand-in
        driver.isolation_level = None  # stop the driver's own late BEGIN: it oversells
        for pragma in PRAGMAS:
            driver.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        read_only = _read_only.get()
        connection.exec_driver_sql(f"PRAGMA query_only={int(read_only)}")
        # IMMEDIATE takes the write lock first: a count read inside stays true until commit.
        connection.exec_driver_sql("BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE")

    return engine
