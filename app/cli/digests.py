"""`couvert digests`: send the digest when it is wanted, beside the weekly one."""

import click

from app.cli import options
from app.cli.refusals import CommandGroup, Refused
from app.cli.transaction import changing, looking
from app.digests.services import make_digest, render_digest
from app.events.queries import get_event
from app.parts import parts


@click.group("digests", cls=CommandGroup)
def digests() -> None:
    """Send the digest now, beside the weekly one."""


@digests.command("send")
@options.event_slug
@options.dry_run
def send(event_slug: str, *, dry_run: bool) -> None:
    """Send the digest of EVENT as it stands now to the recipients in the event file."""
    if dry_run:
        _show(event_slug)
        return
    now = parts().clock()
    with changing() as session:
        event = get_event(session, event_slug)
        slot = f"now:{now.isoformat(timespec='seconds')}"
        if make_digest(session, event, slot=slot, now=now, parts=parts()) is None:
            raise Refused("A digest was sent this very second; nothing was sent again.")
    click.echo(f"The digest is queued for {', '.join(event.digest_recipients)}.")


def _show(event_slug: str) -> None:
    with looking() as session:
        event = get_event(session, event_slug)
        content = render_digest(session, event, now=parts().clock(), parts=parts())
    click.echo(f"Subject: {content.subject}\n\n{content.text.rstrip()}\n")
    click.echo("Dry run: nothing was sent.")
