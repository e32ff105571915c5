"""`couvert privacy`: what is kept of guests' health, and its erasure."""

from dataclasses import asdict

import click

from app.cli import options
from app.cli.printing import print_columns, print_json
from app.cli.refusals import CommandGroup, Refused
from app.cli.transaction import changing, looking
from app.events.queries import get_event, lock_for_places
from app.parts import parts
from app.privacy.queries import erased_day, health_kept
from app.privacy.services import erase_health


@click.group("privacy", cls=CommandGroup)
def privacy() -> None:
    """See what is kept of guests' health, and erase it."""


@privacy.command("status")
@options.event_slug
@options.as_json
def status(event_slug: str, *, as_json: bool) -> None:
    """Show how much health data of EVENT is kept, and until when; never whose."""
    with looking() as session:
        event = get_event(session, event_slug)
        kept, due, erased = health_kept(session, event), event.health_erased_on, erased_day(event)
    if as_json:
        days = {"erase_health_on": str(due), "erased_on": str(erased) if erased else None}
        print_json({**days, **asdict(kept)})
        return
    click.echo(f"Erased on {erased}." if erased else f"To be erased at the end of {due}.")
    print_columns(
        [
            ("Answers", kept.answers),
            ("Companions", kept.companions),
            ("Lines of the history", kept.history),
            ("Copies of mails", kept.mails),
            ("Requests", kept.requests),
        ]
    )


@privacy.command("erase-health")
@options.event_slug
@click.option("--yes", is_flag=True, help="Yes, erase it: nothing brings it back.")
def erase(event_slug: str, *, yes: bool) -> None:
    """Erase diets and access needs of EVENT now; they are not asked for again."""
    with changing() as session:
        event = lock_for_places(session, get_event(session, event_slug).id)
        kept, erased = health_kept(session, event), erased_day(event)
        if not yes:
            raise Refused(
                f"Health data of {kept.answers} answers and {kept.companions} companions would be"
                " erased; nothing brings it back. To do so, add --yes."
            )
        if erased is None or not kept.nothing:
            erase_health(session, event, now=parts().clock())
    if erased and kept.nothing:
        click.echo(f"It was erased on {erased}; nothing was changed.")
    else:
        click.echo("Diets and access needs are erased, and no longer asked for.")
