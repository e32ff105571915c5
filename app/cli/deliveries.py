"""`couvert deliveries`: what became of each mail, and what is done about it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click
from sqlalchemy.orm import Session

from app.cli import options
from app.cli.printing import print_columns, print_json, print_table
from app.cli.progress import current, resume_command, told, waits_for, watch
from app.cli.refusals import CommandGroup, Refused
from app.cli.transaction import changing, looking
from app.dashboard.mail_log import HEADINGS, log_rows
from app.deliveries import services
from app.deliveries.batches import has_batch, reminder_batch, wave_batch
from app.deliveries.copies import read_copies
from app.deliveries.models import Delivery, DeliveryState
from app.deliveries.pauses import batch_scope, event_scope, go_on, stop
from app.deliveries.queries import find_delivery, last_replies, list_deliveries, read_log
from app.events.models import Event
from app.events.queries import get_event
from app.mail.replies import with_words
from app.parts import parts
from app.spreadsheets import write_table
from app.texts.models import EventText
from app.texts.queries import texts_by_id, texts_of_deliveries

delivery_id = click.argument("public_id", metavar="ID")


@click.group("deliveries", cls=CommandGroup)
def deliveries() -> None:
    """See what became of each mail, stop and go on, settle what is uncertain."""


@deliveries.command("list")
@options.event_slug
@click.option("--state", type=click.Choice([*map(str, DeliveryState)]), help="Only these.")
@options.as_json
def list_command(event_slug: str, state: str | None, *, as_json: bool) -> None:
    """List the mails of EVENT, the newest first."""
    with looking() as session:
        event = get_event(session, event_slug)
        wanted = DeliveryState(state) if state else None
        replies = last_replies(session, event.id)
        found = list_deliveries(session, event.id, state=wanted)
        texts = texts_of_deliveries(session, event.id)
        facts = [
            _facts(delivery, replies.get(delivery.id, ""), texts.get(delivery.id))
            for delivery in found
        ]
    if as_json:
        print_json(facts)
    else:
        shown = ("kind", "email", "state", "attempts", "id", "error")
        print_table(
            [name.capitalize() for name in shown], [[row[name] for name in shown] for row in facts]
        )


def _facts(delivery: Delivery, reply: str, text: EventText | None) -> dict[str, str | int | None]:
    return {
        "id": delivery.public_id,
        "kind": delivery.kind,
        "resend": delivery.resend,
        "email": delivery.recipient,
        "state": delivery.state,
        "message_id": delivery.message_id,
        "attempts": delivery.attempts,
        "error": with_words(delivery.error, reply) if delivery.error else "",
        "reply": reply,
        "words_version": text.version if text else None,
        "words_by": text.written_by if text else None,
    }


@deliveries.command("show")
@options.event_slug
@delivery_id
@options.as_json
def show(event_slug: str, public_id: str, *, as_json: bool) -> None:
    """Print the log of one mail of EVENT, and the mail as it went out, its links masked."""
    with looking() as session:
        delivery = _find(session, get_event(session, event_slug), public_id)
        lines = [
            {
                "at": move.at.isoformat(timespec="seconds"),
                "state": move.state,
                "attempt": move.attempt,
                "by": move.by,
                "reason": move.reason,
                "reply": move.reply,
            }
            for move in read_log(session, delivery.id)
        ]
        copies = read_copies(session, delivery.id)
        sent = next(iter(copies.values()), None)
        ids = [sent.text_id] if sent and sent.text_id else []
        text = next(iter(texts_by_id(session, ids).values()), None)
        facts = {**_facts(delivery, str(lines[-1]["reply"]), text), "log": lines}
    if as_json:
        print_json({**facts, "subject": sent and sent.subject, "text": sent and sent.text})
        return
    click.echo(f"{delivery.kind} to {delivery.recipient}: {delivery.state}")
    print_columns([tuple(map(str, line.values())) for line in lines], indent="  ")
    if sent is not None:
        click.echo(_whose(facts))
        click.echo(f"\n{sent.headers}\n\n{sent.text}")


def _whose(facts: Mapping[str, object]) -> str:
    version, by = facts["words_version"], facts["words_by"]
    return f"Own words, version {version}, by {by}" if version else "The product's words"


@deliveries.command("progress")
@options.event_slug
@options.wave
@options.reminder
@click.option("--watch", "watching", is_flag=True, help="Until no mail waits any more.")
@options.as_json
def progress(
    event_slug: str, wave: int | None, reminder: int | None, *, watching: bool, as_json: bool
) -> None:
    """Say how far the sending of EVENT has come: sent, deferred, failed, time left."""
    with looking() as session:
        batch = _batch(session, get_event(session, event_slug), wave, reminder)
    if watching:
        watch(event_slug, batch)
        return
    now = current(event_slug, batch)
    left = now.time_left(parts().clock())
    if as_json:
        counts = {str(state): number for state, number in now.counts.items()}
        seconds = round(left.total_seconds()) if left is not None else None
        print_json({**counts, "total": now.total, "seconds_left": seconds})
    else:
        click.echo("\n".join(filter(None, [told(now), waits_for(event_slug, now)])))


def _batch(session: Session, event: Event, wave: int | None, reminder: int | None) -> str | None:
    if wave is not None and reminder is not None:
        raise click.UsageError("Give --wave or --reminder, not both.")
    number = reminder if wave is None else wave
    if number is None:
        return None
    name = "reminder" if wave is None else "wave"
    batch = (reminder_batch if wave is None else wave_batch)(event.id, number)
    if not has_batch(session, batch):
        raise Refused(f"There is no {name} {number} of this event; nothing was changed.")
    return batch


@deliveries.command("stop")
@options.event_slug
@options.wave
@options.reminder
@options.by
def stop_command(event_slug: str, wave: int | None, reminder: int | None, by: str) -> None:
    """Stop the sending of EVENT, or of one wave, within one mail. Nothing is lost."""
    with changing() as session:
        event = get_event(session, event_slug)
        scope = _scope(session, event, wave, reminder)
        stopped = stop(session, scope, by=by, now=parts().clock())
    click.echo("Stopped." if stopped else "It was stopped already.")
    click.echo(f"To go on: {resume_command(event_slug, scope)}")


@deliveries.command("resume")
@options.event_slug
@options.wave
@options.reminder
def resume(event_slug: str, wave: int | None, reminder: int | None) -> None:
    """Go on with the sending of EVENT, or of one wave, after a stop."""
    with changing() as session:
        event = get_event(session, event_slug)
        lifted = go_on(session, _scope(session, event, wave, reminder))
    click.echo("The sending goes on." if lifted else "Nothing was stopped.")


def _scope(session: Session, event: Event, wave: int | None, reminder: int | None) -> str:
    batch = _batch(session, event, wave, reminder)
    return batch_scope(batch) if batch else event_scope(event.id)


@deliveries.command("cancel")
@options.event_slug
@click.argument("public_id", metavar="[ID]", required=False)
@options.wave
@options.reminder
@options.by
def cancel(
    event_slug: str, public_id: str | None, wave: int | None, reminder: int | None, by: str
) -> None:
    """Cancel one waiting mail of EVENT, or what still waits of a wave. Places stay held."""
    now = parts().clock()
    with changing() as session:
        event = get_event(session, event_slug)
        batch = _batch(session, event, wave, reminder)
        if (public_id is None) == (batch is None):
            raise click.UsageError("Give the ID of a mail, or --wave, or --reminder.")
        if batch is not None:
            number = services.cancel_batch(session, batch, by=by, now=now)
        else:
            found = _find(session, event, str(public_id))
            services.cancel_one(session, found, by=by, now=now)
            number = 1
    click.echo(f"{number} cancelled. Places stay held; whom it concerns, the next send invites.")


def _settling(name: str, act: Callable[..., None], does: str, done: str) -> None:
    """Make the command by which a person says what became of a mail."""

    @deliveries.command(name, help=does)
    @options.event_slug
    @delivery_id
    @options.by
    def command(event_slug: str, public_id: str, by: str) -> None:
        with changing() as session:
            delivery = _find(session, get_event(session, event_slug), public_id)
            act(session, delivery, by=by, now=parts().clock())
        click.echo(done)


_settling(
    "arrived", services.mark_arrived, "Say that an uncertain mail of EVENT arrived.", "Noted."
)
_settling(
    "send-again",
    services.send_again,
    "Send an uncertain or failed mail of EVENT once more, with the same Message-ID.",
    "It is queued again.",
)


@deliveries.command("send-failed-again")
@options.event_slug
@options.wave
@options.reminder
@options.by
def send_failed_again(event_slug: str, wave: int | None, reminder: int | None, by: str) -> None:
    """Send every failed mail of a wave of EVENT once more, after what refused them is mended."""
    with changing() as session:
        batch = _batch(session, get_event(session, event_slug), wave, reminder)
        if batch is None:
            raise click.UsageError("Give --wave or --reminder.")
        number = services.send_failed_again(session, batch, by=by, now=parts().clock())
    click.echo(f"{number} queued again.")


_settling("bounced", services.mark_bounced, "Say that a mail of EVENT came back.", "Noted.")


@deliveries.command("export")
@options.event_slug
@options.file_path
def export(event_slug: str, path: Path) -> None:
    """Write the log of all mails of EVENT, with what was sent, to FILE (.csv or .xlsx)."""
    with looking() as session:
        event = get_event(session, event_slug)
        try:
            number = write_table(path, HEADINGS, log_rows(session, event))
        except OSError as error:
            raise Refused(f"{path} cannot be written: {error.strerror}.") from error
    click.echo(f"{number} lines are written to {path}.")


def _find(session: Session, event: Event, public_id: str) -> Delivery:
    found = find_delivery(session, event.id, public_id)
    if found is None:
        raise Refused(
            f'No mail of this event has the id "{public_id}": couvert deliveries list {event.slug}'
        )
    return found
