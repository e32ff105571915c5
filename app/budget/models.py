"""The funders who share the event's budget."""

from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, LocalText


class Funder(Base):
    __tablename__ = "funder"
    __table_args__ = (
        UniqueConstraint("event_id", "position"),
        CheckConstraint("share >= 0", name="share_not_negative"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[LocalText] = mapped_column(JSON)
    share: Mapped[Decimal] = mapped_column(Numeric(14, 2))
    currency: Mapped[str] = mapped_column(String(3))
    """ISO 4217."""
