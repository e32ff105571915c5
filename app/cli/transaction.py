"""One transaction per command: read only, or committed once at its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.cli.refusals import Refused
from app.db.engine import reading
from app.db.migrate import is_current
from app.parts import parts


@contextmanager
def looking() -> Iterator[Session]:
    """Open a session that reads, and can do nothing else."""
    with reading(), _opened() as session:
        yield session


@contextmanager
def changing(*, dry_run: bool = False) -> Iterator[Session]:
    """Open a session that is committed at the end; not after a refusal, nor on a dry run."""
    with _opened() as session:
        yield session
        if not dry_run:
            session.commit()


@contextmanager
def _opened() -> Iterator[Session]:
    make_room_for_database()
    with parts().sessions() as session:
        _refuse_other_schema(session)
        yield session


def refuse_other_schema() -> None:
    """Refuse a database without the tables of this version, before anything is begun."""
    with looking():
        pass


def make_room_for_database() -> None:
    """Make the folder in which SQLite is to keep the database."""
    url = make_url(parts().settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        folder = Path(url.database).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refused(f"The folder {folder} cannot be made: {error.strerror}.") from error


def _refuse_other_schema(session: Session) -> None:
    connection = session.connection()
    if not inspect(connection).has_table("event"):
        raise Refused("The database has no tables yet: couvert db upgrade")
    if not is_current(connection):
        raise Refused("The database is not that of this version: couvert db upgrade")
