"""The yardstick: invitations by bare smtplib, an EmailMessage built for each while sending."""

import smtplib
import time
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from sqlalchemy import select

from app import create_app
from app.clock import utc_now
from app.config import Settings
from app.db import migrate
from app.deliveries.models import Delivery
from app.worker.jobs import compose
from tests.factories import NOW, make_dinner, make_event, make_invitation

Texts = tuple[str, str, str]


def example_texts(folder: Path) -> Texts:
    """Return subject, text and HTML as an invitation of ours has them."""
    app = create_app(Settings.from_environment({"INSTANCE_PATH": str(folder)}))
    parts = app.extensions["couvert"]
    migrate.upgrade(parts.sessions.kw["bind"])
    with app.app_context(), parts.sessions() as session:
        event = make_event(session)
        make_dinner(session, event)
        make_invitation(session, event)
        delivery = session.scalars(select(Delivery)).one()
        message = compose(session, delivery, parts, NOW)
        session.rollback()
    parts.sessions.kw["bind"].dispose()
    return str(message.subject), str(message.body), str(message.alts["html"])


def send_bare(port: int, mails: int, texts: Texts) -> tuple[float, float]:
    """Send them over one kept connection; return the seconds it took, and those of the CPU."""
    subject, text, html = texts
    began, used = time.perf_counter(), time.process_time()
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as connection:
        for number in range(mails):
            mail = EmailMessage()
            mail["From"] = "City of Stockholm <summit@stockholm.example>"
            mail["To"] = f"Dr Zofia Strøm-Łęcka <guest{number}@example.org>"
            mail["Subject"] = subject
            mail["Date"] = format_datetime(utc_now())
            mail["Message-ID"] = make_msgid(domain="stockholm.example")
            mail.set_content(text)
            mail.add_alternative(html, subtype="html")
            connection.send_message(mail)
    return time.perf_counter() - began, time.process_time() - used
