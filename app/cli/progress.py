"""How a sending goes on, as a bar that moves until everything has its end."""

import time
from datetime import timedelta

import click

from app.cli.transaction import looking
from app.deliveries.alarms import OVERDUE
from app.deliveries.batches import Progress, kind_of, number_of, read_progress
from app.deliveries.models import DeliveryState, PauseKind
from app.events.queries import get_event
from app.mail.replies import with_words
from app.parts import parts

TURN_SECONDS = 0.5
TOLD = (
    DeliveryState.SENT,
    DeliveryState.DEFERRED,
    DeliveryState.FAILED,
    DeliveryState.UNCERTAIN,
)


def current(event_slug: str, batch: str | None) -> Progress:
    """Return how far it has come by now."""
    with looking() as session:
        event = get_event(session, event_slug)
        return read_progress(session, event.id, now=parts().clock(), batch=batch)


def watch(event_slug: str, batch: str | None) -> None:
    """Show a bar until no mail waits; it ends early where mail waits for a person or a time."""
    progress = current(event_slug, batch)
    with click.progressbar(length=max(progress.total, 1), label="Sending") as bar:
        while True:
            bar.label = told(progress)
            bar.update(progress.done - bar.pos)
            if not progress.unfinished or waits_for(event_slug, progress):
                break
            time.sleep(TURN_SECONDS)
            progress = current(event_slug, batch)
    if reason := waits_for(event_slug, progress):
        click.echo(reason)


def told(progress: Progress) -> str:
    """Return '28 of 30 sent, 1 deferred, 1 failed, about 2 minutes left'."""
    counts = progress.counts
    words = [f"{counts[DeliveryState.SENT]} of {progress.total} sent"]
    words += [f"{counts[state]} {state}" for state in TOLD[1:] if counts[state]]
    left = progress.time_left(parts().clock())
    if left is not None and progress.unfinished:
        words.append(f"{_about(left)} left")
    return ", ".join(words)


def waits_for(event_slug: str, progress: Progress) -> str:
    """Return what mail waits for that no waiting here would bring nearer; empty for nothing."""
    pause, now = progress.held_by, parts().clock()
    if pause is not None and pause.kind is PauseKind.STOPPED:
        command = resume_command(event_slug, pause.scope)
        return f"Stopped by {pause.by}. To go on: {command}"
    if pause is not None and pause.kind is PauseKind.SETTINGS:
        return f"No mail can go: {with_words(pause.reason, pause.reply)}"
    if progress.due_at is not None and progress.due_at > now and not progress.per_minute:
        return f"The next mail is due at {progress.due_at.isoformat(timespec='minutes')}."
    overdue = progress.due_at is not None and progress.due_at < now - OVERDUE
    if overdue and not progress.counts[DeliveryState.SENDING] and not progress.per_minute:
        return "Mail is overdue and nothing goes out. Does a worker run? See couvert mail status."
    return ""


def resume_command(event_slug: str, scope: str) -> str:
    """Return what to type so that what a stop of that scope holds goes on."""
    kind, _, batch = scope.partition(":")
    option = f" --{kind_of(batch)} {number_of(batch)}" if kind == "batch" else ""
    return f"couvert deliveries resume {event_slug}{option}"


def _about(left: timedelta) -> str:
    if left < timedelta(seconds=90):
        return f"about {max(1, round(left.total_seconds()))} seconds"
    return f"about {round(left.total_seconds() / 60)} minutes"
