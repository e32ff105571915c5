"""A change of the programme that touches 20 000 guests: how long until every mail is queued."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.amendments.services import amend
from app.amendments.wishes import ItemWish
from app.calendars.models import CalendarEntry
from app.clock import utc_now
from app.db import migrate
from app.db.base import Base
from app.db.engine import make_sessions
from app.db.types import new_public_id
from app.deliveries.models import Delivery, DeliveryKind
from app.events.models import Event
from app.guests.models import Guest, GuestListEntry, GuestListVersion, GuestStatus
from app.invitations.models import Invitation, InvitationState, Wave
from app.programme.models import ProgrammeItem
from app.rsvp.models import Answer, Choice, ChoiceAnswer, Diet, Rsvp
from tests.databases import PostgresServer
from tests.factories import make_event, make_item

GUESTS = 20_000
AHEAD = {"starts": date(2090, 12, 9), "ends": date(2090, 12, 10), "reply_by": date(2090, 11, 20)}
Rows = list[dict[str, Any]]


def measure(folder: Path, database_url: str = "") -> None:
    """Print the seconds on SQLite and on PostgreSQL, commit included."""
    del database_url  # two databases of its own are needed
    print(f"A change of the programme, {GUESTS} guests who said yes (wished for: under 5 s)")
    _print("SQLite", f"sqlite:///{folder / 'amending.sqlite3'}")
    server = PostgresServer(folder / "postgresql", durable=True)
    try:
        with server.fresh_database() as url:
            _print("PostgreSQL", url)
    finally:
        server.stop()


def _print(name: str, url: str) -> None:
    sessions = make_sessions(url)
    engine = sessions.kw["bind"]
    migrate.upgrade(engine)
    with sessions.begin() as session:
        item_id = _fill(session).id
    began = time.perf_counter()
    with sessions.begin() as session:
        item = session.get_one(ProgrammeItem, item_id)
        wish = ItemWish.of(item)
        later = {"starts": wish.starts + timedelta(hours=1), "ends": wish.ends + timedelta(hours=1)}
        amend(session, item, replace(wish, **later), by="Bench", now=utc_now())
    seconds = time.perf_counter() - began
    with sessions() as session:
        queued = session.scalar(
            select(func.count()).where(Delivery.kind == DeliveryKind.PROGRAMME_CHANGED)
        )
    print(f"  {name:<12}{seconds:6.2f} s for {queued} mails")
    engine.dispose()


def _fill(session: Session) -> ProgrammeItem:
    """Make an event where everybody has said yes to one item; return the item."""
    event = make_event(session, slug="bench-amending", place_limit=GUESTS, **AHEAD)
    starts = utc_now().replace(year=2090, month=12, day=10, hour=9, minute=0)
    item = make_item(
        session, event, "plenary", starts=starts, ends=starts + timedelta(hours=1),
        locks=date(2090, 12, 1),
    )  # fmt: skip
    guests = _insert(session, Guest, [_guest(event, number) for number in range(GUESTS)])
    entries = _approve(session, event, guests)
    invitations = _invite(session, event, guests, entries)
    _answer(session, item, invitations)
    return item


def _guest(event: Event, number: int) -> dict[str, Any]:
    email = f"guest{number}@example.org"
    texts = dict.fromkeys(("title", "organisation", "country", "note"), "")
    return {
        "event_id": event.id, "public_id": new_public_id(), "position": number,
        "salutation": "Dr", "first_name": "Zofia", "last_name": f"Łęcka {number}",
        "email": email, "email_key": email, "language": "en", "created_at": utc_now(),
        "status": GuestStatus.APPROVED, "do_not_remind": False, **texts,
    }  # fmt: skip


def _approve(session: Session, event: Event, guests: Sequence[int]) -> Sequence[int]:
    version = GuestListVersion(
        event_id=event.id, number=1, approved_by="Bench", approved_at=utc_now()
    )
    session.add(version)
    session.flush()
    names = dict.fromkeys(("name", "title", "organisation", "country", "email"), "")
    rows = [
        {"version_id": version.id, "guest_id": guest, "position": place, **names}
        for place, guest in enumerate(guests)
    ]
    return _insert(session, GuestListEntry, rows)


def _invite(session: Session, event: Event, guests: Sequence[int], entries: Sequence[int]) -> Rows:
    wave = Wave(event_id=event.id, number=1, sent_at=utc_now(), sent_by="Bench")
    session.add(wave)
    session.flush()
    rows: Rows = [
        {
            "event_id": event.id, "guest_id": guest, "entry_id": entry, "wave_id": wave.id,
            "public_id": new_public_id(), "state": InvitationState.ANSWERED, "holds_place": True,
            "link_version": 1, "sendings": 1, "reminders": 0, "feed_version": 1,
            "reply_by": event.reply_by, "opened_at": utc_now(), "answered_at": utc_now(),
        }
        for guest, entry in zip(guests, entries, strict=True)
    ]  # fmt: skip
    ids = _insert(session, Invitation, rows)
    return [{**row, "id": row_id} for row, row_id in zip(rows, ids, strict=True)]


def _answer(session: Session, item: ProgrammeItem, invitations: Rows) -> None:
    texts = dict.fromkeys(("diet_words", "access_needs", "message"), "")
    times = dict.fromkeys(("recorded_at", "changed_at", "parts_at"), utc_now())
    said = {"answer": Answer.ACCEPTED, "version": 1, "diet": Diet.NONE, **texts, **times}
    rsvps = _insert(session, Rsvp, [{"invitation_id": row["id"], **said} for row in invitations])
    yes = {"item_id": item.id, "answer": ChoiceAnswer.YES}
    _insert(session, Choice, [{"rsvp_id": rsvp, **yes} for rsvp in rsvps])
    shown = {"item_id": item.id, "sequence": 0, "is_on": True, "changed_at": utc_now()}
    entries = [
        {"invitation_id": row["id"], "uid": f"{item.public_id}.{row['public_id']}@c", **shown}
        for row in invitations
    ]
    _insert(session, CalendarEntry, entries)


def _insert(session: Session, model: type[Base], rows: Rows) -> Sequence[int]:
    table = Base.metadata.tables[model.__tablename__]
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return session.scalars(statement, rows).all()
