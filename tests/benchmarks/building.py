"""Mails built, from the rows to the bytes for SMTP, beside EmailMessage alone: 1 000 invitations,
and confirmations with their calendar objects."""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from app.clock import utc_now
from app.config import Settings
from app.db import migrate
from app.db.engine import make_engine, reading
from app.deliveries.models import Delivery, DeliveryKind
from app.events.models import Event
from app.invitations.messages import find_invitation, occasion_of
from app.invitations.models import Invitation
from app.invitations.services import send_wave
from app.mail.message import MailMessage
from app.parts import Parts
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from app.worker.jobs import compose, load_invitations
from tests.factories import approve_list, make_dinner, make_event, make_guest, make_item
from tests.mails.composing import Plainly

MAILS = 1000
FEW = 200
BATCH = 20
SLUG = "bench-building"
ROUNDS = 5
AHEAD = {"starts": date(2090, 12, 9), "ends": date(2090, 12, 10), "reply_by": date(2090, 11, 20)}
SENDER = Address("City of Stockholm", "summit", "stockholm.example")
LABELS = {
    "alone": "EmailMessage alone, its content given",
    "ours": "ours, rows to bytes",
    "rows": "  rows read",
    "link": "  link signed",
    "content": "  subject, text and HTML",
    "MIME": "  MIME",
    "rest": "  facts and the rest",
    "undrafted": "ours, if every mail were rendered anew",
}
WHOLE = {"alone", "ours", "undrafted"}


def measure(folder: Path, database_url: str = "") -> None:
    app = _app_with_invitations(folder, database_url)
    with app.app_context():
        rounds = [_round(app.extensions["couvert"]) for _ in range(ROUNDS)]
    median = {name: statistics.median(round_[name] for round_ in rounds) for name in LABELS}
    print(f"Building {MAILS} invitations (CPU per mail, median of {ROUNDS} rounds)")
    for name, label in LABELS.items():
        ratio = f"{median[name] / median['alone']:8.2f}" if name in WHOLE else ""
        print(f"  {label:<40}{median[name] / MAILS * 1e6:6.0f} µs{ratio}")


def measure_calendars(folder: Path, database_url: str = "") -> None:
    """Print the same of confirmations that carry two calendar objects each."""
    app = _app_with_invitations(folder, database_url)
    parts: Parts = app.extensions["couvert"]
    with app.app_context():
        with parts.sessions.begin() as session:
            _accept(session)
        ours, alone = [], []
        for _ in range(ROUNDS):
            mails: list[MailMessage] = []
            ours.append(_seconds(lambda: mails.extend(_confirmed(parts))))  # noqa: B023
            alone.append(_seconds(lambda: [_alone(mail, 1) for mail in mails]))  # noqa: B023
    ratio = statistics.median(ours) / statistics.median(alone)
    print(f"Building {FEW} confirmations with two calendar objects: {ratio:.2f} times EmailMessage")


def _accept(session: Session) -> None:
    event = session.scalars(select(Event).where(Event.slug == SLUG)).one()
    starts = datetime(2090, 12, 10, 9, tzinfo=UTC)
    facts = {"starts": starts, "ends": starts + timedelta(hours=1), "locks": date(2090, 12, 1)}
    make_item(session, event, "opening", **facts)
    wish = AnswerWish(Answer.ACCEPTED, frozenset({"opening", "dinner"}))
    facts = {"channel": AnswerChannel.PHONE, "actor": "Bench", "now": utc_now()}
    for invitation in session.scalars(select(Invitation).limit(FEW)).all():
        record_answer(session, invitation, wish, **facts)


def _confirmed(parts: Parts) -> list[MailMessage]:
    """Make every confirmation, each batch in a session of its own, as the worker does."""
    made, now = [], utc_now()
    confirmation = Delivery.kind == DeliveryKind.CONFIRMATION
    with parts.sessions() as session:
        deliveries = session.scalars(select(Delivery).where(confirmation)).all()
    for start in range(0, FEW, BATCH):
        batch = deliveries[start : start + BATCH]
        with reading(), parts.sessions() as session:
            session.info["kept"] = load_invitations(session, batch)
            made += [compose(session, delivery, parts, now) for delivery in batch]
    for mail in made:
        mail.as_bytes()
    return made


def _round(parts: Parts) -> Counter[str]:
    """Return the CPU seconds of all mails, whole and by what they were spent on."""
    spent: Counter[str] = Counter()
    mail = _built(parts)
    clocked = replace(
        parts,
        links=Clocked(parts.links, spent, "link"),
        composer=Clocked(parts.composer, spent, "content"),
    )
    spent["alone"] = _seconds(lambda: [_alone(mail, number) for number in range(MAILS)])
    spent["ours"] = _seconds(lambda: _built(parts))
    _built(clocked)
    spent["rows"] = _seconds(lambda: [_read(*row) for row in _deliveries(parts)])
    spent["MIME"] = _seconds(lambda: [_message(mail, number) for number in range(MAILS)])
    plainly = Plainly(parts.composer.folder, parts.composer.filters)
    spent["undrafted"] = _seconds(lambda: _built(replace(parts, composer=plainly)))
    spent["rest"] = spent["ours"] - sum(spent[name] for name in ("rows", "link", "content", "MIME"))
    return spent


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _deliveries(parts: Parts) -> Iterator[tuple[Session, Delivery]]:
    """Yield every delivery in the session it is made in: one for each batch, as the worker does."""
    with parts.sessions() as session:
        ours = select(Delivery).join(Event).where(Event.slug == SLUG)
        deliveries = session.scalars(ours).all()
    for start in range(0, MAILS, BATCH):
        batch = deliveries[start : start + BATCH]
        with reading(), parts.sessions() as session:
            session.info["kept"] = load_invitations(session, batch)
            yield from ((session, delivery) for delivery in batch)


def _built(parts: Parts) -> MailMessage:
    now = utc_now()
    for session, delivery in _deliveries(parts):
        mail = compose(session, delivery, parts, now)
        mail.as_bytes()
    return mail


def _read(session: Session, delivery: Delivery) -> None:
    invitation = find_invitation(session, delivery)
    occasion_of(session, invitation.event_id)


def _alone(content: MailMessage, number: int) -> bytes:
    mail = EmailMessage()
    mail["From"] = str(SENDER)
    mail["To"] = f"Dr Zofia Strøm-Łęcka <guest{number}@example.org>"
    mail["Subject"] = content.subject
    mail["Date"] = format_datetime(utc_now())
    mail["Message-ID"] = f"<{number}@stockholm.example>"
    mail.set_content(content.body)
    mail.add_alternative(content.html, subtype="html")
    for file in content.calendars:
        parameters = {"method": file.method}
        mail.add_attachment(
            file.content.decode(), subtype="calendar", params=parameters, filename=file.name
        )
    return mail.as_bytes()


def _message(content: MailMessage, number: int) -> bytes:
    return MailMessage(
        to=Address(f"Zofia Strøm-Łęcka {number}", f"guest{number}", "example.org"),
        sender=SENDER,
        reply_to=SENDER,
        subject=content.subject,
        text=content.body,
        html=content.html,
        message_id=f"{number}@stockholm.example",
        date=utc_now(),
        headers={"Auto-Submitted": "auto-generated"},
    ).as_bytes()


@dataclass(frozen=True)
class Clocked:
    """Does what `inner` does, and notes how long its methods take."""

    inner: object
    spent: Counter[str]
    name: str

    def __getattr__(self, method: str) -> Callable[..., object]:
        called = getattr(self.inner, method)

        def clocked(*given: object, **named: object) -> object:
            began = time.process_time()
            result = called(*given, **named)
            self.spent[self.name] += time.process_time() - began
            return result

        return clocked


def _app_with_invitations(folder: Path, database_url: str) -> Flask:
    settings = Settings.from_environment(
        {"INSTANCE_PATH": str(folder), "DATABASE_URL": database_url}
    )
    migrate.upgrade(make_engine(settings.database_url))
    app = create_app(settings)
    with app.extensions["couvert"].sessions.begin() as session:
        event = make_event(session, slug=SLUG, place_limit=MAILS, **AHEAD)
        make_dinner(session, event, places=MAILS)
        for _ in range(MAILS):
            make_guest(session, event, language="en")
        approve_list(session, event)
        send_wave(session, event, by="Bench", now=utc_now())
    return app
