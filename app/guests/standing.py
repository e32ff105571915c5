"""Who stands where once a list is approved: the places shared out, the reserve in its ranks."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.guests.difference import current_facts
from app.guests.models import Guest, GuestStatus

Standing = tuple[GuestStatus, int | None]


@dataclass(frozen=True)
class Division:
    """The list as an approval would freeze it; nothing is written."""

    approved: Sequence[Guest]
    overflow: Sequence[Guest]
    """Names on the list beyond the places: they lead the reserve, and the list still wants them."""
    ranked: Sequence[Guest]
    removed: Sequence[Guest]
    standings: dict[int, Standing]
    """Where each guest stands then, by guest id."""

    @property
    def reserve(self) -> list[Guest]:
        return [*self.overflow, *self.ranked]

    @property
    def demoted(self) -> list[Guest]:
        return [guest for guest in self.reserve if guest.status is GuestStatus.APPROVED]


def divide(guests: Sequence[Guest], *, places: int, spent: set[int]) -> Division:
    """Share out the places among those on the list, and rank the rest.

    Who is approved stays so; new names take what room there is, in their order. `spent` are the
    guests who no longer claim a place: they stay approved and leave room.
    """
    ranks = {guest.id: wished_rank(guest) for guest in guests}
    staying = [guest for guest in guests if not _is_gone(guest)]
    on_list = sorted(
        (guest for guest in staying if ranks[guest.id] is None),
        key=lambda guest: (guest.status is not GuestStatus.APPROVED, guest.position),
    )
    approved, overflow = _share_out(on_list, places, spent)
    ranked = sorted(
        (guest for guest in staying if ranks[guest.id] is not None),
        key=lambda guest: (ranks[guest.id], guest.position),
    )
    removed = [guest for guest in guests if _is_gone(guest)]
    standings: dict[int, Standing] = {
        **{guest.id: (GuestStatus.APPROVED, None) for guest in approved},
        **{guest.id: (GuestStatus.REMOVED, None) for guest in removed},
        **_number(overflow, ranked),
    }
    return Division(approved, overflow, ranked, removed, standings)


def is_new(guest: Guest, division: Division) -> bool:
    """Tell whether an approval would change anything of the guest.

    A rank that waits is news only where it changes the standing: the overflow waits for a place.
    """
    waiting = (guest.proposed_change or {}).keys() - {"rank"}
    return bool(waiting) or (guest.status, guest.rank) != division.standings[guest.id]


def wished_rank(guest: Guest) -> int | None:
    """Return the rank the file gives, a waiting one included; none for a name on the list."""
    rank = current_facts(guest)["rank"]
    return rank if isinstance(rank, int) else None


def _is_gone(guest: Guest) -> bool:
    removed = (guest.proposed_change or {}).get("removed")
    return bool(guest.status is GuestStatus.REMOVED if removed is None else removed)


def _share_out(
    on_list: Sequence[Guest], places: int, spent: set[int]
) -> tuple[list[Guest], list[Guest]]:
    approved, overflow = [], []
    for guest in on_list:
        if guest.status is GuestStatus.APPROVED or places > 0:
            approved.append(guest)
            places -= guest.id not in spent
        else:
            overflow.append(guest)
    return approved, overflow


def _number(overflow: Sequence[Guest], ranked: Sequence[Guest]) -> dict[int, Standing]:
    """Number the reserve. Ranks stay as the file gives them, unless names lead or share one."""
    last = ahead = len(overflow)
    ranks = {guest.id: rank for rank, guest in enumerate(overflow, start=1)}
    for guest in ranked:
        last = max(last + 1, ahead + (wished_rank(guest) or 0))
        ranks[guest.id] = last
    return {row_id: (GuestStatus.RESERVE, rank) for row_id, rank in ranks.items()}
