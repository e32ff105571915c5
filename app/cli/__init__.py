"""The `couvert` command: thin, calls services; the same commands as `flask --app wsgi`."""

import sys
from io import TextIOWrapper

import click
from flask.cli import ScriptInfo

from app import create_app
from app.cli.brand import brand
from app.cli.calendars import calendars
from app.cli.database import database
from app.cli.delegates import delegates
from app.cli.deliveries import deliveries
from app.cli.digests import digests
from app.cli.events import events
from app.cli.guests import guests
from app.cli.invitations import invitations
from app.cli.mail import mail
from app.cli.organisers import organisers
from app.cli.privacy import privacy
from app.cli.programme import programme
from app.cli.refusals import CommandGroup
from app.cli.requests import requests
from app.cli.running import serve, worker
from app.cli.texts import texts

COMMANDS: tuple[click.Command, ...] = (
    serve,
    worker,
    database,
    events,
    guests,
    invitations,
    delegates,
    requests,
    deliveries,
    digests,
    mail,
    organisers,
    texts,
    brand,
    privacy,
    programme,
    calendars,
)


couvert = CommandGroup(
    "couvert", commands=COMMANDS, help="Invitations and answers for invitation-only events."
)


def main() -> None:
    """Run the command that was typed."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal cannot show must not end the command half-way.
            stream.reconfigure(errors="backslashreplace")
    couvert(obj=ScriptInfo(create_app=create_app))
