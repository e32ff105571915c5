"""The post: what this worker has claimed, handed over, and been answered; noted in one go.

Everything here happens in the worker's own thread. A transaction notes what became of the last
mails, begins the next ones and claims more; only when it is committed do the begun ones go out.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.orm import Session

from app.calendars.services import note_told
from app.db.engine import reading
from app.deliveries import moves, reasons
from app.deliveries.claiming import Holder, claim, release
from app.deliveries.copies import Copy, copy_of, keep_copies
from app.deliveries.messages import message_domain
from app.deliveries.models import Delivery
from app.deliveries.moves import Note
from app.deliveries.pauses import Pauses, read_pauses
from app.deliveries.services import ObsoleteError
from app.events.local_times import by_day
from app.events.models import Event
from app.mail.message import MailMessage
from app.mail.transport import Paused, Refused, Sent
from app.parts import Parts
from app.worker.connections import Answered, Connections, Handed
from app.worker.jobs import compose, load_invitations
from app.worker.noting import note_answers

log = logging.getLogger(__name__)

LEAST_AHEAD = 16
"""So many mails are made ahead, or two for each connection: few enough to be up to date."""

REFUSED_IN_A_ROW = 3
"""So many mails may be refused in a row for what we are before all mail is held."""

Settle = Callable[[Session], object]


@dataclass(frozen=True)
class Prepared:
    """A claimed delivery with its mail, or with what settles it unsent."""

    delivery: Delivery
    settle: Settle
    message: MailMessage | None = None
    copy: Copy | None = None
    zone: ZoneInfo | None = None
    """Where it must not be night when it goes out."""

    def due_by_day(self, now: datetime) -> datetime:
        """Return when it may go out, at the earliest."""
        return by_day(now, self.zone) if self.zone else now


@dataclass(frozen=True)
class Round:
    """What one transaction did; it holds once the transaction is committed."""

    noted: Sequence[Answered]
    begun: Sequence[Handed]
    taken: Sequence[Prepared]
    """What has left the pile, begun or not."""
    claimed: Sequence[Delivery]


@dataclass
class Post:
    parts: Parts
    holder: Holder
    connections: Connections
    pile: list[Prepared] = field(default_factory=list)
    """Made and not begun."""
    in_hand: dict[int, Handed] = field(default_factory=dict)
    answered: list[Answered] = field(default_factory=list)
    """Answered and not noted: kept until a transaction holds."""
    refused_in_a_row: int = 0
    in_doubt: bool = False
    """The answer to the last commit is not known."""

    @property
    def ahead(self) -> int:
        return max(LEAST_AHEAD, 2 * len(self.connections.all))

    @property
    def idle(self) -> bool:
        return not (self.pile or self.in_hand or self.answered)

    def collect(self, wait: float) -> None:
        """Take in what the connections have been answered."""
        for answer in self.connections.finished(wait):
            self.answered.append(self._judged(answer))
            del self.in_hand[answer.handed.delivery_id]

    def _judged(self, answer: Answered) -> Answered:
        """Hold all mail where one after another is refused for what we are, not for the guest.

        The first few fail, as a guest's own server may say the same of that guest alone.
        """
        outcome = answer.outcome
        if isinstance(outcome, Sent):
            self.refused_in_a_row = 0
        if not isinstance(outcome, Refused) or not outcome.about_us:
            return answer
        self.refused_in_a_row += 1
        if self.refused_in_a_row <= REFUSED_IN_A_ROW:
            return answer
        return replace(answer, outcome=Paused(outcome.reason, outcome.reply))

    def exchange(self, session: Session, *, now: datetime, stopping: bool) -> Round:
        """Note, begin and claim, in the caller's transaction; changes nothing of the post itself.

        While `stopping`, what is in hand is finished and everything else given back.
        """
        if self.in_doubt:
            self._put_back(session, now)
        pauses = read_pauses(session, now)
        if note_answers(session, self.answered, self.holder, pauses):
            pauses = read_pauses(session, now)
        if stopping:
            release(session, self.holder)
            return Round(tuple(self.answered), (), tuple(self.pile), ())
        taken, begun = self._begin(session, pauses)
        claimed = self._claim(session, len(taken), pauses)
        return Round(tuple(self.answered), begun, taken, claimed)

    def accept(self, done: Round, *, now: datetime) -> None:
        """The transaction holds: let go of what is noted, and hand over what is begun."""
        self.in_doubt = False
        self.answered = self.answered[len(done.noted) :]
        self.pile = self.pile[len(done.taken) :]
        for handed in done.begun:
            self.connections.send(handed)
            self.in_hand[handed.delivery_id] = handed
        known = {prepared.delivery.id for prepared in self.pile}
        self.pile += self.prepare([each for each in done.claimed if each.id not in known], now)

    def doubt(self) -> None:
        """Nobody knows whether the transaction holds: the next one finds out."""
        self.in_doubt = True
        self.pile = []

    def _put_back(self, session: Session, now: datetime) -> None:
        """Settle what a commit of unknown fate may have begun, and give back what it claimed."""
        out = [*self.in_hand, *(answer.handed.delivery_id for answer in self.answered)]
        note = Note(now, self.holder.name, reasons.NOT_HANDED_OVER)
        moves.put_back(session, lease=self.holder.lease, in_hand=out, note=note)
        release(session, self.holder)

    def _begin(
        self, session: Session, pauses: Pauses
    ) -> tuple[Sequence[Prepared], Sequence[Handed]]:
        """Begin as many of the pile as connections are idle; what may not go is given back."""
        taken: list[Prepared] = []
        chosen: list[Prepared] = []
        for prepared in self.pile:
            if len(chosen) == self.connections.idle:
                break
            taken.append(prepared)
            morning = prepared.due_by_day(pauses.now)
            if prepared.message is None:
                prepared.settle(session)
            elif morning > pauses.now:
                self._postpone(session, prepared, morning, pauses.now)
            elif pauses.may_go(prepared.delivery):
                chosen.append(prepared)
        if len(taken) > len(chosen):
            release(session, self.holder, keep=self._still_held(taken, chosen))
        return taken, self._begin_all(session, chosen, pauses.now)

    def _postpone(
        self, session: Session, prepared: Prepared, morning: datetime, now: datetime
    ) -> None:
        """Let a mail wait for the morning, however late it was asked for, put off or held back."""
        note = Note(now, self.holder.name, reasons.NIGHT)
        lease = self.holder.lease
        moves.postpone(session, prepared.delivery.id, lease=lease, due_at=morning, note=note)

    def _still_held(self, taken: Sequence[Prepared], chosen: Sequence[Prepared]) -> list[int]:
        return [prepared.delivery.id for prepared in [*chosen, *self.pile[len(taken) :]]]

    def _begin_all(
        self, session: Session, chosen: Sequence[Prepared], now: datetime
    ) -> Sequence[Handed]:
        if not chosen:
            return ()
        attempts = moves.begin(
            session,
            [prepared.delivery.id for prepared in chosen],
            lease=self.holder.lease,
            lease_until=now + self.holder.lasts,
            domain=message_domain(self.parts.settings.mail.sender),
            note=Note(now, self.holder.name),
        )
        self._keep_account(session, chosen, attempts)
        return [
            Handed(
                prepared.delivery.id,
                prepared.delivery.recipient_domain,
                attempts[prepared.delivery.id],
                prepared.message,
                now,
            )
            for prepared in chosen
            if prepared.message is not None and prepared.delivery.id in attempts
        ]

    def _keep_account(
        self, session: Session, chosen: Sequence[Prepared], attempts: Mapping[int, int]
    ) -> None:
        """Keep what is about to go out, and what it tells a calendar, before a byte does.

        Whatever happens then, what the server may have can be read.
        """
        begun = [one for one in chosen if one.delivery.id in attempts]
        copies = {
            (one.delivery.id, attempts[one.delivery.id]): one.copy for one in begun if one.copy
        }
        keep_copies(session, copies)
        note_told(session, {one.delivery.id: one.message.calendars for one in begun if one.message})

    def _claim(self, session: Session, taken: int, pauses: Pauses) -> Sequence[Delivery]:
        wanted = self.ahead - (len(self.pile) - taken)
        if wanted < self.ahead // 2:
            return ()
        rate = self.parts.settings.mail.rate_per_minute
        return claim(
            session,
            self.holder,
            pauses,
            limit=wanted,
            rate_per_minute=rate,
            # Given up for dead and sent again by a person, while we had it: first our answer.
            leave=self.in_hand,
        )

    def prepare(self, claimed: Sequence[Delivery], now: datetime) -> list[Prepared]:
        """Make the mails in one read-only transaction, closed before any of them goes out."""
        if not claimed:
            return []
        with reading(), self.parts.sessions() as session:
            session.info["kept"] = load_invitations(session, claimed)
            return [self._prepare_one(session, delivery, now) for delivery in claimed]

    def _prepare_one(self, session: Session, delivery: Delivery, now: datetime) -> Prepared:
        lease = self.holder.lease
        try:
            message = compose(session, delivery, self.parts, now)
            zone = _zone_of_day(session, delivery)
            return Prepared(delivery, _nothing, message, copy_of(message), zone)
        except ObsoleteError as error:
            note = Note(now, self.holder.name, str(error))
            return Prepared(
                delivery, lambda s: moves.cancel_claimed(s, delivery.id, lease=lease, note=note)
            )
        except (DBAPIError, NoConnectionError):  # the database's fault, not this mail's
            raise
        except Exception:
            log.exception("delivery %s could not be made", delivery.public_id)
            failed = Note(now, self.holder.name, reasons.NOT_MADE)
            return Prepared(
                delivery, lambda s: moves.fail_claimed(s, delivery.id, lease=lease, note=failed)
            )


def _nothing(_session: Session) -> None:
    """There is nothing to settle: the mail goes out."""


def _zone_of_day(session: Session, delivery: Delivery) -> ZoneInfo | None:
    """Return whose night a mail must not go out in, where it goes by day alone."""
    if not delivery.by_day or delivery.event_id is None:
        return None
    return ZoneInfo(session.get_one(Event, delivery.event_id).time_zone)
