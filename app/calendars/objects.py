"""Calendar objects (RFC 5545): a request or a cancellation of one entry, and a whole feed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, vCalAddress
from icalendar import Event as Entry

from app.calendars.zones import time_zone

PRODUCT = "-//Couvert//Couvert//EN"
REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"
FRESH = timedelta(hours=1)
"""How often a subscribed calendar is asked to look at its feed again (RFC 7986 5.7)."""


@dataclass(frozen=True)
class Party:
    """Somebody in a calendar object: a name, and the address that identifies them."""

    name: str
    email: str


@dataclass(frozen=True)
class EntryFacts:
    """What one VEVENT says, in one language. The moments are aware."""

    uid: str
    sequence: int
    is_on: bool
    starts: datetime
    ends: datetime
    summary: str
    location: str
    description: str
    changed_at: datetime


@dataclass(frozen=True)
class Setting:
    """What the entries of one calendar have in common."""

    zone: str
    """IANA name: times are written as wall-clock time there."""
    organiser: Party
    sent_by: str
    """The address the mail comes from, where it is another one (RFC 5545 3.2.18); or empty."""
    now: datetime


def for_one(
    facts: EntryFacts, setting: Setting, attendee: Party, *, attends: bool
) -> tuple[str, bytes]:
    """Return method and content of the object that brings one calendar in line with one entry.

    An iTIP object is about one UID (RFC 5546 3.2.2), so each part of a programme has its own. The
    attendee's state is the answer the guest gave us: nobody has to answer to a calendar.
    """
    method = REQUEST if facts.is_on else CANCEL
    entry = _entry(facts, setting)
    state = "ACCEPTED" if attends else "DECLINED"
    parameters = {
        "CN": _plain(attendee.name),
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": state,
        "RSVP": "FALSE",
    }
    entry.add("attendee", vCalAddress(f"mailto:{attendee.email}", params=parameters), encode=False)
    return method, _calendar(method, [facts], [entry], setting)


def feed(name: str, entries: Sequence[EntryFacts], setting: Setting) -> bytes:
    """Return what a subscribed calendar shows: what is on, and what was taken out as cancelled.

    There is no attendee: a calendar that is PUBLISHed has none (RFC 5546 3.2.1).
    """
    return _calendar(PUBLISH, entries, [_entry(facts, setting) for facts in entries], setting, name)


def _calendar(
    method: str,
    facts: Sequence[EntryFacts],
    entries: Sequence[Entry],
    setting: Setting,
    name: str = "",
) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("name", name)  # RFC 7986 5.1; the older name of it for Outlook and Google
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", FRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
    if facts:
        first, last = min(each.starts for each in facts), max(each.ends for each in facts)
        calendar.add_component(time_zone(setting.zone, first, last))
    for entry in entries:
        calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _entry(facts: EntryFacts, setting: Setting) -> Entry:
    zone = ZoneInfo(setting.zone)
    entry = Entry()
    entry.add("uid", facts.uid)
    entry.add("sequence", facts.sequence)
    entry.add("dtstamp", setting.now)
    entry.add("last-modified", facts.changed_at)
    entry.add("dtstart", facts.starts.astimezone(zone))
    entry.add("dtend", facts.ends.astimezone(zone))
    entry.add("status", "CONFIRMED" if facts.is_on else "CANCELLED")
    entry.add("transp", "OPAQUE" if facts.is_on else "TRANSPARENT")
    entry.add("summary", facts.summary)
    entry.add("location", facts.location)
    entry.add("description", facts.description)
    entry.add("organizer", _organiser(setting), encode=False)
    return entry


def _organiser(setting: Setting) -> vCalAddress:
    parameters = {"CN": _plain(setting.organiser.name)}
    if setting.sent_by and setting.sent_by != setting.organiser.email:
        parameters["SENT-BY"] = f"mailto:{setting.sent_by}"
    return vCalAddress(f"mailto:{setting.organiser.email}", params=parameters)


def _plain(name: str) -> str:
    """Return a name as a parameter may hold it: many a calendar cannot read RFC 6868's ^'."""
    return " ".join(name.replace('"', "'").split())
