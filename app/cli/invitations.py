"""`couvert invitations`: send, remind, set the days of reminders, thank, test, withdraw."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from app.cli import options
from app.cli.events import print_offer
from app.cli.printing import print_columns
from app.cli.progress import watch
from app.cli.refusals import CommandGroup
from app.cli.transaction import changing, looking
from app.dashboard.queries import EventStatus, event_status
from app.deliveries.batches import number_of, wave_batch
from app.deliveries.models import DeliveryKind
from app.event_files.differences import count
from app.events.local_times import moment_at
from app.events.models import Event
from app.events.queries import get_event, today_at
from app.guests.models import Guest
from app.invitations.cadence import Cadence, cadence_of
from app.invitations.messages import subject_of
from app.invitations.plans import Plan, plan_reminder, plan_wave
from app.invitations.reminding import SentBatch, change_cadence, remind
from app.invitations.services import send_test, send_wave
from app.invitations.thanking import plan_thanks, thank
from app.invitations.withdrawing import withdraw
from app.parts import parts

NOTHING_SENT = "Dry run: nothing was sent."


@click.group("invitations", cls=CommandGroup)
def invitations() -> None:
    """Send invitations, remind, thank, try out how they read, withdraw."""


@invitations.command("send")
@options.event_slug
@options.dry_run
@click.option(
    "--email", "emails", metavar="ADDRESS", multiple=True, help="Only this guest; may be repeated."
)
@options.at
@options.remind_after
@options.remind_before
@options.no_reminders
@options.by
@options.wait
def send(
    event_slug: str,
    emails: tuple[str, ...],
    local_time: datetime | None,
    by: str,
    *,
    after: tuple[int, ...],
    before: tuple[int, ...],
    no_reminders: bool,
    dry_run: bool,
    wait: bool,
) -> None:
    """Invite the approved guests of EVENT who are not invited yet, as far as places reach.

    With --email, exactly those; an open invitation among them is sent once more. With --at the
    mails go out at that time; the places are held from now on. Without days to remind on, a wave
    has those of the event file.
    """
    now, asked = parts().clock(), options.read_cadence(after, before, no_reminders=no_reminders)
    with (looking if dry_run else changing)() as session:
        event = get_event(session, event_slug)
        at = _moment(event, local_time)
        if dry_run:
            plan = plan_wave(session, event, now=now, emails=emails, at=at)
            _print_mails(session, event, "would be invited", plan)
            _print_cadence(asked or cadence_of(event), event, at or now)
            click.echo(NOTHING_SENT)
            return
        sent = send_wave(session, event, by=by, now=now, emails=emails, at=at, cadence=asked)
        status = event_status(session, event)
    _print_plan("invited", sent.plan)
    if sent.wave is not None:
        click.echo(f"Wave {sent.wave.number} is queued; {_when(local_time)}.")
        _print_cadence(cadence_of(sent.wave), event, at or now)
    _print_places(status)
    if wait and sent.wave is not None:
        watch(event_slug, wave_batch(event.id, sent.wave.number))


def _moment(event: Event, local_time: datetime | None) -> datetime | None:
    return moment_at(local_time, ZoneInfo(event.time_zone)) if local_time else None


def _when(local_time: datetime | None) -> str:
    if local_time is None:
        return "the worker sends it"
    return f"the worker sends it on {local_time:%-d %B %Y at %H:%M}, local time of the event"


def _print_dry_run(session: Session, event: Event, done: str, plan: Plan) -> None:
    _print_mails(session, event, done, plan)
    click.echo(NOTHING_SENT)


def _print_mails(session: Session, event: Event, done: str, plan: Plan) -> None:
    _print_plan(done, plan)
    mails = dict.fromkeys((addressee.kind, addressee.language) for addressee in plan.addressees)
    for kind, language in mails:
        subject = subject_of(session, event, kind, language=language, parts=parts())
        click.echo(f"Subject ({_mail_word(kind)}{language}): {subject}")


def _mail_word(kind: DeliveryKind) -> str:
    """Return what a mail is besides the plain one of its command."""
    return {DeliveryKind.OFFER: "offer, ", DeliveryKind.LAST_REMINDER: "last reminder, "}.get(
        kind, ""
    )


def _print_cadence(cadence: Cadence, event: Event, at: datetime) -> None:
    """Tell on which days who has not answered is reminded of what goes out at that time."""
    days = cadence.days(today_at(event, at), event.reply_by)
    if days:
        told = ", ".join(_day(day) for day in days)
        click.echo(f"Who has not answered is reminded on {told}.")
    elif cadence != Cadence():
        click.echo("None of the days to remind on lies between the mail and the reply-by date.")


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"


def _print_plan(done: str, plan: Plan) -> None:
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
    for unwritten in plan.unwritten:
        what = "; ".join(map(str, unwritten.missing)) or "it is no language of the event"
        click.echo(f"Missing in the event file ({unwritten.language}): {what}.")


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
@click.option(
    "--email", "emails", metavar="ADDRESS", multiple=True, help="Only this guest; may be repeated."
)
@options.at
@options.by
@options.wait
def remind_command(
    event_slug: str,
    emails: tuple[str, ...],
    local_time: datetime | None,
    by: str,
    *,
    dry_run: bool,
    wait: bool,
) -> None:
    """Remind the guests of EVENT who have an open invitation, and nobody else.

    Who is not to be reminded is left out, unless named with --email. With fewer than three days
    left to the reply-by date it is the last reminder.
    """
    now = parts().clock()
    with (looking if dry_run else changing)() as session:
        event = get_event(session, event_slug)
        at = _moment(event, local_time)
        if dry_run:
            plan = plan_reminder(session, event, now=now, emails=emails, at=at)
            _print_dry_run(session, event, "would be reminded", plan)
            return
        sent = remind(session, event, by=by, now=now, emails=emails, at=at)
    _print_sent("Reminder", "reminded", event_slug, sent, local_time, wait=wait)


def _print_sent(
    noun: str,
    done: str,
    event_slug: str,
    sent: SentBatch,
    local_time: datetime | None,
    *,
    wait: bool,
) -> None:
    _print_plan(done, sent.plan)
    if sent.plan.addressees:
        click.echo(f"{noun} {number_of(sent.batch)} is queued; {_when(local_time)}.")
        if wait:
            watch(event_slug, sent.batch)


@invitations.command("cadence")
@options.event_slug
@click.argument("number", metavar="WAVE", type=click.IntRange(1))
@options.remind_after
@options.remind_before
@options.no_reminders
def cadence_command(
    event_slug: str,
    number: int,
    after: tuple[int, ...],
    before: tuple[int, ...],
    *,
    no_reminders: bool,
) -> None:
    """Set the days on which who has not answered WAVE of EVENT is reminded, from today on."""
    cadence = options.read_cadence(after, before, no_reminders=no_reminders)
    if cadence is None:
        raise click.UsageError("Give --remind-after, --remind-before or --no-reminders.")
    with changing() as session:
        event = get_event(session, event_slug)
        wave = change_cadence(session, event, number, cadence, now=parts().clock())
        went_out = wave.scheduled_for or wave.sent_at
    if cadence == Cadence():
        click.echo(f"Nobody of wave {number} is reminded by itself.")
    else:
        click.echo(f"Wave {number} has new days; those before today are left out.")
        _print_cadence(cadence, event, went_out)


@invitations.command("thank")
@options.event_slug
@options.dry_run
@options.at
@options.by
@options.wait
def thank_command(
    event_slug: str, local_time: datetime | None, by: str, *, dry_run: bool, wait: bool
) -> None:
    """Thank every guest of EVENT who had accepted, once it is over; nobody twice."""
    now = parts().clock()
    with (looking if dry_run else changing)() as session:
        event = get_event(session, event_slug)
        at = _moment(event, local_time)
        if dry_run:
            plan = plan_thanks(session, event, now=now, at=at)
            _print_dry_run(session, event, "would be thanked", plan)
            return
        sent = thank(session, event, by=by, now=now, at=at)
    _print_sent("Thanks", "thanked", event_slug, sent, local_time, wait=wait)


@invitations.command("test")
@options.event_slug
@click.option("--to", "address", required=True, metavar="ADDRESS", help="Who gets the test mail.")
@click.option("--guest", "email", metavar="ADDRESS", help="As this guest would get it.")
@click.option("--language", metavar="LANGUAGE", help="In that language, like en or sv.")
@options.by
def test(event_slug: str, address: str, email: str | None, language: str | None, by: str) -> None:
    """Send to ADDRESS how the invitation of EVENT reads. No guest gets anything."""
    with changing() as session:
        event = get_event(session, event_slug)
        delivery = send_test(
            session, event, to=address, email=email, language=language, by=by, now=parts().clock()
        )
        where = f"{delivery.recipient} in {delivery.language}"
    click.echo(f"A test mail is queued for {where}. Nobody else gets it; its link opens nothing.")


@invitations.command("withdraw")
@options.event_slug
@click.option("--email", required=True, metavar="ADDRESS", help="The guest's address.")
@options.by
def withdraw_command(event_slug: str, email: str, by: str) -> None:
    """Withdraw a guest's invitation: the link is dead at once, the place free.

    Who had it and has not declined is told by a mail, which clears the guest's calendar too.
    """
    with changing() as session:
        event = get_event(session, event_slug)
        invitation = withdraw(session, event, email=email, by=by, now=parts().clock())
        name = invitation.guest.full_name
        status = event_status(session, event)
    click.echo(f"The invitation of {name} is withdrawn; its link is dead.")
    _print_places(status)
