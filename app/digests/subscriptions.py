"""Who wants no more digests: asked for with one press in the mail, taken back as easily."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.addresses import email_key
from app.db.inserts import insert_new
from app.deliveries import reasons
from app.deliveries.models import WAITING, Delivery, DeliveryKind
from app.deliveries.moves import Note, cancel
from app.digests.models import DigestUnsubscription
from app.events.models import Event
from app.tokens import Claim, Revoked


@dataclass(frozen=True)
class Subscriber:
    """Whom a link in a digest belongs to."""

    event: Event
    address: str
    unsubscribed: bool


def read_subscriber(session: Session, claim: Claim) -> Subscriber:
    """Return whose link it is. Raises Revoked where that mail is no longer known."""
    row = session.execute(
        select(Event, Delivery.recipient)
        .join(Delivery, Delivery.event_id == Event.id)
        .where(Delivery.public_id == claim.public_id, Delivery.kind == DeliveryKind.DIGEST)
    ).one_or_none()
    if row is None:
        raise Revoked
    event, address = row
    return Subscriber(event, address, bool(list_unsubscribed(session, event.id, [address])))


def list_unsubscribed(session: Session, event_id: int, addresses: Sequence[str]) -> set[str]:
    """Return those of the addresses that want no more digests of the event."""
    keys = set(
        session.scalars(
            select(DigestUnsubscription.email_key).where(DigestUnsubscription.event_id == event_id)
        )
    )
    return {address for address in addresses if email_key(address) in keys}


def unsubscribe(session: Session, event: Event, address: str, *, now: datetime) -> None:
    """Send this address no more digests, also none that waits; harmless where it is so already."""
    key = email_key(address)
    insert_new(session, DigestUnsubscription, {"event_id": event.id, "email_key": key, "at": now})
    waiting = session.scalars(
        select(Delivery).where(
            Delivery.event_id == event.id,
            Delivery.kind == DeliveryKind.DIGEST,
            Delivery.state.in_(WAITING),
        )
    )
    own = [delivery.id for delivery in waiting if email_key(delivery.recipient) == key]
    cancel(session, Delivery.id.in_(own), Note(now, "", reasons.UNSUBSCRIBED))


def subscribe(session: Session, event: Event, address: str) -> None:
    """Send this address the digests again, as long as the event file names it."""
    session.execute(
        delete(DigestUnsubscription).where(
            DigestUnsubscription.event_id == event.id,
            DigestUnsubscription.email_key == email_key(address),
        )
    )
