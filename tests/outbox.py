"""The outbox step by step: a mail asked for, claimed by a worker, begun, and its row read back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calendars.queries import entries_of
from app.calendars.services import note_told
from app.deliveries import moves
from app.deliveries.claiming import Holder, claim
from app.deliveries.models import Delivery, DeliveryKind, DeliveryMove, DeliveryState
from app.deliveries.moves import Note
from app.deliveries.pauses import read_pauses
from app.deliveries.services import queue_delivery
from app.mail.message import CalendarFile
from tests.factories import NOW

LEASE = timedelta(minutes=1)
EXPIRED = NOW + timedelta(minutes=2)
DOMAIN = "stockholm.example"
FIRST, SECOND = Holder("first", LEASE, "worker first"), Holder("second", LEASE, "worker second")


def queue(session: Session, key: str = "one", **facts) -> Delivery:
    """Ask for an invitation to KEY@example.org, at NOW."""
    given = {"subject_id": 1, "recipient": f"{key}@example.org", "language": "en", "now": NOW}
    kind = facts.pop("kind", DeliveryKind.INVITATION)
    delivery = queue_delivery(session, kind, key=key, **{**given, **facts})
    session.flush()
    return delivery


def take(
    session: Session, holder: Holder = FIRST, *, now: datetime = NOW, limit: int = 10, rate: int = 0
) -> list[str]:
    """Claim, and return the keys."""
    pauses = read_pauses(session, now)
    claimed = claim(session, holder, pauses, limit=limit, rate_per_minute=rate)
    return [delivery.key for delivery in claimed]


def begin(
    session: Session, *keys: str, holder: Holder = FIRST, now: datetime = NOW
) -> dict[str, int]:
    """Begin these mails; return the attempt of each that may go."""
    ids = {id_of(session, key): key for key in keys}
    facts = {"lease": holder.lease, "lease_until": now + holder.lasts, "domain": DOMAIN}
    begun = moves.begin(session, list(ids), **facts, note=Note(now, holder.name))
    return {ids[row]: attempt for row, attempt in begun.items()}


def begun(session: Session, key: str = "one", **facts) -> Delivery:
    """A mail that is being handed over by the first worker."""
    delivery = queue(session, key, **facts)
    take(session)
    assert begin(session, key) == {key: 1}
    return delivery


def uncertain(session: Session, key: str = "one", **facts) -> Delivery:
    delivery = begun(session, key, **facts)
    note = Note(NOW, FIRST.name, "Lost.", "")
    moves.mark_uncertain(session, delivery.id, lease=FIRST.lease, note=note)
    return delivery


def sent(session: Session, key: str = "one", now: datetime = NOW, **facts) -> Delivery:
    delivery = begun(session, key, **facts)
    note = Note(now, FIRST.name, reply="250 ok")
    moves.mark_sent(session, {delivery.id: note}, lease=FIRST.lease)
    return delivery


def send(session: Session, delivery: Delivery, now: datetime = NOW) -> None:
    """Let a mail that was asked for go out."""
    facts = {"lease": FIRST.lease, "lease_until": now + FIRST.lasts}
    delivery.lease, delivery.lease_until = facts["lease"], facts["lease_until"]
    session.flush()
    moves.begin(session, [delivery.id], **facts, domain=DOMAIN, note=Note(now, FIRST.name))
    moves.mark_sent(session, {delivery.id: Note(now, FIRST.name)}, lease=FIRST.lease)
    if delivery.kind is DeliveryKind.CONFIRMATION:
        told = [
            CalendarFile(b"", "REQUEST", "", entry.id, entry.sequence)
            for entry in entries_of(session, delivery.subject_id)
        ]
        note_told(session, {delivery.id: told})
    session.expire_all()


def failed(session: Session, key: str = "one", **facts) -> Delivery:
    delivery = begun(session, key, **facts)
    note = Note(NOW, FIRST.name, "Refused.", "550 no")
    moves.mark_failed(session, delivery.id, lease=FIRST.lease, note=note)
    return delivery


def fate(session: Session, key: str = "one") -> tuple[DeliveryState, str]:
    """Return the state and the reason, as they stand in the database."""
    row = session.execute(select(Delivery.state, Delivery.error).where(Delivery.key == key)).one()
    return row.state, row.error


def read(session: Session, key: str, *columns: str) -> tuple[object, ...]:
    """Return these columns, as they stand in the database."""
    wanted = [getattr(Delivery, column) for column in columns]
    return tuple(session.execute(select(*wanted).where(Delivery.key == key)).one())


def id_of(session: Session, key: str) -> int:
    return session.scalars(select(Delivery.id).where(Delivery.key == key)).one()


def log_of(session: Session, key: str = "one") -> Sequence[DeliveryMove]:
    lines = select(DeliveryMove).join(DeliveryMove.delivery).where(Delivery.key == key)
    return session.scalars(lines.order_by(DeliveryMove.id)).all()


def states_of(session: Session, key: str = "one") -> list[DeliveryState]:
    return [line.state for line in log_of(session, key)]
