"""A guest's calendar program and the post that brings it mails, both as the standards say."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from flask import Flask
from icalendar import Calendar
from sqlalchemy.orm import Session

from app.calendars.services import note_told
from app.deliveries import moves
from app.deliveries.claiming import claim
from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.deliveries.moves import Note
from app.deliveries.pauses import read_pauses
from app.deliveries.services import ObsoleteError
from app.mail.message import MailMessage
from app.worker.jobs import compose
from tests.mails.composing import parts_of
from tests.outbox import DOMAIN, FIRST


class Outcome(StrEnum):
    """What becomes of a mail that is handed over."""

    SENT = "sent"
    FAILED = "failed"
    LOST = "lost"
    """The worker dies; the server had not taken it."""
    TAKEN = "taken"
    """The worker dies; the server had taken it."""


@dataclass
class Entry:
    sequence: int
    starts: datetime
    ends: datetime
    location: str


@dataclass
class CalendarProgram:
    """Takes iTIP objects as RFC 5546 2.1.5 wants it: an older SEQUENCE is never applied."""

    entries: dict[str, Entry] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    told: list[tuple[str, str, int]] = field(default_factory=list)
    """Every object that came: method, UID, SEQUENCE."""

    def take(self, mail: MailMessage) -> None:
        for file in mail.calendars:
            calendar = Calendar.from_ical(file.content)
            assert str(calendar["METHOD"]) == file.method
            (event,) = calendar.events
            uid, sequence = str(event["UID"]), int(event["SEQUENCE"])
            assert sequence >= self.newest.get(uid, -1), "a later update was overtaken"
            self.newest[uid] = sequence
            self.told.append((file.method, uid, sequence))
            if file.method == "CANCEL":
                self.entries.pop(uid, None)
            else:
                self.entries[uid] = Entry(
                    sequence, event.DTSTART, event.DTEND, str(event["LOCATION"])
                )


def deliver_one(
    app: Flask,
    session: Session,
    programs: dict[int, CalendarProgram],
    *,
    now: datetime,
    outcome: Outcome = Outcome.SENT,
) -> Delivery | None:
    """Let the post do its next mail, as a worker does it; None where nothing is due."""
    session.flush()
    session.expire_all()
    found = claim(session, FIRST, read_pauses(session, now), limit=1)
    if not found:
        return None
    delivery = found[0]
    note = Note(now, FIRST.name)
    session.info.clear()
    try:
        mail = _made(app, session, delivery, now)
    except ObsoleteError as error:
        reason = Note(now, FIRST.name, str(error))
        moves.cancel_claimed(session, delivery.id, lease=FIRST.lease, note=reason)
        return delivery
    facts = {"lease": FIRST.lease, "lease_until": now + FIRST.lasts, "domain": DOMAIN}
    moves.begin(session, [delivery.id], **facts, note=note)
    note_told(session, {delivery.id: mail.calendars})
    _settle(session, delivery, outcome, now)
    if outcome in {Outcome.SENT, Outcome.TAKEN} and delivery.guest_id is not None:
        programs.setdefault(delivery.guest_id, CalendarProgram()).take(mail)
    return delivery


def _made(app: Flask, session: Session, delivery: Delivery, now: datetime) -> MailMessage:
    with app.app_context():
        return compose(session, delivery, parts_of(app), now)


def _settle(session: Session, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    note = Note(now, FIRST.name, "" if outcome is Outcome.SENT else "Did not arrive.", "")
    match outcome:
        case Outcome.SENT:
            moves.mark_sent(session, {delivery.id: note}, lease=FIRST.lease)
        case Outcome.FAILED:
            moves.mark_failed(session, delivery.id, lease=FIRST.lease, note=note)
        case _:
            moves.mark_uncertain(session, delivery.id, lease=FIRST.lease, note=note)


def deliver_all(
    app: Flask, session: Session, programs: dict[int, CalendarProgram], *, now: datetime
) -> list[DeliveryKind]:
    """Let the post do all that is due; return the kinds, in the order in which they went."""
    gone = []
    while (delivery := deliver_one(app, session, programs, now=now)) is not None:
        session.refresh(delivery)
        if delivery.state is DeliveryState.SENT:
            gone.append(delivery.kind)
    return gone
