"""The programme as it stands for one guest: each item, and the guest's number in line for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.invitations.models import Invitation
from app.programme.models import ProgrammeItem
from app.rsvp.models import Choice, ChoiceAnswer, Rsvp


@dataclass(frozen=True)
class Standing:
    items: Sequence[ProgrammeItem]
    """In the order of time."""
    numbers: dict[int, int]
    """By item id, the number in line (from 1) where the guest stands on the reserve."""


def standing_of(session: Session, event_id: int, rsvp: Rsvp | None) -> Standing:
    """Return the event's items and the guest's numbers, in one statement."""
    rsvp_id = rsvp.id if rsvp else None
    number = func.row_number().over(
        partition_by=Choice.item_id, order_by=(Choice.reserve_since, Choice.id)
    )
    line = (
        select(Choice.item_id, Choice.rsvp_id, number.label("number"))
        .join(Rsvp, Choice.rsvp_id == Rsvp.id)
        .join(Invitation, Rsvp.invitation_id == Invitation.id)
        .where(
            Invitation.event_id == event_id,
            Invitation.holds_place,
            Choice.answer == ChoiceAnswer.RESERVE,
        )
        .subquery()
    )
    rows = session.execute(
        select(ProgrammeItem, line.c.number)
        .outerjoin(line, and_(line.c.item_id == ProgrammeItem.id, line.c.rsvp_id == rsvp_id))
        .where(ProgrammeItem.event_id == event_id)
        .order_by(ProgrammeItem.starts, ProgrammeItem.ends, ProgrammeItem.slug)
    ).all()
    return Standing(
        items=[item for item, _ in rows],
        numbers={item.id: place for item, place in rows if place is not None},
    )
