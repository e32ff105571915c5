"""Asking for a mail, cancelling it, and what an organiser decides of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, update
from sqlalchemy.orm import Session

from app.addresses import email_key
from app.db.base import Base
from app.db.types import new_public_id
from app.deliveries import moves, reasons
from app.deliveries.models import WAITING, Delivery, DeliveryKind, DeliveryState
from app.deliveries.moves import Note

_deliveries = Base.metadata.tables[Delivery.__tablename__]
_MANY = insert(_deliveries)


class ObsoleteError(Exception):
    """A mail no longer makes sense: the fact it reports has changed while it waited."""


class NotPossibleError(Exception):
    """The delivery is no longer in a state in which this can be done; nothing was changed."""

    def __init__(self, delivery: Delivery) -> None:
        self.state = delivery.state
        super().__init__(f"The mail to {delivery.recipient} is {delivery.state} by now.")


def queue_delivery(
    session: Session,
    kind: DeliveryKind,
    *,
    key: str,
    subject_id: int,
    recipient: str,
    language: str,
    now: datetime,
    by: str = "",
    due_at: datetime | None = None,
    resend: bool = False,
    batch: str | None = None,
    thread: str | None = None,
    event_id: int | None = None,
    guest_id: int | None = None,
) -> Delivery:
    """Ask for one mail, in the caller's transaction; the key makes it once for ever.

    `due_at`: not before that moment. `by`: who asked, for the log. `thread`: see Delivery.
    """
    delivery = Delivery(
        key=key,
        kind=kind,
        resend=resend,
        event_id=event_id,
        guest_id=guest_id,
        subject_id=subject_id,
        batch=batch,
        thread=thread,
        recipient=recipient,
        recipient_domain=domain_of(recipient),
        language=language,
        created_at=now,
        changed_at=now,
        due_at=due_at or now,
        moves=[moves.log_of_asking(Note(now, by))],
    )
    session.add(delivery)
    return delivery


@dataclass(frozen=True)
class Asked:
    """One mail of many that are asked for at once."""

    key: str
    subject_id: int
    guest_id: int
    recipient: str
    language: str
    thread: str | None = None


def queue_deliveries(
    session: Session,
    kind: DeliveryKind,
    asked: Sequence[Asked],
    *,
    event_id: int,
    batch: str,
    by: str,
    now: datetime,
) -> None:
    """Ask for many mails of one kind at once; the `batch` is theirs alone.

    Nothing is read back: of thousands of rows inserted with RETURNING PostgreSQL's driver would
    parse each statement, three times as long. By the batch they are found again.
    """
    if not asked:
        return
    session.flush()
    shared = {"kind": kind, "event_id": event_id, "batch": batch, "state": DeliveryState.QUEUED}
    times = {"created_at": now, "changed_at": now, "due_at": now}
    fresh = {"resend": False, "by_day": False, "attempts": 0, "error": ""}
    rows = [
        {
            **shared,
            **times,
            **fresh,
            **vars(each),
            "public_id": new_public_id(),
            "recipient_domain": domain_of(each.recipient),
        }
        for each in asked
    ]
    session.connection().execute(_MANY, rows)
    moves.log_batch(session, batch, Note(now, by))


def domain_of(recipient: str) -> str:
    """Return the domain behind the @, folded."""
    return email_key(recipient).rpartition("@")[2]


def recall(session: Session, event_id: int) -> None:
    """Let mails of the event that were made ahead of their sending be made anew, from new facts.

    Their lease is taken away: the worker that holds one finds it gone before a byte goes out.
    """
    session.execute(
        update(Delivery)
        .where(
            Delivery.event_id == event_id,
            Delivery.state.in_(WAITING),
            Delivery.lease.is_not(None),
        )
        .values(lease=None, lease_until=None)
    )


def cancel_waiting(
    session: Session,
    kinds: Sequence[DeliveryKind],
    *,
    subject_ids: Sequence[int],
    reason: str,
    now: datetime,
    by: str = "",
) -> int:
    """Cancel what is queued or deferred about those subjects; return how many mails that was."""
    about = Delivery.kind.in_(kinds) & Delivery.subject_id.in_(subject_ids)
    return len(moves.cancel(session, about, Note(now, by, reason)))


def cancel_batch(session: Session, batch: str, *, by: str, now: datetime) -> int:
    """Cancel what of a batch still waits; return how many mails that was."""
    note = Note(now, by, reasons.CANCELLED)
    return len(moves.cancel(session, Delivery.batch == batch, note))


def cancel_one(session: Session, delivery: Delivery, *, by: str, now: datetime) -> None:
    """Cancel one waiting mail. Raises NotPossibleError."""
    note = Note(now, by, reasons.CANCELLED)
    _refuse_unmoved(session, delivery, moves.cancel(session, _this(delivery), note))


def mark_arrived(session: Session, delivery: Delivery, *, by: str, now: datetime) -> None:
    """Answer the question of an uncertain mail: it has arrived. Raises NotPossibleError."""
    note = Note(now, by, reasons.ARRIVED)
    _refuse_unmoved(session, delivery, moves.mark_arrived(session, _this(delivery), note))


def send_again(session: Session, delivery: Delivery, *, by: str, now: datetime) -> None:
    """Send an uncertain or failed mail once more, with its Message-ID. Raises NotPossibleError.

    A mail program that has it already shows one mail, not two (RFC 5322 3.6.4).
    """
    note = Note(now, by, reasons.SENT_AGAIN)
    _refuse_unmoved(session, delivery, moves.send_again(session, _this(delivery), note))


def send_failed_again(session: Session, batch: str, *, by: str, now: datetime) -> int:
    """Send what of a batch failed once more; return how many mails that is."""
    failed = (Delivery.batch == batch) & (Delivery.state == DeliveryState.FAILED)
    return len(moves.send_again(session, failed, Note(now, by, reasons.SENT_AGAIN)))


def mark_bounced(session: Session, delivery: Delivery, *, by: str, now: datetime) -> None:
    """Note that the mail came back. Raises NotPossibleError."""
    note = Note(now, by, reasons.CAME_BACK)
    _refuse_unmoved(session, delivery, moves.mark_bounced(session, delivery.id, note))


def settle_by_answer(
    session: Session, kinds: Sequence[DeliveryKind], *, subject_id: int, now: datetime
) -> int:
    """Settle uncertain mails about a subject: the guest has used the link that stands in them."""
    about = Delivery.kind.in_(kinds) & (Delivery.subject_id == subject_id)
    return len(moves.mark_arrived(session, about, Note(now, "", reasons.GUEST_ANSWERED)))


def _this(delivery: Delivery) -> ColumnElement[bool]:
    return Delivery.id == delivery.id


def _refuse_unmoved(session: Session, delivery: Delivery, moved: Sequence[int]) -> None:
    if not moved:
        session.refresh(delivery)  # a worker, or somebody else, was quicker: say what is so now
        raise NotPossibleError(delivery)
