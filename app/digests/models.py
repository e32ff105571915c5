"""The table of digests, as they were sent."""

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import EmailAddress, Id, Moment


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


class DigestUnsubscription(Base):
    """An address that has asked for no more digests of one event; the event file still names it."""

    __tablename__ = "digest_unsubscription"

    event_id: Mapped[int] = mapped_column(
        ForeignKey("event.id", ondelete="CASCADE"), primary_key=True
    )
    email_key: Mapped[EmailAddress] = mapped_column(primary_key=True)
    at: Mapped[Moment]
