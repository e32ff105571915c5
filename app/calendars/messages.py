"""The calendar objects that go with a mail, one for each entry it has news of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.calendars.models import CalendarEntry
from app.calendars.objects import EntryFacts, Party, Setting, for_one
from app.calendars.queries import untold
from app.db.types import LocalText
from app.events.models import Event
from app.guests.models import Guest
from app.language import in_language
from app.mail.message import CalendarFile
from app.programme.showing import Showing


@dataclass(frozen=True)
class CalendarNews:
    """What a mail tells its guest's calendar, and the files that do."""

    told: tuple[CalendarEntry, ...]
    files: tuple[CalendarFile, ...]

    @property
    def on(self) -> int:
        """How many parts are put in, or moved."""
        return sum(entry.is_on for entry in self.told)

    @property
    def off(self) -> int:
        """How many are taken out."""
        return len(self.told) - self.on


def calendar_news(
    session: Session,
    event: Event,
    guest: Guest,
    *,
    invitation_id: int,
    attends: bool,
    language: str,
    sender: Address,
    now: datetime,
) -> CalendarNews:
    """Return what no mail has told the guest's calendar yet.

    `attends`: what the guest has said of the parts that are taken out; no, or yes where it is we
    who take them out. `sender` is whom the mail comes from, on behalf of the event's contact.
    """
    found = untold(session, invitation_id)
    setting = setting_of(event, language, sender=f"{sender.username}@{sender.domain}", now=now)
    attendee = Party(guest.name, guest.email)
    files = []
    for entry in found:
        facts = entry_facts(event, entry, language)
        method, content = for_one(facts, setting, attendee, attends=entry.is_on or attends)
        name = _file_name(event, entry)
        files.append(CalendarFile(content, method, name, entry.id, entry.sequence))
    return CalendarNews(tuple(found), tuple(files))


def setting_of(event: Event, language: str, *, sender: str = "", now: datetime) -> Setting:
    """Return what all entries of an event have in common."""
    organiser = Party(in_language(event.contact_name, language), event.contact_email)
    return Setting(event.time_zone, organiser, sender, now)


def entry_facts(event: Event, entry: CalendarEntry, language: str) -> EntryFacts:
    """Return what the VEVENT of an entry says in that language."""
    showing = Showing.of(entry.item) if entry.item else Showing.read(entry.facts or {})
    dress_code: LocalText = (entry.item and entry.item.dress_code) or {}
    lines = (
        in_language(event.name, language),
        in_language(dress_code, language),
        f"{in_language(event.contact_name, language)}, {event.contact_phone}".rstrip(", "),
    )
    return EntryFacts(
        uid=entry.uid,
        sequence=entry.sequence,
        is_on=entry.is_on,
        starts=showing.starts,
        ends=showing.ends,
        summary=in_language(showing.title, language),
        location=in_language(showing.venue, language),
        description="\n".join(line for line in lines if line),
        changed_at=entry.changed_at,
    )


def _file_name(event: Event, entry: CalendarEntry) -> str:
    """Return a name that tells the file from the mail's others."""
    showing = Showing.of(entry.item) if entry.item else Showing.read(entry.facts or {})
    day = showing.starts.astimezone(ZoneInfo(event.time_zone))
    part = entry.item.slug if entry.item else f"{day:%m-%d-%H%M}"
    return f"{event.slug}-{part}.ics"


def feed_facts(event: Event, entries: Sequence[CalendarEntry], language: str) -> list[EntryFacts]:
    """Return what a feed shows of a guest's entries, in the order of time."""
    facts = [entry_facts(event, entry, language) for entry in entries]
    return sorted(facts, key=lambda each: (each.starts, each.uid))
