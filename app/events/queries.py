"""Questions about events."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.events.models import Event


class UnknownEventError(Exception):
    """No event has that slug."""

    def __init__(self, slug: str, known: Sequence[str] = ()) -> None:
        self.slug = slug
        hint = (
            f" Known: {', '.join(known)}." if known else " Load one: couvert events load FILE.toml."
        )
        super().__init__(f'There is no event "{slug}".{hint}')


class CalledOffError(Exception):
    """The event was called off: nothing is asked, answered or changed any more."""

    def __init__(self, event: Event) -> None:
        self.event = event
        day = today_at(event, event.called_off_at) if event.called_off_at else ""
        super().__init__(f'"{event.slug}" was called off on {day}; nothing was changed.')


def refuse_called_off(event: Event) -> None:
    """Raise CalledOffError where it was."""
    if event.called_off_at is not None:
        raise CalledOffError(event)


def find_event(session: Session, slug: str) -> Event | None:
    return session.scalars(select(Event).where(Event.slug == slug)).one_or_none()


def find_reply_by(session: Session, slug: str) -> date | None:
    """Return the reply-by date in force for the event of that slug, if there is one."""
    return session.scalars(select(Event.reply_by).where(Event.slug == slug)).one_or_none()


def get_event(session: Session, slug: str) -> Event:
    """Return the event; raise UnknownEventError, naming those there are."""
    event = find_event(session, slug)
    if event is None:
        raise UnknownEventError(
            slug, session.scalars(select(Event.slug).order_by(Event.slug)).all()
        )
    return event


def list_events(session: Session) -> Sequence[Event]:
    """Return every event, the latest first."""
    return session.scalars(select(Event).order_by(Event.starts.desc(), Event.slug)).all()


def lock_for_places(session: Session, event_id: int) -> Event:
    """Return the event, its row locked until commit: scarce things are decided under this lock.

    On SQLite the write transaction is the lock (BEGIN IMMEDIATE). What the session read before is
    read again when it is next asked for: while it waited, others may have changed it.
    """
    session.flush()
    session.expire_all()
    locked = select(Event).where(Event.id == event_id).with_for_update()
    return session.scalars(locked.execution_options(populate_existing=True)).one()


def end_of_day(day: date, zone: str) -> datetime:
    """Return the moment a day ends in that zone (the midnight after it), aware."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZoneInfo(zone))


def today_at(event: Event, now: datetime) -> date:
    """Return the date it is at the event's place."""
    return now.astimezone(ZoneInfo(event.time_zone)).date()
