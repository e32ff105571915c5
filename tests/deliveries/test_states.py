"""Whatever workers, servers, people and clocks do in whatever order: no mail is lost or doubled."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.event import listen
from sqlalchemy.orm import Session, selectinload

from app.db.engine import make_sessions
from app.deliveries import moves, reasons
from app.deliveries.claiming import Holder, claim, recover, release, renew
from app.deliveries.models import WAITING, Delivery, DeliveryKind, DeliveryState, PauseKind
from app.deliveries.moves import TRANSITIONS, Note
from app.deliveries.pauses import ALL, batch_scope, event_scope, go_on, read_pauses, stop
from app.deliveries.services import (
    NotPossibleError,
    cancel_batch,
    cancel_one,
    mark_arrived,
    mark_bounced,
    queue_delivery,
    send_again,
    settle_by_answer,
)
from app.mail.transport import Deferred, Outcome, Paused, Reach, Refused, Sent, Uncertain
from app.worker.connections import Answered, Handed
from app.worker.noting import note_answers
from tests.factories import NOW, make_event
from tests.outbox import DOMAIN, FIRST, LEASE, SECOND

WORKERS = st.sampled_from([FIRST, SECOND])
SUCCESSOR = Holder("successor", LEASE, "worker successor")
MAIL = st.integers(0, 7)
BATCHES = ("1:wave:1", "1:wave:2")
OUTCOMES = st.sampled_from(
    [
        Sent("250 ok"),
        Sent("250 ok"),
        Refused("No such mailbox.", "550"),
        Deferred("Mailbox full.", "452"),
        Deferred("Greylisted.", "451", Reach.DOMAIN),
        Deferred("Away.", "421", Reach.QUEUE),
        Paused("Wrong password.", "535"),
        Uncertain("Lost after the dot."),
    ]
)
PRESSES = st.sampled_from([cancel_one, mark_arrived, mark_bounced, send_again])
SECONDS = st.sampled_from([1, 31, 61, 121, 1900, 5 * 86400])
HOUR = timedelta(hours=1)
LONGEST_WAY_BACK = 2 * HOUR
"""Within it every lease, deferral and pause has ended."""


class Outbox(RuleBasedStateMachine):
    """Eight mails at most, two workers, and a clock that does not only go forward."""

    def __init__(self, database: Path) -> None:
        super().__init__()
        self.sessions = make_sessions(f"sqlite:///{database}")
        # A test need not survive a power cut.
        listen(
            self.sessions.kw["bind"], "connect", lambda d, _: d.execute("PRAGMA synchronous=OFF")
        )
        self.now = NOW
        self.lives = {FIRST.lease: 1, SECOND.lease: 1}
        self.claimed: dict[str, list[Delivery]] = {FIRST.lease: [], SECOND.lease: []}
        self.in_hand: dict[str, list[Handed]] = {FIRST.lease: [], SECOND.lease: []}
        self.perhaps_taken: set[tuple[int, int]] = set()
        """Delivery and attempt of what a server has, or may have."""
        self.forgiven: dict[int, int] = {}
        """The attempts made when a person said: send it again."""
        self.message_ids: dict[int, str] = {}
        with self.sessions.begin() as session:
            self.event_id = make_event(session).id
        for batch in BATCHES:
            self.ask_for_one("a.example", batch)

    def teardown(self) -> None:
        self.every_waiting_mail_goes_once_time_has_passed_and_stops_are_lifted()
        self.sessions.kw["bind"].dispose()

    def ids(self, session: Session) -> list[int]:
        return list(session.scalars(select(Delivery.id).order_by(Delivery.id)))

    # -- people ------------------------------------------------------------------------------

    @rule(domain=st.sampled_from(["a.example", "b.example"]), batch=st.sampled_from(BATCHES))
    def ask(self, domain: str, batch: str) -> None:
        self.ask_for_one(domain, batch)

    def ask_for_one(self, domain: str, batch: str, due_at: datetime | None = None) -> None:
        with self.sessions.begin() as session:
            number = len(self.ids(session))
            if number == 8:
                return
            queue_delivery(
                session,
                DeliveryKind.INVITATION,
                key=f"invitation:{number}",
                subject_id=number,
                recipient=f"guest{number}@{domain}",
                language="en",
                batch=batch,
                event_id=self.event_id,
                due_at=due_at,
                now=self.now,
                by="Astrid",
            )

    @rule(hours=st.integers(1, 48))
    def schedule(self, hours: int) -> None:
        self.ask_for_one("a.example", BATCHES[0], self.now + hours * HOUR)

    @rule(number=MAIL, press=PRESSES)
    def press(self, number: int, press: Callable[..., None]) -> None:
        try:
            with self.sessions.begin() as session:
                chosen = self.ids(session)[number : number + 1]
                for delivery in [session.get_one(Delivery, row) for row in chosen]:
                    press(session, delivery, by="Astrid", now=self.now)
                    if press is send_again:
                        self.forgiven[delivery.id] = delivery.attempts
        except NotPossibleError:
            return

    @rule(batch=st.sampled_from(BATCHES))
    def cancel_the_batch(self, batch: str) -> None:
        with self.sessions.begin() as session:
            cancel_batch(session, batch, by="Astrid", now=self.now)

    @rule(number=MAIL)
    def let_the_guest_answer(self, number: int) -> None:
        kinds = (DeliveryKind.INVITATION,)
        with self.sessions.begin() as session:
            settle_by_answer(session, kinds, subject_id=number, now=self.now)

    @rule(batch=st.sampled_from([*BATCHES, None]), on=st.booleans())
    def stop_or_go_on(self, batch: str | None, on: bool) -> None:  # noqa: FBT001
        scope = batch_scope(batch) if batch else event_scope(self.event_id)
        with self.sessions.begin() as session:
            if on:
                go_on(session, scope)
            else:
                stop(session, scope, by="Astrid", now=self.now)

    @rule()
    def try_at_once(self) -> None:
        with self.sessions.begin() as session:
            go_on(session, ALL)

    # -- workers -----------------------------------------------------------------------------

    @rule(worker=WORKERS, limit=st.integers(1, 4), rate=st.sampled_from([0, 0, 3]))
    def claim(self, worker: Holder, limit: int, rate: int) -> None:
        self.claim_some(worker, limit, rate)

    def living(self, worker: Holder) -> Holder:
        """Return the worker with its lease of now: one that is started anew has another."""
        return replace(worker, lease=f"{worker.lease} {self.lives[worker.lease]}")

    def claim_some(self, worker: Holder, limit: int, rate: int) -> None:
        with self.sessions.begin() as session:
            leave = [handed.delivery_id for handed in self.in_hand[worker.lease]]
            pauses = read_pauses(session, self.now)
            facts = {"limit": limit, "rate_per_minute": rate, "leave": leave}
            self.claimed[worker.lease] += claim(session, self.living(worker), pauses, **facts)

    def begin_claimed(self, session: Session, worker: Holder) -> list[Handed]:
        pauses = read_pauses(session, self.now)
        claimed, self.claimed[worker.lease] = self.claimed[worker.lease], []
        mails = {mail.id: mail for mail in claimed if pauses.may_go(mail)}
        holder = self.living(worker)
        release(session, holder, keep=list(mails))
        facts = {"lease": holder.lease, "lease_until": self.now + LEASE, "domain": DOMAIN}
        begun = moves.begin(session, list(mails), **facts, note=Note(self.now, worker.name))
        domains = {row: mails[row].recipient_domain for row in begun}
        return [Handed(row, domains[row], begun[row], None, self.now) for row in begun]

    @rule(worker=WORKERS)
    def begin(self, worker: Holder) -> None:
        self.begin_some(worker)

    def begin_some(self, worker: Holder) -> None:
        with self.sessions.begin() as session:
            begun = self.begin_claimed(session, worker)
        self.in_hand[worker.lease] += begun

    @rule(worker=WORKERS)
    def claim_and_begin(self, worker: Holder) -> None:
        self.claim_some(worker, 4, 0)
        self.begin_some(worker)

    @rule(worker=WORKERS)
    def begin_in_doubt(self, worker: Holder) -> None:
        """The commit holds and its answer is lost: nothing goes out, all is put back."""
        with self.sessions.begin() as session:
            self.begin_claimed(session, worker)
        out = [handed.delivery_id for handed in self.in_hand[worker.lease]]
        note = Note(self.now, worker.name, reasons.NOT_HANDED_OVER)
        with self.sessions.begin() as session:
            holder = self.living(worker)
            moves.put_back(session, lease=holder.lease, in_hand=out, note=note)
            release(session, holder)

    @precondition(lambda self: any(self.in_hand.values()))
    @rule(worker=WORKERS, outcome=OUTCOMES, twice=st.booleans())
    def answer(self, worker: Holder, outcome: Outcome, twice: bool) -> None:  # noqa: FBT001
        """Note what a server said, perhaps a second time after a commit in doubt."""
        for handed in self.in_hand[worker.lease][:1]:
            del self.in_hand[worker.lease][0]
            if isinstance(outcome, Sent | Uncertain):
                self.perhaps_taken.add((handed.delivery_id, handed.attempt))
            answered = [Answered(handed, outcome, self.now)]
            for _ in range(1 + twice):
                with self.sessions.begin() as session:
                    pauses = read_pauses(session, self.now)
                    note_answers(session, answered, self.living(worker), pauses)

    @rule(worker=WORKERS)
    def renew(self, worker: Holder) -> None:
        with self.sessions.begin() as session:
            renew(session, self.living(worker), now=self.now)

    @rule()
    def settle_dead_leases(self) -> None:
        with self.sessions.begin() as session:
            recover(session, now=self.now)

    @rule(worker=WORKERS)
    def kill(self, worker: Holder) -> None:
        mine = self.in_hand[worker.lease]
        self.perhaps_taken |= {(handed.delivery_id, handed.attempt) for handed in mine}
        self.in_hand[worker.lease], self.claimed[worker.lease] = [], []
        self.lives[worker.lease] += 1

    @precondition(lambda self: not any([*self.in_hand.values(), *self.claimed.values()]))
    @rule()
    def start_alone(self) -> None:
        with self.sessions.begin() as session:
            recover(session, now=self.now, nobody_else=True)

    # -- time --------------------------------------------------------------------------------

    @rule(seconds=SECONDS)
    def let_time_pass(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def set_the_clock_back(self) -> None:
        self.now -= HOUR

    # -- promises ----------------------------------------------------------------------------

    @invariant()
    def every_log_tells_how_its_mail_came_where_it_is(self) -> None:
        with self.sessions() as session:
            rows = session.scalars(select(Delivery).options(selectinload(Delivery.moves))).all()
            for row in rows:
                states = [line.state for line in row.moves]
                assert (states[0], states[-1]) == (DeliveryState.QUEUED, row.state)
                assert all(after in TRANSITIONS[before] for before, after in pairwise(states))
                assert row.attempts == states.count(DeliveryState.SENDING)
                assert row.moves[-1].attempt == row.attempts
                again = [line.by for line in row.moves[1:] if line.state is DeliveryState.QUEUED]
                assert again == ["Astrid"] * len(again)
                assert row.state is not DeliveryState.SENDING or row.lease is not None
                self.the_message_id_stays(row)

    @invariant()
    def what_a_server_may_have_waits_only_where_a_person_said_so(self) -> None:
        """What is in hand counts too: its answer is still to come."""
        in_hand = [each for mine in self.in_hand.values() for each in mine]
        out = {(each.delivery_id, each.attempt) for each in in_hand} | self.perhaps_taken
        rows = {row for row, attempt in out if attempt > self.forgiven.get(row, 0)}
        with self.sessions() as session:
            found = select(Delivery.key).where(Delivery.id.in_(rows), Delivery.state.in_(WAITING))
            assert session.scalars(found).all() == []

    def the_message_id_stays(self, row: Delivery) -> None:
        assert (row.message_id is not None) == (row.attempts > 0)
        if row.message_id is not None:
            assert self.message_ids.setdefault(row.id, row.message_id) == row.message_id

    def every_waiting_mail_goes_once_time_has_passed_and_stops_are_lifted(self) -> None:
        with self.sessions() as session:
            waiting = Delivery.state.in_(WAITING)
            due = session.scalars(select(Delivery.due_at).where(waiting)).all()
            then = max([self.now, *due]) + LONGEST_WAY_BACK
            for pause in read_pauses(session, then).rows:
                if pause.kind is PauseKind.STOPPED:
                    go_on(session, pause.scope)
            for _ in range(len(due)):
                then += LEASE
                send_what_is_due(session, then)
            assert session.scalars(select(Delivery.key).where(waiting)).all() == []
            session.rollback()


def send_what_is_due(session: Session, now: datetime) -> None:
    """Do what a new worker with a good server does in one round."""
    claimed = claim(session, SUCCESSOR, read_pauses(session, now), limit=10)
    domains = {mail.id: mail.recipient_domain for mail in claimed}
    facts = {"lease": SUCCESSOR.lease, "lease_until": now + LEASE, "domain": DOMAIN}
    begun = moves.begin(session, list(domains), **facts, note=Note(now, SUCCESSOR.name))
    answered = [
        Answered(Handed(row, domains[row], attempt, None, now), Sent("250 ok"), now)
        for row, attempt in begun.items()
    ]
    note_answers(session, answered, SUCCESSOR, read_pauses(session, now))


def test_no_order_of_events_loses_or_doubles_a_mail(sqlite_template: Path, tmp_path: Path):
    numbers = count(1)

    def build() -> Outbox:
        database = tmp_path / f"outbox{next(numbers)}.sqlite3"
        return Outbox(Path(shutil.copyfile(sqlite_template, database)))

    run_state_machine_as_test(
        build, settings=settings(max_examples=25, stateful_step_count=30, deadline=None)
    )
