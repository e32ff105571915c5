"""`couvert guests`: import the list, ask for approval, approve it, list it; who is not reminded."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from app.cli import options
from app.cli.differences import print_difference
from app.cli.printing import print_columns, print_json, print_table
from app.cli.refusals import CommandGroup
from app.cli.transaction import changing, looking
from app.decisions.asking import ApprovalPlan, ask_approval, plan_approval_request
from app.decisions.services import approve_guest_list
from app.event_files.differences import count
from app.events.models import Event
from app.events.queries import get_event
from app.guests.importer import GuestFile, read_guest_file
from app.guests.models import Guest
from app.guests.queries import list_guests
from app.guests.services import FrozenList, import_guests
from app.invitations.models import Invitation
from app.invitations.queries import Reminded, invitations_by_guest, reminded_guests
from app.invitations.reminding import set_do_not_remind
from app.parts import parts
from app.rsvp.models import Rsvp
from app.rsvp.queries import half_way_invitation_ids, rsvps_by_invitation


@click.group("guests", cls=CommandGroup)
def guests() -> None:
    """Import the guest list, ask for approval, approve it, list it."""


@guests.command("import")
@options.event_slug
@options.file_path
@options.dry_run
@click.option("--remove-missing", is_flag=True, help="Propose to remove whom the file leaves out.")
def import_file(event_slug: str, path: Path, *, dry_run: bool, remove_missing: bool) -> None:
    """Bring the guest list of EVENT in line with FILE (CSV or XLSX) and print the difference.

    All rows or none. Guests of an approved version keep what was approved until the next one.
    """
    file = _read(event_slug, path)
    with changing(dry_run=dry_run) as session:
        difference = import_guests(
            session,
            get_event(session, event_slug),
            file.rows,
            now=parts().clock(),
            remove_missing=remove_missing,
        )
    print_difference(path, file, difference)
    if dry_run:
        click.echo("Dry run: nothing was changed.")


def _read(event_slug: str, path: Path) -> GuestFile:
    """Read the file before the write transaction begins: a large one takes seconds."""
    with looking() as session:
        event = get_event(session, event_slug)
        hosts = _host_names(event)
    return read_guest_file(path, languages=event.languages, hosts=hosts)


def _host_names(event: Event) -> list[str]:
    return [name for host in event.hosts for name in dict.fromkeys(host.name.values())]


@guests.command("approve")
@options.event_slug
@click.option("--by", type=options.PersonName(), required=True, help="Who approved the list.")
def approve(event_slug: str, by: str) -> None:
    """Freeze the guest list of EVENT as its next version and enter the decision."""
    with changing() as session:
        event = get_event(session, event_slug)
        frozen = approve_guest_list(session, event, by=by, now=parts().clock())
    _print_frozen(event, frozen)


def _print_frozen(event: Event, frozen: FrozenList) -> None:
    click.echo(
        f"Version {frozen.version.number} of the guest list is approved by"
        f" {frozen.version.approved_by}: {count(len(frozen.approved), 'name')},"
        f" {len(frozen.reserve)} on the reserve."
    )
    print_columns([_identity(guest) for guest in frozen.approved], indent="  ")
    if frozen.reserve:
        click.echo("Reserve:")
        print_columns([(guest.rank, *_identity(guest)) for guest in frozen.reserve], indent="  ")
    _print_moves(event, frozen)


def _identity(guest: Guest) -> tuple[str, str]:
    return guest.full_name, guest.email


def _print_moves(event: Event, frozen: FrozenList) -> None:
    if frozen.removed:
        click.echo(f"Removed: {_named(frozen.removed)}.")
    if frozen.demoted:
        click.echo(f"Approved before, now on the reserve: {_named(frozen.demoted)}.")
    if frozen.readdressed:
        click.echo(f"New address, so the old link is dead: {_named(frozen.readdressed)}.")
    if frozen.overflow:
        stood, lead = ("name", "leads") if len(frozen.overflow) == 1 else ("names", "lead")
        click.echo(
            f"ATTENTION: {len(frozen.overflow)} {stood} stood on the list beyond the"
            f" {count(event.place_limit, 'place')} and now {lead} the reserve:"
            f" {_named(frozen.overflow)}."
        )


def _named(people: Sequence[Guest]) -> str:
    return ", ".join(guest.full_name for guest in people)


@guests.command("ask-approval")
@options.event_slug
@options.dry_run
@options.by
def ask_approval_command(event_slug: str, by: str, *, dry_run: bool) -> None:
    """Ask each approver of EVENT by mail to look at what is proposed; once for each proposal."""
    with (looking if dry_run else changing)() as session:
        event = get_event(session, event_slug)
        if dry_run:
            plan = plan_approval_request(session, event)
        else:
            plan = ask_approval(session, event, by=by, now=parts().clock())
    _print_approval_plan("would be asked" if dry_run else "asked", plan)
    if dry_run:
        click.echo("Dry run: nothing was sent.")


def _print_approval_plan(done: str, plan: ApprovalPlan) -> None:
    proposal = plan.proposal
    click.echo(
        f"Proposed: {len(proposal.added)} added, {len(proposal.removed)} removed,"
        f" {len(proposal.changed)} changed."
    )
    click.echo(f"{count(len(plan.to_ask), 'approver')} {done}")
    print_columns([(one.name, one.email, one.language) for one in plan.to_ask], indent="  ")
    if plan.asked_before:
        click.echo(f"{count(len(plan.asked_before), 'approver')} skipped")
        why = "has been asked about this proposal already"
        print_columns([(one.name, one.email, why) for one in plan.asked_before], indent="  ")


@guests.command("do-not-remind")
@options.event_slug
@click.option("--email", required=True, metavar="ADDRESS", help="The guest's address.")
@click.option("--undo", is_flag=True, help="Let the guest be reminded again, from today on.")
@options.by
def do_not_remind(event_slug: str, email: str, by: str, *, undo: bool) -> None:
    """Let no reminder go to a guest of EVENT, also none that waits."""
    with changing() as session:
        event = get_event(session, event_slug)
        now = parts().clock()
        guest = set_do_not_remind(session, event, email=email, do_not=not undo, by=by, now=now)
        name = guest.full_name
    click.echo(f"{name} is reminded again." if undo else f"No reminder goes to {name}.")


@guests.command("list")
@options.event_slug
@options.as_json
def list_command(event_slug: str, *, as_json: bool) -> None:
    """List the guests of EVENT with their status, invitation and answer."""
    with looking() as session:
        event = get_event(session, event_slug)
        invitations = invitations_by_guest(session, event.id)
        rsvps = rsvps_by_invitation(session, event.id)
        half_way = half_way_invitation_ids(session, event.id)
        reminded = reminded_guests(session, event.id)
        facts = [
            {
                **_facts(guest, invitations.get(guest.id), rsvps, half_way),
                **_reminders(event, guest, reminded.get(guest.id)),
            }
            for guest in list_guests(session, event.id)
        ]
    if as_json:
        print_json(facts)
    else:
        shown = ("rank", "name", "email", "status", "invitation", "answer", "reminders")
        print_table(
            [name.capitalize() for name in shown],
            [[*(row[name] for name in shown[:-1]), _reminded(row)] for row in facts],
        )


def _facts(
    guest: Guest,
    invitation: Invitation | None,
    rsvps: dict[int, Rsvp],
    half_way: frozenset[int],
) -> dict[str, str | int | None]:
    rsvp = rsvps.get(invitation.id) if invitation else None
    return {
        "email": guest.email,
        "name": guest.name,
        "salutation": guest.salutation,
        "organisation": guest.organisation,
        "language": guest.language,
        "host": next(iter(guest.host.name.values())) if guest.host else "",
        "status": guest.status,
        "rank": guest.rank,
        "invitation": invitation.state if invitation else "none",
        "answer": rsvp.answer if rsvp else "none",
        "half_way": invitation is not None and invitation.id in half_way,
    }


def _reminders(
    event: Event, guest: Guest, reminded: Reminded | None
) -> dict[str, str | int | None]:
    """Return how often the guest was really reminded, and when last, by the event's clock."""
    zone = ZoneInfo(event.time_zone)
    return {
        "reminders": reminded.times if reminded else 0,
        "reminded_at": reminded.last_at.astimezone(zone).isoformat() if reminded else None,
        "do_not_remind": guest.do_not_remind,
    }


def _reminded(row: Mapping[str, str | int | None]) -> str:
    """Return how often a guest was reminded and when last, or that they are not to be."""
    last = f"{row['reminders']}, last {str(row['reminded_at'])[:10]}" if row["reminders"] else ""
    return "; ".join(filter(None, (last, "do not remind" if row["do_not_remind"] else "")))
