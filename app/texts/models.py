"""Table of the organiser's own words: a row per version, none is ever changed."""

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Moment, Name


class EventText(Base):
    """The words of one kind of mail of an event in one language; the newest version holds."""

    __tablename__ = "event_text"
    __table_args__ = (
        UniqueConstraint("event_id", "kind", "language", "version"),
        CheckConstraint("version > 0", name="version_from_one"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(8))
    version: Mapped[int]
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    """Markdown with placeholders. Empty, with the subject: the product's own words hold again."""
    written_at: Mapped[Moment]
    written_by: Mapped[Name]

    @property
    def is_own(self) -> bool:
        """Whether it holds words of the organiser's, and is not the way back to the product's."""
        return bool(self.body)
