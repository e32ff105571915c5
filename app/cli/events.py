"""`couvert events`: load an event, and see where it stands."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from app.cli import options
from app.cli.printing import print_columns, print_json, print_table
from app.cli.refusals import CommandGroup
from app.cli.transaction import changing, looking
from app.dashboard.queries import EventStatus, event_status
from app.event_files.built_in import load_sample
from app.event_files.differences import count
from app.event_files.reading import read_event_file
from app.event_files.services import LoadedEvent, load_event
from app.events.models import Event
from app.events.queries import find_reply_by, get_event
from app.invitations.calling_off import call_off, plan_calling_off
from app.language import in_language
from app.parts import parts


@click.group("events", cls=CommandGroup)
def events() -> None:
    """Load an event, and see where it stands."""


@events.command("load")
@options.file_path
@click.option(
    "--starts", type=options.Day(), help="Move the whole event by whole days to begin on that day."
)
def load(path: Path, starts: date | None) -> None:
    """Create the event of FILE, or bring it in line with the file.

    Every mistake in the file is named at once, and nothing is changed then. No answer is
    overwritten.
    """
    now = parts().clock()
    with changing() as session:
        file = read_event_file(
            path,
            today=now.date(),
            starts=starts,
            reply_by_of=lambda slug: find_reply_by(session, slug),
        )
        loaded = load_event(session, file, now=now)
    _print_loaded(loaded)


def _print_loaded(loaded: LoadedEvent) -> None:
    slug = loaded.event.slug
    if loaded.created:
        click.echo(f'The event "{slug}" is loaded.')
    elif loaded.changes:
        click.echo(f'The event "{slug}" is brought in line with the file:')
    else:
        click.echo(f'The event "{slug}" is as in the file; nothing was changed.')
    for change in loaded.changes:
        click.echo(f"  {change}")
    for warning in loaded.warnings:
        click.echo(f"Warning: {warning}", err=True)


@events.command("sample")
def sample() -> None:
    """Load the built-in sample: an event in the coming Nobel week, its list approved."""
    with changing() as session:
        loaded = load_sample(session, now=parts().clock())
    slug = loaded.event.slug
    if loaded.created:
        click.echo(f'The sample event "{slug}" is loaded, and its guest list approved.')
    else:
        click.echo(f'The sample event "{slug}" is there already; nothing was changed.')


@events.command("call-off")
@options.event_slug
@options.notes
@options.dry_run
@options.by
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask once more.")
def call_off_command(
    event_slug: str, notes: tuple[str, ...], by: str, *, dry_run: bool, is_sure: bool
) -> None:
    """Call EVENT off, for good: guests who may come are told, and their calendars cleared."""
    now = parts().clock()
    with looking() as session:
        event = get_event(session, event_slug)
        plan = plan_calling_off(session, event)
    click.echo(f"{count(len(plan.told), 'guest')} would be told that {event_slug} is called off.")
    click.echo(f"{count(plan.waiting, 'waiting mail')} would not be sent.")
    if dry_run:
        return
    if not is_sure:
        click.confirm("There is no way back. Call it off?", abort=True)
    with changing() as session:
        event = get_event(session, event_slug)
        done = call_off(session, event, by=by, note=options.texts(notes), now=now)
    click.echo(f"Called off. {count(len(done.told), 'guest')} told by mail.")


@events.command("status")
@options.event_slug
@options.as_json
def status(event_slug: str, *, as_json: bool) -> None:
    """Show the place ledger, the programme, the dinner and the deliveries of EVENT."""
    with looking() as session:
        event = get_event(session, event_slug)
        now_stands = event_status(session, event)
    if as_json:
        print_json(_facts(event, now_stands))
    else:
        _print_status(event, now_stands)


def _facts(event: Event, status: EventStatus) -> dict[str, object]:
    ledger = status.ledger
    return {
        "place_limit": ledger.limit,
        "accepted": ledger.accepted,
        "held": ledger.held,
        "free": ledger.free,
        "declined": ledger.declined,
        "expired": ledger.expired,
        "withdrawn": ledger.withdrawn,
        "not_invited": status.not_invited,
        "half_way": status.half_way,
        "requests": status.requests,
        "places_to_offer": status.places_to_offer,
        "next_on_reserve": _next_facts(status),
        "programme": [
            {
                "slug": item.slug,
                "title": in_language(item.title, event.default_language),
                "places": item.places,
                "yes": taken.yes,
                "reserve": taken.reserve,
            }
            for item, taken in status.programme
        ],
        "dinner": {
            "yes": status.dinner.yes,
            "companions": status.dinner.companions,
            "diets": status.dinner.diets,
        },
        "deliveries": status.deliveries,
    }


def _next_facts(status: EventStatus) -> dict[str, object] | None:
    guest = status.next_on_reserve
    return {"name": guest.name, "email": guest.email, "rank": guest.rank} if guest else None


def _print_status(event: Event, status: EventStatus) -> None:
    ledger, dinner = status.ledger, status.dinner
    click.echo(f"{in_language(event.name, event.default_language)} ({event.slug})")
    click.echo(f"{event.starts} to {event.ends}, reply by {event.reply_by}\n")
    print_columns(
        [
            ("Accepted", ledger.accepted),
            ("Held", ledger.held),
            ("Free", ledger.free),
            ("Place limit", ledger.limit),
        ]
    )
    click.echo(
        f"\n{ledger.declined} declined, {ledger.expired} expired, {ledger.withdrawn} withdrawn;"
        f" {status.not_invited} approved and not invited yet"
    )
    if status.half_way:
        click.echo(f"{count(status.half_way, 'guest')} accepted and not yet chosen")
    if status.requests:
        click.echo(
            f"{count(status.requests, 'request')} waiting: couvert requests list {event.slug}"
        )
    print_offer(status)
    _print_programme(event, status)
    click.echo(
        f"\nDinner: {count(dinner.heads, 'head')}"
        f" ({count(dinner.yes, 'guest')}, {count(dinner.companions, 'companion')})"
    )
    click.echo(f"Diets: {_listed(list(dinner.diets.items()))}")
    click.echo(f"Deliveries: {_listed([*status.deliveries.items()])}")


def _listed(counts: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts if number) or "none"


def print_offer(status: EventStatus) -> None:
    """Name whom a place can be offered to, if there is one."""
    if not status.places_to_offer:
        return
    offer = f"{count(status.places_to_offer, 'place')} can be offered."
    guest = status.next_on_reserve
    if guest is None:
        click.echo(f"{offer} Nobody stands on the reserve.")
    else:
        click.echo(f"{offer} Next on the reserve: {guest.full_name} <{guest.email}>")


def _print_programme(event: Event, status: EventStatus) -> None:
    if not status.programme:
        return
    click.echo()
    print_table(
        ("Item", "Title", "Places", "Taken", "Reserve"),
        [
            (
                item.slug,
                in_language(item.title, event.default_language),
                item.places,
                taken.taken,
                taken.reserve,
            )
            for item, taken in status.programme
        ],
    )
