"""A guest's answer recorded, beside the bare transaction: its very statements, without the rules.

The statements are written down while the answers of one database are recorded, and played to an
equal one by the driver alone. The two take turns, so that a noisy machine is noisy for both.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event as listening
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.db import migrate
from app.db.engine import SessionFactory, make_sessions
from app.deliveries.models import Delivery, DeliveryState
from app.events.models import Event
from app.invitations.models import Invitation
from app.invitations.services import send_wave
from app.programme.models import ItemKind
from app.rsvp.changes import AnswerWish, CompanionWish, DietWish
from app.rsvp.models import Answer, AnswerChannel, Diet
from app.rsvp.services import record_answer
from tests.databases import PostgresServer
from tests.factories import approve_list, make_dinner, make_event, make_guest, make_item

GUESTS = 200
AHEAD = {"starts": date(2090, 12, 9), "ends": date(2090, 12, 10), "reply_by": date(2090, 11, 20)}
WISH = AnswerWish(
    Answer.ACCEPTED,
    frozenset({"opening", "workshop", "dinner"}),
    DietWish(Diet.VEGETARIAN),
    (CompanionWish("Tomas Rønnow"),),
)
Played = list[tuple[str, Any]]


@dataclass
class Place:
    """An event with open invitations, in a database of its own."""

    sessions: SessionFactory
    invitations: list[int]


def measure(folder: Path, database_url: str = "") -> None:
    """Print the ratio on SQLite and on PostgreSQL."""
    del database_url  # three databases of its own are needed
    print(f"An answer recorded, {GUESTS} guests (median; the bare transaction: 1.00)")
    _print("SQLite", [f"sqlite:///{folder / name}.sqlite3" for name in ("written", "ours", "bare")])
    server = PostgresServer(folder / "postgresql", durable=True)
    with (
        server.fresh_database() as one,
        server.fresh_database() as two,
        server.fresh_database() as three,
    ):
        _print("PostgreSQL", [one, two, three])
    server.stop()


def _print(name: str, urls: list[str]) -> None:
    written, ours, bare = (_make_place(url) for url in urls)
    played = [_write_down(written.sessions, invitation) for invitation in written.invitations]
    seconds = [
        (_seconds_of_ours(ours.sessions, invitation), _seconds_of_bare(bare.sessions, statements))
        for invitation, statements in zip(ours.invitations, played, strict=True)
    ]
    with_rules, plain = (statistics.median(column) for column in zip(*seconds, strict=True))
    ratio = statistics.median(mine / other for mine, other in seconds)
    print(
        f"  {name:<12}bare {plain * 1000:5.2f} ms   ours {with_rules * 1000:5.2f} ms   {ratio:.2f}"
        f"   ({len(played[0])} statements)"
    )
    for place in (written, ours, bare):
        place.sessions.kw["bind"].dispose()


def _make_place(url: str) -> Place:
    sessions = make_sessions(url)
    migrate.upgrade(sessions.kw["bind"])
    with sessions.begin() as session:
        event = make_event(session, place_limit=GUESTS, **AHEAD)
        _make_programme(session, event)
        for number in range(GUESTS):
            make_guest(session, event, email=f"guest{number}@example.org")
        approve_list(session, event)
        send_wave(session, event, by="Bench", now=utc_now())
        # Who answers has had the mail.
        facts = {"state": DeliveryState.SENT, "sent_at": utc_now()}
        session.execute(update(Delivery).values(**facts))
        ids = select(Invitation.id).order_by(Invitation.id)
        return Place(sessions, list(session.scalars(ids)))


def _make_programme(session: Session, event: Event) -> None:
    locks = {"locks": date(2090, 11, 20)}
    evening = datetime(2090, 12, 9, 18, tzinfo=UTC)
    make_dinner(session, event, 2 * GUESTS, starts=evening, ends=evening.replace(hour=21), **locks)
    for hour, slug in ((8, "opening"), (10, "workshop"), (12, "visit")):
        morning = datetime(2090, 12, 10, hour, tzinfo=UTC)
        facts = {"starts": morning, "ends": morning.replace(hour=hour + 1), "places": GUESTS}
        make_item(session, event, slug, kind=ItemKind.PLENARY, **facts, **locks)


def _record(session: Session, invitation_id: int) -> None:
    invitation = session.get_one(Invitation, invitation_id)
    channel = AnswerChannel.GUEST
    record_answer(session, invitation, WISH, channel=channel, actor="", now=utc_now())


def _write_down(sessions: SessionFactory, invitation_id: int) -> Played:
    """Record an answer and return the statements it took, as the driver got them."""
    with _listening(sessions) as statements, sessions.begin() as session:
        _record(session, invitation_id)
    return statements


@contextmanager
def _listening(sessions: SessionFactory) -> Iterator[Played]:
    statements: Played = []

    def keep(_connection: object, _cursor: object, sql: str, parameters: Any, *_: object) -> None:
        statements.append((sql, parameters))

    engine = sessions.kw["bind"]
    listening.listen(engine, "before_cursor_execute", keep)
    try:
        yield statements
    finally:
        listening.remove(engine, "before_cursor_execute", keep)


def _seconds_of_ours(sessions: SessionFactory, invitation_id: int) -> float:
    begun = time.perf_counter()
    with sessions.begin() as session:
        _record(session, invitation_id)
    return time.perf_counter() - begun


def _seconds_of_bare(sessions: SessionFactory, statements: Played) -> float:
    raw = sessions.kw["bind"].raw_connection()
    cursor = raw.cursor()
    begun = time.perf_counter()
    for sql, parameters in statements:
        many = isinstance(parameters, list)
        (cursor.executemany if many else cursor.execute)(sql, parameters)
        if cursor.description:
            cursor.fetchall()
    raw.commit()
    taken = time.perf_counter() - begun
    raw.close()
    return taken
