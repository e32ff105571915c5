"""Tables of the guests' calendars: their entries, and which mail carries which update."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base
from app.db.types import Id, Moment
from app.programme.models import ProgrammeItem


class CalendarEntry(Base):
    """A programme item as an entry in one guest's calendar; kept when it is taken out again."""

    __tablename__ = "calendar_entry"
    __table_args__ = (
        UniqueConstraint("invitation_id", "item_id"),
        CheckConstraint("sequence >= 0", name="sequence_not_negative"),
        CheckConstraint("item_id IS NOT NULL OR facts IS NOT NULL", name="is_about_something"),
        Index("ix_calendar_entry_item", "item_id"),
    )

    id: Mapped[Id]
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"))
    item_id: Mapped[int | None] = mapped_column(
        ForeignKey("programme_item.id", ondelete="RESTRICT")
    )
    uid: Mapped[str] = mapped_column(String(100), unique=True)
    """RFC 5545 UID: the same for ever."""
    sequence: Mapped[int] = mapped_column(default=0)
    """RFC 5545 SEQUENCE: goes up with every material change, and with nothing else."""
    is_on: Mapped[bool] = mapped_column(default=True)
    """Whether the guest attends; a calendar is told to drop it otherwise."""
    facts: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    """What the item was, once it is dropped from the programme."""
    changed_at: Mapped[Moment]

    item: Mapped[ProgrammeItem | None] = relationship()


class CalendarUpdate(Base):
    """An entry that a mail is about: a place from the reserve, or a change of the programme."""

    __tablename__ = "calendar_update"
    __table_args__ = (
        Index("ix_calendar_update_entry", "entry_id"),
        Index("ix_calendar_update_delivery", "delivery_id"),
    )

    id: Mapped[Id]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("calendar_entry.id", ondelete="CASCADE"))
    amendment_id: Mapped[int | None] = mapped_column(
        ForeignKey("amendment.id", ondelete="SET NULL")
    )
    """The change of the programme it comes from, if it does."""

    entry: Mapped[CalendarEntry] = relationship()


class CalendarTelling(Base):
    """What a mail told a calendar of an entry, written when the mail was handed over."""

    __tablename__ = "calendar_telling"
    __table_args__ = (
        Index("ix_calendar_telling_entry", "entry_id"),
        Index("ix_calendar_telling_delivery", "delivery_id"),
    )

    id: Mapped[Id]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("calendar_entry.id", ondelete="CASCADE"))
    sequence: Mapped[int]
    """The entry's SEQUENCE in that mail."""
