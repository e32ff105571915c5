"""Loading an event file into the database: a new event, or an old one brought in line with it."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.deliveries.services import recall
from app.event_files.differences import Teller, count
from app.event_files.entries import EventFile
from app.event_files.facts import event_facts
from app.event_files.refusals import refuse_conflicts
from app.event_files.takeover import (
    take_decisions,
    take_event,
    take_fixed_points,
    take_funders,
    take_hosts,
    take_programme,
    take_reply_by,
)
from app.event_files.warnings import find_warnings
from app.events.models import Event
from app.events.queries import find_event, lock_for_places, refuse_called_off
from app.rsvp.reserve import fill_from_reserve


@dataclass(frozen=True)
class LoadedEvent:
    """What loading a file did."""

    event: Event
    created: bool
    changes: list[str] = field(default_factory=list)
    """What is different now, one line each; nothing where the event stood so before."""
    warnings: list[str] = field(default_factory=list)
    """What went in, but is at odds with what guests were told or have answered."""


def load_event(session: Session, file: EventFile, *, now: datetime) -> LoadedEvent:
    """Create the file's event, or bring the event of its slug in line with it.

    Runs under the event's lock. No answer is overwritten; where an item has more places than
    before, its reserve moves up. Raises EventFileRefusedError with everything in the way, before
    anything is changed.
    """
    event = find_event(session, file.slug)
    if event is None:
        event = _create(session, file, now=now)
        return LoadedEvent(event, created=True, changes=_take_all(session, event, file, now=now))
    event = lock_for_places(session, event.id)
    refuse_called_off(event)
    refuse_conflicts(session, event, file)
    moved = take_reply_by(session, event, file)
    changes = _take_all(session, event, file, now=now)
    recall(session, event.id)
    warnings = [_moved_reply_by(moved, event)] if moved else []
    return LoadedEvent(
        event, created=False, changes=changes, warnings=warnings + find_warnings(session, event)
    )


def _create(session: Session, file: EventFile, *, now: datetime) -> Event:
    event = Event(slug=file.slug, created_at=now, **event_facts(file))
    session.add(event)
    session.flush()
    return event


def _take_all(session: Session, event: Event, file: EventFile, *, now: datetime) -> list[str]:
    teller = Teller(ZoneInfo(file.time_zone))
    changes = [
        *take_event(event, file, teller),
        *take_hosts(session, event, file, teller),
        *take_programme(session, event, file, teller, now=now),
        *take_fixed_points(session, event, file),
        *take_decisions(session, event, file, teller, now=now),
        *take_funders(session, event, file),
    ]
    session.flush()
    moved_up = fill_from_reserve(session, event, now=now)
    if moved_up:
        changes.append(f"{count(moved_up, 'guest')} moved up from a reserve; a mail says so")
    session.flush()
    return changes


def _moved_reply_by(moved: int, event: Event) -> str:
    have = "has" if moved == 1 else "have"
    return (
        f"{count(moved, 'open invitation')} {have} the new reply-by date too:"
        f" {event.reply_by.isoformat()}."
    )
