"""The loop that sends what is due: claim, compose, begin, send, mark; and periodic work."""

import logging
import os
import socket
import time
from datetime import datetime, timedelta
from threading import Event as Flag
from uuid import uuid4

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.db.engine import reading
from app.deliveries.claiming import Holder, recover, renew
from app.parts import Parts
from app.worker.connections import Connections
from app.worker.jobs import list_jobs, run_periodic
from app.worker.post import Post
from app.worker.presence import Presence

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
PERIODIC_SECONDS = 15.0
SHORTEST_LEASE = timedelta(seconds=60)
TRIES_BEFORE_THE_END = 3
"""How often in a row a worker that was told to stop may fail; then it ends all the same."""
TIMEOUTS_PER_MAIL = 3
"""A mail may take MAIL_TIMEOUT, and twice as long once more where a connection is opened."""


class Worker:
    """Sends due mails until told to stop; any number of them share one database."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.parts: Parts = app.extensions["couvert"]
        mail = self.parts.settings.mail
        self.longest_mail = timedelta(seconds=mail.timeout) * TIMEOUTS_PER_MAIL
        lasts = max(SHORTEST_LEASE, self.longest_mail)
        name = f"worker {socket.gethostname()}/{os.getpid()}"
        self.post = Post(
            self.parts,
            Holder(str(uuid4()), lasts, name),
            Connections(self.parts.mail, mail.connections, self.parts.clock),
        )
        self.presence = Presence(self.parts.sessions.kw["bind"])
        self.periodic_at = 0.0
        self.renew_at = 0.0
        self.lost_in_a_row = 0
        self.stop = Flag()

    def run(self) -> None:
        """Work until `stop` is set; the mails in hand are finished first."""
        with self.app.app_context(), self.presence:
            self._begin_anew()
            while not self._may_end():
                self._turn()
        self.post.connections.close()

    def _begin_anew(self) -> None:
        """Settle what a predecessor left, at once if no other worker is alive."""
        try:
            with self.presence.arriving() as nobody_else:
                self._settle_the_dead(nobody_else=nobody_else)
        except SQLAlchemyError:
            log.exception("the database did not answer; what others left is settled later")

    def _may_end(self) -> bool:
        if not self.stop.is_set():
            return False
        settled = self.post.idle and not self.post.in_doubt
        return settled or self.lost_in_a_row >= TRIES_BEFORE_THE_END

    def _turn(self) -> None:
        """Do one round; whatever fails is tried again, and what is known of mails is kept.

        What a commit of unknown fate began is settled first: it must not pass for a dead worker's.
        """
        try:
            if self.lost_in_a_row:
                self.presence.keep()
            if not self.post.in_doubt:
                self.run_due_work()
            moved = self.send_due()
            self.lost_in_a_row = 0
        except Exception as error:
            lost = isinstance(error, SQLAlchemyError)
            what = "the database did not answer" if lost else "the worker failed unexpectedly"
            log.exception("%s; trying again", what)
            self.post.doubt()
            self.renew_at = 0.0
            self.lost_in_a_row += 1
            moved = False
        # With every connection busy there is nothing to begin: the next answer comes first.
        if not moved or not self.post.connections.idle:
            self._rest()

    def _rest(self) -> None:
        """Wait for the next answer of a server, or for a while where nothing is in hand."""
        if self.post.in_hand:
            self.post.collect(POLL_SECONDS)
        else:
            self.stop.wait(POLL_SECONDS)

    def send_due(self) -> bool:
        """Note what was answered, begin and claim; return whether anything moved."""
        self.post.collect(0)
        now = self.parts.clock()
        with self.parts.sessions.begin() as session:
            self._renew(session, now)
            done = self.post.exchange(session, now=now, stopping=self.stop.is_set())
        self.post.accept(done, now=now)
        return bool(done.begun or done.claimed or done.taken)

    def _renew(self, session: Session, now: datetime) -> None:
        if time.monotonic() >= self.renew_at:
            renew(session, self.post.holder, now=now)
            self.renew_at = time.monotonic() + self.post.holder.lasts.total_seconds() / 3

    def _settle_the_dead(self, *, nobody_else: bool = False) -> None:
        with self.parts.sessions.begin() as session:
            uncertain = recover(session, now=self.parts.clock(), nobody_else=nobody_else)
        if uncertain:
            log.warning("%d mails were being handed over when a worker died", uncertain)

    def run_due_work(self) -> None:
        """Every quarter of a minute: settle dead leases, and do each event's periodic work."""
        if time.monotonic() < self.periodic_at or self.stop.is_set():
            return
        self.periodic_at = time.monotonic() + PERIODIC_SECONDS
        self.presence.keep()
        self._settle_the_dead()
        with reading(), self.parts.sessions() as session:
            jobs = list_jobs(session)
        for event_id, slug in jobs:
            try:
                with self.parts.sessions.begin() as session:
                    run_periodic(session, event_id, self.parts, self.parts.clock())
            except Exception:
                log.exception("periodic work of %s failed; it is tried again", slug)
