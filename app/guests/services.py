"""Changing the guest list: importing a file, and freezing an approved version."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.addresses import email_key
from app.events.models import Event, Host
from app.events.queries import lock_for_places
from app.guests.difference import (
    FILE_FIELDS,
    FieldChange,
    FieldValue,
    GuestChange,
    ImportDifference,
    ImportPlan,
    PlannedChange,
    current_facts,
    host_name,
    hosts_by_name,
    plan_import,
)
from app.guests.matching import KnownGuest
from app.guests.models import Guest, GuestListEntry, GuestListVersion, GuestStatus
from app.guests.queries import latest_version, list_guests
from app.guests.readdressing import (
    AddressTakenError,
    list_giving_up,
    parked_key,
    refuse_taken_addresses,
)
from app.guests.rows import GuestRow
from app.guests.standing import Division, divide, is_new, wished_rank

__all__ = [
    "AddressTakenError",
    "FieldChange",
    "FieldValue",
    "FrozenList",
    "GuestChange",
    "ImportDifference",
    "NothingToApproveError",
    "QuotaExceededError",
    "current_facts",
    "freeze_list",
    "import_guests",
]

BATCH = 1000
"""Rows written, or asked for, at a time: a long list stays within bounds."""

Columns = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class FrozenList:
    """What an approval froze."""

    version: GuestListVersion
    approved: Sequence[Guest]
    reserve: Sequence[Guest]
    overflow: Sequence[Guest]
    """Names that stood on the list beyond the places and now lead the reserve."""
    removed: Sequence[Guest]
    """Who left the list with this version."""
    demoted: Sequence[Guest]
    """Who was approved before and now stands on the reserve."""
    readdressed: Sequence[Guest]
    """Guests whose address changed with this version: their old link must die."""


class NothingToApproveError(Exception):
    """The list is empty, or stands exactly as it was last approved."""


class QuotaExceededError(Exception):
    """More names of one host than its quota."""


def import_guests(
    session: Session,
    event: Event,
    rows: Sequence[GuestRow],
    *,
    now: datetime,
    remove_missing: bool = False,
) -> ImportDifference:
    """Bring the list in line with the file's rows and return the difference.

    Guests of an approved version keep what was approved; the difference waits as a proposal.
    Nobody is removed unless asked for, and no answer is touched. Runs under the event's lock; for
    a dry run, roll the session back. Raises AddressTakenError before anything is changed.
    """
    event = lock_for_places(session, event.id)
    hosts = hosts_by_name(event.hosts)
    known = _list_known(session, event)
    plan = plan_import(rows, known, hosts, remove_missing=remove_missing)
    refuse_taken_addresses(plan, rows, known)
    removed = _remove(session, plan.removed)
    _park_addresses(session, list_giving_up(plan, known))
    _write_changes(session, plan, hosts)
    _insert(session, event, plan.new, hosts, now=now)
    return _tell(session, plan, removed)


def _list_known(session: Session, event: Event) -> list[KnownGuest]:
    """Return the list in a file's terms: a tenth of the memory that the rows' objects take."""
    names = {host.id: host_name(host) for host in event.hosts}
    of_row = [getattr(Guest, name) for name in FILE_FIELDS if name != "host"]
    query = (
        select(
            Guest.id, Guest.email_key, Guest.status, Guest.proposed_change, Guest.host_id, *of_row
        )
        .where(Guest.event_id == event.id)
        .order_by(Guest.rank.is_not(None), Guest.rank, Guest.position, Guest.id)
    )
    known = []
    for row_id, key, status, waiting, host_id, *facts in session.execute(query):
        columns: Columns = dict(zip((column.key for column in of_row), facts, strict=True))
        row = GuestRow(line=0, host=names.get(host_id, ""), **columns)
        known.append(KnownGuest(row_id, key, status, row, waiting or {}))
    return known


def _remove(session: Session, leaving: Sequence[KnownGuest]) -> list[Guest]:
    """Take out whom no version ever held; propose to remove the others."""
    guests = list(_load(session, leaving).values())
    for guest in guests:
        if guest.status is GuestStatus.PROPOSED:
            session.delete(guest)
        else:
            gone = guest.status is GuestStatus.REMOVED
            guest.proposed_change = None if gone else {"removed": True}
    session.flush()
    return guests


def _park_addresses(session: Session, guest_ids: Iterable[int]) -> None:
    """Free addresses that others take over: of two that swap, both would hold one for a moment."""
    for batch in _batches({"id": row_id, "email_key": parked_key(row_id)} for row_id in guest_ids):
        session.execute(update(Guest), batch)


def _write_changes(session: Session, plan: ImportPlan, hosts: Mapping[str, Host]) -> None:
    waiting = (
        {"id": change.known.id, "proposed_change": change.waiting}
        for change in plan.changed
        if change.proposed
    )
    at_once = (
        {"id": change.known.id, **_columns(change.row, hosts)}
        for change in plan.changed
        if not change.proposed
    )
    for changes in (waiting, at_once):
        for batch in _batches(changes):
            session.execute(update(Guest), batch)


def _insert(
    session: Session,
    event: Event,
    rows: Sequence[GuestRow],
    hosts: Mapping[str, Host],
    *,
    now: datetime,
) -> None:
    of_event = select(func.max(Guest.position)).where(Guest.event_id == event.id)
    last = session.scalars(of_event).one() or 0
    guests = (
        {
            "event_id": event.id,
            "position": position,
            "created_at": now,
            "proposed_change": None,
            **_columns(row, hosts),
        }
        for position, row in enumerate(rows, start=last + 1)
    )
    # With its nulls written out every row has the same columns, so that a batch is one statement.
    insertion = insert(Guest).execution_options(render_nulls=True)
    for batch in _batches(guests):
        session.execute(insertion, batch)


def _columns(row: GuestRow, hosts: Mapping[str, Host]) -> Columns:
    columns: Columns = {name: getattr(row, name) for name in FILE_FIELDS if name != "host"}
    host = hosts.get(row.host.casefold())
    return {**columns, "host_id": host.id if host else None, "email_key": email_key(row.email)}


def _tell(session: Session, plan: ImportPlan, removed: Sequence[Guest]) -> ImportDifference:
    changed = _load(session, [change.known for change in plan.changed])
    return ImportDifference(
        new=plan.new,
        changed=[_change(change, changed[change.known.id]) for change in plan.changed],
        unchanged=plan.unchanged,
        missing=list(_load(session, plan.missing).values()),
        removed=list(removed),
    )


def _change(change: PlannedChange, guest: Guest) -> GuestChange:
    return GuestChange(change.row.line, guest, change.fields, change.proposed)


def _load(session: Session, known: Sequence[KnownGuest]) -> dict[int, Guest]:
    """Return the guests as they are in the database now, in the given order."""
    found: dict[int, Guest] = {}
    for batch in _batches(guest.id for guest in known):
        query = select(Guest).where(Guest.id.in_(batch)).execution_options(populate_existing=True)
        found |= {guest.id: guest for guest in session.scalars(query)}
    return {guest.id: found[guest.id] for guest in known}


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


def freeze_list(
    session: Session, event: Event, *, by: str, now: datetime, spent: set[int]
) -> FrozenList:
    """Approve the proposed list: freeze a numbered version of it.

    Of those who stand on the list, as many as there are places are approved, in their order; who
    stands beyond them leads the reserve, before those ranked there, and is approved by a later
    version that has room. `spent` are the guests who no longer claim a place (declined, withdrawn,
    expired): they stay approved and leave room.
    Raises NothingToApproveError, QuotaExceededError, before anything is changed. Called under the
    event's lock.
    """
    before = latest_version(session, event.id)
    guests = list_guests(session, event.id)
    division = divide(guests, places=event.place_limit, spent=spent)
    _refuse_nothing_new(guests, division, before)
    _refuse_over_quota(event, division.approved, spent)
    removed = [guest for guest in division.removed if guest.status is not GuestStatus.REMOVED]
    demoted = division.demoted
    readdressed = _put_in_force(session, event, guests, division)
    version = _new_version(event, before, division, by=by, now=now)
    session.add(version)
    session.flush()
    return FrozenList(
        version,
        division.approved,
        division.reserve,
        division.overflow,
        removed,
        demoted,
        readdressed,
    )


def _refuse_nothing_new(
    guests: Sequence[Guest], division: Division, before: GuestListVersion | None
) -> None:
    if not guests:
        raise NothingToApproveError("The guest list is empty. Import it: couvert guests import.")
    if before is not None and not any(is_new(guest, division) for guest in guests):
        raise NothingToApproveError(
            f"Nothing has changed since version {before.number} of the list was approved."
        )


def _refuse_over_quota(event: Event, approved: Sequence[Guest], spent: set[int]) -> None:
    """A quota is of places: who no longer claims one does not count."""
    names = Counter(current_facts(guest)["host"] for guest in approved if guest.id not in spent)
    for host in event.hosts:
        many = names[host_name(host)]
        if host.quota is not None and many > host.quota:
            raise QuotaExceededError(
                f"{many} names on the list stand for {host_name(host)}, whose quota is"
                f" {host.quota}. Give {many - host.quota} of them a rank on the reserve."
            )


def _put_in_force(
    session: Session, event: Event, guests: Sequence[Guest], division: Division
) -> list[Guest]:
    """Apply every waiting change and standing; return whose address changed."""
    hosts = hosts_by_name(event.hosts)
    leaving = {guest.id for guest in division.removed}
    keys = {
        guest.id: email_key(str(current_facts(guest)["email"]))
        for guest in guests
        if guest.id not in leaving
    }
    readdressed = [
        guest for guest in guests if keys.get(guest.id, guest.email_key) != guest.email_key
    ]
    _give_up_addresses(session, guests, readdressed, keys)
    for guest in guests:
        standing, listed = division.standings[guest.id], wished_rank(guest)
        if guest.id not in leaving:
            _apply(guest, current_facts(guest), hosts)
        guest.status, guest.rank = standing
        waits = guest.status is GuestStatus.RESERVE and guest.rank != listed
        guest.proposed_change = {"rank": listed} if waits else None
    return readdressed


def _give_up_addresses(
    session: Session, guests: Sequence[Guest], readdressed: Sequence[Guest], keys: dict[int, str]
) -> None:
    taken = {keys[guest.id] for guest in readdressed}
    for guest in guests:
        if guest.email_key in taken:
            guest.email_key = parked_key(guest.id)
    session.flush()


def _apply(guest: Guest, facts: Mapping[str, FieldValue], hosts: Mapping[str, Host]) -> None:
    for name, value in facts.items():
        if name == "host":
            guest.host = hosts.get(str(value).casefold())
        elif name != "rank":
            setattr(guest, name, value)
    guest.email_key = email_key(guest.email)


def _new_version(
    event: Event,
    before: GuestListVersion | None,
    division: Division,
    *,
    by: str,
    now: datetime,
) -> GuestListVersion:
    people = (*division.approved, *division.reserve)
    return GuestListVersion(
        event_id=event.id,
        number=before.number + 1 if before else 1,
        approved_by=by,
        approved_at=now,
        entries=[_entry(guest, position) for position, guest in enumerate(people, start=1)],
    )


def _entry(guest: Guest, position: int) -> GuestListEntry:
    return GuestListEntry(
        guest_id=guest.id,
        position=position,
        rank=guest.rank,
        name=guest.full_name,
        title=guest.title,
        organisation=guest.organisation,
        country=guest.country,
        email=guest.email,
    )
