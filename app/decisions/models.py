"""The steering group's register of decisions."""

from datetime import date
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, LocalText, Moment, Name, state_column


class Matter(StrEnum):
    """What the steering group decides."""

    THEME = "theme"
    LIST = "list"
    MAIN_SPEAKER = "main speaker"
    PARTICIPATION = "participation"
    STUDY_VISITS = "study visits"
    DINNER = "dinner"
    COMMUNICATION = "communication"


class Decision(Base):
    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_event", "event_id", "decided_on"),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    matter: Mapped[Matter] = mapped_column(state_column(Matter, "matter_exists"))
    text: Mapped[LocalText] = mapped_column(JSON)
    decided_on: Mapped[date]
    by: Mapped[Name]
    recorded_at: Mapped[Moment]
    version_id: Mapped[int | None] = mapped_column(
        ForeignKey("guest_list_version.id", ondelete="RESTRICT"), unique=True
    )
    """The guest list version this decision approved, where it did."""
