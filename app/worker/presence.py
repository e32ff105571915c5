"""Knowing whether another worker is alive: a lock that the system drops with its process."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

ADVISORY_LOCK = 727202  # any number, the same on every host; migrations have another


class Presence:
    """Held by every living worker, shared; `arriving` comes once, before the first claim.

    A worker that was killed holds it no longer, so that its successor can settle at once what it
    left, instead of waiting for its leases to end.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.file: IO[bytes] | None = None
        self.connection: Connection | None = None

    def __enter__(self) -> Self:
        if self.engine.dialect.name == "sqlite":
            self.file = Path(f"{self.engine.url.database}.worker").open("ab")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.file is not None:
            self.file.close()
        self._let_go()

    @contextmanager
    def arriving(self) -> Iterator[bool]:
        """Tell whether no other worker is alive, and let none arrive while the block lasts.

        From its end on others see this one.
        """
        if self.file is None:
            self._connect()
        try:
            yield self._try_alone()
        finally:
            self._share()

    def alone(self) -> bool:
        """Return whether no other worker is alive now; from here on others see this one."""
        with self.arriving() as alone:
            return alone

    def keep(self) -> None:
        """Be seen again, where the database has ended the connection and the lock with it."""
        if self.file is None and not self._is_seen():
            self._connect()
            self._share()

    def _try_alone(self) -> bool:
        if self.file is None:
            return bool(self._ask("pg_try_advisory_lock", ADVISORY_LOCK))
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _share(self) -> None:
        if self.file is not None:
            fcntl.flock(self.file, fcntl.LOCK_SH)
        else:
            self._ask("pg_advisory_lock_shared", ADVISORY_LOCK)
            self._ask("pg_advisory_unlock", ADVISORY_LOCK)

    def _is_seen(self) -> bool:
        try:
            return self._ask("pg_backend_pid") is not None
        except SQLAlchemyError:
            return False

    def _connect(self) -> None:
        self._let_go()
        self.connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def _let_go(self) -> None:
        if self.connection is None:
            return
        try:
            self._ask("pg_advisory_unlock_all")
        except SQLAlchemyError:
            self.connection.invalidate()  # not back to the pool: a lock would live on there
        self.connection.close()
        self.connection = None

    def _ask(self, function: str, *numbers: int) -> object:
        if self.connection is None:
            return None
        arguments = ", ".join(str(number) for number in numbers)
        return self.connection.execute(text(f"SELECT {function}({arguments})")).scalar()
