"""Questions about answers: one guest's, and the counts every page, digest and export shares."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, joinedload

from app.invitations.models import Invitation
from app.programme.models import ProgrammeItem
from app.programme.queries import find_dinner
from app.rsvp.changes import ITEM
from app.rsvp.models import Answer, Choice, ChoiceAnswer, Companion, Diet, Rsvp, RsvpChange

# Built once: it is asked for every page and every answer of a guest.
COUNTS = (
    select(
        Choice.item_id,
        Choice.answer,
        func.count(Choice.id.distinct()),
        func.count(Companion.id),
    )
    .join(Rsvp, Choice.rsvp_id == Rsvp.id)
    .join(Invitation, Rsvp.invitation_id == Invitation.id)
    .outerjoin(Companion, Companion.rsvp_id == Rsvp.id)
    .where(Invitation.event_id == bindparam("event"), Invitation.holds_place)
    .group_by(Choice.item_id, Choice.answer)
)


@dataclass(frozen=True)
class ItemCount:
    """How full a programme item is. Companions count only at the dinner."""

    yes: int = 0
    reserve: int = 0
    companions: int = 0

    @property
    def taken(self) -> int:
        return self.yes + self.companions


@dataclass(frozen=True)
class DinnerCount:
    """Heads at the dinner, and what the kitchen is asked for: numbers, never names."""

    yes: int = 0
    companions: int = 0
    diets: dict[Diet, int] = field(default_factory=dict)

    @property
    def heads(self) -> int:
        return self.yes + self.companions


def find_rsvp(session: Session, invitation_id: int) -> Rsvp | None:
    """Return what is recorded for an invitation, with its choices and companions."""
    return (
        session.scalars(
            select(Rsvp)
            .where(Rsvp.invitation_id == invitation_id)
            .options(joinedload(Rsvp.choices), joinedload(Rsvp.companions))
            .execution_options(populate_existing=True)
        )
        .unique()
        .one_or_none()
    )


def item_counts(session: Session, event_id: int) -> dict[int, ItemCount]:
    """Return, by item id, the answers of guests who hold a place; items without any are absent."""
    rows = session.execute(COUNTS, {"event": event_id})
    counted = {
        (item_id, answer): (number, companions) for item_id, answer, number, companions in rows
    }
    return {
        item_id: ItemCount(
            yes=counted.get((item_id, ChoiceAnswer.YES), (0, 0))[0],
            reserve=counted.get((item_id, ChoiceAnswer.RESERVE), (0, 0))[0],
            companions=counted.get((item_id, ChoiceAnswer.YES), (0, 0))[1],
        )
        for item_id, _ in counted
    }


def programme_counts(
    session: Session, event_id: int, items: Sequence[ProgrammeItem]
) -> list[tuple[ProgrammeItem, ItemCount]]:
    """Return each item with its count; companions are counted at the dinner alone."""
    counts = item_counts(session, event_id)
    return [(item, count_of(item, counts)) for item in items]


def count_of(item: ProgrammeItem, counts: dict[int, ItemCount]) -> ItemCount:
    count = counts.get(item.id, ItemCount())
    return count if item.is_dinner else ItemCount(count.yes, count.reserve)


def dinner_count(session: Session, event_id: int, items: Sequence[ProgrammeItem]) -> DinnerCount:
    """Return the head count and the diets of those who said yes to the dinner."""
    dinner = find_dinner(items)
    if dinner is None:
        return DinnerCount()
    guests = _diets(session, select(Rsvp.diet, func.count()), event_id, dinner, Rsvp.diet)
    companions = _diets(
        session,
        select(Companion.diet, func.count()).join(Rsvp, Companion.rsvp_id == Rsvp.id),
        event_id,
        dinner,
        Companion.diet,
    )
    both = guests + companions
    return DinnerCount(
        yes=guests.total(),
        companions=companions.total(),
        diets={diet: both[diet] for diet in Diet if both[diet]},
    )


def _diets(
    session: Session,
    query: Select[Diet, int],
    event_id: int,
    dinner: ProgrammeItem,
    diet: InstrumentedAttribute[Diet],
) -> Counter[Diet]:
    coming = (
        query.join(Choice, Choice.rsvp_id == Rsvp.id)
        .join(Invitation, Rsvp.invitation_id == Invitation.id)
        .where(
            Invitation.event_id == event_id,
            Invitation.holds_place,
            Choice.item_id == dinner.id,
            Choice.answer == ChoiceAnswer.YES,
        )
        .group_by(diet)
    )
    return Counter(dict(session.execute(coming).all()))


def reserve_line(session: Session, item_id: int) -> Sequence[Choice]:
    """Return who stands on the reserve for an item, the first in line first."""
    return session.scalars(
        select(Choice)
        .join(Rsvp, Choice.rsvp_id == Rsvp.id)
        .join(Invitation, Rsvp.invitation_id == Invitation.id)
        .where(
            Choice.item_id == item_id,
            Choice.answer == ChoiceAnswer.RESERVE,
            Invitation.holds_place,
        )
        .order_by(Choice.reserve_since, Choice.id)
    ).all()


def comes_half_way() -> ColumnElement[bool]:
    """Whether a guest has accepted and not yet chosen (a query must join the invitation)."""
    return and_(
        Rsvp.answer == Answer.ACCEPTED, Rsvp.parts_at.is_(None), Invitation.holds_place.is_(True)
    )


def number_half_way(event_id: int) -> ScalarSelect[int]:
    """Return the count of those half-way, as part of a larger query."""
    return (
        select(func.count(Rsvp.id))
        .join(Rsvp.invitation)
        .where(Invitation.event_id == event_id, comes_half_way())
        .scalar_subquery()
    )


def half_way_invitation_ids(session: Session, event_id: int) -> frozenset[int]:
    """Return the invitations of those half-way."""
    query = (
        select(Rsvp.invitation_id)
        .join(Rsvp.invitation)
        .where(Invitation.event_id == event_id, comes_half_way())
    )
    return frozenset(session.scalars(query))


def history(session: Session, rsvp_id: int) -> Sequence[RsvpChange]:
    """Return every change of an answer, newest first."""
    return session.scalars(
        select(RsvpChange)
        .where(RsvpChange.rsvp_id == rsvp_id)
        .order_by(RsvpChange.version.desc(), RsvpChange.id)
    ).all()


def chosen_before_decline(session: Session, rsvp_id: int) -> frozenset[str]:
    """Return the slugs of the items that the guest's last decline has taken back."""
    of_rsvp = RsvpChange.rsvp_id == rsvp_id
    declined = select(func.max(RsvpChange.version)).where(
        of_rsvp, RsvpChange.part == "event", RsvpChange.after == Answer.DECLINED
    )
    parts = session.scalars(
        select(RsvpChange.part).where(
            of_rsvp,
            RsvpChange.version == declined.scalar_subquery(),
            RsvpChange.part.startswith(ITEM),
        )
    )
    return frozenset(part.removeprefix(ITEM) for part in parts)


def rsvps_by_invitation(session: Session, event_id: int) -> dict[int, Rsvp]:
    """Return every recorded answer of the event by its invitation's row id, with its choices."""
    rows = (
        session.scalars(
            select(Rsvp)
            .join(Rsvp.invitation)
            .where(Invitation.event_id == event_id)
            .options(
                contains_eager(Rsvp.invitation),
                joinedload(Rsvp.choices),
                joinedload(Rsvp.companions),
            )
        )
        .unique()
        .all()
    )
    return {rsvp.invitation_id: rsvp for rsvp in rows}
