"""The deliveries of an event together with the guests they went to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.deliveries.alarms import Alarm, event_stop, list_alarms
from app.deliveries.batches import Batch, list_batches
from app.deliveries.copies import Copy, read_copies
from app.deliveries.models import Delivery, DeliveryMove, DeliveryState, Pause
from app.deliveries.queries import count_by_state, find_delivery, list_to_look_at, read_log
from app.events.models import Event
from app.guests.models import Guest
from app.texts.models import EventText
from app.texts.queries import texts_by_id

LATEST_DIGESTS = 3
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
    alarms: Sequence[Alarm]
    stop: Pause | None
    """Who stopped all mails of the event, and when."""
    batches: Sequence[Batch]

    @property
    def shown_batches(self) -> list[Batch]:
        """Return every wave and reminder, and the latest digests."""
        digests = [batch for batch in self.batches if batch.kind == "digest"]
        return [batch for batch in self.batches if batch not in digests[LATEST_DIGESTS:]]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def read_outbox(
    session: Session, event: Event, *, state: DeliveryState | None, page: int, now: datetime
) -> Outbox:
    """Return one page of the deliveries, newest first, of one state or of all (8 queries)."""
    counts = count_by_state(session, event.id)
    found = counts[state] if state else sum(counts.values())
    pages = max(1, -(-found // PAGE))
    page = min(max(1, page), pages)
    query = mails_with_guests().where(Delivery.event_id == event.id)
    if state is not None:
        query = query.where(Delivery.state == state)
    newest_first = query.order_by(Delivery.created_at.desc(), Delivery.id.desc())
    return Outbox(
        mails=session.execute(newest_first.offset((page - 1) * PAGE).limit(PAGE)).all(),
        counts=counts,
        page=page,
        pages=pages,
        alarms=list_alarms(session, now),
        stop=event_stop(session, event.id, now),
        batches=list_batches(session, event.id),
    )


def mails_with_guests() -> Select[Delivery, Guest | None]:
    return select(Delivery, Guest).outerjoin(Guest, Delivery.guest_id == Guest.id)


@dataclass(frozen=True)
class OneMail:
    """Everything known of one delivery."""

    mail: Delivery
    guest: Guest | None
    log: Sequence[DeliveryMove]
    copies: dict[int, Copy]
    """By attempt, the newest first."""
    texts: dict[int, EventText]
    """The own words that the copies are written in, by row id."""


def find_mail(session: Session, event_id: int, public_id: str) -> OneMail | None:
    """Return one delivery with its guest, its log, and what was sent."""
    delivery = find_delivery(session, event_id, public_id)
    if delivery is None:
        return None
    guest = session.get(Guest, delivery.guest_id) if delivery.guest_id else None
    copies = read_copies(session, delivery.id)
    texts = texts_by_id(session, {copy.text_id for copy in copies.values() if copy.text_id})
    return OneMail(delivery, guest, read_log(session, delivery.id), copies, texts)


def list_mails_to_look_at(session: Session, event_id: int) -> list[Mail]:
    """Return what a person must see to, with the guests: failed, bounced, uncertain, deferred."""
    deliveries = list_to_look_at(session, event_id)
    ids = {delivery.guest_id for delivery in deliveries}
    guests = {guest.id: guest for guest in session.scalars(select(Guest).where(Guest.id.in_(ids)))}
    return [
        (delivery, guests.get(delivery.guest_id) if delivery.guest_id else None)
        for delivery in deliveries
    ]
