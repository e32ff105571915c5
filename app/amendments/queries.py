"""Whom a change of the programme hits, and how: told before it is saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from app.amendments.wishes import ItemWish
from app.events.models import Event
from app.guests.models import Guest
from app.invitations.models import Invitation
from app.programme.models import FixedPoint, ProgrammeItem
from app.programme.overlaps import at_the_same_time, overlaps
from app.programme.queries import list_fixed_points, list_items
from app.rsvp.models import Choice, ChoiceAnswer, Rsvp
from app.rsvp.queries import ItemCount, count_of, item_counts
from app.rsvp.reserve import who_would_move_up


@dataclass(frozen=True)
class Clash:
    """A guest who would hold two items that cannot both be attended."""

    guest: Guest
    other: ProgrammeItem


@dataclass(frozen=True)
class Effect:
    """What a change of one item would do."""

    item: ProgrammeItem
    wish: ItemWish
    told: tuple[Guest, ...]
    """Who said yes: each gets a mail, and the calendar follows. Nobody where no calendar cares."""
    unreached: tuple[Guest, ...]
    """Who said yes, and whose link is in the wrong hands: no mail before that is settled."""
    clashes: tuple[Clash, ...]
    """Only those that the change brings about."""
    fixed_points: tuple[FixedPoint, ...]
    """What it would run into in the outside calendar, and does not now."""
    count: ItemCount
    moving_up: tuple[Guest, ...]
    """Who would get a place from the reserve."""

    @property
    def shows_otherwise(self) -> bool:
        """Whether calendars show it otherwise afterwards."""
        return self.wish.showing != ItemWish.of(self.item).showing

    @property
    def changes_anything(self) -> bool:
        return self.wish != ItemWish.of(self.item)


def effect_of(
    session: Session, event: Event, item: ProgrammeItem, wish: ItemWish, *, now: datetime
) -> Effect:
    """Return what `amend` would do; changes nothing."""
    holders = holders_of(session, item)
    shows_otherwise = wish.showing != ItemWish.of(item).showing
    reached = [each.guest for each in holders if each.disowned_at is None]
    points = list_fixed_points(session, event.id)
    before = at_the_same_time(item, points)
    return Effect(
        item=item,
        wish=wish,
        told=tuple(reached) if shows_otherwise else (),
        unreached=tuple(each.guest for each in holders if each.disowned_at is not None),
        clashes=tuple(_clashes(session, event, item, wish)),
        fixed_points=tuple(
            point for point in at_the_same_time(wish, points) if point not in before
        ),
        count=count_of(item, item_counts(session, event.id)),
        moving_up=tuple(
            rsvp.invitation.guest
            for _, rsvp in who_would_move_up(session, event, item, wish, now=now)
        ),
    )


def holders_of(session: Session, item: ProgrammeItem) -> Sequence[Invitation]:
    """Return the invitations of guests who said yes to the item, in the list's order."""
    return session.scalars(
        select(Invitation)
        .join(Invitation.guest)
        .join(Rsvp, Rsvp.invitation_id == Invitation.id)
        .join(Choice, Choice.rsvp_id == Rsvp.id)
        .options(contains_eager(Invitation.guest))
        .where(Choice.item_id == item.id, Choice.answer == ChoiceAnswer.YES, Invitation.holds_place)
        .order_by(Guest.position)
    ).all()


def _clashes(
    session: Session, event: Event, item: ProgrammeItem, wish: ItemWish
) -> Sequence[Clash]:
    others = [
        other
        for other in list_items(session, event.id)
        if other is not item and overlaps(wish, other) and not overlaps(item, other)
    ]
    holders = {other.id: holders_of(session, other) for other in others}
    here = {invitation.id for invitation in holders_of(session, item)}
    return [
        Clash(invitation.guest, other)
        for other in others
        for invitation in holders[other.id]
        if invitation.id in here
    ]
