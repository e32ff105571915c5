"""Whatever happens to answers, programme and mails: each calendar ends as our database stands."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.amendments.services import amend
from app.amendments.wishes import ItemWish
from app.deliveries import moves
from app.deliveries.models import Delivery, DeliveryState
from app.deliveries.moves import Note
from app.invitations.calling_off import call_off
from app.invitations.models import Invitation, InvitationState
from app.invitations.queries import find_of_guest
from app.invitations.withdrawing import withdraw
from app.programme.queries import list_items
from app.rsvp.changes import AnswerWish
from app.rsvp.choices import AnswerRefusedError
from app.rsvp.models import Answer, AnswerChannel, ChoiceAnswer
from app.rsvp.queries import find_rsvp
from app.rsvp.services import record_answer
from tests.calendars.posting import CalendarProgram, Outcome, deliver_all, deliver_one
from tests.factories import NOW, make_event, make_invitation, make_item

SLUGS = ("opening", "workshop", "visit")
GUESTS = 2
_numbers = count(1)
ANSWERS = st.tuples(
    st.just("answer"),
    st.integers(0, GUESTS - 1),
    st.one_of(st.none(), st.frozensets(st.sampled_from(SLUGS))),
)
"""Declines, or accepts these items."""
MOVES = st.tuples(st.just("move"), st.sampled_from(SLUGS), st.integers(0, 3))
POSTS = st.tuples(st.just("post"), st.sampled_from(list(Outcome)))
WITHDRAWALS = st.tuples(st.just("withdraw"), st.integers(0, GUESTS - 1))
CHANGES = st.one_of(ANSWERS, ANSWERS, MOVES, POSTS, POSTS, WITHDRAWALS)


class Stage:
    """An event with three items, two guests, and a calendar program for each."""

    def __init__(self, app, session) -> None:
        self.app, self.session = app, session
        self.event = make_event(session, slug=f"event-{next(_numbers)}")
        for hour, slug in enumerate(SLUGS, 8):
            starts = datetime(2026, 12, 10, hour, tzinfo=NOW.tzinfo)
            places = 1 if slug == "visit" else None
            ends = starts + timedelta(minutes=30)
            make_item(session, self.event, slug, starts=starts, ends=ends, places=places)
        self.guests = [make_invitation(session, self.event).guest_id for _ in range(GUESTS)]
        self.programs: dict[int, CalendarProgram] = {id_: CalendarProgram() for id_ in self.guests}
        self.now = NOW
        session.flush()

    def do(self, change) -> None:
        self.now += timedelta(seconds=30)
        getattr(self, change[0])(*change[1:])
        self.session.flush()

    def answer(self, number, items) -> None:
        invitation = self.invitation(self.guests[number])
        if invitation.state is InvitationState.WITHDRAWN:
            return
        wish = AnswerWish(
            Answer.DECLINED if items is None else Answer.ACCEPTED, items or frozenset()
        )
        try:
            record_answer(
                self.session,
                invitation,
                wish,
                channel=AnswerChannel.PHONE,
                actor="Astrid",
                now=self.now,
            )
        except AnswerRefusedError:
            return  # two parts that overlap by now

    def move(self, slug, quarters) -> None:
        item = next(one for one in list_items(self.session, self.event.id) if one.slug == slug)
        starts = datetime(2026, 12, 10, 8 + SLUGS.index(slug), 15 * quarters, tzinfo=NOW.tzinfo)
        wish = replace(ItemWish.of(item), starts=starts, ends=starts + timedelta(minutes=30))
        amend(self.session, item, wish, by="Astrid", now=self.now)

    def post(self, outcome) -> None:
        deliver_one(self.app, self.session, self.programs, now=self.now, outcome=outcome)

    def withdraw(self, number) -> None:
        invitation = self.invitation(self.guests[number])
        if invitation.state is not InvitationState.WITHDRAWN:
            withdraw(self.session, self.event, email=invitation.guest.email, now=self.now)

    def finish(self) -> None:
        """Send once more what did not arrive, and everything that waits."""
        stuck = Delivery.state.in_((DeliveryState.FAILED, DeliveryState.UNCERTAIN))
        self.now += timedelta(hours=1)
        moves.send_again(self.session, stuck, Note(self.now, "Astrid", "Once more"))
        deliver_all(self.app, self.session, self.programs, now=self.now)

    def invitation(self, guest_id: int) -> Invitation:
        found = find_of_guest(self.session, guest_id)
        assert found is not None
        return found

    def attended(self, guest_id: int) -> dict[str, tuple[datetime, datetime]]:
        """Return, by UID, when the guest is where, as the database has it."""
        invitation = self.invitation(guest_id)
        rsvp = find_rsvp(self.session, invitation.id)
        items = {item.id: item for item in list_items(self.session, self.event.id)}
        stands = invitation.holds_place and self.event.called_off_at is None
        if rsvp is None or not stands:
            return {}
        return {
            f"{items[one.item_id].public_id}.{invitation.public_id}@couvert": (
                items[one.item_id].starts,
                items[one.item_id].ends,
            )
            for one in rsvp.choices
            if one.answer is ChoiceAnswer.YES
        }

    def shown(self, guest_id: int) -> dict[str, tuple[datetime, datetime]]:
        """Return the same as the guest's calendar program has it."""
        entries = self.programs[guest_id].entries
        return {uid: (entry.starts, entry.ends) for uid, entry in entries.items()}


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes=st.lists(CHANGES, min_size=30, max_size=30), ends=st.booleans())
def test_a_replay_of_thirty_changes_ends_as_the_database_stands(app, session, changes, ends):
    stage = Stage(app, session)
    for change in changes:
        stage.do(change)
    if ends:
        call_off(session, stage.event, by="Astrid", now=stage.now)
    stage.finish()
    session.expire_all()
    for guest_id in stage.guests:
        assert stage.shown(guest_id) == stage.attended(guest_id)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_part_that_is_on_and_off_again_ends_off(app, session, outcome):
    stage = Stage(app, session)
    for change in (
        ("answer", 0, frozenset({"opening"})),
        ("post", Outcome.SENT),
        ("post", Outcome.SENT),
        ("post", Outcome.SENT),
        ("answer", 0, frozenset()),
        ("post", outcome),
        ("answer", 0, None),
    ):
        stage.do(change)
    stage.finish()
    assert stage.shown(stage.guests[0]) == {}


def test_what_may_have_arrived_is_cancelled_though_its_mail_is_given_up(app, session):
    stage = Stage(app, session)
    for change in (
        ("answer", 0, frozenset({"opening"})),
        ("post", Outcome.SENT),
        ("post", Outcome.TAKEN),
        ("answer", 0, None),
        ("withdraw", 0),
    ):
        stage.do(change)
    stage.finish()
    assert stage.shown(stage.guests[0]) == {}


def test_what_an_earlier_mail_has_brought_is_cancelled_whoever_was_to_bring_it(app, session):
    stage = Stage(app, session)
    for change in (
        ("answer", 0, frozenset({"opening"})),
        ("answer", 0, frozenset({"opening", "workshop"})),  # its mail replaces the first one
        ("post", Outcome.SENT),
        ("post", Outcome.SENT),
        ("answer", 0, frozenset({"workshop"})),
    ):
        stage.do(change)
    stage.finish()
    assert stage.shown(stage.guests[0]) == stage.attended(stage.guests[0])
    assert len(stage.programs[stage.guests[0]].told) == 3  # nothing is told twice


def test_every_uid_and_sequence_is_told_in_order(app, session):
    stage = Stage(app, session)
    stage.do(("answer", 0, frozenset({"opening", "workshop"})))
    stage.finish()
    stage.do(("move", "opening", 1))
    stage.finish()
    stage.do(("answer", 0, frozenset({"workshop"})))
    stage.finish()
    told = stage.programs[stage.guests[0]].told
    opening = [(method, sequence) for method, _, sequence in told if sequence]
    assert opening == [("REQUEST", 1), ("CANCEL", 2)]
