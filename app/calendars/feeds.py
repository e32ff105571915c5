"""A guest's own calendar feed: every part, as it stands now, at an address of its own."""

from sqlalchemy.orm import Session

from app.calendars.messages import entry_facts, setting_of
from app.calendars.objects import feed
from app.calendars.queries import entries_of
from app.events.models import Event
from app.language import in_language


def guest_feed(
    session: Session, event: Event, invitation_id: int, language: str, *, only_on: bool = False
) -> bytes:
    """Return the calendar of one guest; equal facts give equal bytes.

    What was taken out stands there as cancelled, unless `only_on`: a calendar that has shown it
    takes it out by that.
    """
    entries = [entry for entry in entries_of(session, invitation_id) if entry.is_on or not only_on]
    facts = sorted(
        (entry_facts(event, entry, language) for entry in entries),
        key=lambda each: (each.starts, each.uid),
    )
    newest = max((entry.changed_at for entry in entries), default=event.created_at)
    return feed(in_language(event.name, language), facts, setting_of(event, language, now=newest))
