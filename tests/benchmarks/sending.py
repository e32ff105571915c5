"""1 000 invitations: `send` to the last mail in a local sink, beside bare smtplib."""

import smtplib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.clock import utc_now
from app.config import Settings
from app.db import migrate
from app.db.engine import make_engine
from app.deliveries.models import Delivery, DeliveryState
from app.events.models import Event
from app.invitations.services import send_wave
from app.worker.jobs import compose
from app.worker.loop import Worker
from tests.factories import approve_list, make_dinner, make_event, make_guest

MAILS = 1000
ROUNDS = 3
AHEAD = {"starts": date(2090, 12, 9), "ends": date(2090, 12, 10), "reply_by": date(2090, 11, 20)}


@dataclass
class Round:
    bare: float
    ours: float
    request: float


def measure(folder: Path, database_url: str = "") -> None:
    rounds = [_round(folder / str(number), database_url) for number in range(ROUNDS)]
    bare = statistics.median(round_.bare for round_ in rounds)
    ours = statistics.median(round_.ours for round_ in rounds)
    request = statistics.median(round_.request for round_ in rounds)
    print(f"Sending {MAILS} invitations (median of {ROUNDS} rounds, one local sink)")
    print(f"  bare smtplib, built while sending   {MAILS / bare:6.0f} mails/s   1.00")
    print(f"  ours, wave to last mail             {MAILS / ours:6.0f} mails/s   {bare / ours:.2f}")
    print(f"  the request that sends them returns in {request:.2f} s")


def _round(folder: Path, database_url: str) -> Round:
    folder.mkdir(parents=True)
    with _sink() as port:
        settings = Settings.from_environment(
            {
                "INSTANCE_PATH": str(folder),
                "DATABASE_URL": database_url,
                "MAIL_SERVER": "127.0.0.1",
                "MAIL_PORT": str(port),
            }
        )
        migrate.upgrade(make_engine(settings.database_url))
        app = create_app(settings)
        sessions = app.extensions["couvert"].sessions
        with sessions.begin() as session:
            event = make_event(session, slug=f"bench-{folder.name}", place_limit=MAILS, **AHEAD)
            make_dinner(session, event, places=MAILS)
            for _ in range(MAILS):
                make_guest(session, event, language="en")
            approve_list(session, event)
        example = _example_mail(app)
        # Alternating order would be fairer to neither: the sink is fresh for both.
        bare = _send_bare(port, example)
        request, ours = _send_ours(app, folder.name)
        return Round(bare, ours, request)


def _example_mail(app: Flask) -> tuple[str, str, str]:
    """Return subject, text and HTML as an invitation of ours has them, for smtplib to send."""
    parts = app.extensions["couvert"]
    with app.app_context(), parts.sessions() as session:
        event = session.scalars(select(Event)).first()
        send_wave(session, event, by="Bench", now=utc_now())
        delivery = session.scalars(select(Delivery).limit(1)).one()
        message = compose(session, delivery, parts, utc_now())
        session.rollback()
        return str(message.subject), str(message.body), str(message.html)


def _send_bare(port: int, example: tuple[str, str, str]) -> float:
    """The yardstick: EmailMessage built for each mail, one kept connection."""
    subject, text, html = example
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as connection:
        for number in range(MAILS):
            mail = EmailMessage()
            mail["From"] = "City of Stockholm <summit@stockholm.example>"
            mail["To"] = f"Dr Zofia Strøm-Łęcka <guest{number}@example.org>"
            mail["Subject"] = subject
            mail["Date"] = format_datetime(utc_now())
            mail["Message-ID"] = make_msgid(domain="stockholm.example")
            mail.set_content(text)
            mail.add_alternative(html, subtype="html")
            connection.send_message(mail)
    return time.perf_counter() - began


def _send_ours(app: Flask, name: str) -> tuple[float, float]:
    parts = app.extensions["couvert"]
    worker = Worker(app)
    began = time.perf_counter()
    with parts.sessions.begin() as session:
        event = session.scalars(select(Event).where(Event.slug == f"bench-{name}")).one()
        send_wave(session, event, by="Bench", now=utc_now())
    request = time.perf_counter() - began
    with app.app_context():
        while worker.send_batch():
            pass
        worker.transport.close()
    took = time.perf_counter() - began
    with parts.sessions() as session:
        sent = session.scalar(
            select(func.count()).where(
                Delivery.state == DeliveryState.SENT, Delivery.event_id == event.id
            )
        )
    if sent != MAILS:
        raise RuntimeError(f"{sent} of {MAILS} sent")
    return request, took


@contextmanager
def _sink() -> Iterator[int]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.smtp_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("the sink has no pipes")
        yield int(process.stdout.readline().split()[-1])
        process.communicate()
