"""`couvert deliveries`: what became of each mail."""

import click

from app.cli import options
from app.cli.printing import print_json, print_table
from app.cli.refusals import CommandGroup
from app.cli.transaction import looking
from app.deliveries.models import Delivery, DeliveryState
from app.deliveries.queries import list_deliveries
from app.events.queries import get_event


@click.group("deliveries", cls=CommandGroup)
def deliveries() -> None:
    """See what became of each mail."""


@deliveries.command("list")
@options.event_slug
@click.option("--state", type=click.Choice([*map(str, DeliveryState)]), help="Only these.")
@options.as_json
def list_command(event_slug: str, state: str | None, *, as_json: bool) -> None:
    """List the mails of EVENT, the newest first."""
    with looking() as session:
        event = get_event(session, event_slug)
        wanted = DeliveryState(state) if state else None
        facts = [_facts(delivery) for delivery in list_deliveries(session, event.id, state=wanted)]
    if as_json:
        print_json(facts)
    else:
        shown = ("kind", "email", "state", "attempts", "id", "error")
        print_table(
            [name.capitalize() for name in shown], [[row[name] for name in shown] for row in facts]
        )


def _facts(delivery: Delivery) -> dict[str, str | int | None]:
    return {
        "id": delivery.public_id,
        "kind": delivery.kind,
        "email": delivery.recipient,
        "state": delivery.state,
        "message_id": delivery.message_id,
        "attempts": delivery.attempts,
        "error": delivery.error,
    }
