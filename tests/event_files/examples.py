"""A small event as its file says it, loaded and answered."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.registry import metadata
from app.event_files.entries import (
    Contact,
    DecisionEntry,
    DigestEntry,
    EventFile,
    FixedPointEntry,
    FunderEntry,
    HostEntry,
    ProgrammeEntry,
)
from app.event_files.services import LoadedEvent, load_event
from app.rsvp.changes import AnswerWish, CompanionWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from tests.factories import NOW, both, make_invitation

LATER = NOW + timedelta(hours=1)


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 12, day, hour, 0, tzinfo=UTC)


def entry(slug: str, **facts: object) -> ProgrammeEntry:
    """A plenary on the second day, 09:00-10:00 UTC."""
    given: dict[str, object] = {
        "kind": "plenary",
        "title": both(slug.capitalize()),
        "starts": at(10, 9),
        "ends": at(10, 10),
        "venue": both("Grand Hôtel"),
        "places": None,
        "arrival": False,
        "dress_code": {},
        "transfer_minutes": 0,
        "locks": None,
        **facts,
    }
    return ProgrammeEntry(slug=slug, **given)


VISIT = entry("visit", kind="study visit", places=2)
DINNER = entry("dinner", kind="dinner", starts=at(9, 18), ends=at(9, 21), places=4)
FILE = EventFile(
    slug="summit",
    name=both("Public Services Summit"),
    theme={},
    starts=date(2026, 12, 9),
    ends=date(2026, 12, 10),
    time_zone="Europe/Stockholm",
    city=both("Stockholm"),
    place_limit=3,
    reply_by=date(2026, 11, 20),
    companions_per_guest=1,
    languages=("en", "sv"),
    contact=Contact(both("Office", "Kansliet"), "summit@stockholm.example", ""),
    hosts=(
        HostEntry(both("City of Stockholm", "Stockholms stad"), 3),
        HostEntry(both("Cisco Systems"), None),
    ),
    programme=(VISIT, DINNER),
    fixed_points=(FixedPointEntry(both("Concert"), at(8, 18), at(8, 20), both("Concert Hall")),),
    decisions=(DecisionEntry("theme", both("The theme", "Temat"), date(2026, 10, 1), "Group"),),
    funders=(FunderEntry(both("City Executive Board"), Decimal("300000.50"), "SEK"),),
    digest=DigestEntry(0, datetime(2026, 1, 1, 7, tzinfo=UTC).time(), ("summit@a.example",)),
)


def load(session: Session, file: EventFile = FILE, **facts: object) -> LoadedEvent:
    loaded = load_event(session, replace(file, **facts), now=LATER)
    session.commit()
    return loaded


def answer(session: Session, invitation, *slugs: str, companions: Iterable[str] = ()) -> None:
    wish = AnswerWish(
        Answer.ACCEPTED,
        items=frozenset(slugs),
        companions=tuple(CompanionWish(name) for name in companions),
    )
    record_answer(session, invitation, wish, channel=AnswerChannel.GUEST, actor="", now=NOW)
    session.commit()


def accept(session: Session, event, *slugs: str, companions: Iterable[str] = (), **facts) -> None:
    answer(session, make_invitation(session, event, **facts), *slugs, companions=companions)


def dump(session: Session) -> dict[str, list[tuple]]:
    return {
        table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.c[:1]))]
        for table in metadata.sorted_tables
    }
