"""Table of codes."""

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Moment, OptionalMoment, PublicId


class Code(Base):
    """Six digits on their way to the owner of a link; good once, for a short time."""

    __tablename__ = "code"
    __table_args__ = (
        CheckConstraint("tries >= 0", name="tries_not_negative"),
        Index("ix_code_invitation", "invitation_id", "delegate_id", "asked_at"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    """What the digits are derived from (RFC 4226 5.3, with the secret key): they lie nowhere."""
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"))
    delegate_id: Mapped[int | None] = mapped_column(ForeignKey("delegate.id", ondelete="CASCADE"))
    """Whose link it is for; no value: the guest's own."""
    asked_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[OptionalMoment]
