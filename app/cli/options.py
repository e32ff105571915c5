"""Arguments and options that several commands share."""

import getpass
from datetime import date, datetime
from pathlib import Path

import click

from app.events.local_times import is_in_reach
from app.invitations.cadence import FURTHEST, Cadence

LONGEST_NAME = 200


class PersonName(click.ParamType[str]):
    """The name that stands for an action in the history."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        written = value.strip()
        if not written or len(written) > LONGEST_NAME or not written.isprintable():
            self.fail(f"give a name of 1 to {LONGEST_NAME} letters.", param, ctx)
        return written


class Day(click.ParamType[date]):
    """A date as in an event file."""

    name = "date"

    def convert(
        self, value: str | date, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f'"{value}" is not a date. Write it like 2026-12-09.', param, ctx)


class LocalTime(click.ParamType[datetime]):
    """A local time at the event's place."""

    name = "time"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            written = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            written = None
        if written is None or written.tzinfo is not None or not is_in_reach(written):
            self.fail(f'"{value}" is no local time. Write it like "2026-11-03 08:00".', param, ctx)
        return written


def system_user() -> str:
    """Return the name of who typed the command; a bare container knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


event_slug = click.argument("event_slug", metavar="EVENT")
file_path = click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
at = click.option(
    "--at",
    "local_time",
    type=LocalTime(),
    help='Send at that time of the event\'s place, like "2026-11-03 08:00".',
)
wait = click.option("--wait", is_flag=True, help="Show how the sending goes on, until it is done.")
wave = click.option("--wave", type=click.IntRange(1), help="Only the invitations of that wave.")
reminder = click.option(
    "--reminder", type=click.IntRange(1), help="Only the reminders sent out in that run."
)
remind_after = click.option(
    "--remind-after",
    "after",
    type=click.IntRange(1, FURTHEST),
    metavar="DAYS",
    multiple=True,
    help="Remind so many days after the mail went out; may be repeated.",
)
remind_before = click.option(
    "--remind-before",
    "before",
    type=click.IntRange(1, FURTHEST),
    metavar="DAYS",
    multiple=True,
    help="Remind so many days before the reply-by date; may be repeated.",
)
no_reminders = click.option("--no-reminders", is_flag=True, help="Remind nobody by itself.")


def read_cadence(
    after: tuple[int, ...], before: tuple[int, ...], *, no_reminders: bool
) -> Cadence | None:
    """Return the cadence the options name, None where they name none. Raises CadenceError."""
    if no_reminders and (after or before):
        raise click.UsageError("Give days to remind on, or --no-reminders, not both.")
    return Cadence.of(after, before) if after or before or no_reminders else None


by = click.option(
    "--by",
    type=PersonName(),
    default=system_user,
    show_default="who is logged in",
    help="Who does it, for the history.",
)
notes = click.option(
    "--note",
    "notes",
    multiple=True,
    metavar="LANGUAGE=TEXT",
    help="A line to the guests; once for each language of the event.",
)


def texts(written: tuple[str, ...]) -> dict[str, str]:
    """Return what was written as LANGUAGE=TEXT, by language. Raises click.UsageError."""
    found = {}
    for text in written:
        language, equals, words = text.partition("=")
        if not equals or not language.isalpha():
            raise click.UsageError(f'"{text}" names no language. Write it like en="Dinner".')
        found[language.lower()] = " ".join(words.split())
    return found
