"""What a guest's page shows: the answer as recorded, and the form to give or change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy.orm import Session

from app.events.models import Event
from app.events.queries import today_at
from app.guests.models import Guest
from app.invitations.models import Invitation, InvitationState
from app.language import in_zone
from app.programme.days import Day
from app.programme.models import FixedPoint, ProgrammeItem
from app.programme.overlaps import overlapping_pairs
from app.programme.queries import closed_item_ids, find_dinner
from app.rsvp.changes import is_half_way
from app.rsvp.choices import Refusal, RefusalReason
from app.rsvp.edition import Edition, numbers_in_line, read_edition
from app.rsvp.models import Answer, ChoiceAnswer, Diet, Rsvp
from app.rsvp.queries import ItemCount, chosen_before_decline, count_of, find_rsvp, item_counts
from app.rsvp.services import InvitationClosedError


@dataclass(frozen=True)
class Part:
    """A programme item, and what is recorded of it for one guest."""

    item: ProgrammeItem
    answer: ChoiceAnswer
    locked: bool
    number: int | None
    """Where the guest stands in line for it."""
    moved_up: bool
    """Whether the place came from the reserve."""
    meanwhile: tuple[FixedPoint, ...]
    """What else runs at that time: worth a note, no reason to refuse."""
    nearby: tuple[FixedPoint, ...]
    """What the way there or back reaches into: the same."""

    @property
    def can_give_back(self) -> bool:
        return self.moved_up and not self.locked

    @property
    def chosen(self) -> bool:
        return self.answer is not ChoiceAnswer.NO


@dataclass(frozen=True)
class Recorded:
    """An invitation and the answer recorded for it, if there is one."""

    invitation: Invitation
    rsvp: Rsvp | None
    edition: Edition
    parts: tuple[Part, ...]
    """Every programme item that is open to the guest, in the order of time."""
    once_chosen: frozenset[str]
    """Slugs of what a decline took back, where the guest has accepted again: to be ticked anew."""
    event_locked: bool
    """The reply-by date is over: accepting and declining now go by way of the organiser."""

    @property
    def event(self) -> Event:
        return self.invitation.event

    @property
    def guest(self) -> Guest:
        return self.invitation.guest

    @property
    def health_erased(self) -> date | None:
        """The day, at the event's place, on which diets and access needs were erased."""
        at = self.event.health_erased_at
        return today_at(self.event, at) if at else None

    @property
    def is_answered(self) -> bool:
        return self.rsvp is not None and self.invitation.state is InvitationState.ANSWERED

    @property
    def accepted(self) -> bool:
        return self.rsvp is not None and self.rsvp.answer is Answer.ACCEPTED

    @property
    def half_way(self) -> bool:
        """Whether the guest has accepted, and the parts are still to be answered."""
        return self.rsvp is not None and self.is_answered and is_half_way(self.rsvp)

    @property
    def holds_nothing_private(self) -> bool:
        """Whether no diet, access needs or message is recorded: then there is nothing to hide."""
        rsvp = self.rsvp
        if rsvp is None:
            return True
        diets = [rsvp.diet, *(companion.diet for companion in rsvp.companions)]
        words = [rsvp.diet_words, *(companion.diet_words for companion in rsvp.companions)]
        return not any((*words, rsvp.access_needs, rsvp.message)) and set(diets) == {Diet.NONE}

    @property
    def version(self) -> int:
        return self.rsvp.version if self.rsvp else 0

    @property
    def programme_as_of(self) -> datetime | None:
        """When the newest change of a shown item had been made."""
        return max((part.item.changed_at for part in self.parts), default=None)

    @property
    def can_change(self) -> bool:
        if not self.event_locked:
            return True
        return self.accepted and any(not part.locked for part in self.parts)

    @property
    def attends_something(self) -> bool:
        return any(part.answer is ChoiceAnswer.YES for part in self.parts)

    @property
    def days(self) -> list[tuple[date, list[Part]]]:
        """The parts chosen, by day."""
        zone = self.event.time_zone
        chosen = [part for part in self.parts if part.chosen]
        of_days = groupby(chosen, key=lambda part: in_zone(part.item.starts, zone).date())
        return [(day, list(parts)) for day, parts in of_days]

    @property
    def not_chosen(self) -> list[ProgrammeItem]:
        return [part.item for part in self.parts if not part.chosen]


@dataclass(frozen=True)
class ItemOnPage:
    """A programme item as it stands in the form."""

    part: Part
    count: ItemCount

    @property
    def item(self) -> ProgrammeItem:
        return self.part.item

    @property
    def left(self) -> int | None:
        """How many places are left; no value where there is no limit."""
        places = self.item.places
        return None if places is None else max(places - self.count.taken, 0)

    @property
    def next_number(self) -> int:
        """The number on the reserve that ticking it would give."""
        return self.count.reserve + 1

    @property
    def gives_reserve(self) -> bool:
        """Whether ticking it means the reserve: no place is left, or others wait for one."""
        return not self.part.chosen and (self.left == 0 or self.count.reserve > 0)


@dataclass(frozen=True)
class DayOnPage:
    date: date
    groups: tuple[tuple[ItemOnPage, ...], ...]
    """In the order of time; the items of one group run at exactly the same time."""
    fixed_points: tuple[FixedPoint, ...]


@dataclass(frozen=True)
class FormPage:
    """The invitation with the form of the answer."""

    recorded: Recorded
    days: tuple[DayOnPage, ...]
    dinner: ItemOnPage | None

    @property
    def shown(self) -> list[ItemOnPage]:
        return [item for day in self.days for group in day.groups for item in group]

    def clashes(self, ticked: frozenset[str]) -> list[Refusal]:
        """Return what overlaps among the items ticked, unless both stood so before."""
        parts = {part.item.id: part for part in self.recorded.parts}
        items = [part.item for part in self.recorded.parts if part.item.slug in ticked]
        return [
            Refusal(RefusalReason.OVERLAP, "items", one, other)
            for one, other in overlapping_pairs(items)
            if not (parts[one.id].chosen and parts[other.id].chosen)
        ]


def refuse_closed(invitation: Invitation, *, now: datetime) -> None:
    """Raise InvitationClosedError when the place was released, or is due to be."""
    over = today_at(invitation.event, now) > invitation.reply_by
    if invitation.state is InvitationState.EXPIRED or (
        invitation.state is InvitationState.OPEN and over
    ):
        raise InvitationClosedError


def recorded_of(session: Session, invitation: Invitation, *, now: datetime) -> Recorded:
    """Return what is recorded; raise InvitationClosedError."""
    refuse_closed(invitation, now=now)
    edition = read_edition(session, invitation.event)
    rsvp = find_rsvp(session, invitation.id) if invitation.answered_at else None
    today = today_at(invitation.event, now)
    closed = closed_item_ids(session, edition.items, invitation.guest_id)
    return Recorded(
        invitation=invitation,
        rsvp=rsvp,
        edition=edition,
        parts=tuple(
            part
            for part in _parts(session, edition, rsvp, today=today)
            # Who was named once and has said yes still sees it, until the organiser speaks.
            if part.item.id not in closed or part.chosen
        ),
        once_chosen=_once_chosen(session, rsvp),
        event_locked=today > invitation.reply_by,
    )


def _once_chosen(session: Session, rsvp: Rsvp | None) -> frozenset[str]:
    if rsvp is None or not is_half_way(rsvp) or rsvp.version == 1:
        return frozenset()
    return chosen_before_decline(session, rsvp.id)


def _parts(session: Session, edition: Edition, rsvp: Rsvp | None, *, today: date) -> list[Part]:
    numbers = numbers_in_line(session, rsvp) if rsvp else {}
    choices = {choice.item_id: choice for choice in rsvp.choices} if rsvp else {}
    return [
        Part(
            item=item,
            answer=choices[item.id].answer if item.id in choices else ChoiceAnswer.NO,
            locked=item.locks < today,
            number=numbers.get(item.id),
            moved_up=item.id in choices and choices[item.id].moved_up_at is not None,
            meanwhile=edition.meanwhile[item.id],
            nearby=edition.nearby[item.id],
        )
        for item in edition.items
    ]


def form_page(session: Session, recorded: Recorded) -> FormPage:
    """Return the form for what is recorded: the programme by day, with places and clashes."""
    counts = item_counts(session, recorded.event.id)
    shown = {part.item.id: ItemOnPage(part, count_of(part.item, counts)) for part in recorded.parts}
    days = (_day(day, shown) for day in recorded.edition.days)
    dinner = find_dinner(recorded.edition.items)
    return FormPage(
        recorded,
        tuple(day for day in days if day.groups),
        shown.get(dinner.id) if dinner else None,
    )


def _day(day: Day, shown: Mapping[int, ItemOnPage]) -> DayOnPage:
    groups = (tuple(shown[item.id] for item in group if item.id in shown) for group in day.groups)
    return DayOnPage(day.date, tuple(group for group in groups if group), day.fixed_points)
