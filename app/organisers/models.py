"""Tables of the people who sign in, their roles, sign-in links and sessions."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base
from app.db.types import EmailAddress, Id, Moment, Name, OptionalMoment, PublicId, state_column


class Role(StrEnum):
    """What an organiser may do on one event."""

    ORGANISER = "organiser"
    APPROVER = "approver"
    VIEWER = "viewer"
    DOOR = "door"


class Organiser(Base):
    """A person who signs in."""

    __tablename__ = "organiser"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    email: Mapped[EmailAddress]
    email_key: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[Name]
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[Moment]

    roles: Mapped[list["RoleOnEvent"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )


class RoleOnEvent(Base):
    __tablename__ = "role_on_event"
    __table_args__ = (UniqueConstraint("organiser_id", "event_id"),)

    id: Mapped[Id]
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id", ondelete="CASCADE"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(state_column(Role, "role_exists"))


class SignInLink(Base):
    """A link that signs in once. The row holds no signature: from it alone no link can be made."""

    __tablename__ = "sign_in_link"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id", ondelete="CASCADE"))
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[OptionalMoment]


class OrganiserSession(Base):
    """A signed-in browser; revoked by signing out. Only a digest of its key is kept."""

    __tablename__ = "organiser_session"

    id: Mapped[Id]
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id", ondelete="CASCADE"))
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[OptionalMoment]

    organiser: Mapped[Organiser] = relationship()
