"""`couvert mail`: whether mail can go out."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict

import click

from app.addresses import read_address
from app.cli import options
from app.cli.printing import print_json
from app.cli.refusals import CommandGroup
from app.mail.check import check_mail
from app.mail.finding import Check, Outcome
from app.mail.published import make_resolver
from app.parts import parts

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
