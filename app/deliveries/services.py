"""Asking for a mail, cancelling it, and what an organiser decides of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.addresses import email_key
from app.deliveries import moves, reasons
from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.deliveries.moves import Note


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
    event_id: int | None = None,
    guest_id: int | None = None,
) -> Delivery:
    """Ask for one mail, in the caller's transaction; the key makes it once for ever.

    `due_at`: not before that moment, where it is scheduled. `by`: who asked, for the log.
    """
    delivery = Delivery(
        key=key,
        kind=kind,
        resend=resend,
        event_id=event_id,
        guest_id=guest_id,
        subject_id=subject_id,
        batch=batch,
        recipient=recipient,
        recipient_domain=email_key(recipient).rpartition("@")[2],
        language=language,
        created_at=now,
        changed_at=now,
        due_at=due_at or now,
        moves=[moves.log_of_asking(Note(now, by))],
    )
    session.add(delivery)
    return delivery


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
