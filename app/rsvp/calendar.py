"""The parts of an answer as a calendar file (RFC 5545), for the guest to take over."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone, vCalAddress
from icalendar import Event as Entry

from app.events.models import Event
from app.language import in_language
from app.programme.models import ProgrammeItem
from app.rsvp.models import Answer, ChoiceAnswer, Rsvp

PRODUCT = "-//Couvert//Couvert//EN"
AROUND = timedelta(days=2)
"""More than any zone is away from UTC."""


@dataclass(frozen=True)
class CalendarParts:
    """What a calendar shows: the parts that are on, and those that were and are no longer."""

    on: Sequence[ProgrammeItem]
    off: Sequence[ProgrammeItem] = ()

    def __bool__(self) -> bool:
        return bool(self.on or self.off)


def calendar_parts(
    rsvp: Rsvp, items: Sequence[ProgrammeItem], *, once_yes: Collection[str] = ()
) -> CalendarParts:
    """Sort the items into on and off; `once_yes` are the slugs of those ever answered yes."""
    accepted = rsvp.answer is Answer.ACCEPTED
    yes = {choice.item_id for choice in rsvp.choices if choice.answer is ChoiceAnswer.YES}
    on = [item for item in items if accepted and item.id in yes]
    off = [item for item in items if item not in on and item.slug in once_yes]
    return CalendarParts(on, off)


def answer_calendar(
    event: Event,
    parts: CalendarParts,
    *,
    invitation_id: str,
    version: int,
    language: str,
    now: datetime,
) -> bytes:
    """Return the calendar file of one guest's answer, in the event's zone.

    An entry keeps its UID for ever (`invitation_id` is the invitation's public id). Its SEQUENCE
    goes up with each change of the item and each `version` of the answer, so that a later file
    replaces an earlier one. There is no ATTENDEE: a calendar that is PUBLISHed has none (RFC 5546
    3.2.1), for the answer is given on the guest's page and not to the calendar.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if parts:
        calendar.add_component(_time_zone(event.time_zone, [*parts.on, *parts.off]))
    for item in sorted((*parts.on, *parts.off), key=lambda item: (item.starts, item.slug)):
        entry = _entry(event, item, language)
        entry.add("uid", f"{item.public_id}.{invitation_id}@couvert")
        entry.add("sequence", item.sequence + version)
        entry.add("dtstamp", now)
        entry.add("status", "CONFIRMED" if item in parts.on else "CANCELLED")
        calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _entry(event: Event, item: ProgrammeItem, language: str) -> Entry:
    zone = ZoneInfo(event.time_zone)
    dress_code = in_language(item.dress_code or {}, language)
    entry = Entry()
    entry.add("dtstart", item.starts.astimezone(zone))
    entry.add("dtend", item.ends.astimezone(zone))
    entry.add("summary", in_language(item.title, language))
    entry.add("location", in_language(item.venue, language))
    lines = (in_language(event.name, language), dress_code)
    entry.add("description", "\n".join(line for line in lines if line))
    entry.add("organizer", _organiser(event, language), encode=False)
    return entry


def _organiser(event: Event, language: str) -> vCalAddress:
    name = in_language(event.contact_name, language)
    return vCalAddress(f"mailto:{event.contact_email}", params={"CN": name})


def _time_zone(name: str, items: Sequence[ProgrammeItem]) -> Timezone:
    """Return the zone's rules for these days alone; those of all years would be 3 kB."""
    return Timezone.from_tzid(
        name,
        first_date=(min(item.starts for item in items) - AROUND).date(),
        last_date=(max(item.ends for item in items) + AROUND).date(),
    )
