"""Which row of a guest file is which guest: people known by address, by name, or by both."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from app.addresses import email_key, fold
from app.guests.models import GuestStatus
from app.guests.rows import GuestRow

Waiting = dict[str, str | int | bool | None]
"""A change that waits for approval: field -> new value, or {"removed": true}."""

Identity = Callable[[GuestRow], Hashable | None]
T = TypeVar("T")
ROW_FIELDS = frozenset(entry.name for entry in fields(GuestRow))


@dataclass(frozen=True, slots=True)
class KnownGuest:
    """A guest of the list as an import sees it: in a file's terms, and light on a long list."""

    id: int
    email_key: str
    status: GuestStatus
    approved: GuestRow
    waiting: Waiting

    @property
    def current(self) -> GuestRow:
        """What is known of the guest, a waiting change included."""
        if not self.waiting:
            return self.approved
        facts: dict[str, Any] = {
            name: self.waiting[name] for name in self.waiting.keys() & ROW_FIELDS
        }
        return replace(self.approved, **facts)

    @property
    def name(self) -> str:
        return f"{self.current.first_name} {self.current.last_name}".strip()

    @property
    def is_gone(self) -> bool:
        return self.status is GuestStatus.REMOVED

    @property
    def is_leaving(self) -> bool:
        return self.waiting.get("removed") is True

    @property
    def is_returning(self) -> bool:
        return self.waiting.get("removed") is False


def match_rows(rows: Sequence[GuestRow], guests: Sequence[KnownGuest]) -> dict[int, KnownGuest]:
    """Return the guest of each row's line, where there is one.

    The surest first: the same address and name; then the only one of a name and organisation (a
    corrected address, also where two guests' addresses were swapped); then the same address. What
    waits for approval goes before what is approved.
    """
    matches: dict[int, KnownGuest] = {}
    left_rows, left_guests = list(rows), list(guests)
    for identity in (_whole, _name, _address):
        for waiting in (True, False):
            found = _pair(left_rows, left_guests, identity, waiting=waiting)
            claimed = {guest.id for guest in found.values()}
            matches |= found
            left_rows = [row for row in left_rows if row.line not in found]
            left_guests = [guest for guest in left_guests if guest.id not in claimed]
    return matches


def _pair(
    rows: Iterable[GuestRow], guests: Iterable[KnownGuest], identity: Identity, *, waiting: bool
) -> dict[int, KnownGuest]:
    """Return the guests, by line, whom this identity ties to one row alone and one guest alone."""
    known = _only_ones(
        (identity(guest.current if waiting else guest.approved), guest)
        for guest in guests
        if (waiting or guest.waiting) and not (identity is _name and guest.is_gone)
    )
    of_rows = _only_ones((identity(row), row) for row in rows)
    return {row.line: known[key] for key, row in of_rows.items() if key in known}


def _only_ones(pairs: Iterable[tuple[Hashable | None, T]]) -> dict[Hashable, T]:
    found: dict[Hashable, T] = {}
    repeated: set[Hashable] = {None}
    for key, one in pairs:
        if key in found:
            repeated.add(key)
        found[key] = one
    return {key: one for key, one in found.items() if key not in repeated}


def _whole(row: GuestRow) -> Hashable | None:
    return (_address(row), fold(f"{row.first_name}\n{row.last_name}\n{row.organisation}"))


def _name(row: GuestRow) -> Hashable | None:
    """A name alone is not enough: it takes the organisation to know a person by it."""
    if not row.organisation:
        return None
    return fold(f"{row.first_name}\n{row.last_name}\n{row.organisation}")


def _address(row: GuestRow) -> Hashable | None:
    return email_key(row.email)
