"""Commands that keep running: `serve` (web and delivery in one process) and `worker`."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

import click
from flask import Flask
from flask.cli import with_appcontext
from waitress.server import create_server

import app as couvert
from app.cli.transaction import changing, refuse_other_schema
from app.config import Settings
from app.mail.mailbox import Mailbox
from app.organisers.queries import first_organiser
from app.organisers.services import make_sign_in_link
from app.parts import Parts, parts
from app.worker.loop import Worker

WEB_THREADS = 8
PATIENCE_SECONDS = 15
"""How much longer than a mail may take a stopping process waits: the database has its own time."""


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Run web and delivery in one process, on http://127.0.0.1:PORT.

    Without MAIL_SERVER it also runs a mailbox on this machine that takes every mail, and prints a
    link that signs the organiser in.
    """
    refuse_other_schema()
    with _mail_settings(parts().settings) as settings:
        app = couvert.create_app(settings)
        try:
            server = create_server(app, host="127.0.0.1", port=settings.port, threads=WEB_THREADS)
        except OSError as error:
            raise click.ClickException(
                f"Port {settings.port} is taken ({error.strerror}). Choose another: PORT=8001."
            ) from error
        _stop_on_signals()
        with _working(app):
            _tell(app)
            server.run()
    click.echo("Stopped.")


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Send what is due, beside a web server of one's own; any number of workers may run."""
    refuse_other_schema()
    if parts().settings.local_mail:
        raise click.ClickException(
            "MAIL_SERVER is not set. The mailbox on this machine belongs to `couvert serve`."
        )
    loop = Worker(couvert.create_app(parts().settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: loop.stop.set())
    click.echo("Delivering. Ctrl-C stops.")
    loop.run()
    click.echo("Stopped.")


@contextmanager
def _mail_settings(settings: Settings) -> Iterator[Settings]:
    """Return settings with a server to send to: in local mode the mailbox, as long as it runs."""
    if not settings.local_mail:
        yield settings
        return
    mailbox = Mailbox(settings.instance_path / "mailbox", clock=parts().clock)
    mailbox.start()
    try:
        mail = replace(settings.mail, server="127.0.0.1", port=mailbox.port)
        yield replace(settings, mail=mail)
    finally:
        mailbox.stop()


@contextmanager
def _working(app: Flask) -> Iterator[None]:
    """Run the worker beside the web server; on the way out it finishes the mails in hand."""
    loop = Worker(app)
    thread = threading.Thread(target=loop.run, name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.stop.set()
        thread.join(loop.longest_mail.total_seconds() + PATIENCE_SECONDS)


def _stop_on_signals() -> None:
    """Let waitress end between requests: it answers those in hand, then returns."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _tell(app: Flask) -> None:
    made: Parts = app.extensions["couvert"]
    base_url = made.settings.base_url
    click.echo(f"Couvert runs at {base_url} (Ctrl-C stops)")
    if not made.settings.local_mail:
        return
    click.echo(f"  Mailbox:  {base_url}/mailbox  (every mail lands there, none leaves)")
    with changing() as session:
        organiser = first_organiser(session)
        link = make_sign_in_link(session, organiser, made.clock()) if organiser else None
    if organiser and link:
        click.echo(f"  Sign in:  {made.links.sign_in(link.public_id)}")
        click.echo(f"            as {organiser.email}; works once, for 15 minutes. Again:")
        click.echo(f"            .venv/bin/couvert organisers sign-in-link {organiser.email}")
