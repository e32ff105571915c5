"""Table of delegates."""

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base
from app.db.types import EmailAddress, Id, Moment, Name, OptionalMoment, PublicId
from app.invitations.models import Invitation


class Delegate(Base):
    """Somebody who may answer for a guest, by an own link, and never sees health data."""

    __tablename__ = "delegate"
    __table_args__ = (
        CheckConstraint("link_version > 0", name="link_version_from_one"),
        Index("ix_delegate_invitation", "invitation_id"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"))
    name: Mapped[Name]
    email: Mapped[EmailAddress]
    email_key: Mapped[EmailAddress]
    """The address folded for comparison (app.addresses.email_key)."""
    link_version: Mapped[int] = mapped_column(default=1)
    added_at: Mapped[Moment]
    added_by: Mapped[Name]
    """The organiser's name; empty where it was done by the guest's link."""
    revoked_at: Mapped[OptionalMoment]
    revoked_by: Mapped[Name] = mapped_column(default="")
    """As `added_by`."""

    invitation: Mapped[Invitation] = relationship()
