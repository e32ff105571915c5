"""`couvert programme`: the items with their numbers, and who may come to those open by name."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from app.amendments.queries import Effect, effect_of
from app.amendments.services import amend, refuse
from app.amendments.wishes import ItemWish
from app.cli import options
from app.cli.printing import print_json, print_table
from app.cli.refusals import CommandGroup, Refused
from app.cli.transaction import changing, looking
from app.dashboard.eligibility import list_programme
from app.event_files.differences import count
from app.events.local_times import moment_at
from app.events.models import Event
from app.events.queries import get_event
from app.guests.models import Guest, GuestStatus
from app.guests.queries import list_guests
from app.invitations.plans import find_named
from app.language import in_language
from app.parts import parts
from app.programme.models import ProgrammeItem
from app.programme.queries import get_item
from app.programme.services import name_guests, unname_guests

Change = Callable[[Session, ProgrammeItem, Sequence[Guest]], int]

item_slug = click.argument("item_slug", metavar="ITEM")
emails = click.option("--email", "emails", multiple=True, help="The guest of that address.")
host = click.option("--host", help="Every guest of that host.")
everybody = click.option("--all", "everybody", is_flag=True, help="Every guest of the event.")


@click.group("programme", cls=CommandGroup)
def programme() -> None:
    """See the programme, and name who may come to an item that is open by name."""


@programme.command("list")
@options.event_slug
@options.as_json
def list_command(event_slug: str, *, as_json: bool) -> None:
    """List the items of EVENT: places, answers, lock, and who may come."""
    with looking() as session:
        event = get_event(session, event_slug)
        facts = [
            {
                "slug": shown.item.slug,
                "title": in_language(shown.item.title, event.default_language),
                "places": shown.item.places,
                "yes": shown.count.yes,
                "reserve": shown.count.reserve,
                "locks": str(shown.item.locks),
                "by_name": shown.item.by_name,
                "named": shown.named,
                "unnamed": [guest.email for guest in shown.unnamed],
            }
            for shown in list_programme(session, event)
        ]
    if as_json:
        print_json(facts)
        return
    columns = ("slug", "places", "yes", "reserve", "locks", "named")
    rows = [[str(row[name]) if row[name] is not None else "" for name in columns] for row in facts]
    print_table([name.capitalize() for name in columns], rows)


@programme.command("name")
@options.event_slug
@item_slug
@emails
@host
@everybody
def name(
    event_slug: str, item_slug: str, emails: tuple[str, ...], host: str | None, *, everybody: bool
) -> None:
    """Open ITEM of EVENT to guests: those addresses, a host's, or all."""
    number = _change(name_guests, event_slug, item_slug, (emails, host, everybody))
    click.echo(f"{count(number, 'guest')} named anew for {item_slug}.")


@programme.command("unname")
@options.event_slug
@item_slug
@emails
@host
@everybody
def unname(
    event_slug: str, item_slug: str, emails: tuple[str, ...], host: str | None, *, everybody: bool
) -> None:
    """Close ITEM of EVENT to guests again; who said yes keeps the place."""
    number = _change(unname_guests, event_slug, item_slug, (emails, host, everybody))
    click.echo(f"{count(number, 'guest')} no longer named for {item_slug}.")


@programme.command("change")
@options.event_slug
@item_slug
@click.option("--starts", type=options.LocalTime(), help="Local time of the event's place.")
@click.option("--ends", type=options.LocalTime(), help="Local time of the event's place.")
@click.option("--title", "titles", multiple=True, metavar="LANGUAGE=TEXT", help="In that language.")
@click.option("--venue", "venues", multiple=True, metavar="LANGUAGE=TEXT", help="In that language.")
@click.option("--places", type=click.IntRange(1), help="How many may come.")
@options.notes
@options.dry_run
@options.by
def change_command(
    event_slug: str,
    item_slug: str,
    *,
    starts: datetime | None,
    ends: datetime | None,
    titles: tuple[str, ...],
    venues: tuple[str, ...],
    places: int | None,
    notes: tuple[str, ...],
    by: str,
    dry_run: bool,
) -> None:
    """Change ITEM of EVENT; who said yes is told by mail, and their calendars follow.

    With --starts alone it keeps its length. --dry-run names whom the change hits, and how.
    """
    now = parts().clock()
    with (looking if dry_run else changing)() as session:
        event = get_event(session, event_slug)
        item = get_item(session, event, item_slug)
        texts = {"title": options.texts(titles), "venue": options.texts(venues)}
        wish = _wish(event, item, (starts, ends), texts, places)
        effect = effect_of(session, event, item, wish, now=now)
        refuse(event, effect, options.texts(notes))
        _print_effect(event, effect)
        if dry_run:
            return
        done = amend(session, item, wish, by=by, note=options.texts(notes), now=now)
    click.echo(f"Saved. {count(done.told, 'guest')} told by mail.")


def _wish(
    event: Event,
    item: ProgrammeItem,
    times: tuple[datetime | None, datetime | None],
    texts: dict[str, dict[str, str]],
    places: int | None,
) -> ItemWish:
    zone, wish, (starts, ends) = ZoneInfo(event.time_zone), ItemWish.of(item), times
    begins = moment_at(starts, zone) if starts else item.starts
    over = moment_at(ends, zone) if ends else begins + (item.ends - item.starts)
    return replace(
        wish,
        title={**wish.title, **texts["title"]},
        venue={**wish.venue, **texts["venue"]},
        starts=begins,
        ends=over,
        places=places or wish.places,
    )


def _print_effect(event: Event, effect: Effect) -> None:
    language, zone = event.default_language, ZoneInfo(event.time_zone)
    if not effect.changes_anything:
        click.echo("Nothing changes: this is how it is already.")
        return
    starts = effect.wish.starts.astimezone(zone)
    venue = in_language(effect.wish.venue, language)
    click.echo(f"{effect.item.slug}: {starts:%Y-%m-%d %H:%M}, {venue}")
    click.echo(f"  {count(len(effect.told), 'guest')} told, with an update of the calendar")
    for clash in effect.clashes:
        other = in_language(clash.other.title, language)
        click.echo(f'  {clash.guest.full_name} would also be at "{other}" then')
    for point in effect.fixed_points:
        click.echo(f'  at the same time as "{in_language(point.title, language)}"')
    for guest in effect.moving_up:
        click.echo(f"  {guest.full_name} would move up from the reserve")
    for guest in effect.unreached:
        click.echo(f"  {guest.full_name} is not told: the link is in the wrong hands")


def _change(
    change: Change, event_slug: str, item_slug: str, whom: tuple[tuple[str, ...], str | None, bool]
) -> int:
    if sum(map(bool, whom)) != 1:
        raise Refused("Say whom: --email ADDRESS (several times), --host NAME, or --all.")
    with changing() as session:
        event = get_event(session, event_slug)
        item = get_item(session, event, item_slug)
        return change(session, item, _find_guests(session, event, whom))


def _find_guests(
    session: Session, event: Event, whom: tuple[tuple[str, ...], str | None, bool]
) -> Sequence[Guest]:
    emails, host, _everybody = whom
    guests = [
        guest for guest in list_guests(session, event.id) if guest.status is not GuestStatus.REMOVED
    ]
    if emails:
        return find_named(guests, emails)
    if host is None:
        return guests
    names = {name.casefold(): row.id for row in event.hosts for name in row.name.values()}
    if host.casefold() not in names:
        known = ", ".join(in_language(row.name, event.default_language) for row in event.hosts)
        raise Refused(f'There is no host "{host}". Known: {known}.')
    return [guest for guest in guests if guest.host_id == names[host.casefold()]]
