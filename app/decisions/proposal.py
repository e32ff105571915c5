"""What is put before the approvers: the list as proposed against the version approved last."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.events.models import Event, Host
from app.guests.difference import (
    FieldChange,
    FieldValue,
    approved_facts,
    current_facts,
    host_name,
)
from app.guests.models import Guest, GuestStatus
from app.guests.queries import latest_version, list_guests
from app.guests.standing import Division, Standing, divide, is_new
from app.invitations.queries import spent_guest_ids

UNTOLD = ("rank", "note")
"""A rank is told by where the name stands; a note is the organisers' own."""


@dataclass(frozen=True)
class ProposedGuest:
    """A name that an approval would add, remove or change."""

    guest: Guest
    standing: Standing
    """Status and rank as they would become."""
    fields: tuple[FieldChange, ...] = ()
    """What of a known name changes, its rank and its note left out."""

    @property
    def moves(self) -> bool:
        """Whether the name moves between list and reserve, or within the reserve."""
        return (self.guest.status, self.guest.rank) != self.standing


@dataclass(frozen=True)
class Balance:
    """How many names a host would have on the list, who no longer claim a place left out."""

    host: Host
    names: int

    @property
    def left(self) -> int | None:
        return None if self.host.quota is None else self.host.quota - self.names


@dataclass(frozen=True)
class Proposal:
    since: int
    """The number of the version approved last; 0: none has been."""
    added: Sequence[ProposedGuest]
    removed: Sequence[ProposedGuest]
    changed: Sequence[ProposedGuest]
    balances: Sequence[Balance]

    @property
    def number(self) -> int:
        return len(self.added) + len(self.removed) + len(self.changed)

    @property
    def fingerprint(self) -> str:
        """Return what two proposals share where they are the same."""
        everybody = (*self.added, *self.removed, *self.changed)
        lines = sorted(_line(proposed) for proposed in everybody)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _line(proposed: ProposedGuest) -> str:
    facts: dict[str, FieldValue] = current_facts(proposed.guest)
    return f"{proposed.guest.public_id} {proposed.standing} {sorted(facts.items())}"


def read_proposal(session: Session, event: Event) -> Proposal:
    """Return what an approval would change now; changes nothing."""
    before = latest_version(session, event.id)
    guests, spent = list_guests(session, event.id), spent_guest_ids(session, event.id)
    division = divide(guests, places=event.place_limit, spent=spent)
    new = [_proposed(guest, division) for guest in guests if is_new(guest, division)]
    return Proposal(
        since=before.number if before else 0,
        added=[each for each in new if _is_added(each)],
        removed=[each for each in new if each.standing[0] is GuestStatus.REMOVED],
        changed=[
            each
            for each in new
            if not _is_added(each) and each.standing[0] is not GuestStatus.REMOVED
        ],
        balances=_balances(event.hosts, division.approved, spent),
    )


def _proposed(guest: Guest, division: Division) -> ProposedGuest:
    before, after = approved_facts(guest), current_facts(guest)
    fields = tuple(
        FieldChange(name, before[name], after[name])
        for name in before
        if name not in UNTOLD and before[name] != after[name]
    )
    return ProposedGuest(guest, division.standings[guest.id], fields)


def _is_added(proposed: ProposedGuest) -> bool:
    """Whether the name stands on no version yet, or comes back to the list."""
    outside = {GuestStatus.PROPOSED, GuestStatus.REMOVED}
    return proposed.guest.status in outside and proposed.standing[0] is not GuestStatus.REMOVED


def _balances(hosts: Iterable[Host], approved: Iterable[Guest], spent: set[int]) -> list[Balance]:
    names = Counter(current_facts(guest)["host"] for guest in approved if guest.id not in spent)
    return [Balance(host, names[host_name(host)]) for host in hosts]
