"""Keeping the entries of guests' calendars true, and noting what was told of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, Select, delete, insert, select, update
from sqlalchemy.orm import Session

from app.calendars.models import CalendarEntry, CalendarTelling, CalendarUpdate
from app.db.base import Base
from app.deliveries.models import Delivery
from app.mail.message import CalendarFile
from app.programme.models import Amendment, ProgrammeItem
from app.programme.showing import Showing

_UPDATES = insert(Base.metadata.tables[CalendarUpdate.__tablename__])
_TELLINGS = insert(Base.metadata.tables[CalendarTelling.__tablename__])


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


def drop_all_entries(session: Session, event_id: int, *, now: datetime) -> None:
    """Take everything out of the calendars of an event's guests."""
    _touch(session, CalendarEntry.invitation_id.in_(_invited(event_id)), now=now, is_on=False)


def renew_entries(session: Session, item: ProgrammeItem, *, now: datetime) -> None:
    """Note that an item shows otherwise in every calendar that has it."""
    _touch(session, CalendarEntry.item_id == item.id, now=now, is_on=True)


def _touch(session: Session, condition: ColumnElement[bool], *, now: datetime, is_on: bool) -> None:
    session.flush()
    session.execute(
        update(CalendarEntry)
        .where(condition, CalendarEntry.is_on)
        .values(sequence=CalendarEntry.sequence + 1, is_on=is_on, changed_at=now),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()


def tie(session: Session, delivery: Delivery, entries: Iterable[CalendarEntry]) -> None:
    """Note which entries a mail is about."""
    chosen = list(entries)
    if chosen:
        session.flush()
        rows = [{"entry_id": entry.id, "delivery_id": delivery.id} for entry in chosen]
        session.connection().execute(_UPDATES, rows)


def tie_to_change(
    session: Session, item: ProgrammeItem, batch: str, *, amendment: Amendment
) -> None:
    """Note of the mails of a batch that each is about its guest's entry of that item.

    The two lists are joined here: a database that has not yet counted its new rows may join them
    row by row, which takes minutes.
    """
    session.flush()
    mails = select(Delivery.subject_id, Delivery.id).where(Delivery.batch == batch)
    mail_of: dict[int, int] = dict(session.execute(mails).all())
    entries = session.execute(
        select(CalendarEntry.id, CalendarEntry.invitation_id).where(
            CalendarEntry.item_id == item.id, CalendarEntry.is_on
        )
    )
    rows = [
        {
            "entry_id": entry_id,
            "delivery_id": mail_of[invitation_id],
            "amendment_id": amendment.id,
        }
        for entry_id, invitation_id in entries
        if invitation_id in mail_of
    ]
    if rows:
        session.connection().execute(_UPDATES, rows)


def note_told(session: Session, files: Mapping[int, Sequence[CalendarFile]]) -> None:
    """Note what mails that are being handed over tell, by the delivery's row id."""
    rows = [
        {"delivery_id": delivery_id, "entry_id": file.entry_id, "sequence": file.sequence}
        for delivery_id, told in files.items()
        for file in told
    ]
    if rows:
        session.connection().execute(_TELLINGS, rows)


def forget_told(session: Session, invitation_id: int) -> None:
    """Let everything be told anew: another address has heard of nothing yet."""
    mine = select(CalendarEntry.id).where(CalendarEntry.invitation_id == invitation_id)
    session.execute(delete(CalendarTelling).where(CalendarTelling.entry_id.in_(mine)))


def _invited(event_id: int) -> Select[int]:
    """Return the row ids of an event's invitations; their table comes after this package."""
    invitation = Base.metadata.tables["invitation"]
    return select(invitation.c.id).where(invitation.c.event_id == event_id)


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
