"""Who has which address while a list changes: one address is never two guests'."""

from collections.abc import Sequence

from app.addresses import email_key
from app.guests.difference import ImportPlan
from app.guests.matching import KnownGuest
from app.guests.models import GuestStatus
from app.guests.rows import GuestRow


class AddressTakenError(Exception):
    """Two rows, or a row and a guest already there, would end up with one address."""


def refuse_taken_addresses(
    plan: ImportPlan, rows: Sequence[GuestRow], known: Sequence[KnownGuest]
) -> None:
    """Raise AddressTakenError where two guests would share an address, now or once approved."""
    lines = _lines_by_address(rows)
    for guest in plan.staying():
        line = lines.get(email_key(guest.current.email))
        if line is not None:
            raise AddressTakenError(
                f"line {line}: {guest.current.email} is the address of {guest.name}, whom the file"
                f" leaves out. Write a line for {guest.name}, with another address."
            )
    held = {guest.email_key: guest for guest in known if _holds_till_approval(guest)}
    for row in plan.taken_now():
        holder = held.get(email_key(row.email))
        if holder is not None:
            raise AddressTakenError(
                f"line {row.line}: {row.email} is the address of {holder.name} until the changed"
                " list is approved. Leave this line out, have the list approved, then import the"
                " whole file."
            )


def _lines_by_address(rows: Sequence[GuestRow]) -> dict[str, int]:
    lines: dict[str, int] = {}
    for row in rows:
        line = lines.setdefault(email_key(row.email), row.line)
        if line != row.line:
            raise AddressTakenError(
                f"line {line} and line {row.line} have the same address, {row.email}."
                " Keep one of the two."
            )
    return lines


def _holds_till_approval(guest: KnownGuest) -> bool:
    return guest.status in {GuestStatus.APPROVED, GuestStatus.RESERVE}


def list_giving_up(plan: ImportPlan, known: Sequence[KnownGuest]) -> list[int]:
    """Return, by row id, who holds an address that a row takes over at once."""
    taken = {email_key(row.email) for row in plan.taken_now()}
    keeping = {
        change.known.id
        for change in plan.changed
        if change.known.email_key == email_key(change.row.email)
    }
    # Whom no version ever held is taken out altogether; there is nothing left to give up.
    gone = {guest.id for guest in plan.removed if guest.status is GuestStatus.PROPOSED}
    return [
        guest.id for guest in known if guest.email_key in taken and guest.id not in keeping | gone
    ]


def parked_key(guest_id: int) -> str:
    """Return what stands for the address of a guest who has given it up: no address at all."""
    return f"given up by {guest_id}"
