"""Changing the guest list: importing a file, and freezing an approved version."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from app.addresses import email_key
from app.events.models import Event, Host
from app.guests.models import (
    Guest,
    GuestListEntry,
    GuestListVersion,
    GuestStatus,
)
from app.guests.queries import latest_version, list_guests
from app.guests.rows import GuestRow

FILE_FIELDS = (
    "salutation",
    "first_name",
    "last_name",
    "title",
    "organisation",
    "country",
    "email",
    "language",
    "host",
    "rank",
    "note",
)
"""What a guest file says of a guest, in the order of its columns."""

FieldValue = str | int | None


@dataclass(frozen=True)
class FieldChange:
    field: str
    before: FieldValue
    after: FieldValue


@dataclass(frozen=True)
class GuestChange:
    """A guest whom the file describes anew, field by field."""

    line: int
    guest: Guest
    fields: tuple[FieldChange, ...]
    proposed: bool
    """The guest stands on an approved version: the change waits for the next one."""


@dataclass
class ImportDifference:
    """What an import does (or would do): new, changed, unchanged, missing."""

    new: list[GuestRow] = field(default_factory=list)
    changed: list[GuestChange] = field(default_factory=list)
    unchanged: int = 0
    missing: list[Guest] = field(default_factory=list)
    removed: list[Guest] = field(default_factory=list)
    """Missing guests whose removal is proposed (only when asked for)."""


class AddressTakenError(Exception):
    """Two rows, or a row and a guest already there, would end up with one address."""


@dataclass(frozen=True)
class FrozenList:
    """What an approval froze."""

    version: GuestListVersion
    approved: Sequence[Guest]
    reserve: Sequence[Guest]
    overflow: Sequence[Guest]
    """Names that stood on the list beyond the places and now lead the reserve."""
    removed: Sequence[Guest]
    readdressed: Sequence[Guest]
    """Guests whose address changed with this version: their old link must die."""


class NothingToApproveError(Exception):
    """The list is empty, or stands exactly as it was last approved."""


class QuotaExceededError(Exception):
    """More names of one host than its quota."""


def current_facts(guest: Guest) -> dict[str, FieldValue]:
    """Return what is known of the guest in a file's terms, a waiting change included."""
    facts = approved_facts(guest)
    for name, value in (guest.proposed_change or {}).items():
        if name in facts and not isinstance(value, bool):
            facts[name] = value
    return facts


def approved_facts(guest: Guest) -> dict[str, FieldValue]:
    """Return what the guest's row says, without a waiting change."""
    facts: dict[str, FieldValue] = {
        name: getattr(guest, name) for name in FILE_FIELDS if name != "host"
    }
    facts["host"] = _host_name(guest.host)
    return {name: facts[name] for name in FILE_FIELDS}


def import_guests(
    session: Session,
    event: Event,
    rows: Sequence[GuestRow],
    *,
    now: datetime,
    remove_missing: bool = False,
) -> ImportDifference:
    """Bring the list in line with the file's rows and return the difference.

    A row belongs to the guest with its address, else to the only guest of the same name and
    organisation whom no other row claims (a corrected address). Guests of an approved version keep
    what was approved; the difference waits as a proposal. Nobody is removed unless asked for, and
    no answer is touched. For a dry run, roll the session back.
    """
    guests = list_guests(session, event.id)
    matches = _match(rows, guests)
    hosts = {name.casefold(): host for host in event.hosts for name in host.name.values()}
    difference = ImportDifference()
    position = max((guest.position for guest in guests), default=0)
    for row in rows:
        facts = _row_facts(row, hosts)
        guest = matches.get(row.line)
        if guest is None:
            position += 1
            session.add(_new_guest(event, facts, hosts, position=position, now=now))
            difference.new.append(row)
        else:
            _note_change(difference, row, guest, facts, hosts)
    claimed = {guest.id for guest in matches.values()}
    _note_missing(
        difference,
        [guest for guest in guests if guest.id not in claimed],
        remove=remove_missing,
        session=session,
    )
    session.flush()
    return difference


def _match(rows: Sequence[GuestRow], guests: Sequence[Guest]) -> dict[int, Guest]:
    """Return the guest of each row's line, where there is one."""
    by_email = {email_key(str(current_facts(guest)["email"])): guest for guest in guests}
    by_email |= {guest.email_key: guest for guest in guests}
    matches = {row.line: by_email[key] for row in rows if (key := email_key(row.email)) in by_email}
    _refuse_shared(rows, matches)
    left = _unclaimed_by_name(guests, {guest.id for guest in matches.values()})
    claims: dict[int, int] = {}
    for row in rows:
        guest = left.get(_name_key(row.first_name, row.last_name, row.organisation))
        if row.line not in matches and guest is not None and guest.id not in claims:
            matches[row.line] = guest
            claims[guest.id] = row.line
    return matches


def _refuse_shared(rows: Sequence[GuestRow], matches: dict[int, Guest]) -> None:
    seen: dict[int, int] = {}
    for row in rows:
        guest = matches.get(row.line)
        if guest is None:
            continue
        if guest.id in seen:
            raise AddressTakenError(
                f"line {seen[guest.id]} and line {row.line}: both are {guest.name}"
                f" ({guest.email}). Keep one of the two."
            )
        seen[guest.id] = row.line


def _unclaimed_by_name(guests: Sequence[Guest], claimed: set[int]) -> dict[tuple[str, ...], Guest]:
    found: dict[tuple[str, ...], list[Guest]] = {}
    for guest in guests:
        if guest.id not in claimed and guest.status is not GuestStatus.REMOVED:
            key = _name_key(guest.first_name, guest.last_name, guest.organisation)
            found.setdefault(key, []).append(guest)
    return {key: same[0] for key, same in found.items() if len(same) == 1 and key[-1]}


def _name_key(*words: str) -> tuple[str, ...]:
    return tuple(word.casefold() for word in words)


def _row_facts(row: GuestRow, hosts: dict[str, Host]) -> dict[str, FieldValue]:
    facts: dict[str, FieldValue] = {name: getattr(row, name) for name in FILE_FIELDS}
    facts["host"] = _host_name(hosts.get(row.host.casefold()))
    return facts


def _host_name(host: Host | None) -> str:
    return next(iter(host.name.values())) if host else ""


def _new_guest(
    event: Event,
    facts: dict[str, FieldValue],
    hosts: dict[str, Host],
    *,
    position: int,
    now: datetime,
) -> Guest:
    guest = Guest(event_id=event.id, position=position, created_at=now)
    _apply(guest, facts, hosts)
    return guest


def _apply(guest: Guest, facts: dict[str, FieldValue], hosts: dict[str, Host]) -> None:
    for name, value in facts.items():
        if name == "host":
            guest.host = hosts.get(str(value).casefold())
        else:
            setattr(guest, name, value)
    guest.email_key = email_key(guest.email)


def _note_change(
    difference: ImportDifference,
    row: GuestRow,
    guest: Guest,
    facts: dict[str, FieldValue],
    hosts: dict[str, Host],
) -> None:
    before = current_facts(guest)
    fields = tuple(
        FieldChange(name, before[name], facts[name])
        for name in FILE_FIELDS
        if before[name] != facts[name]
    )
    returning = guest.status is GuestStatus.REMOVED or _is_leaving(guest)
    if not fields and not returning:
        difference.unchanged += 1
        return
    proposed = guest.status is not GuestStatus.PROPOSED
    difference.changed.append(GuestChange(row.line, guest, fields, proposed))
    if proposed:
        approved = approved_facts(guest)
        change = {name: facts[name] for name in FILE_FIELDS if approved[name] != facts[name]}
        if guest.status is GuestStatus.REMOVED:
            change["removed"] = False
        guest.proposed_change = dict(change) or None
    else:
        _apply(guest, facts, hosts)


def _is_leaving(guest: Guest) -> bool:
    return bool((guest.proposed_change or {}).get("removed"))


def _note_missing(
    difference: ImportDifference, guests: Sequence[Guest], *, remove: bool, session: Session
) -> None:
    for guest in guests:
        if guest.status is GuestStatus.REMOVED:
            continue
        if not remove:
            difference.missing.append(guest)
            continue
        difference.removed.append(guest)
        if guest.status is GuestStatus.PROPOSED:
            session.delete(guest)
        else:
            guest.proposed_change = {"removed": True}


def freeze_list(
    session: Session, event: Event, *, by: str, now: datetime, spent: set[int]
) -> FrozenList:
    """Approve the proposed list: freeze a numbered version of it.

    Of those who stand on the list, as many as there are places are approved, in their order; who
    stands beyond them leads the reserve, before those ranked there. `spent` are the guests who no
    longer claim a place (declined, withdrawn, expired): they stay approved and leave room.
    Raises NothingToApproveError, QuotaExceededError. Called under the event's lock.
    """
    before = latest_version(session, event.id)
    guests = list_guests(session, event.id)
    if not guests:
        raise NothingToApproveError("The guest list is empty. Import it: couvert guests import.")
    if before is not None and not _has_proposals(guests):
        raise NothingToApproveError(
            f"Nothing has changed since version {before.number} of the list was approved."
        )
    removed, readdressed = _take_proposals(event, guests)
    approved, overflow, reserve = _divide(event, guests, spent)
    _refuse_over_quota(event, approved)
    version = GuestListVersion(
        event_id=event.id,
        number=before.number + 1 if before else 1,
        approved_by=by,
        approved_at=now,
    )
    version.entries = [
        _entry(guest, position) for position, guest in enumerate((*approved, *reserve), start=1)
    ]
    session.add(version)
    session.flush()
    return FrozenList(version, approved, reserve, overflow, removed, readdressed)


def _has_proposals(guests: Sequence[Guest]) -> bool:
    return any(
        guest.status is GuestStatus.PROPOSED or guest.proposed_change is not None
        for guest in guests
    )


def _take_proposals(event: Event, guests: Sequence[Guest]) -> tuple[list[Guest], list[Guest]]:
    """Put every waiting change into force; return who was removed and who was readdressed."""
    hosts = {name.casefold(): host for host in event.hosts for name in host.name.values()}
    removed, readdressed = [], []
    for guest in guests:
        change = guest.proposed_change
        if change is None:
            continue
        guest.proposed_change = None
        if change.get("removed"):
            guest.status, guest.rank = GuestStatus.REMOVED, None
            removed.append(guest)
            continue
        old_address = guest.email_key
        facts = {name: value for name, value in change.items() if not isinstance(value, bool)}
        _propose_again(guest, facts)
        _apply(guest, facts, hosts)
        if guest.email_key != old_address:
            readdressed.append(guest)
    return removed, readdressed


def _propose_again(guest: Guest, facts: dict[str, FieldValue]) -> None:
    """Let a changed rank, or a return, decide the guest's standing anew."""
    if "rank" in facts or guest.status is GuestStatus.REMOVED:
        guest.status = GuestStatus.PROPOSED


def _divide(
    event: Event, guests: Sequence[Guest], spent: set[int]
) -> tuple[list[Guest], list[Guest], list[Guest]]:
    """Return (approved, overflow, whole reserve), their status and ranks set."""
    standing = [guest for guest in guests if guest.status is not GuestStatus.REMOVED]
    on_list = sorted(
        (guest for guest in standing if guest.rank is None),
        # Who is approved stays so; new names take what room there is, in their order.
        key=lambda guest: (guest.status is not GuestStatus.APPROVED, guest.position),
    )
    room = event.place_limit
    approved, overflow = [], []
    for guest in on_list:
        takes = guest.id not in spent
        if guest.status is GuestStatus.APPROVED or room > 0:
            approved.append(guest)
            room -= takes
        else:
            overflow.append(guest)
    ranked = sorted(
        (guest for guest in standing if guest.rank is not None), key=lambda guest: guest.rank or 0
    )
    reserve = overflow + ranked
    for guest in approved:
        guest.status, guest.rank = GuestStatus.APPROVED, None
    for rank, guest in enumerate(reserve, start=1):
        guest.status, guest.rank = GuestStatus.RESERVE, rank
    return approved, overflow, reserve


def _refuse_over_quota(event: Event, approved: Sequence[Guest]) -> None:
    for host in event.hosts:
        names = sum(guest.host_id == host.id for guest in approved)
        if host.quota is not None and names > host.quota:
            raise QuotaExceededError(
                f"{names} names on the list stand for {_host_name(host)}, whose quota is"
                f" {host.quota}. Give {names - host.quota} of them a rank on the reserve."
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
