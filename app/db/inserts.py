"""Inserting a row unless its key is taken, in one statement on both databases."""

from collections.abc import Callable, Mapping

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.db.base import Base

INSERTS: dict[str, Callable[[type[Base]], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def insert_new(session: Session, table: type[Base], facts: Mapping[str, object]) -> bool:
    """Insert the row; False where one with its primary key is there already, or just came."""
    key = [column.name for column in inspect(table).primary_key]
    statement = INSERTS[session.get_bind().dialect.name](table).values(**facts)
    new = statement.on_conflict_do_nothing(index_elements=key).returning(
        *inspect(table).primary_key
    )
    return session.execute(new).one_or_none() is not None
