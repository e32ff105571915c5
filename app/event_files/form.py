"""The form of an event file: which keys each table has, and how each is read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from app.db.types import LocalText
from app.event_files import values
from app.event_files.entries import (
    KINDS,
    MATTERS,
    Contact,
    DecisionEntry,
    DigestEntry,
    FixedPointEntry,
    FunderEntry,
    HostEntry,
    ProgrammeEntry,
    RemindersEntry,
)
from app.event_files.table import Table, read_texts
from app.event_files.times import Calendar, days_to_move
from app.language import LANGUAGES

T = TypeVar("T")

NAME_LIMIT = 200
THEME_LIMIT = 300
DECISION_LIMIT = 2000
PHONE_LIMIT = 40
MOST_PLACES = 100_000
MOST_COMPANIONS = 10
MINUTES_OF_A_DAY = 24 * 60

NO_DAY = date(1970, 1, 1)
NO_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Read(Generic[T]):
    """An entry and the table it was read from, which knows what in it is good."""

    table: Table
    entry: T


@dataclass(frozen=True)
class Form:
    """Reads the tables of one file, in its languages and its time zone."""

    languages: Sequence[str]
    """Empty where the file's own list of them is bad."""
    calendar: Calendar

    def text(self, table: Table, key: str, limit: int = NAME_LIMIT) -> LocalText:
        table.require(key)
        return self.optional_text(table, key, limit) or dict.fromkeys(self.languages, "")

    def optional_text(self, table: Table, key: str, limit: int = NAME_LIMIT) -> LocalText:
        if table.get(key) is None:
            return {}
        return read_texts(table, key, values.text(limit), languages=self.languages)

    def contact(self, table: Table | None) -> Contact:
        if table is None:
            return Contact(name={}, email="", phone="")
        contact = Contact(
            name=self.text(table, "name"),
            email=table.need("email", values.email, ""),
            phone=table.take("phone", values.text(PHONE_LIMIT), ""),
        )
        table.finish()
        return contact

    def host(self, table: Table) -> HostEntry:
        return HostEntry(
            name=self.text(table, "name"),
            quota=table.take("quota", values.whole_number(0, MOST_PLACES), None),
        )

    def programme_item(self, table: Table) -> ProgrammeEntry:
        return ProgrammeEntry(
            slug=table.need("slug", values.slug, ""),
            kind=table.need("kind", values.one_of(KINDS, "kind"), ""),
            title=self.text(table, "title"),
            starts=table.need("starts", self.calendar.moment, NO_MOMENT),
            ends=table.need("ends", self.calendar.moment, NO_MOMENT),
            venue=self.text(table, "venue"),
            places=table.take("places", values.whole_number(1, MOST_PLACES), None),
            arrival=table.take("arrival", values.flag, default=False),
            dress_code=self.optional_text(table, "dress_code"),
            transfer_minutes=table.take(
                "transfer_minutes", values.whole_number(0, MINUTES_OF_A_DAY), 0
            ),
            locks=table.take("locks", self.calendar.day, None),
            by_name=table.take("by_name", values.flag, default=False),
        )

    def fixed_point(self, table: Table) -> FixedPointEntry:
        return FixedPointEntry(
            title=self.text(table, "title"),
            starts=table.need("starts", self.calendar.moment, NO_MOMENT),
            ends=table.need("ends", self.calendar.moment, NO_MOMENT),
            venue=self.text(table, "venue"),
        )

    def decision(self, table: Table) -> DecisionEntry:
        return DecisionEntry(
            matter=table.need("matter", values.one_of(MATTERS, "matter"), ""),
            text=self.text(table, "text", DECISION_LIMIT),
            decided_on=table.need("decided_on", self.calendar.day, NO_DAY),
            by=table.need("by", values.text(NAME_LIMIT), ""),
        )

    def funder(self, table: Table) -> FunderEntry:
        return FunderEntry(
            name=self.text(table, "name"),
            share=table.need("share", values.share, Decimal(0)),
            currency=table.need("currency", values.currency, ""),
        )

    def reminders(self, table: Table | None) -> RemindersEntry:
        """Read on which days guests are reminded by themselves: on none, if not said."""
        if table is None:
            return RemindersEntry()
        reminders = RemindersEntry(
            days_after=table.take("days_after", values.day_counts, ()),
            days_before=table.take("days_before", values.day_counts, ()),
        )
        table.finish()
        return reminders

    def digest(self, table: Table | None, *, contact: Contact) -> DigestEntry:
        """Read when the digest goes and to whom: Monday at seven to the contact, if not said."""
        if table is None:
            return DigestEntry(weekday=0, time=time(7), recipients=(contact.email,))
        digest = DigestEntry(
            weekday=table.take("weekday", values.weekday, 0),
            time=table.take("time", values.clock_time, time(7)),
            recipients=table.each("recipients", values.email) or (contact.email,),
        )
        table.finish()
        return digest


def find_form(event: Table, *, starts: date | None) -> Form:
    """Return the form in the languages and the zone that the [event] table names."""
    event.require("languages")
    languages = event.each("languages", values.one_of(LANGUAGES, "language"))
    zone = event.need("time_zone", values.time_zone, ZoneInfo("UTC"))
    return Form(
        languages=languages if event.is_good("languages") else (),
        calendar=Calendar(zone, days_to_move(event.get("starts"), starts)),
    )


def read_each(root: Table, key: str, read: Callable[[Table], T]) -> list[Read[T]]:
    """Read every table under [[key]], to its last key."""
    rows = [Read(table, read(table)) for table in root.tables(key)]
    for row in rows:
        row.table.finish()
    return rows
