"""Counting what is asked of a database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.orm import Session

UNSEEN = ("BEGIN", "PRAGMA", "SET", "COMMIT", "ROLLBACK")


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """Collect the statements that are asked of the session's database meanwhile."""
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if not statement.startswith(UNSEEN):
            statements.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)
