"""An installation under attack: its database, and a mail server that keeps whatever it takes."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Self

from sqlalchemy import func, select

from app.clock import utc_now
from app.db.engine import make_sessions
from app.deliveries.models import Delivery, DeliveryMove, DeliveryState
from app.deliveries.services import send_again
from app.events.models import Event
from app.invitations.models import Invitation
from app.invitations.services import send_wave
from app.organisers.models import Role, RoleOnEvent
from tests.factories import approve_list, make_event, make_guest, make_organiser
from tests.faults.smtp_server import Fault, FaultServer, Step
from tests.product import Product

AHEAD = {"starts": date(2090, 12, 9), "ends": date(2090, 12, 10), "reply_by": date(2090, 11, 20)}
"""The processes have the real clock: the events must lie ahead of it."""
UNFINISHED = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED)
ANSWER_SECONDS = 0.01
"""What the mail server takes for its last answer: slow enough that a kill meets mails in hand."""
PATIENCE_SECONDS = 150.0
"""Longer than the lease of a dead worker that others could not settle at once."""


class House:
    """One product, one mail server; it asks for mails and counts what became of them."""

    def __init__(self, database_url: str, folder: Path, *, connections: int) -> None:
        self.connections = connections
        self.guests = 0
        delay = ANSWER_SECONDS * connections
        instance = folder / "instance"
        instance.mkdir()
        self.server = FaultServer([Fault(Step.DOT, delay=delay)])
        self.product = Product(
            instance,
            DATABASE_URL=database_url,
            MAIL_SERVER="127.0.0.1",
            MAIL_PORT=str(self.server.port),
            MAIL_CONNECTIONS=str(connections),
            MAIL_TIMEOUT="10",
        )
        self.sessions = make_sessions(database_url)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        self.server.__exit__(*details)
        self.sessions.kw["bind"].dispose()

    def build(self, slugs: list[str], guests: int) -> str:
        """Make events, each with so many approved guests; return the organiser's address."""
        self.guests = guests
        with self.sessions.begin() as session:
            events = [
                make_event(session, slug=slug, place_limit=guests, created_at=utc_now(), **AHEAD)
                for slug in slugs
            ]
            organiser = make_organiser(session, events[0])
            for event in events:
                for _ in range(guests):
                    make_guest(session, event)
                approve_list(session, event)
            for event in events[1:]:
                role = RoleOnEvent(
                    organiser_id=organiser.id, event_id=event.id, role=Role.ORGANISER
                )
                session.add(role)
            return organiser.email

    def send_wave(self, slug: str) -> None:
        with self.sessions.begin() as session:
            event = session.scalars(select(Event).where(Event.slug == slug)).one()
            send_wave(session, event, by="Organiser", now=utc_now())

    def wave(self, slug: str) -> tuple[int, int, int]:
        """Return how many places the event holds, and its invitations and their mails."""
        of_event = Event.slug == slug
        with self.sessions() as session:
            held = select(func.count()).select_from(Invitation).join(Event).where(of_event)
            mails = select(func.count()).select_from(Delivery).join(Event).where(of_event)
            return (
                session.scalars(held.where(Invitation.holds_place)).one(),
                session.scalars(held).one(),
                session.scalars(mails).one(),
            )

    @property
    def press_seconds(self) -> float:
        """How long the request that sends a wave takes at most, or nearly so."""
        return 0.1 + 0.004 * self.guests

    @property
    def taken(self) -> int:
        return len(self.server.messages)

    def unfinished(self) -> int:
        with self.sessions() as session:
            return session.scalars(select(func.count()).where(Delivery.state.in_(UNFINISHED))).one()

    def ended(self) -> bool:
        """Wait until every mail has come to an end; False where one is stuck."""
        return waited(lambda: not self.unfinished(), PATIENCE_SECONDS)

    def states(self) -> dict[str, DeliveryState]:
        with self.sessions() as session:
            return dict(session.execute(select(Delivery.recipient, Delivery.state)).all())

    def uncertain(self) -> Counter[tuple[object, str]]:
        """Count every move to uncertain by its moment and who made it: one worker's loss is one."""
        with self.sessions() as session:
            moves = session.execute(
                select(DeliveryMove.at, DeliveryMove.by).where(
                    DeliveryMove.state == DeliveryState.UNCERTAIN
                )
            ).all()
        return Counter((move.at, move.by) for move in moves)

    def send_uncertain_again(self) -> set[str]:
        """Answer every question with `send again`, as an organiser does; return whom it is to."""
        with self.sessions.begin() as session:
            asked = session.scalars(
                select(Delivery).where(Delivery.state == DeliveryState.UNCERTAIN)
            ).all()
            for delivery in asked:
                send_again(session, delivery, by="Organiser", now=utc_now())
            return {delivery.recipient for delivery in asked}

    def arrivals(self) -> Counter[str]:
        """Count the mails by recipient."""
        return Counter(mail.recipient for mail in list(self.server.messages))

    def strangers(self) -> int:
        """Return how many mails do not carry the one Message-ID of their row."""
        with self.sessions() as session:
            ids = dict(session.execute(select(Delivery.recipient, Delivery.message_id)).all())
        return sum(ids[mail.recipient] != mail.message_id for mail in self.server.messages)


def waited(happened: Callable[[], bool], seconds: float, *, step: float = 0.05) -> bool:
    """Wait until it has happened; False where it has not after so many seconds."""
    ends = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > ends:
            return False
        time.sleep(step)
    return True
