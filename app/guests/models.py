"""Tables of the guest list: guests, and the frozen versions that were approved."""

from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base
from app.db.types import EmailAddress, Id, Moment, Name, PublicId, state_column
from app.events.models import Host


class GuestStatus(StrEnum):
    """A guest on the list. It moves only by an approved guest list version."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    RESERVE = "reserve"
    REMOVED = "removed"


class Guest(Base):
    """A named person of one event.

    Once on an approved version, what the file says anew waits in `proposed_change` (field -> new
    value, or {"removed": true}) until the next version is approved.
    """

    __tablename__ = "guest"
    __table_args__ = (
        UniqueConstraint("event_id", "email_key"),
        CheckConstraint("rank > 0", name="rank_counts_from_one"),
        CheckConstraint(
            "(status <> 'approved' OR rank IS NULL) AND (status <> 'reserve' OR rank IS NOT NULL)",
            name="rank_is_for_the_reserve",
        ),
        Index("ix_guest_event_status", "event_id", "status", "rank", "position"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    position: Mapped[int]
    """Place in the order of the file; new names follow."""
    salutation: Mapped[str] = mapped_column(String(40))
    first_name: Mapped[Name]
    last_name: Mapped[Name]
    title: Mapped[Name]
    organisation: Mapped[Name]
    country: Mapped[str] = mapped_column(String(80))
    email: Mapped[EmailAddress]
    email_key: Mapped[str] = mapped_column(String(320))
    """The address folded for comparison (app.addresses.email_key)."""
    language: Mapped[str] = mapped_column(String(8))
    host_id: Mapped[int | None] = mapped_column(ForeignKey("host.id", ondelete="RESTRICT"))
    rank: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text)
    status: Mapped[GuestStatus] = mapped_column(
        state_column(GuestStatus, "status_exists"), default=GuestStatus.PROPOSED
    )
    proposed_change: Mapped[dict[str, str | int | bool | None] | None] = mapped_column(
        JSON(none_as_null=True)
    )
    do_not_remind: Mapped[bool] = mapped_column(default=False)
    """Whether no reminder goes to them: the organiser speaks with them."""
    created_at: Mapped[Moment]

    host: Mapped[Host | None] = relationship()

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def full_name(self) -> str:
        """The name as on the card, with its salutation."""
        return f"{self.salutation} {self.name}".strip()


class GuestListVersion(Base):
    """A numbered, frozen state of the list, as it was approved."""

    __tablename__ = "guest_list_version"
    __table_args__ = (
        UniqueConstraint("event_id", "number"),
        CheckConstraint("number > 0", name="numbers_from_one"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    number: Mapped[int]
    approved_by: Mapped[Name]
    approved_at: Mapped[Moment]

    entries: Mapped[list["GuestListEntry"]] = relationship(
        order_by="GuestListEntry.position", cascade="all, delete-orphan", passive_deletes=True
    )


class GuestListEntry(Base):
    """One name of a version, as it stood then. An invitation must point at one."""

    __tablename__ = "guest_list_entry"
    __table_args__ = (
        UniqueConstraint("version_id", "guest_id"),
        UniqueConstraint("version_id", "position"),
        # What an invitation's foreign key points at: the entry of that very guest.
        UniqueConstraint("id", "guest_id"),
        Index("ix_guest_list_entry_guest", "guest_id"),
    )

    id: Mapped[Id]
    version_id: Mapped[int] = mapped_column(ForeignKey("guest_list_version.id", ondelete="CASCADE"))
    guest_id: Mapped[int] = mapped_column(ForeignKey("guest.id", ondelete="RESTRICT"))
    position: Mapped[int]
    rank: Mapped[int | None]
    """Empty: approved for a place; otherwise the rank on the reserve."""
    name: Mapped[Name]
    title: Mapped[Name]
    organisation: Mapped[Name]
    country: Mapped[str] = mapped_column(String(80))
    email: Mapped[EmailAddress]
