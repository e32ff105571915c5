"""The table of the brands: at most one row for an event."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, select
from sqlalchemy.orm import Mapped, column_property, deferred, mapped_column

from app.db.base import Base
from app.db.types import Id, Moment, Name, state_column
from app.events.models import Event


class CrestType(StrEnum):
    SVG = "svg"
    PNG = "png"


class Brand(Base):
    """What an event looks like; where a value is missing, the product's own stands."""

    __tablename__ = "brand"
    __table_args__ = (
        CheckConstraint("colour LIKE '#______'", name="colour_is_one"),
        CheckConstraint("metal LIKE '#______'", name="metal_is_one"),
        CheckConstraint(
            "(crest IS NULL) = (crest_type IS NULL) AND (crest IS NULL) = (crest_ratio IS NULL)",
            name="crest_is_whole",
        ),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), unique=True)
    colour: Mapped[str | None] = mapped_column(String(7))
    """`#rrggbb`, in small letters; so is the metal."""
    metal: Mapped[str | None] = mapped_column(String(7))
    crest: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    """As `cleaning.clean_crest` wrote it, never as it came."""
    crest_type: Mapped[CrestType | None] = mapped_column(state_column(CrestType, "type_exists"))
    crest_ratio: Mapped[float | None]
    """Width by height."""
    version: Mapped[str] = mapped_column(String(10))
    """A digest of all that guests see of the brand; empty where that is nothing."""
    changed_at: Mapped[Moment]
    changed_by: Mapped[Name]


# Read along with the event: every page asks for it, and none should ask twice.
Event.brand_version = column_property(
    select(Brand.version).where(Brand.event_id == Event.id).scalar_subquery()
)
