"""`couvert calendars`: the addresses of the calendar feeds, and new ones."""

import click
from sqlalchemy.orm import Session

from app.calendars.services import renew_feed_address
from app.cli import options
from app.cli.printing import print_json
from app.cli.refusals import CommandGroup, Refused
from app.cli.transaction import changing, looking
from app.events.models import Event
from app.events.queries import get_event
from app.guests.queries import list_guests
from app.invitations.models import Invitation
from app.invitations.plans import find_named
from app.invitations.queries import find_of_guest
from app.parts import parts

email = click.option("--email", metavar="ADDRESS", help="The feed of that guest, not of the event.")


@click.group("calendars", cls=CommandGroup)
def calendars() -> None:
    """See where a calendar feed is, and give it a new address."""


@calendars.command("show")
@options.event_slug
@email
@options.as_json
def show(event_slug: str, email: str | None, *, as_json: bool) -> None:
    """Print the address of the feed of EVENT, or of one guest. Who has it can read it."""
    with looking() as session:
        event = get_event(session, event_slug)
        address = _address(event, _invitation(session, event, email))
    if as_json:
        print_json({"feed": address})
    else:
        click.echo(address)


@calendars.command("renew")
@options.event_slug
@email
def renew(event_slug: str, email: str | None) -> None:
    """Let the address of the feed die, and print the new one."""
    with changing() as session:
        event = get_event(session, event_slug)
        invitation = _invitation(session, event, email)
        renew_feed_address(invitation or event)
        address = _address(event, invitation)
    click.echo(f"The old address is dead. The new one: {address}")


def _invitation(session: Session, event: Event, email: str | None) -> Invitation | None:
    if email is None:
        return None
    guest = find_named(list_guests(session, event.id), [email])[0]
    invitation = find_of_guest(session, guest.id)
    if invitation is None:
        raise Refused(f"{guest.full_name} is not invited yet: there is no feed.")
    return invitation


def _address(event: Event, invitation: Invitation | None) -> str:
    links = parts().links
    if invitation is None:
        return links.event_feed(event.slug, event.feed_version)
    return links.feed(invitation.public_id, invitation.feed_version)
