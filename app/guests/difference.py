"""What a guest file changes: its rows held against the list, field by field; nothing is written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.events.models import Host
from app.guests.matching import KnownGuest, Waiting, match_rows
from app.guests.models import Guest, GuestStatus
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


@dataclass(frozen=True)
class ImportDifference:
    """What an import does (or would do): new, changed, unchanged, missing."""

    new: list[GuestRow]
    changed: list[GuestChange]
    unchanged: int
    missing: list[Guest]
    removed: list[Guest]
    """Missing guests whose removal is proposed (only when asked for)."""


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A known guest, the row that describes them anew, and what is to wait for approval."""

    known: KnownGuest
    row: GuestRow
    fields: tuple[FieldChange, ...]
    waiting: Waiting | None

    @property
    def proposed(self) -> bool:
        return self.known.status is not GuestStatus.PROPOSED


@dataclass
class ImportPlan:
    """An import decided upon, before anything is written."""

    new: list[GuestRow] = field(default_factory=list)
    changed: list[PlannedChange] = field(default_factory=list)
    unchanged: int = 0
    missing: list[KnownGuest] = field(default_factory=list)
    removed: list[KnownGuest] = field(default_factory=list)

    def taken_now(self) -> list[GuestRow]:
        """Return the rows put down at once, not waiting for approval."""
        return [*self.new, *(change.row for change in self.changed if not change.proposed)]

    def staying(self) -> list[KnownGuest]:
        """Return whom no row describes and who keep their place on the list."""
        return [guest for guest in self.missing if not guest.is_leaving]


def plan_import(
    rows: Sequence[GuestRow],
    known: Sequence[KnownGuest],
    hosts: Mapping[str, Host],
    *,
    remove_missing: bool,
) -> ImportPlan:
    """Return what the rows change; the addresses are judged apart (guests/readdressing.py)."""
    matches = match_rows(rows, known)
    plan = ImportPlan()
    for row in rows:
        guest = matches.get(row.line)
        named = _with_first_host_name(row, hosts)
        if guest is None:
            plan.new.append(named)
        elif (change := _compare(guest, named)) is not None:
            plan.changed.append(change)
        else:
            plan.unchanged += 1
    claimed = {guest.id for guest in matches.values()}
    absent = [guest for guest in known if guest.id not in claimed]
    _note_absent(plan, absent, remove_missing=remove_missing)
    return plan


def _with_first_host_name(row: GuestRow, hosts: Mapping[str, Host]) -> GuestRow:
    """A host has a name per language; the list knows it by the first."""
    name = host_name(hosts.get(row.host.casefold()))
    return row if name == row.host else replace(row, host=name)


def _compare(known: KnownGuest, row: GuestRow) -> PlannedChange | None:
    fields = tuple(_changes(known.current, row))
    if not fields and not _comes_back(known):
        return None
    waiting: Waiting = {change.field: change.after for change in _changes(known.approved, row)}
    if known.is_gone:
        waiting["removed"] = False
    return PlannedChange(known, row, fields, waiting or None)


def _changes(before: GuestRow, after: GuestRow) -> Iterator[FieldChange]:
    for name in FILE_FIELDS:
        was, is_now = getattr(before, name), getattr(after, name)
        if was != is_now:
            yield FieldChange(name, was, is_now)


def _comes_back(known: KnownGuest) -> bool:
    return not known.is_returning if known.is_gone else known.is_leaving


def _note_absent(plan: ImportPlan, absent: Iterable[KnownGuest], *, remove_missing: bool) -> None:
    for guest in absent:
        if guest.is_gone and not guest.is_returning:
            continue
        if not remove_missing:
            plan.missing.append(guest)
        elif not guest.is_leaving:
            plan.removed.append(guest)


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
    facts["host"] = host_name(guest.host)
    return {name: facts[name] for name in FILE_FIELDS}


def host_name(host: Host | None) -> str:
    """Return the name by which the list knows a host: its first."""
    return next(iter(host.name.values())) if host else ""


def hosts_by_name(hosts: Iterable[Host]) -> dict[str, Host]:
    """Return the hosts by each of their names, folded."""
    return {name.casefold(): host for host in hosts for name in host.name.values()}
