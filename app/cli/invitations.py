"""`couvert invitations`: send, remind, withdraw."""

from collections.abc import Sequence

import click

from app.cli import options
from app.cli.events import print_offer
from app.cli.printing import print_columns
from app.cli.refusals import CommandGroup
from app.cli.transaction import changing, looking
from app.dashboard.queries import EventStatus, event_status
from app.event_files.differences import count
from app.events.queries import get_event
from app.guests.models import Guest
from app.invitations.plans import Plan, plan_wave
from app.invitations.queries import list_open
from app.invitations.services import remind, send_wave, withdraw
from app.parts import parts

NOTHING_SENT = "Dry run: nothing was sent."


@click.group("invitations", cls=CommandGroup)
def invitations() -> None:
    """Send invitations, remind, withdraw."""


@invitations.command("send")
@options.event_slug
@options.dry_run
@click.option(
    "--email", "emails", metavar="ADDRESS", multiple=True, help="Only this guest; may be repeated."
)
@options.by
def send(event_slug: str, emails: tuple[str, ...], by: str, *, dry_run: bool) -> None:
    """Invite the approved guests of EVENT who are not invited yet, as far as places reach.

    With --email, exactly those; an open invitation among them is sent once more.
    """
    now = parts().clock()
    if dry_run:
        with looking() as session:
            plan = plan_wave(session, get_event(session, event_slug), now=now, emails=emails)
        _print_wave("would be invited", plan)
        click.echo(NOTHING_SENT)
        return
    with changing() as session:
        event = get_event(session, event_slug)
        sent = send_wave(session, event, by=by, now=now, emails=emails)
        status = event_status(session, event)
    _print_wave("invited", sent.plan)
    if sent.wave is not None:
        click.echo(f"Wave {sent.wave.number} is queued; the worker sends it.")
    _print_places(status)


def _print_wave(done: str, plan: Plan) -> None:
    click.echo(f"{count(len(plan.addressees), 'guest')} {done}")
    print_columns(
        [
            (*_address(addressee.guest), "the link once more" if addressee.again else None)
            for addressee in plan.addressees
        ],
        indent="  ",
    )
    if plan.skipped:
        click.echo(f"{count(len(plan.skipped), 'guest')} skipped")
        print_columns([(*_address(skip.guest), skip.reason) for skip in plan.skipped], indent="  ")


def _address(guest: Guest) -> tuple[str, str, str]:
    return guest.full_name, guest.email, guest.language


def _print_places(status: EventStatus) -> None:
    ledger = status.ledger
    click.echo(
        f"Places: {ledger.limit} = {ledger.accepted} accepted + {ledger.held} held"
        f" + {ledger.free} free"
    )
    print_offer(status)


@invitations.command("remind")
@options.event_slug
@options.dry_run
@options.by
def remind_command(event_slug: str, by: str, *, dry_run: bool) -> None:
    """Remind the guests of EVENT who have an open invitation, and nobody else."""
    if dry_run:
        with looking() as session:
            event = get_event(session, event_slug)
            waiting = [invitation.guest for invitation in list_open(session, event.id)]
        _print_reminded("would be reminded", waiting)
        click.echo(NOTHING_SENT)
        return
    with changing() as session:
        plan = remind(session, get_event(session, event_slug), by=by, now=parts().clock())
    _print_reminded("reminded", [addressee.guest for addressee in plan.addressees])


def _print_reminded(done: str, guests: Sequence[Guest]) -> None:
    click.echo(f"{count(len(guests), 'guest')} {done}")
    print_columns([_address(guest) for guest in guests], indent="  ")


@invitations.command("withdraw")
@options.event_slug
@click.option("--email", required=True, metavar="ADDRESS", help="The guest's address.")
def withdraw_command(event_slug: str, email: str) -> None:
    """Withdraw a guest's invitation: the link is dead at once, the place free."""
    with changing() as session:
        event = get_event(session, event_slug)
        invitation = withdraw(session, event, email=email, now=parts().clock())
        name = invitation.guest.full_name
        status = event_status(session, event)
    click.echo(f"The invitation of {name} is withdrawn; its link is dead.")
    _print_places(status)
