"""Printing what an import of a guest file does, or would do."""

from collections.abc import Sequence
from pathlib import Path

import click

from app.cli.printing import print_columns
from app.event_files.differences import count
from app.guests.importer import GuestFile, GuestRow
from app.guests.models import Guest
from app.guests.services import FieldValue, GuestChange, ImportDifference

FIELDS = {"first_name": "first name", "last_name": "last name"}


def print_difference(path: Path, file: GuestFile, difference: ImportDifference) -> None:
    """Print new, changed field by field, unchanged and missing, and what is worth a look."""
    _print_reading(path, file)
    click.echo(f"{len(difference.new)} new")
    print_columns([_new(row) for row in difference.new], indent="  ")
    click.echo(f"{len(difference.changed)} changed")
    for change in difference.changed:
        _print_change(change)
    click.echo(f"{difference.unchanged} unchanged")
    _print_missing(difference)


def _print_reading(path: Path, file: GuestFile) -> None:
    click.echo(f"{path.name}: {count(len(file.rows), 'row')}, {file.encoding}")
    if file.ignored:
        click.echo(f"Ignored columns: {', '.join(file.ignored)}")
    for one, other in file.same_name:
        click.echo(
            f"Lines {one} and {other} have the same name and organisation at different addresses:"
            " are they two persons?"
        )


def _new(row: GuestRow) -> tuple[str, str, str, str]:
    name = " ".join(filter(None, (row.salutation, row.first_name, row.last_name)))
    standing = "on the list" if row.rank is None else f"reserve {row.rank}"
    return f"line {row.line}", name, row.email, standing


def _print_change(change: GuestChange) -> None:
    waits = " (waits for the next approval)" if change.proposed else ""
    click.echo(f"  line {change.line}  {_person(change.guest)}{waits}")
    if not change.fields:
        click.echo("    stands on the list again")
    for field in change.fields:
        name = FIELDS.get(field.field, field.field)
        click.echo(f"    {name}: {_shown(field.before)} -> {_shown(field.after)}")


def _shown(value: FieldValue) -> str:
    return "(none)" if value in {None, ""} else " ".join(str(value).split())


def _print_missing(difference: ImportDifference) -> None:
    if difference.removed:
        click.echo(f"{len(difference.removed)} missing in the file, to be removed")
        _print_people(difference.removed)
        return
    click.echo(f"{len(difference.missing)} missing in the file")
    _print_people(difference.missing)
    if difference.missing:
        click.echo("They stay on the list; --remove-missing proposes to remove them.")


def _print_people(guests: Sequence[Guest]) -> None:
    for guest in guests:
        click.echo(f"  {_person(guest)}")


def _person(guest: Guest) -> str:
    return f"{guest.full_name} <{guest.email}>"
