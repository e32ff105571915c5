"""Tables of the answer: its parts, and every change of them."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db.base import Base
from app.db.types import Id, Moment, Name, OptionalMoment, state_column
from app.invitations.models import Invitation
from app.programme.models import ProgrammeItem


class Answer(StrEnum):
    """The answer to the event."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


class ChoiceAnswer(StrEnum):
    """The answer to one programme item."""

    YES = "yes"
    NO = "no"
    RESERVE = "reserve"


class AnswerChannel(StrEnum):
    """How an answer came."""

    GUEST = "guest"
    DELEGATE = "delegate"
    PHONE = "phone"
    LETTER = "letter"
    EMAIL = "e-mail"
    IN_PERSON = "in person"
    CALENDAR = "calendar"


class Diet(StrEnum):
    """What the kitchen is asked for. Own words are counted as OTHER and kept beside it."""

    NONE = "none"
    VEGETARIAN = "vegetarian"
    VEGAN = "vegan"
    GLUTEN_FREE = "gluten-free"
    LACTOSE_FREE = "lactose-free"
    NUT_ALLERGY = "nut-allergy"
    OTHER = "other"


class Rsvp(Base):
    """What is recorded of a guest's answer now. How it came to be stands in RsvpChange."""

    __tablename__ = "rsvp"
    __table_args__ = (
        UniqueConstraint("invitation_id"),
        CheckConstraint("version > 0", name="version_from_one"),
    )

    id: Mapped[Id]
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"))
    answer: Mapped[Answer] = mapped_column(state_column(Answer, "answer_exists"))
    version: Mapped[int] = mapped_column(default=1)
    """Goes up with every change; the version in the confirmation's key."""
    diet: Mapped[Diet] = mapped_column(state_column(Diet, "diet_exists"), default=Diet.NONE)
    diet_words: Mapped[str] = mapped_column(String(200), default="")
    """Allergies and the like in the guest's own words. Health data, like `diet`."""
    access_needs: Mapped[str] = mapped_column(String(500), default="")
    """What the guest needs to take part, in own words. Health data."""
    message: Mapped[str] = mapped_column(Text, default="")
    wishes_place_since: Mapped[OptionalMoment]
    """Set when the guest wished to accept and every place was taken."""
    recorded_at: Mapped[Moment]
    changed_at: Mapped[Moment]
    parts_at: Mapped[OptionalMoment]
    """When the parts were last answered. No value on a yes: the answer is half-way."""

    invitation: Mapped[Invitation] = relationship()
    choices: Mapped[list["Choice"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    companions: Mapped[list["Companion"]] = relationship(
        order_by="Companion.position", cascade="all, delete-orphan", passive_deletes=True
    )


class Choice(Base):
    """A guest's yes, no or reserve to one programme item."""

    __tablename__ = "choice"
    __table_args__ = (
        UniqueConstraint("rsvp_id", "item_id"),
        CheckConstraint(
            "(answer = 'reserve') = (reserve_since IS NOT NULL)", name="reserve_has_a_time"
        ),
        Index("ix_choice_item", "item_id", "answer"),
    )

    id: Mapped[Id]
    rsvp_id: Mapped[int] = mapped_column(ForeignKey("rsvp.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("programme_item.id", ondelete="RESTRICT"))
    answer: Mapped[ChoiceAnswer] = mapped_column(state_column(ChoiceAnswer, "answer_exists"))
    reserve_since: Mapped[OptionalMoment]
    """Where the guest stands in the line for this item."""
    moved_up_at: Mapped[OptionalMoment]
    """When the place came from the reserve; it can be given back with one press."""

    item: Mapped[ProgrammeItem] = relationship()


class Companion(Base):
    """A person who comes with a guest to the dinner."""

    __tablename__ = "companion"
    __table_args__ = (UniqueConstraint("rsvp_id", "position"),)

    id: Mapped[Id]
    rsvp_id: Mapped[int] = mapped_column(ForeignKey("rsvp.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[Name]
    """As it is to stand on the place card."""
    diet: Mapped[Diet] = mapped_column(state_column(Diet, "diet_exists"), default=Diet.NONE)
    diet_words: Mapped[str] = mapped_column(String(200), default="")


class RsvpChange(Base):
    """One changed part of an answer: who, when, by which channel, what before, what after."""

    __tablename__ = "rsvp_change"
    __table_args__ = (Index("ix_rsvp_change_rsvp", "rsvp_id", "version"),)

    id: Mapped[Id]
    rsvp_id: Mapped[int] = mapped_column(ForeignKey("rsvp.id", ondelete="CASCADE"))
    version: Mapped[int]
    """Changes of one press share the rsvp's version."""
    at: Mapped[Moment]
    channel: Mapped[AnswerChannel | None] = mapped_column(
        state_column(AnswerChannel, "channel_exists")
    )
    """No value: nobody answered; a place became free and the reserve moved up."""
    actor: Mapped[Name]
    part: Mapped[str] = mapped_column(String(120))
    """`event`, `item:<slug>`, `diet`, `companion`, `companion-diet`, `access`, `message`, `parts`,
    `wish`, `note`, `granted` (of a late change; `after` names the organiser)."""
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)

    rsvp: Mapped[Rsvp] = relationship()
