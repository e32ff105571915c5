"""`couvert organisers`: who may sign in."""

import click

from app.addresses import email_key
from app.cli import options
from app.cli.refusals import CommandGroup, Refused
from app.cli.transaction import changing
from app.events.queries import get_event
from app.organisers.models import Role
from app.organisers.queries import find_organiser
from app.organisers.services import add_organiser, make_sign_in_link
from app.parts import parts


@click.group("organisers", cls=CommandGroup)
def organisers() -> None:
    """Say who may sign in, and let them."""


@organisers.command("add")
@click.argument("email", metavar="EMAIL")
@click.option("--role", required=True, type=click.Choice([*map(str, Role)]), help="On the event.")
@click.option("--event", "event_slug", required=True, metavar="EVENT", help="The event's slug.")
@click.option("--name", type=options.PersonName(), help="As others read it.")
def add(email: str, role: str, event_slug: str, name: str | None) -> None:
    """Give a person a role on an event; once more, and the role is the new one."""
    with changing() as session:
        event = get_event(session, event_slug)
        organiser = add_organiser(
            session,
            email,
            Role(role),
            event,
            name=name or "",
            language=event.default_language,
            now=parts().clock(),
        )
    click.echo(f"{organiser.email} is {role} of {event.slug}.")


@organisers.command("sign-in-link")
@click.argument("email", metavar="EMAIL")
def sign_in_link(email: str) -> None:
    """Print a link that signs the organiser in: once, within 15 minutes."""
    with changing() as session:
        organiser = find_organiser(session, email_key(email.strip()))
        if organiser is None:
            raise Refused(
                f'No organiser has the address "{email}". Add one: couvert organisers add.'
            )
        link = make_sign_in_link(session, organiser, parts().clock())
        address = parts().links.sign_in(link.public_id)
    click.echo(address)
