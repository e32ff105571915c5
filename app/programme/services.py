"""Naming guests for an item that is open by name only."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.events.queries import lock_for_places
from app.guests.models import Guest
from app.programme.models import NamedGuest, ProgrammeItem
from app.programme.queries import named_guest_ids


class NotByNameError(Exception):
    """The item is open to everybody: nobody needs to be named for it."""

    def __init__(self, item: ProgrammeItem) -> None:
        super().__init__(
            f'"{item.slug}" is open to every guest; to open it by name only, write'
            " by_name = true in the event file."
        )


def name_guests(session: Session, item: ProgrammeItem, guests: Sequence[Guest]) -> int:
    """Open the item to these guests; return how many of them it was not open to before.

    Raises NotByNameError. Of guests of another event nobody is named.
    """
    lock_for_places(session, item.event_id)
    _refuse_open(item)
    known = named_guest_ids(session, item)
    fresh = {guest.id for guest in guests if guest.event_id == item.event_id} - known
    session.add_all(NamedGuest(item_id=item.id, guest_id=guest_id) for guest_id in sorted(fresh))
    session.flush()
    return len(fresh)


def unname_guests(session: Session, item: ProgrammeItem, guests: Iterable[Guest]) -> int:
    """Close the item to these guests; return how many of them were named.

    Who said yes keeps it: the organiser speaks with the guest, and records what comes of it.
    Raises NotByNameError.
    """
    lock_for_places(session, item.event_id)
    _refuse_open(item)
    ids = [guest.id for guest in guests]
    gone = session.scalars(
        delete(NamedGuest)
        .where(NamedGuest.item_id == item.id, NamedGuest.guest_id.in_(ids))
        .returning(NamedGuest.guest_id)
    ).all()
    return len(gone)


def _refuse_open(item: ProgrammeItem) -> None:
    if not item.by_name:
        raise NotByNameError(item)
