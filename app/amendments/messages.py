"""The mail about a change of the programme: what was, what is, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calendars.queries import asked_about
from app.db.types import LocalText
from app.deliveries import reasons
from app.deliveries.models import Delivery, DeliveryKind
from app.deliveries.services import ObsoleteError
from app.mail.message import MailMessage
from app.parts import Parts
from app.programme.models import Amendment, ProgrammeItem
from app.programme.overlaps import overlaps
from app.programme.showing import Showing
from app.rsvp.messages import Told, make_told, told_of
from app.rsvp.models import ChoiceAnswer


@dataclass(frozen=True)
class ChangedPart:
    """One part of the programme as a mail tells of its change."""

    title: LocalText
    venue: LocalText
    starts: datetime
    ends: datetime
    before: Showing
    """As the guest knows it."""
    notes: tuple[LocalText, ...]
    overlaps: tuple[LocalText, ...]
    """Titles of the guest's other parts that it runs into."""


def compose_programme_changed(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the word of every change the guest has not been told of, as the programme is now.

    Raises ObsoleteError where the guest takes no part any more, or all is as it was.
    """
    told = told_of(session, delivery, parts, now)
    changed = _changed_parts(session, told)
    if not changed:
        raise ObsoleteError(reasons.NOT_CONCERNED)
    differs = [part for part in changed if _now(part) != part.before]
    if not differs:
        raise ObsoleteError(reasons.AS_IT_WAS)
    return make_told(delivery, told, {"changed": differs}, parts=parts, now=now)


def _now(part: ChangedPart) -> Showing:
    return Showing(part.title, part.venue, part.starts, part.ends)


def _changed_parts(session: Session, told: Told) -> list[ChangedPart]:
    kind = DeliveryKind.PROGRAMME_CHANGED
    asked = {
        entry: made
        for entry, made in asked_about(session, told.invitation.id, kind).items()
        if made
    }
    ids = [amendment_id for made in asked.values() for amendment_id in made]
    amendments = {
        amendment.id: amendment
        for amendment in session.scalars(select(Amendment).where(Amendment.id.in_(ids)))
    }
    parts = [
        _changed_part(entry.item, [amendments[one] for one in made], told)
        for entry, made in asked.items()
        if entry.item is not None
    ]
    return [_without_what_was_said(part, parts[:place]) for place, part in enumerate(parts)]


def _without_what_was_said(part: ChangedPart, before: Sequence[ChangedPart]) -> ChangedPart:
    """Return the part without a line that stands above already: one note may explain several."""
    notes = [note for above in before for note in above.notes]
    pairs = [(title, above.title) for above in before for title in above.overlaps]
    return replace(
        part,
        notes=tuple(note for note in part.notes if note not in notes),
        overlaps=tuple(title for title in part.overlaps if (part.title, title) not in pairs),
    )


def _changed_part(item: ProgrammeItem, amendments: Sequence[Amendment], told: Told) -> ChangedPart:
    showing = Showing.of(item)
    held = {choice.item_id for choice in told.rsvp.choices if choice.answer is ChoiceAnswer.YES} - {
        item.id
    }
    return ChangedPart(
        showing.title,
        showing.venue,
        showing.starts,
        showing.ends,
        before=Showing.read(amendments[0].before),
        notes=tuple(amendment.note for amendment in amendments if amendment.note),
        overlaps=tuple(
            other.title
            for other in told.occasion.items
            if other.id in held and overlaps(item, other)
        ),
    )
