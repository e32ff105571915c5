"""The deliveries of an event together with the guests they went to."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.deliveries.models import Delivery, DeliveryState
from app.deliveries.queries import count_by_state, find_delivery, list_to_look_at
from app.guests.models import Guest

PAGE = 200
"""Deliveries on one page of the list."""

Mail = tuple[Delivery, Guest | None]
"""A digest has no guest."""


@dataclass(frozen=True)
class Outbox:
    mails: Sequence[Mail]
    counts: dict[DeliveryState, int]
    page: int
    pages: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def list_mails(
    session: Session, event_id: int, *, state: DeliveryState | None, page: int
) -> Outbox:
    """Return one page of the deliveries, newest first, of one state or of all (2 queries)."""
    counts = count_by_state(session, event_id)
    found = counts[state] if state else sum(counts.values())
    pages = max(1, -(-found // PAGE))
    page = min(max(1, page), pages)
    query = _mails().where(Delivery.event_id == event_id)
    if state is not None:
        query = query.where(Delivery.state == state)
    newest_first = query.order_by(Delivery.created_at.desc(), Delivery.id.desc())
    mails = session.execute(newest_first.offset((page - 1) * PAGE).limit(PAGE)).all()
    return Outbox(mails, counts, page, pages)


def _mails() -> Select[Delivery, Guest | None]:
    return select(Delivery, Guest).outerjoin(Guest, Delivery.guest_id == Guest.id)


def find_mail(session: Session, event_id: int, public_id: str) -> Mail | None:
    """Return one delivery with its guest."""
    delivery = find_delivery(session, event_id, public_id)
    if delivery is None:
        return None
    guest = session.get(Guest, delivery.guest_id) if delivery.guest_id else None
    return delivery, guest


def list_mails_to_look_at(session: Session, event_id: int) -> list[Mail]:
    """Return what a person must see to, with the guests: failed, bounced, uncertain, deferred."""
    deliveries = list_to_look_at(session, event_id)
    ids = {delivery.guest_id for delivery in deliveries}
    guests = {guest.id: guest for guest in session.scalars(select(Guest).where(Guest.id.in_(ids)))}
    return [
        (delivery, guests.get(delivery.guest_id) if delivery.guest_id else None)
        for delivery in deliveries
    ]
