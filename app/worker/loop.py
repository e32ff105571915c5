"""The loop that sends what is due: claim, compose, begin, send, mark; and periodic work."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event as Flag

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.db.engine import reading
from app.deliveries.models import Delivery
from app.deliveries.services import (
    ObsoleteError,
    begin_sending,
    cancel_claimed,
    claim,
    fail_claimed,
    mark_deferred,
    mark_failed,
    mark_sent,
    mark_uncertain,
    recover,
    release,
)
from app.logs import mask_links
from app.mail.message import MailMessage
from app.mail.transport import Deferred, Outcome, Paused, Refused, Sent, Transport, Uncertain
from app.parts import Parts
from app.worker.jobs import compose, list_jobs, load_invitations, run_periodic
from app.worker.presence import Presence

log = logging.getLogger(__name__)

BATCH = 20
POLL_SECONDS = 1.0
PERIODIC_EVERY = timedelta(seconds=15)
PAUSE = timedelta(seconds=30)
"""After settings or a server let no mail out at all."""
SHORT_PAUSE = timedelta(seconds=5)
"""After the server could not be reached."""
SHORTEST_LEASE = timedelta(seconds=60)
TIMEOUTS_PER_MAIL = 6
"""A mail takes up to six answers of the server, each within MAIL_TIMEOUT."""

Settle = Callable[[Session], None]


@dataclass(frozen=True)
class Prepared:
    """A claimed delivery with its mail, or with what settles it unsent."""

    delivery: Delivery
    message: MailMessage | None
    settle: Settle


class Worker:
    """Sends due mails until told to stop; any number of them share one database."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.parts: Parts = app.extensions["couvert"]
        self.transport = Transport(self.parts.mail)
        timeout = timedelta(seconds=self.parts.settings.mail.timeout)
        self.lease_for = max(SHORTEST_LEASE, timeout * TIMEOUTS_PER_MAIL)
        self.paused_until: datetime | None = None
        self.periodic_at: datetime | None = None
        self.stop = Flag()

    def run(self) -> None:
        """Work until `stop` is set; the mail in hand is finished first."""
        with self.app.app_context(), Presence(self.parts.sessions.kw["bind"]) as presence:
            self._settle_the_dead(nobody_else=presence.alone())
            while not self.stop.is_set():
                if not self._turn():
                    self.transport.close()
                    self.stop.wait(POLL_SECONDS)
            self.transport.close()

    def _turn(self) -> int:
        """Do one round; return how many mails it saw to. A lost database is waited for."""
        try:
            self.run_due_work()
            return self.send_batch()
        except SQLAlchemyError:
            log.exception("the database did not answer; trying again")
            return 0

    def _settle_the_dead(self, *, nobody_else: bool = False) -> None:
        with self.parts.sessions.begin() as session:
            uncertain = recover(session, now=self.parts.clock(), nobody_else=nobody_else)
        if uncertain:
            log.warning("%d mails were being handed over when a worker died", uncertain)

    def run_due_work(self) -> None:
        """Every quarter of a minute: settle dead leases, and run each event's periodic work."""
        now = self.parts.clock()
        if self.periodic_at is not None and now < self.periodic_at:
            return
        self.periodic_at = now + PERIODIC_EVERY
        self._settle_the_dead()
        with reading(), self.parts.sessions() as session:
            jobs = list_jobs(session)
        for event_id, slug in jobs:
            try:
                with self.parts.sessions.begin() as session:
                    run_periodic(session, event_id, self.parts, now)
            except Exception:
                log.exception("periodic work of %s failed; it is tried again", slug)

    def send_batch(self) -> int:
        """Claim up to BATCH due mails and send them, one commit between each; return how many."""
        now = self.parts.clock()
        if self.paused_until is not None and now < self.paused_until:
            return 0
        self.paused_until = None
        with self.parts.sessions.begin() as session:
            batch = claim(
                session,
                now=now,
                limit=BATCH,
                lease_for=self.lease_for,
                rate_per_minute=self.parts.settings.mail.rate_per_minute,
            )
        if batch:
            self._send(self._prepare(batch, now))
        return len(batch)

    def _prepare(self, batch: Sequence[Delivery], now: datetime) -> list[Prepared]:
        """Make every mail of the batch in one read-only transaction, closed before any SMTP."""
        with reading(), self.parts.sessions() as session:
            session.info["kept"] = load_invitations(session, batch)
            return [self._prepare_one(session, delivery, now) for delivery in batch]

    def _prepare_one(self, session: Session, delivery: Delivery, now: datetime) -> Prepared:
        try:
            return Prepared(delivery, compose(session, delivery, self.parts, now), _nothing)
        except ObsoleteError as error:
            reason = str(error)
            return Prepared(delivery, None, lambda s: cancel_claimed(s, delivery, reason=reason))
        except SQLAlchemyError:
            raise
        except Exception as error:
            log.exception("delivery %s could not be made", delivery.public_id)
            reason = f"The mail could not be made: {type(error).__name__}. See the log."
            return Prepared(delivery, None, lambda s: fail_claimed(s, delivery, reason=reason))

    def _send(self, prepared: Sequence[Prepared]) -> None:
        """Send one by one; what one came to is committed with the next one's begin."""
        settle: Settle = _nothing
        for ready in prepared:
            if self.stop.is_set() or self.paused_until is not None:
                break
            begun = self._settle_and_begin(settle, ready)
            settle = self._hand_over(ready) if begun else _nothing
        with self.parts.sessions.begin() as session:
            settle(session)
            release(session, prepared[0].delivery.lease or "")

    def _settle_and_begin(self, settle: Settle, ready: Prepared) -> bool:
        with self.parts.sessions.begin() as session:
            settle(session)
            if ready.message is None:
                ready.settle(session)
                return False
            return begin_sending(
                session,
                ready.delivery,
                message_id=str(ready.message.msgId).strip("<>"),
                now=self.parts.clock(),
                lease_for=self.lease_for,
            )

    def _hand_over(self, ready: Prepared) -> Settle:
        """Give the mail to the server; return how to note what came of it."""
        if ready.message is None:
            return _nothing
        outcome = self.transport.send(ready.message)
        now = self.parts.clock()
        pause = _pause_after(outcome)
        if pause is not None:
            self.paused_until = now + pause
            log.error("no mail can go, trying again in %s: %s", pause, outcome)
        return _noting(ready.delivery, ready.message, outcome, now)


def _pause_after(outcome: Outcome) -> timedelta | None:
    """Return how long to leave the server alone, where any other mail would fare the same."""
    if isinstance(outcome, Paused):
        return PAUSE
    if isinstance(outcome, Deferred) and outcome.for_all:
        return SHORT_PAUSE
    return None


def _nothing(_session: Session) -> None:
    """Nothing was handed over, so there is nothing to note."""


def _noting(delivery: Delivery, message: MailMessage, outcome: Outcome, now: datetime) -> Settle:
    """Return the note of that outcome, to be made inside the next transaction."""
    match outcome:
        case Sent(reply=reply):
            subject, text = str(message.subject), mask_links(str(message.body))
            return lambda session: mark_sent(
                session, delivery, reply=reply, subject=subject, text=text, now=now
            )
        case Refused(reason=reason, reply=reply):
            return lambda session: mark_failed(session, delivery, reason=reason, reply=reply)
        case Deferred(reason=reason, reply=reply) | Paused(reason=reason, reply=reply):
            return lambda session: mark_deferred(
                session,
                delivery,
                reason=reason,
                reply=reply,
                attempts=delivery.attempts + 1,
                now=now,
            )
        case Uncertain(reason=reason):
            return lambda session: mark_uncertain(session, delivery, reason=reason)
