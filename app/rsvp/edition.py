"""The programme as it is read for a guest's page, and a guest's numbers in line for its items.

The same rows give the same object: what a page makes of an edition can be kept by it, and is never
out of date. The statements are built once and read plain rows: no page is asked for more often.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    BindParameter,
    CompoundSelect,
    Row,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import ColumnElement

from app.events.models import Event
from app.invitations.models import Invitation
from app.programme.days import Day, by_day
from app.programme.models import FixedPoint, ProgrammeItem
from app.programme.overlaps import at_the_same_time, close_to
from app.rsvp.models import Choice, ChoiceAnswer, Rsvp

SHARED = tuple(column.key for column in FixedPoint.__table__.c)
OWN = tuple(column.key for column in ProgrammeItem.__table__.c if column.key not in SHARED)
TEXTS = ("title", "venue", "dress_code")


@dataclass(frozen=True, eq=False)
class Edition:
    """The programme at one reading. Its rows belong to no session: they are for reading only."""

    items: tuple[ProgrammeItem, ...]
    """In the order of time."""
    days: tuple[Day, ...]
    meanwhile: Mapping[int, tuple[FixedPoint, ...]]
    """By item id, the fixed points that run at the same time."""
    nearby: Mapping[int, tuple[FixedPoint, ...]]
    """By item id, those that its transfer time reaches into."""


def read_edition(session: Session, event: Event) -> Edition:
    rows = session.connection().execute(PROGRAMME, {"event": event.id}).all()
    return _edition(tuple(rows), event.time_zone)


def numbers_in_line(session: Session, rsvp: Rsvp) -> dict[int, int]:
    """Return, by item id, the number in line (from 1) where this guest stands on the reserve."""
    if all(choice.answer is not ChoiceAnswer.RESERVE for choice in rsvp.choices):
        return {}
    facts = {"event": rsvp.invitation.event_id, "rsvp": rsvp.id}
    return dict(session.connection().execute(NUMBERS, facts).all())


@lru_cache(maxsize=64)
def _edition(rows: tuple[Row[Any], ...], time_zone: str) -> Edition:
    facts = [{name: _read(name, row) for name in (*SHARED, *OWN)} for row in rows if row.ours]
    items = tuple(ProgrammeItem(**fact) for fact in facts)
    points = tuple(
        FixedPoint(**{name: _read(name, row) for name in SHARED}) for row in rows if not row.ours
    )
    return Edition(
        items=items,
        days=tuple(by_day(items, points, time_zone)),
        meanwhile={item.id: tuple(at_the_same_time(item, points)) for item in items},
        nearby={item.id: tuple(close_to(item, points)) for item in items},
    )


def _read(name: str, row: Row[Any]) -> object:
    value = getattr(row, name)
    return json.loads(value) if name in TEXTS and value is not None else value


def _plain(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """Read texts per language as they are stored: a row with a dict in it could not be a key."""
    return cast(column, Text) if isinstance(column.type, JSON) else column.expression


def _programme() -> CompoundSelect[*tuple[Any, ...]]:
    items = [_plain(getattr(ProgrammeItem, name)).label(name) for name in (*SHARED, *OWN)]
    points = [_plain(getattr(FixedPoint, name)).label(name) for name in SHARED]
    nothing = [null().label(name) for name in OWN]
    event: BindParameter[int] = bindparam("event")
    return union_all(
        select(literal(1).label("ours"), *items).where(ProgrammeItem.event_id == event),
        select(literal(0).label("ours"), *points, *nothing).where(FixedPoint.event_id == event),
    ).order_by("starts", "ends", "slug", "id")


def _numbers() -> Select[int, int]:
    number = func.row_number().over(
        partition_by=Choice.item_id, order_by=(Choice.reserve_since, Choice.id)
    )
    line = (
        select(Choice.item_id, Choice.rsvp_id, number.label("number"))
        .join(Rsvp, Choice.rsvp_id == Rsvp.id)
        .join(Invitation, Rsvp.invitation_id == Invitation.id)
        .where(
            Invitation.event_id == bindparam("event"),
            Invitation.holds_place,
            Choice.answer == ChoiceAnswer.RESERVE,
        )
        .subquery()
    )
    return select(line.c.item_id, line.c.number).where(line.c.rsvp_id == bindparam("rsvp"))


PROGRAMME = _programme()
NUMBERS = _numbers()
