"""`couvert delegates`: who may answer for a guest."""

import click
from sqlalchemy.orm import Session

from app.addresses import email_key
from app.cli import options
from app.cli.printing import print_json, print_table
from app.cli.refusals import CommandGroup, Refused
from app.cli.transaction import changing, looking
from app.delegates.queries import list_delegates, list_of_event
from app.delegates.services import add_delegate, revoke_delegate
from app.events.queries import get_event
from app.guests.queries import list_guests
from app.invitations.models import Invitation
from app.invitations.plans import find_named
from app.invitations.queries import find_of_guest
from app.parts import parts

guest = click.option("--guest", required=True, metavar="ADDRESS", help="The guest's address.")
email = click.option("--email", required=True, metavar="ADDRESS", help="The delegate's address.")


@click.group("delegates", cls=CommandGroup)
def delegates() -> None:
    """Let assistants answer for guests, each by an own link, and end it."""


@delegates.command("add")
@options.event_slug
@guest
@click.option("--name", required=True, type=options.PersonName(), help="The delegate's name.")
@email
@options.by
def add(event_slug: str, guest: str, name: str, email: str, by: str) -> None:
    """Let somebody answer for a guest of EVENT: the link goes by mail, and the guest is told."""
    with changing() as session:
        invitation = _invitation_of(session, event_slug, guest)
        now = parts().clock()
        delegate = add_delegate(session, invitation, name=name, email=email, by=by, now=now)
        click.echo(f"{delegate.name} may answer for {invitation.guest.full_name}.")


@delegates.command("revoke")
@options.event_slug
@guest
@email
@options.by
def revoke(event_slug: str, guest: str, email: str, by: str) -> None:
    """End it: the delegate's link is dead at once."""
    with changing() as session:
        invitation = _invitation_of(session, event_slug, guest)
        standing = list_delegates(session, invitation.id)
        found = next((one for one in standing if one.email_key == email_key(email.strip())), None)
        if found is None:
            raise Refused(f"{email} answers for nobody of that address; nothing was changed.")
        revoke_delegate(session, found, by=by, now=parts().clock())
        click.echo(f"{found.name} no longer answers for {invitation.guest.full_name}.")


@delegates.command("list")
@options.event_slug
@options.as_json
def list_all(event_slug: str, *, as_json: bool) -> None:
    """List who may answer for whom."""
    with looking() as session:
        rows = [
            (one.invitation.guest.email, one.name, one.email, one.added_by or "the guest's link")
            for one in list_of_event(session, get_event(session, event_slug).id)
        ]
    if as_json:
        names = ("guest", "name", "email", "added_by")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    elif rows:
        print_table(("Guest", "Delegate", "Address", "Added by"), rows)
    else:
        click.echo("Nobody answers for a guest.")


def _invitation_of(session: Session, event_slug: str, address: str) -> Invitation:
    event = get_event(session, event_slug)
    found = find_named(list_guests(session, event.id), [address])[0]
    invitation = find_of_guest(session, found.id)
    if invitation is None:
        raise Refused(f"{found.full_name} is not invited yet; nothing was changed.")
    return invitation
