"""Tables of an event and its hosts."""

from datetime import date, time, timedelta

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base
from app.db.types import EmailAddress, Id, LocalText, Moment, Name, OptionalMoment, Texts

HEALTH_KEPT = timedelta(days=14)
"""After the event's last day, where the event names no day: the bills are settled by then."""


class Event(Base):
    """The occasion. Its row is the lock under which places are decided (`lock_for_places`)."""

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("ends >= starts", name="ends_after_it_starts"),
        CheckConstraint("place_limit > 0", name="has_places"),
        CheckConstraint("reply_by <= starts", name="reply_by_before_it_starts"),
        CheckConstraint("companions_per_guest >= 0", name="companions_not_negative"),
        CheckConstraint("erase_health_on > ends", name="health_kept_during_the_event"),
        CheckConstraint("digest_weekday BETWEEN 0 AND 6", name="digest_weekday_exists"),
    )

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[Texts]
    theme: Mapped[Texts]
    starts: Mapped[date]
    ends: Mapped[date]
    time_zone: Mapped[str] = mapped_column(String(64))
    city: Mapped[Texts]
    place_limit: Mapped[int]
    reply_by: Mapped[date]
    """The last day, in the event's zone, on which an open invitation can be answered."""
    companions_per_guest: Mapped[int]
    languages: Mapped[list[str]] = mapped_column(JSON)
    """The first is the default."""
    contact_name: Mapped[Texts]
    contact_email: Mapped[EmailAddress]
    contact_phone: Mapped[str] = mapped_column(String(40))
    code_first: Mapped[bool] = mapped_column(default=False)
    """Whether a recorded answer is shown and changed only after a code that came by mail."""
    erase_health_on: Mapped[date | None]
    """When diets and access needs are erased; where absent, see `health_erased_on`."""
    health_erased_at: Mapped[OptionalMoment]
    """When they were."""
    digest_weekday: Mapped[int]
    """0 is Monday."""
    digest_time: Mapped[time]
    """Wall-clock time in the event's zone."""
    digest_recipients: Mapped[list[str]] = mapped_column(JSON)
    remind_after: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Days after an invitation went out on which its guest is reminded; waves begin with these."""
    remind_before: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Days before the reply-by date on which a guest is reminded."""
    feed_version: Mapped[int] = mapped_column(default=1)
    """Goes up when the address of the organiser's calendar feed must die."""
    called_off_at: Mapped[OptionalMoment]
    """When it was called off, for good."""
    called_off_by: Mapped[Name] = mapped_column(default="")
    called_off_note: Mapped[LocalText | None] = mapped_column(JSON(none_as_null=True))
    """What the guests are told about it, in each language."""
    created_at: Mapped[Moment]

    hosts: Mapped[list["Host"]] = relationship(
        order_by="Host.position", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def default_language(self) -> str:
        return self.languages[0]

    @property
    def health_erased_on(self) -> date:
        """The day, in the event's zone, on which diets and access needs are erased."""
        return self.erase_health_on or self.ends + HEALTH_KEPT


class Host(Base):
    """A co-organiser, with an optional quota of places."""

    __tablename__ = "host"
    __table_args__ = (
        UniqueConstraint("event_id", "position"),
        CheckConstraint("quota >= 0", name="quota_not_negative"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[LocalText] = mapped_column(JSON)
    quota: Mapped[int | None]
