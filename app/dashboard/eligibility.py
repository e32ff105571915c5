"""Who may come to what: the programme with its numbers, and the guests of an item by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select, true
from sqlalchemy.orm import Session

from app.events.models import Event
from app.guests.models import Guest, GuestStatus
from app.invitations.models import Invitation
from app.programme.models import NamedGuest, ProgrammeItem
from app.programme.queries import list_items
from app.rsvp.models import Choice, ChoiceAnswer, Rsvp
from app.rsvp.queries import ItemCount, programme_counts

PAGE = 100
"""Guests on one page of an item."""


@dataclass(frozen=True)
class ItemOnDesk:
    """A programme item, how full it is, and who may come."""

    item: ProgrammeItem
    count: ItemCount
    named: int | None
    """How many guests are named for it; None: it is open to all."""
    unnamed: Sequence[Guest]
    """Guests who hold or wait for a place without being named: they keep it."""


@dataclass(frozen=True)
class Naming:
    """One page of guests for an item that is open by name."""

    rows: Sequence[tuple[Guest, bool, ChoiceAnswer | None]]
    """Each guest, whether named, and the answer to this item if there is one."""
    found: int
    page: int
    pages: int


def list_programme(session: Session, event: Event) -> list[ItemOnDesk]:
    """Return every item in the order of time."""
    items = list_items(session, event.id)
    named = _count_named(session, event.id)
    unnamed = _unnamed(session, event.id)
    return [
        ItemOnDesk(
            item,
            count,
            named.get(item.id, 0) if item.by_name else None,
            unnamed.get(item.id, []) if item.by_name else [],
        )
        for item, count in programme_counts(session, event.id, items)
    ]


def _count_named(session: Session, event_id: int) -> dict[int, int]:
    rows = session.execute(
        select(NamedGuest.item_id, func.count())
        .join(Guest, NamedGuest.guest_id == Guest.id)
        .where(Guest.event_id == event_id, Guest.status != GuestStatus.REMOVED)
        .group_by(NamedGuest.item_id)
    )
    return dict(rows.all())


def _unnamed(session: Session, event_id: int) -> dict[int, list[Guest]]:
    """Return, by item id, who chose an item that is open by name without being named."""
    named = and_(NamedGuest.item_id == Choice.item_id, NamedGuest.guest_id == Guest.id)
    rows = session.execute(
        select(Choice.item_id, Guest)
        .join(Rsvp, Choice.rsvp_id == Rsvp.id)
        .join(Invitation, Rsvp.invitation_id == Invitation.id)
        .join(Guest, Invitation.guest_id == Guest.id)
        .join(ProgrammeItem, Choice.item_id == ProgrammeItem.id)
        .outerjoin(NamedGuest, named)
        .where(
            Guest.event_id == event_id,
            ProgrammeItem.by_name,
            Invitation.holds_place,
            Choice.answer != ChoiceAnswer.NO,
            NamedGuest.guest_id.is_(None),
        )
        .order_by(Guest.position, Guest.id)
    )
    found: dict[int, list[Guest]] = {}
    for item_id, guest in rows:
        found.setdefault(item_id, []).append(guest)
    return found


def list_for_naming(
    session: Session, item: ProgrammeItem, *, host: int | None = None, page: int = 1
) -> Naming:
    """Return one page of the event's guests, the removed left out; `host` is a row id."""
    wanted = and_(
        Guest.event_id == item.event_id,
        Guest.status != GuestStatus.REMOVED,
        true() if host is None else Guest.host_id == host,
    )
    found = session.scalars(select(func.count()).select_from(Guest).where(wanted)).one()
    pages = max(1, -(-found // PAGE))
    page = min(max(1, page), pages)
    rows = session.execute(
        select(Guest, NamedGuest.guest_id, Choice.answer)
        .outerjoin(NamedGuest, and_(NamedGuest.guest_id == Guest.id, NamedGuest.item_id == item.id))
        .outerjoin(Invitation, Invitation.guest_id == Guest.id)
        .outerjoin(Rsvp, Rsvp.invitation_id == Invitation.id)
        .outerjoin(Choice, and_(Choice.rsvp_id == Rsvp.id, Choice.item_id == item.id))
        .where(wanted)
        .order_by(Guest.rank.is_not(None), Guest.rank, Guest.position, Guest.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return Naming(
        [(guest, named is not None, answer) for guest, named, answer in rows], found, page, pages
    )
