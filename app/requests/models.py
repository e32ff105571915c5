"""Table of requests: a late change, a representative, or word that an invitation went astray."""

from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base
from app.db.types import Id, Moment, Name, OptionalMoment, PublicId, state_column
from app.invitations.models import Invitation
from app.rsvp.models import AnswerChannel


class RequestKind(StrEnum):
    LATE_CHANGE = "late change"
    """A part that is locked shall be changed."""
    REPRESENTATIVE = "representative"
    """Somebody else shall come in the guest's place."""
    NOT_ME = "not me"
    """The link has reached somebody whom it does not concern."""


class RequestState(StrEnum):
    WAITING = "waiting"
    GRANTED = "granted"
    REFUSED = "refused"
    TAKEN_BACK = "taken back"
    """By the guest, before it was decided."""


class Wished(StrEnum):
    """What a late change asks of its part."""

    YES = "yes"
    NO = "no"
    OTHER = "other"
    """As the guest says in own words; the organiser records it by hand."""


class Request(Base):
    """What a guest asks of the organiser, and what became of it."""

    __tablename__ = "request"
    __table_args__ = (
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided_has_a_time"),
        CheckConstraint("kind <> 'late change' OR wished IS NOT NULL", name="late_change_wishes"),
        Index("ix_request_event", "event_id", "state"),
        Index("ix_request_invitation", "invitation_id"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"))
    kind: Mapped[RequestKind] = mapped_column(state_column(RequestKind, "kind_exists"))
    state: Mapped[RequestState] = mapped_column(
        state_column(RequestState, "state_exists"), default=RequestState.WAITING
    )
    part: Mapped[str] = mapped_column(String(120), default="")
    """Of a late change: `event`, or `item:<slug>`, as in RsvpChange."""
    wished: Mapped[Wished | None] = mapped_column(state_column(Wished, "wished_exists"))
    words: Mapped[str] = mapped_column(Text, default="")
    """The guest's own. They may name a diet: organisers alone read them."""
    person: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    """Of a representative: the columns of a guest file that were given (`email`, …)."""
    channel: Mapped[AnswerChannel] = mapped_column(state_column(AnswerChannel, "channel_exists"))
    actor: Mapped[Name]
    """The delegate who asked; empty where it was the guest."""
    asked_at: Mapped[Moment]
    decided_at: Mapped[OptionalMoment]
    decided_by: Mapped[Name] = mapped_column(default="")
    reply: Mapped[str] = mapped_column(Text, default="")
    """What the organiser writes back."""

    invitation: Mapped[Invitation] = relationship()
