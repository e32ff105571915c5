"""What an event file says: its entries as frozen dataclasses, texts filled in every language."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from app.db.types import LocalText

# The features that own these words come later in the import order; a test compares the lists.
KINDS = ("plenary", "specialist session", "workshop", "study visit", "reception", "dinner")
MATTERS = (
    "theme",
    "list",
    "main speaker",
    "participation",
    "study visits",
    "dinner",
    "communication",
)


@dataclass(frozen=True)
class Contact:
    name: LocalText
    email: str
    phone: str
    """Empty where the file gives none."""


@dataclass(frozen=True)
class HostEntry:
    name: LocalText
    quota: int | None


@dataclass(frozen=True)
class ProgrammeEntry:
    slug: str
    kind: str
    title: LocalText
    starts: datetime
    """Aware, in UTC; so is `ends`."""
    ends: datetime
    venue: LocalText
    places: int | None
    arrival: bool
    dress_code: LocalText
    """Empty where the file gives none."""
    transfer_minutes: int
    locks: date | None
    by_name: bool = False


@dataclass(frozen=True)
class FixedPointEntry:
    title: LocalText
    starts: datetime
    """Aware, in UTC; so is `ends`."""
    ends: datetime
    venue: LocalText


@dataclass(frozen=True)
class DecisionEntry:
    matter: str
    text: LocalText
    decided_on: date
    by: str


@dataclass(frozen=True)
class FunderEntry:
    name: LocalText
    share: Decimal
    currency: str
    """ISO 4217."""


@dataclass(frozen=True)
class DigestEntry:
    weekday: int
    """0 is Monday."""
    time: time
    """Wall-clock time in the event's zone."""
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class RemindersEntry:
    """When guests who have not answered are reminded by themselves; no days: never."""

    days_after: tuple[int, ...] = ()
    """After the invitation went out."""
    days_before: tuple[int, ...] = ()
    """Before the reply-by date."""


@dataclass(frozen=True)
class EventFile:
    """A whole event, as its file has it and free of mistakes."""

    slug: str
    name: LocalText
    theme: LocalText
    """Empty where the file gives none."""
    starts: date
    ends: date
    time_zone: str
    city: LocalText
    place_limit: int
    reply_by: date
    companions_per_guest: int
    languages: tuple[str, ...]
    """The first is the default."""
    contact: Contact
    hosts: tuple[HostEntry, ...]
    programme: tuple[ProgrammeEntry, ...]
    fixed_points: tuple[FixedPointEntry, ...]
    decisions: tuple[DecisionEntry, ...]
    funders: tuple[FunderEntry, ...]
    digest: DigestEntry
    code_first: bool = False
    erase_health_on: date | None = None
    """None where the file names no day."""
    reminders: RemindersEntry = RemindersEntry()
