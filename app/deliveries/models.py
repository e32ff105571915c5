"""The table of deliveries: one mail to one person and its fate. It is the queue."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import (
    EmailAddress,
    Id,
    Moment,
    OptionalMoment,
    PublicId,
    state_column,
)


class DeliveryKind(StrEnum):
    """What a mail is for; each has a folder of the same name in `email_templates/`."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    CONFIRMATION = "confirmation"
    SIGN_IN = "sign_in"
    DIGEST = "digest"


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    DEFERRED = "deferred"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"


WAITING = (DeliveryState.QUEUED, DeliveryState.DEFERRED)
"""States in which a delivery is still to be sent, and can be cancelled."""


UNFINISHED = text("state IN ('queued', 'deferred', 'sending')")
"""The few rows the worker looks at, out of all that were ever sent (a partial index)."""


class Delivery(Base):
    """A mail that was asked for, in the same transaction as the fact it reports.

    `key` is unique per (kind, subject, version), like `invitation:42:1`: the same fact is never
    mailed twice. `lease` and `lease_until` say which worker has claimed the row, and how long.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        CheckConstraint("state <> 'sending' OR lease IS NOT NULL", name="sending_has_a_lease"),
        CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name="sent_has_a_time"),
        CheckConstraint("state <> 'failed' OR error <> ''", name="failed_has_a_reason"),
        Index(
            "ix_delivery_work",
            "due_at",
            "id",
            sqlite_where=UNFINISHED,
            postgresql_where=UNFINISHED,
        ),
        Index("ix_delivery_event_state", "event_id", "state"),
        Index("ix_delivery_guest", "guest_id"),
        Index("ix_delivery_subject", "kind", "subject_id"),
        Index("ix_delivery_sent", "sent_at"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[DeliveryKind] = mapped_column(state_column(DeliveryKind, "kind_exists"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    guest_id: Mapped[int | None] = mapped_column(ForeignKey("guest.id", ondelete="CASCADE"))
    subject_id: Mapped[int]
    """Row id of what the mail is about: invitation, sign-in link or digest, by kind."""
    recipient: Mapped[EmailAddress]
    language: Mapped[str] = mapped_column(String(8))

    state: Mapped[DeliveryState] = mapped_column(
        state_column(DeliveryState, "state_exists"), default=DeliveryState.QUEUED
    )
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    due_at: Mapped[Moment]
    lease: Mapped[str | None] = mapped_column(String(36))
    lease_until: Mapped[OptionalMoment]
    sent_at: Mapped[OptionalMoment]
    message_id: Mapped[str | None] = mapped_column(String(200))
    """RFC 5322 Message-ID without its brackets; the same at every attempt."""
    reply: Mapped[str] = mapped_column(Text, default="")
    """The server's last words, as it said them."""
    error: Mapped[str] = mapped_column(Text, default="")
    """Why it is not sent, in plain words."""
    subject: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="")
    """A copy of what was sent, its personal links masked."""
