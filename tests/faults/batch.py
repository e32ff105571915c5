"""A batch of invitations, sent mail by mail while the server is struck and mended."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import select

from app import create_app
from app.config import Settings
from app.db.engine import SessionFactory
from app.deliveries.models import WAITING, Delivery, DeliveryMove, Pause
from app.events.models import Event
from app.invitations.services import send_wave
from app.worker.loop import Worker
from tests.factories import NOW, approve_list, both, make_event, make_guest
from tests.faults.matrix import Row
from tests.faults.smtp_server import FaultServer, Step

PATIENCE_SECONDS = 20.0
LONG = both("Connect to the Future. " * 4_000)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def invite(sessions: SessionFactory, emails: Sequence[str], **facts: object) -> None:
    """Ask for an invitation to each address, in this order."""
    with sessions.begin() as session:
        event = make_event(session, place_limit=len(emails), **facts)
        for email in emails:
            make_guest(session, event, email=email)
        approve_list(session, event)
        send_wave(session, event, by="Organiser", now=NOW)


@dataclass(frozen=True)
class Struck:
    """What became of a mail that met the fault, before any other was tried."""

    delivery: Delivery
    reply: str
    """The server's words, as the log keeps them."""
    pauses: Sequence[Pause]
    seconds: float
    """How long the worker was held."""
    conversations: int
    """How many connections and mails the server saw begun meanwhile."""


@dataclass
class Batch:
    """A worker of its own for the batch, and what it met."""

    settings: Settings
    server: FaultServer
    row: Row | None = None
    places: Collection[int] = ()
    """Which mails meet the fault of the row, counted from 1."""
    met: dict[int, Struck] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.app = create_app(self.settings, clock=self.clock)
        self.worker = Worker(self.app)
        self.sessions = self.worker.parts.sessions
        self.numbers = {each.id: number for number, each in enumerate(self.deliveries(), start=1)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.worker.post.connections.close()
        self.sessions.kw["bind"].dispose()

    def lengthen(self) -> None:
        """Make every mail longer than the network's buffers."""
        with self.sessions.begin() as session:
            session.scalars(select(Event)).one().theme = LONG

    def run(self) -> None:
        """Send, and move the clock on whenever nothing is due, until no mail waits any more."""
        self.send_due()
        while any(delivery.state in WAITING for delivery in self.deliveries()):
            self.clock.now = self.next_moment()
            self.send_due()

    def send_due(self) -> None:
        """Send what is due by the clock, one mail after the other."""
        ends = time.monotonic() + PATIENCE_SECONDS
        with self.app.app_context():
            while self._turn() or not self.worker.post.idle:
                if time.monotonic() > ends:
                    raise TimeoutError("the batch does not come to its end")

    def next_moment(self) -> datetime:
        """Return when something can go on: a mail is due again, or a pause is over."""
        waiting = [each.due_at for each in self.deliveries() if each.state in WAITING]
        moments = waiting + [pause.until for pause in self.pauses() if pause.until is not None]
        later = [moment for moment in moments if moment > self.clock.now]
        return min(later, default=self.clock.now + timedelta(seconds=1))

    def deliveries(self) -> list[Delivery]:
        with self.sessions() as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))

    def pauses(self) -> list[Pause]:
        with self.sessions() as session:
            return list(session.scalars(select(Pause)))

    def words_of(self, delivery: Delivery) -> str:
        """Return the server's last words, as the log keeps them."""
        lines = select(DeliveryMove.reply).where(DeliveryMove.delivery_id == delivery.id)
        with self.sessions() as session:
            return session.scalars(lines.order_by(DeliveryMove.id.desc())).first() or ""

    def _turn(self) -> bool:
        number = self._next()
        if self.row is None or number not in self.places or number in self.met:
            return self._send_next()
        return self._strike(self.row, number)

    def _next(self) -> int:
        """Return the number of the mail that goes next, 0 where none is made yet."""
        pile = self.worker.post.pile
        return self.numbers[pile[0].delivery.id] if pile else 0

    def _send_next(self) -> bool:
        moved = self.worker.send_due()
        while self.worker.post.in_hand:
            self.worker.post.collect(1)
        return moved

    def _strike(self, row: Row, number: int) -> bool:
        server, began = self.server, time.monotonic()
        seen = server.connections + server.mails_begun
        row.strike(server, self.settings.mail.timeout)
        self._send_next()
        if row.step is Step.QUIT:
            self.worker.post.connections.close()
        seconds = time.monotonic() - began
        conversations = server.connections + server.mails_begun - seen
        row.mend(server)
        self.worker.send_due()  # notes the answer, and begins the next mail where one may go
        delivery = self.deliveries()[number - 1]
        words, pauses = self.words_of(delivery), self.pauses()
        self.met[number] = Struck(delivery, words, pauses, seconds, conversations)
        return self._send_next()
