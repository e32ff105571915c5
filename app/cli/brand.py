"""`couvert brand`: an event's colours and crest."""

from pathlib import Path

import click

from app.brand.models import Brand
from app.brand.queries import find_brand
from app.brand.services import BrandChange, change_brand
from app.cli import options
from app.cli.printing import print_columns, print_json
from app.cli.refusals import CommandGroup, Refused
from app.cli.transaction import changing, looking
from app.events.queries import get_event
from app.parts import parts


@click.group("brand", cls=CommandGroup)
def brand() -> None:
    """Give an event its colours and its crest."""


@brand.command("set")
@options.event_slug
@click.option("--colour", help='Of headings, links and buttons, like "#0d3b66"; "" for none.')
@click.option("--metal", help='Of edges and rings, like "#a8813c"; "" for none.')
@click.option(
    "--crest", "path", type=click.Path(path_type=Path), help="An SVG or PNG file; it is cleaned."
)
@click.option("--no-crest", is_flag=True, help="Remove the crest.")
@options.by
def set_brand(
    event_slug: str,
    colour: str | None,
    metal: str | None,
    path: Path | None,
    *,
    no_crest: bool,
    by: str,
) -> None:
    """Change what is named of EVENT's brand; the rest stays as it is."""
    if (colour, metal, path, no_crest) == (None, None, None, False):
        raise click.UsageError("Name what to change: --colour, --metal, --crest or --no-crest.")
    if path and no_crest:
        raise click.UsageError("Give a crest or remove it, not both.")
    wanted = BrandChange(colour, metal, _read(path) if path else None, remove_crest=no_crest)
    with changing() as session:
        event = get_event(session, event_slug)
        changed = change_brand(session, event, wanted, by=by, now=parts().clock())
        _print(_facts(changed))


@brand.command("show")
@options.event_slug
@options.as_json
def show(event_slug: str, *, as_json: bool) -> None:
    """Show the brand of EVENT."""
    with looking() as session:
        facts = _facts(find_brand(session, get_event(session, event_slug).id))
    if as_json:
        print_json(facts)
    else:
        _print(facts)


def _facts(found: Brand | None) -> dict[str, object]:
    return {
        "colour": found.colour if found else None,
        "metal": found.metal if found else None,
        "crest": str(found.crest_type) if found and found.crest_type else None,
        "crest_bytes": len(found.crest) if found and found.crest else None,
        "changed_by": found.changed_by if found else None,
    }


def _print(facts: dict[str, object]) -> None:
    crest = f"{facts['crest']}, {facts['crest_bytes']} bytes" if facts["crest"] else "none"
    print_columns(
        [
            ("Colour", str(facts["colour"] or "Couvert's own")),
            ("Metal", str(facts["metal"] or "Couvert's own")),
            ("Crest", crest),
        ]
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"The file {path} cannot be read: {error.strerror}.") from error
