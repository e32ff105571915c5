"""Tables of the programme: the event's own items, and the fixed points around it."""

from datetime import date
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, LocalText, Moment, Name, PublicId, Texts, state_column


class ItemKind(StrEnum):
    PLENARY = "plenary"
    SPECIALIST_SESSION = "specialist session"
    WORKSHOP = "workshop"
    STUDY_VISIT = "study visit"
    RECEPTION = "reception"
    DINNER = "dinner"


class ProgrammeItem(Base):
    """An item of the programme that a guest can choose."""

    __tablename__ = "programme_item"
    __table_args__ = (
        UniqueConstraint("event_id", "slug"),
        CheckConstraint("ends > starts", name="ends_after_it_starts"),
        CheckConstraint("places > 0", name="places_positive"),
        CheckConstraint("kind <> 'dinner' OR places IS NOT NULL", name="dinner_has_places"),
        CheckConstraint("transfer_minutes >= 0", name="transfer_not_negative"),
        CheckConstraint(
            "NOT arrival OR kind NOT IN ('study visit', 'workshop')",
            name="visits_lie_within_the_event",
        ),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(80))
    kind: Mapped[ItemKind] = mapped_column(state_column(ItemKind, "kind_exists"))
    title: Mapped[Texts]
    starts: Mapped[Moment]
    ends: Mapped[Moment]
    venue: Mapped[Texts]
    places: Mapped[int | None]
    """No value: no limit. At the dinner guests and companions count together."""
    arrival: Mapped[bool]
    dress_code: Mapped[LocalText | None] = mapped_column(JSON(none_as_null=True))
    transfer_minutes: Mapped[int]
    """Needed before and after; counts when overlaps are checked."""
    locks: Mapped[date]
    """The last day, in the event's zone, on which a guest can change this answer."""
    by_name: Mapped[bool] = mapped_column(default=False)
    """Whether it is open only to the guests named for it (`NamedGuest`)."""
    sequence: Mapped[int] = mapped_column(default=0)
    """RFC 5545 SEQUENCE: goes up when time, place or title change."""
    changed_at: Mapped[Moment]

    @property
    def is_dinner(self) -> bool:
        return self.kind is ItemKind.DINNER


class NamedGuest(Base):
    """A guest for whom an item that is open by name only is open."""

    __tablename__ = "named_guest"
    __table_args__ = (Index("ix_named_guest_guest", "guest_id"),)

    item_id: Mapped[int] = mapped_column(
        ForeignKey("programme_item.id", ondelete="CASCADE"), primary_key=True
    )
    guest_id: Mapped[int] = mapped_column(
        ForeignKey("guest.id", ondelete="CASCADE"), primary_key=True
    )


class Amendment(Base):
    """A change of an item's time, place or title after it was told: by whom, and why."""

    __tablename__ = "amendment"
    __table_args__ = (Index("ix_amendment_event", "event_id", "id"),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    item_id: Mapped[int | None] = mapped_column(
        ForeignKey("programme_item.id", ondelete="SET NULL")
    )
    at: Mapped[Moment]
    by: Mapped[Name]
    before: Mapped[dict[str, object]] = mapped_column(JSON)
    """What a calendar showed of the item: title, starts, ends, venue (moments as ISO 8601)."""
    after: Mapped[dict[str, object]] = mapped_column(JSON)
    note: Mapped[LocalText | None] = mapped_column(JSON(none_as_null=True))
    """A line of explanation for the guests, in each language of the event."""


class FixedPoint(Base):
    """Something in the outside calendar that is not ours to move, and cannot be answered."""

    __tablename__ = "fixed_point"
    __table_args__ = (CheckConstraint("ends > starts", name="ends_after_it_starts"),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    title: Mapped[Texts]
    starts: Mapped[Moment]
    ends: Mapped[Moment]
    venue: Mapped[Texts]
