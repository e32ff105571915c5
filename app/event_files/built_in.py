"""The built-in sample: an event that always lies ahead, its list approved, somebody to sign in."""

import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from app.decisions.services import approve_guest_list
from app.event_files.reading import read_event_file
from app.event_files.services import LoadedEvent, load_event
from app.events.models import Event
from app.events.queries import find_event
from app.guests.importer import read_guest_file
from app.guests.services import import_guests
from app.organisers.models import Role
from app.organisers.services import add_organiser

SAMPLE_EVENT = Path(__file__).parent / "sample" / "event.toml"
SAMPLE_GUESTS = Path(__file__).parent / "sample" / "guests.csv"

TIME_TO_REPLY = timedelta(weeks=2)

SAMPLE_ORGANISER = "organiser@stockholm.example"
SAMPLE_APPROVER = "Steering group"


def sample_starts(today: date) -> date:
    """Return the first day of the sample: the coming 9 December with two weeks left to reply."""
    event = tomllib.loads(SAMPLE_EVENT.read_text(encoding="utf-8"))["event"]
    reply_by: timedelta = event["starts"] - event["reply_by"]
    coming: date = event["starts"].replace(year=today.year)
    if coming - reply_by < today + TIME_TO_REPLY:
        return coming.replace(year=today.year + 1)
    return coming


def load_sample(session: Session, *, now: datetime) -> LoadedEvent:
    """Load the sample, moved to the coming Nobel week, with its guests approved and an organiser.

    Where it is there already, nothing is changed: it may have been answered since.
    """
    today = now.date()
    file = read_event_file(SAMPLE_EVENT, today=today, starts=sample_starts(today))
    there = find_event(session, file.slug)
    if there is not None:
        return LoadedEvent(there, created=False)
    loaded = load_event(session, file, now=now)
    _import_guests(session, loaded.event, now=now)
    approve_guest_list(session, loaded.event, by=SAMPLE_APPROVER, now=now)
    add_organiser(
        session,
        SAMPLE_ORGANISER,
        Role.ORGANISER,
        loaded.event,
        language=loaded.event.default_language,
        now=now,
    )
    return loaded


def _import_guests(session: Session, event: Event, *, now: datetime) -> None:
    hosts = [name for host in event.hosts for name in host.name.values()]
    file = read_guest_file(SAMPLE_GUESTS, languages=event.languages, hosts=hosts)
    import_guests(session, event, file.rows, now=now)
