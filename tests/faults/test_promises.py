"""Whatever happens in whatever order, the promises hold: hypothesis plays the house at random."""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from sqlite3 import Connection

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
from sqlalchemy.orm import Session

from app.addresses import email_key
from app.db.engine import make_sessions, reading
from app.decisions.services import approve_guest_list
from app.deliveries.models import INVITING, REMINDING, WAITING, Delivery, DeliveryKind
from app.events.models import Event
from app.events.queries import lock_for_places
from app.guests.models import Guest, GuestListEntry, GuestStatus
from app.guests.queries import latest_version, list_guests
from app.guests.rows import GuestRow
from app.guests.services import AddressTakenError, NothingToApproveError, import_guests
from app.invitations.models import Invitation, InvitationState
from app.invitations.plans import NotApprovedError, ReplyByPassedError, UnknownAddressError
from app.invitations.queries import place_ledger
from app.invitations.reminding import remind
from app.invitations.services import (
    NoPlaceFreeError,
    NotOpenError,
    expire_due,
    send_wave,
)
from app.invitations.withdrawing import withdraw
from app.programme.models import ItemKind
from app.programme.overlaps import overlapping_pairs
from app.programme.queries import list_items
from app.rsvp.changes import AnswerWish, CompanionWish
from app.rsvp.choices import AnswerRefusedError
from app.rsvp.models import Answer, AnswerChannel, ChoiceAnswer, Rsvp, RsvpChange
from app.rsvp.queries import count_of, item_counts
from app.rsvp.services import (
    InvitationClosedError,
    PlacesTakenError,
    fill_from_reserve,
    record_answer,
)
from app.tokens import Revoked
from tests.factories import NOW, make_dinner, make_event, make_item

REFUSALS = (
    AddressTakenError,
    AnswerRefusedError,
    InvitationClosedError,
    NoPlaceFreeError,
    NotApprovedError,
    NotOpenError,
    NothingToApproveError,
    PlacesTakenError,
    ReplyByPassedError,
    Revoked,
    UnknownAddressError,
)
"""What a person is told in words; anything else that is raised is a defect."""

CAST = 7
PERSON = st.integers(0, CAST - 1)
ITEMS = ("visit", "workshop", "closing", "dinner")
ABOUT_THE_INVITATION = (*INVITING, *REMINDING, DeliveryKind.CONFIRMATION)


def person(number: int) -> GuestRow:
    return GuestRow(
        line=number + 2,
        salutation="Dr",
        first_name="Zofia",
        last_name=f"Łęcka {number}",
        title="Director",
        organisation="Ministry",
        country="Poland",
        email=f"address{number}@example.org",
        language="en",
        host="",
        rank=None,
        note="",
    )


ROWS = st.builds(
    lambda number, rank, address: replace(
        person(number),
        rank=rank,
        email=f"address{number if address is None else address}@example.org",
    ),
    PERSON,
    st.sampled_from([None, None, None, 1, 2, 5]),
    st.sampled_from([None, None, None, 0, 1, 9]),
)
FILES = st.lists(ROWS, min_size=3, max_size=CAST, unique_by=(lambda row: row.line)).filter(
    lambda rows: len({row.email for row in rows}) == len(rows)
)
WISHES = st.builds(
    lambda answer, items, companion: AnswerWish(
        answer,
        items=frozenset(items),
        companions=(CompanionWish("Tomas"),) if companion and "dinner" in items else (),
    ),
    st.sampled_from([Answer.ACCEPTED, Answer.ACCEPTED, Answer.DECLINED]),
    st.sets(st.sampled_from(ITEMS)),
    st.booleans(),
)


def accepted_and_held_stay_within_the_limit(session: Session, event: Event) -> None:
    ledger = place_ledger(session, event)
    assert ledger.accepted + ledger.held <= ledger.limit
    holding = select(Rsvp).join(Rsvp.invitation).where(Invitation.holds_place)
    accepted = Counter(rsvp.answer for rsvp in session.scalars(holding))
    assert accepted == ({Answer.ACCEPTED: ledger.accepted} if ledger.accepted else {})


def every_item_keeps_within_its_places(session: Session, event: Event) -> None:
    counts = item_counts(session, event.id)
    for item in list_items(session, event.id):
        assert item.places is None or count_of(item, counts).taken <= item.places


def nobody_holds_two_items_that_overlap(session: Session, event: Event) -> None:
    for rsvp in session.scalars(select(Rsvp)):
        yes = [one.item for one in rsvp.choices if one.answer is ChoiceAnswer.YES]
        assert overlapping_pairs(yes) == []


def only_approved_guests_of_the_newest_version_hold_a_place(session: Session, event: Event) -> None:
    version = latest_version(session, event.id)
    on_list = {entry.guest_id for entry in version.entries if entry.rank is None}
    for invitation in session.scalars(select(Invitation)):
        assert session.get_one(GuestListEntry, invitation.entry_id).rank is None
        if invitation.holds_place:
            assert invitation.guest.status is GuestStatus.APPROVED
            assert invitation.guest_id in on_list


def no_mail_waits_for_an_old_address_or_a_dead_link(session: Session, event: Event) -> None:
    waiting = (Delivery.state.in_(WAITING), Delivery.kind.in_(ABOUT_THE_INVITATION))
    for mail in session.scalars(select(Delivery).where(*waiting)):
        invitation = session.get_one(Invitation, mail.subject_id)
        assert email_key(mail.recipient) == invitation.guest.email_key
        assert invitation.state is not InvitationState.WITHDRAWN
        asks = mail.kind is not DeliveryKind.CONFIRMATION
        assert not asks or invitation.state is InvitationState.OPEN


def every_change_of_an_answer_is_in_its_history(session: Session, event: Event) -> None:
    changes = session.execute(select(RsvpChange.rsvp_id, RsvpChange.version)).all()
    for rsvp in session.scalars(select(Rsvp)):
        versions = {version for rsvp_id, version in changes if rsvp_id == rsvp.id}
        assert versions == set(range(1, rsvp.version + 1))


PROMISES = (
    accepted_and_held_stay_within_the_limit,
    every_item_keeps_within_its_places,
    nobody_holds_two_items_that_overlap,
    only_approved_guests_of_the_newest_version_hold_a_place,
    no_mail_waits_for_an_old_address_or_a_dead_link,
    every_change_of_an_answer_is_in_its_history,
)


class House(RuleBasedStateMachine):
    """An event of few places for many, and everything people do to it."""

    def __init__(self, database: Path) -> None:
        super().__init__()
        self.sessions = make_sessions(f"sqlite:///{database}")
        # A test need not survive a power cut, and this one commits a thousand times.
        listen(self.sessions.kw["bind"], "connect", waive_durability)
        self.now = NOW
        with self.sessions.begin() as session:
            event = make_event(session, place_limit=3)
            self.event_id = event.id
            make_programme(session, event)
            rows = [person(number) for number in range(4)]
            import_guests(session, event, rows, now=NOW)
            approve_guest_list(session, event, by="Steering group", now=NOW)
            send_wave(session, event, by="Organiser", now=NOW)

    def teardown(self) -> None:
        self.sessions.kw["bind"].dispose()

    def act(self, what: Callable[[Session, Event], object]) -> None:
        """Do it in a transaction of its own, as a request does; a refusal keeps nothing."""
        self.now += timedelta(minutes=1)
        try:
            with self.sessions.begin() as session:
                what(session, session.get_one(Event, self.event_id))
        except REFUSALS:
            return

    @rule(rows=FILES, remove_missing=st.booleans())
    def import_file(self, rows: list[GuestRow], remove_missing: bool) -> None:  # noqa: FBT001
        facts = {"now": self.now, "remove_missing": remove_missing}
        self.act(lambda session, event: import_guests(session, event, rows, **facts))

    @rule()
    def approve(self) -> None:
        facts = {"by": "Steering group", "now": self.now}
        self.act(lambda session, event: approve_guest_list(session, event, **facts))

    @rule()
    def send(self) -> None:
        facts = {"by": "Organiser", "now": self.now}
        self.act(lambda session, event: send_wave(session, event, **facts))

    @rule(number=PERSON)
    def send_to_one(self, number: int) -> None:
        def send(session: Session, event: Event) -> None:
            emails = [self.guest(session, number).email]
            send_wave(session, event, by="Organiser", now=self.now, emails=emails)

        self.act(send)

    @rule(number=PERSON, wish=WISHES, by_phone=st.booleans())
    def answer(self, number: int, wish: AnswerWish, by_phone: bool) -> None:  # noqa: FBT001
        channel = AnswerChannel.PHONE if by_phone else AnswerChannel.GUEST

        def record(session: Session, _event: Event) -> None:
            invitation = self.invitation(session, number)
            record_answer(session, invitation, wish, channel=channel, actor="", now=self.now)

        self.act(record)

    @rule(number=PERSON)
    def withdraw(self, number: int) -> None:
        self.act(
            lambda session, event: withdraw(
                session, event, email=self.guest(session, number).email, now=self.now
            )
        )

    @rule()
    def remind(self) -> None:
        self.act(lambda session, event: remind(session, event, by="Organiser", now=self.now))

    @precondition(lambda self: self.now < NOW + timedelta(days=25))
    @rule(days=st.integers(1, 12))
    def let_time_pass(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.act(self.do_periodic_work)

    @rule(limit=st.integers(1, 6))
    def change_the_limit(self, limit: int) -> None:
        def change(session: Session, _event: Event) -> None:
            event = lock_for_places(session, self.event_id)
            ledger = place_ledger(session, event)
            event.place_limit = max(limit, ledger.accepted + ledger.held)

        self.act(change)

    @rule(slug=st.sampled_from(["visit", "dinner"]), places=st.integers(1, 4))
    def change_an_items_places(self, slug: str, places: int) -> None:
        def change(session: Session, _event: Event) -> None:
            event = lock_for_places(session, self.event_id)
            (item,) = (item for item in list_items(session, event.id) if item.slug == slug)
            taken = count_of(item, item_counts(session, event.id)).taken
            item.places = max(places, taken)
            fill_from_reserve(session, event, now=self.now)

        self.act(change)

    def do_periodic_work(self, session: Session, event: Event) -> None:
        expire_due(session, event, now=self.now)
        fill_from_reserve(session, event, now=self.now)

    def guest(self, session: Session, number: int) -> Guest:
        guests = list_guests(session, self.event_id)
        return guests[number % len(guests)]

    def invitation(self, session: Session, number: int) -> Invitation:
        guest_id = self.guest(session, number).id
        found = session.scalars(select(Invitation).where(Invitation.guest_id == guest_id)).first()
        if found is None:
            raise Revoked  # who has no invitation has no link
        return found

    @invariant()
    def every_promise_holds(self) -> None:
        with reading(), self.sessions() as session:
            event = session.get_one(Event, self.event_id)
            for promise in PROMISES:
                promise(session, event)


def waive_durability(driver: Connection, _record: object) -> None:
    driver.execute("PRAGMA synchronous=OFF")


def make_programme(session: Session, event: Event) -> None:
    make_item(session, event, "visit", kind=ItemKind.STUDY_VISIT, places=1, transfer_minutes=30)
    make_item(session, event, "workshop", kind=ItemKind.WORKSHOP)
    after = datetime(2026, 12, 10, 10, 15, tzinfo=UTC)
    make_item(session, event, "closing", starts=after, ends=after + timedelta(hours=1))
    make_dinner(session, event, places=2)


def test_no_order_of_events_breaks_a_promise(sqlite_template: Path, tmp_path: Path):
    numbers = count(1)

    def build() -> House:
        database = tmp_path / f"house{next(numbers)}.sqlite3"
        return House(Path(shutil.copyfile(sqlite_template, database)))

    run_state_machine_as_test(
        build, settings=settings(max_examples=30, stateful_step_count=25, deadline=None)
    )
