"""A small runner of races: many threads, released at once, each with a session of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from sqlalchemy.orm import Session

from app.db.engine import SessionFactory

R = TypeVar("R")
T = TypeVar("T")


def race(
    sessions: SessionFactory, subjects: Sequence[T], act: Callable[[Session, T], R]
) -> list[R]:
    """Do `act` for every subject at once, each in its own transaction; return what each came to.

    What a thread raises is raised here: a refusal that is expected is caught by `act` itself.
    """
    barrier = Barrier(len(subjects))

    def run(subject: T) -> R:
        barrier.wait()
        with sessions.begin() as session:
            return act(session, subject)

    with ThreadPoolExecutor(len(subjects)) as threads:
        return list(threads.map(run, subjects))
