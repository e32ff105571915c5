"""The table of digests, as they were sent."""

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Moment


class Digest(Base):
    """One digest of one event. `slot` makes it once: an ISO week like `2026-W44`, or `now:TIME`."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("event_id", "slot"),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    slot: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[Moment]
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    numbers: Mapped[dict[str, int]] = mapped_column(JSON)
    """The counts it was made from, for the next one to compare with."""
