"""`couvert mail`: whether mail can go out, and what keeps it back."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

import click

from app.addresses import read_address
from app.cli import options
from app.cli.printing import print_json, print_table
from app.cli.refusals import CommandGroup
from app.cli.transaction import changing, looking
from app.deliveries.alarms import Alarm, AlarmKind, list_alarms
from app.deliveries.models import Pause, PauseKind
from app.deliveries.pauses import ALL, STRIKES_OF_A_DOMAIN, go_on, read_pauses
from app.mail.check import check_mail
from app.mail.finding import Check, Outcome
from app.mail.published import make_resolver
from app.mail.replies import with_words
from app.parts import parts

ALARMS = {
    AlarmKind.NOTHING_TAKEN: "The server puts off whatever it is handed, and has taken nothing.",
    AlarmKind.NO_WORKER: "Mail is overdue and nothing goes out. Does a worker run? See its log.",
    AlarmKind.CLOCK: "The log has lines from later than now: the clock was set back.",
}
WIDTHS = 11, 13  # of the longest outcome, the longest name


@click.group("mail", cls=CommandGroup)
def mail() -> None:
    """See whether mail can go out."""


@mail.command("check")
@click.option("--to", "recipient", metavar="ADDRESS", help="Ask whether mail to ADDRESS is taken.")
@options.as_json
def check(recipient: str | None, *, as_json: bool) -> None:
    """Try what sending needs, step by step, and say what to mend. Nothing is sent.

    The exit status is 1 if anything failed; a warning is no failure.
    """
    checks = check_mail(
        parts().settings.mail,
        parts().mail,
        parts().dkim,
        resolver=make_resolver(),
        now=parts().clock(),
        recipient=read_address(recipient) if recipient else "",
    )
    done = list(checks if as_json else _shown(checks))
    if as_json:
        print_json([asdict(check) for check in done])
    else:
        click.echo(_summary(done))
    if _count(done, Outcome.FAILED):
        sys.exit(1)


@mail.command("status")
@options.as_json
def status(*, as_json: bool) -> None:
    """Say what keeps mail back: faults, stops, providers that ask for patience.

    The exit status is 1 while something needs a person: for a monitor to look at.
    """
    now = parts().clock()
    with looking() as session:
        alarms = list_alarms(session, now)
        pauses = [_pause_facts(pause) for pause in read_pauses(session, now).rows if _holds(pause)]
    facts = [_alarm_facts(alarm) for alarm in alarms]
    if as_json:
        print_json({"alarms": facts, "pauses": pauses})
    else:
        _print_status(facts, pauses)
    if alarms:
        sys.exit(1)


def _alarm_facts(alarm: Alarm) -> dict[str, str]:
    pause = alarm.pause
    why = with_words(pause.reason, pause.reply) if pause is not None else ""
    return {"alarm": alarm.kind, "since": _utc(alarm.since), "why": why or ALARMS[alarm.kind]}


def _holds(pause: Pause) -> bool:
    """Whether it is more than the first strikes of a provider, which hold nothing back yet."""
    return pause.kind is not PauseKind.DOMAIN or pause.strikes >= STRIKES_OF_A_DOMAIN


def _pause_facts(pause: Pause) -> dict[str, str | int | None]:
    return {
        "scope": pause.scope,
        "kind": pause.kind,
        "since": _utc(pause.since),
        "until": _utc(pause.until) if pause.until else None,
        "strikes": pause.strikes,
        "why": with_words(pause.reason, pause.reply) if pause.reason else f"by {pause.by}",
    }


def _print_status(
    alarms: Sequence[dict[str, str]], pauses: Sequence[dict[str, str | int | None]]
) -> None:
    for alarm in alarms:
        click.echo(f"ALARM since {alarm['since']}: {alarm['why']}")
    if pauses:
        headings = ["Held back", "Kind", "Since", "Until", "Strikes", "Why"]
        print_table(headings, [tuple(pause.values()) for pause in pauses])
    if not alarms and not pauses:
        click.echo("Nothing keeps mail back.")


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


@mail.command("retry")
def retry() -> None:
    """Try at once what waits after a fault, when it is mended."""
    with changing() as session:
        lifted = go_on(session, ALL)
    click.echo("It is tried again now." if lifted else "Nothing waited for a fault.")


def _shown(checks: Iterable[Check]) -> Iterable[Check]:
    """Print each check as it comes: a server may take its time."""
    for done in checks:
        click.echo(f"{done.outcome:<{WIDTHS[0]}}  {done.name:<{WIDTHS[1]}}  {done.found}")
        if done.mend:
            click.echo(f"{'':<{sum(WIDTHS) + 4}}Mend: {done.mend}")
        yield done


def _summary(done: Sequence[Check]) -> str:
    failures, warnings = _count(done, Outcome.FAILED), _count(done, Outcome.WARNING)
    return f"\nFailed: {failures}. Warnings: {warnings}. Nothing was sent."


def _count(done: Sequence[Check], outcome: Outcome) -> int:
    return sum(check.outcome is outcome for check in done)
