"""`couvert db`: the database itself."""

import click

from app.cli.refusals import CommandGroup
from app.cli.transaction import make_room_for_database
from app.db import migrate
from app.db.engine import make_engine
from app.parts import parts


@click.group("db", cls=CommandGroup)
def database() -> None:
    """Prepare the database."""


@database.command("upgrade")
def upgrade() -> None:
    """Make the tables, or bring them to this version; what is in them is kept."""
    make_room_for_database()
    engine = make_engine(parts().settings.database_url)
    try:
        migrate.upgrade(engine)
    finally:
        engine.dispose()
    click.echo("The database is that of this version.")
