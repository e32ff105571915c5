"""Keeping the entries of guests' calendars true, and saying which mail carries which update."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from app.calendars.models import CalendarEntry, CalendarUpdate
from app.db.base import Base
from app.deliveries.models import Delivery
from app.programme.models import Amendment, ProgrammeItem
from app.programme.showing import Showing

_UPDATES = insert(Base.metadata.tables[CalendarUpdate.__tablename__])


def thread_of(invitation_id: int) -> str:
    """Return the thread of all mails that carry updates to one guest's calendar."""
    return f"calendar:{invitation_id}"


def switch_entries(
    session: Session,
    *,
    invitation_id: int,
    invitation_public_id: str,
    on: Collection[ProgrammeItem],
    off: Collection[ProgrammeItem] = (),
    now: datetime,
) -> list[CalendarEntry]:
    """Put items into a guest's calendar, or take them out; return the entries that changed."""
    known = _entries_of(session, invitation_id, [item.id for item in (*on, *off)])
    changed = [
        _new_entry(session, item, invitation_id, invitation_public_id, now)
        for item in on
        if item.id not in known
    ]
    wanted = [(item, True) for item in on] + [(item, False) for item in off]
    for item, is_on in wanted:
        entry = known.get(item.id)
        if entry is not None and entry.is_on is not is_on:
            entry.is_on, entry.sequence, entry.changed_at = is_on, entry.sequence + 1, now
            changed.append(entry)
    return changed


def _entries_of(
    session: Session, invitation_id: int, item_ids: Sequence[int]
) -> dict[int, CalendarEntry]:
    entries = session.scalars(
        select(CalendarEntry).where(
            CalendarEntry.invitation_id == invitation_id, CalendarEntry.item_id.in_(item_ids)
        )
    )
    return {entry.item_id: entry for entry in entries if entry.item_id is not None}


def _new_entry(
    session: Session,
    item: ProgrammeItem,
    invitation_id: int,
    invitation_public_id: str,
    now: datetime,
) -> CalendarEntry:
    entry = CalendarEntry(
        invitation_id=invitation_id,
        item_id=item.id,
        uid=f"{item.public_id}.{invitation_public_id}@couvert",
        sequence=0,
        is_on=True,
        changed_at=now,
    )
    session.add(entry)
    return entry


def drop_entries(session: Session, invitation_id: int, *, now: datetime) -> list[CalendarEntry]:
    """Take everything out of a guest's calendar; return the entries that changed."""
    entries = session.scalars(
        select(CalendarEntry).where(
            CalendarEntry.invitation_id == invitation_id, CalendarEntry.is_on
        )
    ).all()
    for entry in entries:
        entry.is_on, entry.sequence, entry.changed_at = False, entry.sequence + 1, now
    return list(entries)


def drop_all_entries(
    session: Session, condition: ColumnElement[bool], *, now: datetime
) -> list[tuple[int, int]]:
    """Take the entries that are on and meet the condition out; return (entry, invitation) ids."""
    return _touch(session, condition, now=now, is_on=False)


def renew_entries(session: Session, item: ProgrammeItem, *, now: datetime) -> list[tuple[int, int]]:
    """Note that an item shows otherwise in every calendar; return (entry, invitation) ids."""
    return _touch(session, CalendarEntry.item_id == item.id, now=now, is_on=True)


def _touch(
    session: Session, condition: ColumnElement[bool], *, now: datetime, is_on: bool
) -> list[tuple[int, int]]:
    rows = session.execute(
        update(CalendarEntry)
        .where(condition, CalendarEntry.is_on)
        .values(sequence=CalendarEntry.sequence + 1, is_on=is_on, changed_at=now)
        .returning(CalendarEntry.id, CalendarEntry.invitation_id),
        execution_options={"synchronize_session": "fetch"},
    )
    return [(row.id, row.invitation_id) for row in rows]


def carry(session: Session, delivery: Delivery | None, entries: Iterable[CalendarEntry]) -> None:
    """Let a mail carry the updates of these entries; without one, the next that goes out will."""
    chosen = list(entries)
    if not chosen:
        return
    session.flush()
    delivery_id = delivery.id if delivery else None
    rows = [{"entry_id": entry.id, "delivery_id": delivery_id} for entry in chosen]
    session.connection().execute(_UPDATES, rows)


def carry_all(
    session: Session,
    entries: Sequence[tuple[int, int]],
    deliveries: Mapping[int, int],
    *,
    amendment: Amendment | None = None,
) -> None:
    """The same for many: (entry, invitation) ids, and by invitation the row id of its mail."""
    if not entries:
        return
    session.flush()
    amendment_id = amendment.id if amendment else None
    rows = [
        {
            "entry_id": entry_id,
            "delivery_id": deliveries.get(invitation_id),
            "amendment_id": amendment_id,
        }
        for entry_id, invitation_id in entries
    ]
    session.connection().execute(_UPDATES, rows)


def let_go_of(session: Session, item: ProgrammeItem) -> None:
    """Keep what calendars were told of an item that is about to be dropped from the programme."""
    facts = Showing.of(item).keep()
    session.execute(
        update(CalendarEntry)
        .where(CalendarEntry.item_id == item.id)
        .values(item_id=None, facts=facts),
        execution_options={"synchronize_session": "fetch"},
    )


class HasFeed(Protocol):
    """A guest's invitation, or an event: what has a calendar feed."""

    feed_version: int


def renew_feed_address(owner: HasFeed) -> None:
    """Let the address of a calendar feed die; the new one is told where the old one stood."""
    owner.feed_version += 1
