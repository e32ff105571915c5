"""The connections to the mail server: a thread for each, which hands over one mail at a time."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from queue import Empty, SimpleQueue

from app.deliveries import reasons
from app.mail.message import MailMessage
from app.mail.transport import Deferred, Outcome, Reach, SafeMail, Transport, Uncertain

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
"""How long a connection without work stays open: a server's patience is short."""
REST_SECONDS = 60.0
"""How long a connection the server would not open, beside others it has open, is left alone."""


@dataclass(frozen=True)
class Handed:
    """A mail on its way: begun in the database, now in the hands of a connection."""

    delivery_id: int
    domain: str
    attempt: int
    message: MailMessage
    began: datetime


@dataclass(frozen=True)
class Answered:
    """What became of a mail."""

    handed: Handed
    outcome: Outcome
    at: datetime


class Connection:
    """One thread with one conversation; told what to send, it reports what became of it."""

    def __init__(
        self, mail: SafeMail, clock: Callable[[], datetime], answers: "SimpleQueue[Answered]"
    ) -> None:
        self.transport = Transport(mail)
        self.clock = clock
        self.answers = answers
        self.work: SimpleQueue[Handed | None] = SimpleQueue()
        self.busy = False
        """From a mail's sending until its answer is collected: the next is begun with it known."""
        self.rests_until = 0.0
        self.thread: threading.Thread | None = None

    @property
    def idle(self) -> bool:
        return not self.busy and time.monotonic() >= self.rests_until

    @property
    def in_use(self) -> bool:
        return self.busy or self.transport.is_open

    def send(self, handed: Handed) -> None:
        if self.thread is None:
            thread = threading.Thread(target=self._run, name="connection", daemon=True)
            thread.start()
            self.thread = thread
        self.busy = True
        self.work.put(handed)

    def close(self) -> None:
        """Say goodbye, after the mail in hand; a later mail begins anew."""
        if self.thread is not None:
            self.work.put(None)
            self.thread.join()
            self.thread = None

    def _run(self) -> None:
        while True:
            try:
                handed = self.work.get(timeout=IDLE_SECONDS)
            except Empty:
                self.transport.close()
                continue
            if handed is None:
                self.transport.close()
                return
            self._hand_over(handed)

    def _hand_over(self, handed: Handed) -> None:
        outcome = self._outcome(handed)
        self.answers.put(Answered(handed, outcome, self.clock()))

    def _outcome(self, handed: Handed) -> Outcome:
        """Send. Whatever is raised, there is an answer: a mail without one would hang."""
        try:
            return self.transport.send(handed.message)
        except Exception:
            log.exception("delivery %d: the connection failed unexpectedly", handed.delivery_id)
            doubt = Uncertain if self.transport.dot_sent else Deferred
            self.transport.abandon()
            return doubt(reasons.UNEXPECTED)


class Connections:
    """Up to `number` connections; the one that was busy last is asked first, so few stay open."""

    def __init__(self, mail: SafeMail, number: int, clock: Callable[[], datetime]) -> None:
        self.answers: SimpleQueue[Answered] = SimpleQueue()
        self.all = [Connection(mail, clock, self.answers) for _ in range(number)]
        self.holders: dict[int, Connection] = {}

    @property
    def idle(self) -> int:
        return sum(connection.idle for connection in self.all)

    def send(self, handed: Handed) -> None:
        """Give a mail to an idle connection; there must be one."""
        connection = next(each for each in self.all if each.idle)
        self.all.remove(connection)
        self.all.insert(0, connection)
        self.holders[handed.delivery_id] = connection
        connection.send(handed)

    def finished(self, wait: float) -> Iterator[Answered]:
        """Yield what has been answered by now; wait so many seconds for the first."""
        try:
            answered = self.answers.get(timeout=wait) if wait else self.answers.get_nowait()
            while True:
                yield self._noted(answered)
                answered = self.answers.get_nowait()
        except Empty:
            return

    def _noted(self, answered: Answered) -> Answered:
        """Leave a connection alone for a while that the server would not open beside others."""
        holder = self.holders.pop(answered.handed.delivery_id)
        holder.busy = False
        outcome = answered.outcome
        if not isinstance(outcome, Deferred) or outcome.reach is not Reach.QUEUE:
            return answered
        if not any(each.in_use for each in self.all if each is not holder):
            for each in self.all:
                each.rests_until = 0.0  # it was not their number
            return answered
        # The server has others of ours open, and minds their number; or it is opening them still,
        # and the last of them will tell.
        holder.rests_until = time.monotonic() + REST_SECONDS
        return replace(answered, outcome=replace(outcome, reach=Reach.MAIL))

    def close(self) -> None:
        """Say goodbye on each; the mails in hand have been answered before."""
        for connection in self.all:
            connection.close()
