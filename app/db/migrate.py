"""Brings the database to the newest schema; children survive a rebuilt table."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from app.db.registry import metadata

FOLDER = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 727201  # any number, the same on every host


class BrokenReferencesError(Exception):
    """A migration would leave rows whose parent is gone; nothing was changed."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run all missing migrations in one transaction; two at once wait for each other."""
    with migrating(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def is_current(connection: Connection) -> bool:
    """Whether the database's schema is the newest one."""
    found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory.from_config(_config()).get_current_head()


def differences(engine: Engine) -> list[object]:
    """Return what the tables of the code have that the migrated database lacks, or the reverse."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def new_revision(engine: Engine, message: str, revision_id: str) -> None:
    """Write the next migration from what changed in the models (for developers)."""
    with migrating(engine) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True, rev_id=revision_id)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """Give a connection in one transaction in which tables may be rebuilt and no child is lost."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            yield from _on_sqlite(connection)
        else:
            with connection.begin():
                connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
                yield connection


def _on_sqlite(connection: Connection) -> Iterator[Connection]:
    """Keep foreign keys off meanwhile: a batch migration drops the table, and with it its children.

    The pragma does nothing inside a transaction, so it comes before the BEGIN.
    """
    driver = connection.connection.dbapi_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    driver.cursor().execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            yield connection
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise BrokenReferencesError(f"{len(broken)} rows, first: {broken[0]}")
    finally:
        driver.cursor().execute("PRAGMA foreign_keys=ON")
