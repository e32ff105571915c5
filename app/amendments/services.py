"""Amending an item of the programme: calendars follow, guests are told, the reserve moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.amendments.queries import Effect
from app.amendments.wishes import (
    AmendedMeanwhileError,
    AmendmentRefusedError,
    ItemWish,
    obstacles_to,
)
from app.calendars.models import CalendarEntry
from app.calendars.services import renew_entries, thread_of, tie_to_change
from app.db.types import LocalText
from app.deliveries import moves, reasons
from app.deliveries.batches import batch_of
from app.deliveries.models import WAITING, Delivery, DeliveryKind
from app.deliveries.moves import Note
from app.deliveries.services import Asked, queue_deliveries, recall
from app.events.models import Event
from app.events.notes import complete_note
from app.events.queries import lock_for_places, refuse_called_off
from app.guests.models import Guest
from app.invitations.models import Invitation
from app.programme.models import Amendment, ProgrammeItem
from app.programme.showing import Showing
from app.rsvp.queries import count_of, item_counts
from app.rsvp.reserve import fill_from_reserve


@dataclass(frozen=True)
class Amended:
    """What a change of an item did."""

    told: int
    """How many guests get a mail about it."""
    moved_up: int
    batch: str | None
    """The mails that were asked for, if any."""


def amend(
    session: Session,
    item: ProgrammeItem,
    wish: ItemWish,
    *,
    by: str,
    note: Mapping[str, str] | None = None,
    seal: str | None = None,
    now: datetime,
) -> Amended:
    """Make an item what is wished; who said yes is told of another time, place or title.

    One transaction under the event's lock. `note`: a line of explanation in every language of the
    event. `seal`: of the item as it was looked at. Raises AmendmentRefusedError with everything in
    the way, AmendedMeanwhileError, NoteMissingError, CalledOffError; nothing is changed then.
    """
    event = lock_for_places(session, item.event_id)
    refuse_called_off(event)
    if seal is not None and seal != ItemWish.of(item).seal:
        raise AmendedMeanwhileError
    count = count_of(item, item_counts(session, event.id))
    if obstacles := list(obstacles_to(event, item, wish, count)):
        raise AmendmentRefusedError(obstacles)
    said, before = complete_note(event, note), Showing.of(item)
    for name, value in vars(wish).items():
        if getattr(item, name) != value:
            setattr(item, name, value)
    told = tell_change(session, event, item, before, note=said, by=by, now=now)
    recall(session, event.id)
    moved_up = fill_from_reserve(session, event, now=now)
    return Amended(told, moved_up, _change_batch(session, event) if told else None)


def refuse(event: Event, effect: Effect, note: Mapping[str, str] | None = None) -> None:
    """Raise what `amend` would raise of that effect; changes nothing."""
    refuse_called_off(event)
    complete_note(event, note)
    if obstacles := list(obstacles_to(event, effect.item, effect.wish, effect.count)):
        raise AmendmentRefusedError(obstacles)


def tell_change(
    session: Session,
    event: Event,
    item: ProgrammeItem,
    before: Showing,
    *,
    note: LocalText | None = None,
    by: str,
    now: datetime,
) -> int:
    """Bring calendars in line with an item that was changed; return how many guests are told.

    Nothing happens where calendars show the same as before. A word of an earlier change that still
    waits is replaced: the new one tells of both. Under the event's lock.
    """
    after = Showing.of(item)
    if after == before:
        return 0
    item.sequence += 1
    item.changed_at = now
    amendment = Amendment(
        event_id=event.id, item_id=item.id, at=now, by=by, before=before.keep(), after=after.keep()
    )
    amendment.note = note
    session.add(amendment)
    session.flush()
    renew_entries(session, item, now=now)
    _replace_waiting(session, event, item, by=by, now=now)
    asked, batch = _asked(session, item, amendment), _change_batch(session, event)
    kind, order = DeliveryKind.PROGRAMME_CHANGED, {"batch": batch, "by": by}
    queue_deliveries(session, kind, asked, event_id=event.id, now=now, **order)
    tie_to_change(session, item, batch, amendment=amendment)
    return len(asked)


def _change_batch(session: Session, event: Event) -> str:
    """Return the batch of the mails about the newest change of the event's programme."""
    counted = select(func.count(Amendment.id)).where(Amendment.event_id == event.id)
    return batch_of(event.id, "change", session.scalars(counted).one())


def _replace_waiting(
    session: Session, event: Event, item: ProgrammeItem, *, by: str, now: datetime
) -> None:
    concerned = select(CalendarEntry.invitation_id).where(
        CalendarEntry.item_id == item.id, CalendarEntry.is_on
    )
    waiting = (
        (Delivery.event_id == event.id)
        & (Delivery.kind == DeliveryKind.PROGRAMME_CHANGED)
        & Delivery.state.in_(WAITING)
        & Delivery.subject_id.in_(concerned)
    )
    moves.cancel(session, waiting, Note(now, by, reasons.NEWER_CHANGE))


def _asked(session: Session, item: ProgrammeItem, amendment: Amendment) -> list[Asked]:
    rows = session.execute(
        select(Invitation.id, Guest.id, Guest.email, Guest.language)
        .join(CalendarEntry, CalendarEntry.invitation_id == Invitation.id)
        .join(Guest, Guest.id == Invitation.guest_id)
        .where(
            CalendarEntry.item_id == item.id,
            CalendarEntry.is_on,
            Invitation.disowned_at.is_(None),
        )
        .order_by(Guest.position)
    )
    return [
        Asked(
            key=f"{DeliveryKind.PROGRAMME_CHANGED}:{invitation_id}:{amendment.id}",
            subject_id=invitation_id,
            guest_id=guest_id,
            recipient=email,
            language=language,
            thread=thread_of(invitation_id),
        )
        for invitation_id, guest_id, email, language in rows
    ]
