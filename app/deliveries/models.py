"""Tables of deliveries: one mail to one person, its log, its copies; and why mail is held back."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base
from app.db.types import (
    EmailAddress,
    Id,
    Moment,
    Name,
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
    TEST = "test"
    """How an invitation reads, sent to the organiser alone."""
    DELEGATE = "delegate"
    """An own link for somebody who may answer for a guest."""
    DELEGATE_ADDED = "delegate_added"
    """Tells the guest who may answer."""
    CODE = "code"
    """Six digits for a browser that is to see more than a bearer of the link may."""
    QUESTION = "question"
    """Tells the organiser that a guest's request waits."""
    LATE_CHANGE = "late_change"
    """What became of a guest's request to change a locked part."""
    REPRESENTATIVE = "representative"
    """What became of a guest's request to send somebody else."""
    OFFER = "offer"
    """The invitation of a guest who has moved up from the reserve."""
    LAST_REMINDER = "last_reminder"
    MOVED_UP = "moved_up"
    """Tells a guest that a place at a programme item became theirs."""
    PROGRAMME_CHANGED = "programme_changed"
    """Tells a guest that a part they said yes to is at another time or place."""
    WITHDRAWN = "withdrawn"
    """Tells a guest that the invitation stands no more."""
    CALLED_OFF = "called_off"
    """Tells a guest that the event does not take place."""
    THANK_YOU = "thank_you"
    APPROVAL_REQUEST = "approval_request"
    """Asks an approver to look at the proposed guest list."""


INVITING = (DeliveryKind.INVITATION, DeliveryKind.OFFER)
"""Mails that bring a guest the invitation."""
REMINDING = (DeliveryKind.REMINDER, DeliveryKind.LAST_REMINDER)


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
BEGUN = text("state = 'sending'")
IN_A_THREAD = text("thread IS NOT NULL AND state IN ('queued', 'deferred', 'sending')")


class Delivery(Base):
    """A mail that was asked for, in the same transaction as the fact it reports.

    `key` is unique per (kind, subject, version), like `invitation:42:1`: the same fact is never
    mailed twice. `lease` and `lease_until` say which worker has claimed the row, and how long.
    `state` and what goes with it is written by `deliveries/moves.py` alone.
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
        Index("ix_delivery_batch", "batch"),
        Index("ix_delivery_guest", "guest_id"),
        Index("ix_delivery_subject", "kind", "subject_id"),
        Index("ix_delivery_sent", "sent_at"),
        Index(
            "ix_delivery_thread",
            "thread",
            "id",
            sqlite_where=IN_A_THREAD,
            postgresql_where=IN_A_THREAD,
        ),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[DeliveryKind] = mapped_column(state_column(DeliveryKind, "kind_exists"))
    resend: Mapped[bool] = mapped_column(default=False)
    """Whether the same invitation was sent before."""
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    guest_id: Mapped[int | None] = mapped_column(ForeignKey("guest.id", ondelete="CASCADE"))
    subject_id: Mapped[int]
    """Row id of what the mail is about: invitation, sign-in link, digest or guest, by kind."""
    batch: Mapped[str | None] = mapped_column(String(40))
    """The mails asked for in one press, like `7:wave:2` (event, kind, number); see `batches`."""
    recipient: Mapped[EmailAddress]
    recipient_domain: Mapped[str] = mapped_column(String(255))
    """The domain behind the recipient's @, folded: mail is paced by it."""
    language: Mapped[str] = mapped_column(String(8))
    thread: Mapped[str | None] = mapped_column(String(40))
    """Mails of one thread go out one at a time, in the order in which they were asked for."""
    by_day: Mapped[bool] = mapped_column(default=False)
    """Whether it is never sent at night, by the clock of the event's place."""

    state: Mapped[DeliveryState] = mapped_column(
        state_column(DeliveryState, "state_exists"), default=DeliveryState.QUEUED
    )
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]
    """When it moved to its present state."""
    due_at: Mapped[Moment]
    """Not sent before; equal to `changed_at` where it is to go at once."""
    lease: Mapped[str | None] = mapped_column(String(36))
    """The worker that holds the row. Kept on an uncertain one: its late answer still counts."""
    lease_until: Mapped[OptionalMoment]
    sent_at: Mapped[OptionalMoment]
    message_id: Mapped[str | None] = mapped_column(String(200))
    """RFC 5322 Message-ID without its brackets; the same at every attempt."""
    error: Mapped[str] = mapped_column(Text, default="")
    """Why it is not sent, in plain words; the server's own words stand in the log."""

    moves: Mapped[list["DeliveryMove"]] = relationship(
        back_populates="delivery",
        order_by="DeliveryMove.id",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise_on_sql",
    )


class DeliveryMove(Base):
    """One line of a delivery's log, written with the move itself and never changed."""

    __tablename__ = "delivery_move"
    __table_args__ = (
        Index("ix_delivery_move_delivery", "delivery_id", "id"),
        # What went out in the last minute is counted at every claim where a rate is set.
        Index("ix_delivery_move_begun", "at", sqlite_where=BEGUN, postgresql_where=BEGUN),
    )

    id: Mapped[Id]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"))
    at: Mapped[Moment]
    state: Mapped[DeliveryState] = mapped_column(state_column(DeliveryState, "state_exists"))
    """The state it moved to."""
    attempt: Mapped[int]
    """How many attempts had been begun by then."""
    by: Mapped[Name]
    """Who moved it: an organiser's name, or a worker as `worker HOST/PROCESS`."""
    reason: Mapped[str] = mapped_column(Text)
    """Why, in plain words."""
    reply: Mapped[str] = mapped_column(Text)
    """The mail server's words, as it said them."""

    delivery: Mapped[Delivery] = relationship(back_populates="moves", lazy="raise_on_sql")


class DeliveryCopy(Base):
    """What was handed over at one attempt, its personal links masked."""

    __tablename__ = "delivery_copy"

    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True
    )
    attempt: Mapped[int] = mapped_column(primary_key=True)
    headers: Mapped[str] = mapped_column(Text)
    """The header lines as they went out, unfolded."""
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[bytes] = mapped_column(LargeBinary)
    """UTF-8, packed with zlib: most of a mail is its look."""
    calendar: Mapped[str] = mapped_column(Text)
    """The calendar objects that went with it, one after another; empty where none did."""
    text_id: Mapped[int | None] = mapped_column(ForeignKey("event_text.id", ondelete="SET NULL"))
    """The organiser's own words it was written in; empty for the product's."""


class PauseKind(StrEnum):
    """Why mail is held back; each but the last ends by itself."""

    SETTINGS = "settings"
    """No mail can go out before somebody mends the settings or the server."""
    SERVER = "server"
    """The mail server cannot be reached."""
    DOMAIN = "domain"
    """The recipients' provider asks for patience."""
    STOPPED = "stopped"
    """An organiser has stopped the sending."""


class Pause(Base):
    """Mail that is held back, and why: the whole queue, one domain, one event, or one batch.

    Past its `until` a pause is on trial: one mail is let through, and what becomes of it ends the
    pause or prolongs it.
    """

    __tablename__ = "pause"
    __table_args__ = (
        CheckConstraint("(kind = 'stopped') = (until IS NULL)", name="only_a_stop_has_no_end"),
        CheckConstraint("strikes > 0", name="has_a_strike"),
    )

    scope: Mapped[str] = mapped_column(String(300), primary_key=True)
    """`all`, `domain:example.org`, `event:7` or `batch:7:wave:2`."""
    kind: Mapped[PauseKind] = mapped_column(state_column(PauseKind, "kind_exists"))
    since: Mapped[Moment]
    until: Mapped[OptionalMoment]
    strikes: Mapped[int]
    """How often in a row it went wrong; the wait doubles with it."""
    struck_at: Mapped[Moment]
    """The last time it did: mails that were under way by then tell nothing new."""
    trial: Mapped[int | None]
    """Row id of the delivery that is let through, once `until` was over."""
    reason: Mapped[str] = mapped_column(Text)
    """In plain words."""
    reply: Mapped[str] = mapped_column(Text)
    """The mail server's words, as it said them."""
    by: Mapped[Name]
    """Who stopped it; a worker otherwise."""
