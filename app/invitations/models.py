"""Tables of waves and invitations, and with them the place ledger."""

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base
from app.db.types import Id, Moment, Name, OptionalMoment, PublicId, state_column
from app.events.models import Event
from app.guests.models import Guest


class InvitationState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Wave(Base):
    """One send to a chosen set of guests."""

    __tablename__ = "wave"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    number: Mapped[int]
    sent_at: Mapped[Moment]
    sent_by: Mapped[Name]
    scheduled_for: Mapped[OptionalMoment]
    """When its mails go out, where not at once; its places are held from `sent_at` on."""
    remind_after: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Days after it went out on which who has not answered is reminded."""
    remind_before: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Days before the reply-by date on which who has not answered is reminded."""


class Invitation(Base):
    """The asking: one guest, one signed link, open until its reply-by date.

    `holds_place` is the guest's claim on a place: held while the invitation is open, accepted when
    it is answered with yes. The place ledger is the count of these, nothing else.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("guest_id"),
        # Promise 2 in the database: no invitation without that guest's entry in a version.
        ForeignKeyConstraint(
            ["entry_id", "guest_id"],
            ["guest_list_entry.id", "guest_list_entry.guest_id"],
            ondelete="RESTRICT",
        ),
        CheckConstraint("state <> 'open' OR holds_place", name="open_holds_a_place"),
        CheckConstraint(
            "state NOT IN ('expired', 'withdrawn') OR NOT holds_place",
            name="closed_holds_no_place",
        ),
        CheckConstraint("link_version > 0", name="link_version_from_one"),
        CheckConstraint("reminders >= 0", name="reminders_not_negative"),
        Index("ix_invitation_event", "event_id", "state", "holds_place"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    guest_id: Mapped[int] = mapped_column(ForeignKey("guest.id", ondelete="RESTRICT"))
    entry_id: Mapped[int]
    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id", ondelete="RESTRICT"))
    state: Mapped[InvitationState] = mapped_column(
        state_column(InvitationState, "state_exists"), default=InvitationState.OPEN
    )
    holds_place: Mapped[bool]
    link_version: Mapped[int] = mapped_column(default=1)
    """Goes up when the link must die: withdrawn, re-addressed. Only the newest link opens."""
    sendings: Mapped[int] = mapped_column(default=1)
    """How often it was asked to be sent; the version in its delivery's key."""
    reminders: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[OptionalMoment]
    """When the last reminder was asked for."""
    reminder_day: Mapped[date | None]
    """The newest day of the wave's cadence that is dealt with."""
    feed_version: Mapped[int] = mapped_column(default=1)
    """Goes up when the address of the guest's calendar feed must die."""
    reply_by: Mapped[date]
    opened_at: Mapped[Moment]
    answered_at: Mapped[OptionalMoment]
    closed_at: Mapped[OptionalMoment]
    """When it expired or was withdrawn."""
    disowned_at: Mapped[OptionalMoment]
    """When somebody said by the link that the invitation is not for them."""

    guest: Mapped[Guest] = relationship()
    event: Mapped[Event] = relationship()
    wave: Mapped[Wave] = relationship()
