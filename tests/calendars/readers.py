"""Two calendars that read a file as their users' programs do: icalendar and ical.js."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from icalendar import Calendar, Event, vCalAddress
from playwright.sync_api import Page

ICAL_JS = Path(__file__).parents[1] / "vendor" / "ical.js" / "ical.es5.min.cjs"


@dataclass(frozen=True)
class Person:
    address: str
    """As it stands, `mailto:` and all."""
    name: str


@dataclass(frozen=True)
class Attendee:
    address: str
    name: str
    partstat: str
    rsvp: bool


@dataclass(frozen=True)
class Entry:
    """One VEVENT. Texts without their escapes; what is missing is empty."""

    uid: str
    sequence: int
    status: str
    starts: datetime
    """In UTC, as `ends` and `stamped`."""
    ends: datetime
    stamped: datetime
    summary: str
    location: str
    description: str
    organizer: Person | None
    attendees: tuple[Attendee, ...]


@dataclass(frozen=True)
class Reading:
    method: str
    entries: tuple[Entry, ...]


def read_with_icalendar(ics: bytes) -> Reading:
    """Read as Python does: a zone that is known by its name has the rules of zoneinfo."""
    calendar = Calendar.from_ical(ics)
    return Reading(str(calendar.get("METHOD", "")), tuple(map(_entry, calendar.events)))


def read_with_ical_js(page: Page, ics: bytes) -> Reading:
    """Read as a browser does: a zone has the rules that stand in the file, and no others.

    `page` may be any in which scripts run.
    """
    if not page.evaluate("typeof ICAL !== 'undefined'"):
        page.add_script_tag(path=ICAL_JS)
    read = page.evaluate(READ, ics.decode("utf-8"))
    return Reading(read["method"], tuple(_entry_of_script(entry) for entry in read["entries"]))


def _entry(event: Event) -> Entry:
    organizer = event.get("ORGANIZER")
    attendees = event.get("ATTENDEE", [])
    return Entry(
        uid=_text(event, "UID"),
        sequence=int(event.get("SEQUENCE", 0)),
        status=_text(event, "STATUS"),
        starts=_moment(event, "DTSTART"),
        ends=_moment(event, "DTEND"),
        stamped=_moment(event, "DTSTAMP"),
        summary=_text(event, "SUMMARY"),
        location=_text(event, "LOCATION"),
        description=_text(event, "DESCRIPTION"),
        organizer=Person(str(organizer), organizer.params.get("CN", "")) if organizer else None,
        attendees=tuple(map(_attendee, attendees if isinstance(attendees, list) else [attendees])),
    )


def _text(event: Event, name: str) -> str:
    return str(event.get(name, ""))


def _moment(event: Event, name: str) -> datetime:
    moment: datetime = event[name].dt
    if moment.utcoffset() is None:
        raise ValueError(f"{name} has no zone")
    return moment.astimezone(UTC)


def _attendee(address: vCalAddress) -> Attendee:
    said = {name: str(address.params.get(name, "")) for name in ("CN", "PARTSTAT", "RSVP")}
    return Attendee(str(address), said["CN"], said["PARTSTAT"], said["RSVP"].upper() == "TRUE")


def _entry_of_script(entry: dict[str, Any]) -> Entry:
    moments = {name: datetime.fromtimestamp(entry[name], UTC) for name in MOMENTS}
    organizer = Person(**entry["organizer"]) if entry["organizer"] else None
    attendees = tuple(Attendee(**attendee) for attendee in entry["attendees"])
    return Entry(**{**entry, **moments, "organizer": organizer, "attendees": attendees})


MOMENTS = ("starts", "ends", "stamped")
READ = """
text => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of calendar.getAllSubcomponents("vtimezone"))
    ICAL.TimezoneService.register(new ICAL.Timezone(zone));
  const entry = event => {
    const value = name => event.getFirstPropertyValue(name);
    const moment = name => {
      const time = value(name);
      if (time.isDate || time.zone === ICAL.Timezone.localTimezone)
        throw new Error(`${name} has no zone`);
      return time.toUnixTime();
    };
    const person = property => ({
      address: property.getFirstValue(), name: property.getParameter("cn") || ""
    });
    const attendee = property => ({
      ...person(property),
      partstat: property.getParameter("partstat") || "",
      rsvp: (property.getParameter("rsvp") || "").toUpperCase() === "TRUE",
    });
    const organizer = event.getFirstProperty("organizer");
    return {
      uid: value("uid") || "",
      sequence: value("sequence") || 0,
      status: value("status") || "",
      starts: moment("dtstart"),
      ends: moment("dtend"),
      stamped: moment("dtstamp"),
      summary: value("summary") || "",
      location: value("location") || "",
      description: value("description") || "",
      organizer: organizer ? person(organizer) : null,
      attendees: event.getAllProperties("attendee").map(attendee),
    };
  };
  return {
    method: calendar.getFirstPropertyValue("method") || "",
    entries: calendar.getAllSubcomponents("vevent").map(entry),
  };
}
"""
