"""Races for what is scarce: forty at once, on both databases; nothing oversells, nothing errors."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.decisions.services import approve_guest_list
from app.deliveries import moves
from app.deliveries.claiming import Holder, claim
from app.deliveries.models import Delivery, DeliveryKind, DeliveryMove, DeliveryState
from app.deliveries.moves import Note
from app.deliveries.pauses import read_pauses
from app.events.models import Event
from app.events.queries import get_event
from app.guests.models import Guest, GuestListVersion
from app.guests.rows import GuestRow
from app.guests.services import NothingToApproveError, import_guests
from app.invitations.models import Invitation, InvitationState
from app.invitations.queries import place_ledger
from app.invitations.services import send_wave
from app.invitations.withdrawing import withdraw
from app.programme.models import ItemKind
from app.rsvp.changes import AnswerWish, CompanionWish
from app.rsvp.edition import numbers_in_line
from app.rsvp.models import Answer, AnswerChannel, Choice, ChoiceAnswer, Rsvp, RsvpChange
from app.rsvp.queries import item_counts
from app.rsvp.services import Outcome, record_answer
from app.tokens import Revoked
from tests.factories import NOW, approve_list, make_dinner, make_event, make_guest, make_item
from tests.faults.racing import race

CROWD, ROUNDS = 40, 3
ACCEPTED = AnswerWish(Answer.ACCEPTED)
DECLINED = AnswerWish(Answer.DECLINED)

pytestmark = pytest.mark.parametrize("turn", range(ROUNDS))


def answer(session: Session, invitation_id: int, wish: AnswerWish) -> Outcome:
    invitation = session.get_one(Invitation, invitation_id)
    channel = AnswerChannel.GUEST
    return record_answer(session, invitation, wish, channel=channel, actor="", now=NOW)


def accept(session: Session, invitation_id: int) -> Outcome:
    return answer(session, invitation_id, ACCEPTED)


def invite(session: Session, event: Event, guests: int) -> list[int]:
    """Invite as many new guests and return their invitations' row ids."""
    emails = [make_guest(session, event).email for _ in range(guests)]
    approve_list(session, event)
    send_wave(session, event, by="Organiser", now=NOW, emails=emails)
    invited = select(Invitation.id).join(Invitation.guest).where(Guest.email.in_(emails))
    return list(session.scalars(invited.order_by(Invitation.id)))


def count(session: Session, column, *conditions) -> int:
    return session.scalars(select(func.count(column)).where(*conditions)).one()


def test_of_forty_who_change_their_mind_one_gets_the_one_free_place(sessions, turn):
    with sessions.begin() as session:
        event = make_event(session, place_limit=CROWD)
        declined = invite(session, event, CROWD)
        for invitation_id in declined:
            answer(session, invitation_id, DECLINED)
        for invitation_id in invite(session, event, CROWD - 1):
            accept(session, invitation_id)
    outcomes = race(sessions, declined, accept)
    assert Counter(outcomes) == {Outcome.RECORDED: 1, Outcome.WISH_NOTED: CROWD - 1}
    with sessions() as session:
        ledger = place_ledger(session, get_event(session, "summit"))
        assert (ledger.accepted, ledger.held, ledger.free) == (CROWD, 0, 0)
        assert count(session, Rsvp.id, Rsvp.wishes_place_since.is_not(None)) == CROWD - 1


def test_of_forty_who_tick_the_last_place_one_goes_and_the_others_stand_in_line(sessions, turn):
    with sessions.begin() as session:
        event = make_event(session, place_limit=CROWD)
        make_item(session, event, "visit", kind=ItemKind.STUDY_VISIT, places=1)
        invited = invite(session, event, CROWD)
    wish = AnswerWish(Answer.ACCEPTED, items=frozenset({"visit"}))
    outcomes = race(sessions, invited, lambda session, one: answer(session, one, wish))
    assert set(outcomes) == {Outcome.RECORDED}
    with sessions() as session:
        answers = Counter(session.scalars(select(Choice.answer)))
        assert answers == {ChoiceAnswer.YES: 1, ChoiceAnswer.RESERVE: CROWD - 1}
        rsvps = session.scalars(select(Rsvp))
        places = [place for rsvp in rsvps for place in numbers_in_line(session, rsvp).values()]
        assert sorted(places) == list(range(1, CROWD))


def test_the_last_two_places_at_the_dinner_go_to_one_guest_with_a_companion(sessions, turn):
    with sessions.begin() as session:
        event = make_event(session, place_limit=CROWD)
        dinner_id = make_dinner(session, event, places=2).id
        invited = invite(session, event, CROWD)
    wish = AnswerWish(
        Answer.ACCEPTED, items=frozenset({"dinner"}), companions=(CompanionWish("Tomas Rønnow"),)
    )
    outcomes = race(sessions, invited, lambda session, one: answer(session, one, wish))
    assert set(outcomes) == {Outcome.RECORDED}
    with sessions() as session:
        count_at_dinner = item_counts(session, get_event(session, "summit").id)[dinner_id]
        assert (count_at_dinner.yes, count_at_dinner.companions) == (1, 1)
        assert count_at_dinner.reserve == CROWD - 1


def test_two_waves_at_once_invite_each_guest_once_within_the_limit(sessions, turn):
    with sessions.begin() as session:
        event = make_event(session, place_limit=20)
        for _ in range(20):
            make_guest(session, event)
        approve_list(session, event)
        event.place_limit = 15
    race(
        sessions,
        ["Astrid", "Henrik"],
        lambda session, by: send_wave(session, get_event(session, "summit"), by=by, now=NOW),
    )
    with sessions() as session:
        ledger = place_ledger(session, get_event(session, "summit"))
        assert (ledger.accepted, ledger.held, ledger.free) == (0, 15, 0)
        assert count(session, Invitation.guest_id.distinct()) == 15
        assert count(session, Delivery.guest_id.distinct()) == count(session, Delivery.id) == 15


def answer_or_find_the_link_dead(session: Session, invitation_id: int) -> bool:
    try:
        answer(session, invitation_id, ACCEPTED)
    except Revoked:
        return False
    return True


def test_an_answer_and_a_withdrawal_at_once_never_leave_a_guest_half_in(sessions, turn):
    with sessions.begin() as session:
        event = make_event(session)
        (invitation_id,) = invite(session, event, 1)
        email = session.get_one(Invitation, invitation_id).guest.email

    def withdraw_it(session: Session) -> bool:
        withdraw(session, get_event(session, "summit"), email=email, now=NOW)
        return True

    acts = [lambda session: answer_or_find_the_link_dead(session, invitation_id), withdraw_it]
    race(sessions, acts, lambda session, act: act(session))
    with sessions() as session:
        invitation = session.get_one(Invitation, invitation_id)
        state = (invitation.state, invitation.holds_place, invitation.link_version)
        assert state == (InvitationState.WITHDRAWN, False, 2)
        assert place_ledger(session, get_event(session, "summit")).free == 3
        waiting = select(Delivery.kind).where(Delivery.state == DeliveryState.QUEUED)
        # Who had answered first is told that the invitation stands no more, and nothing else.
        assert set(session.scalars(waiting)) <= {DeliveryKind.WITHDRAWN}


def approve_or_find_nothing(session: Session, by: str) -> int | None:
    try:
        frozen = approve_guest_list(session, get_event(session, "summit"), by=by, now=NOW)
    except NothingToApproveError:
        return None
    return frozen.version.number


def test_two_approvals_at_once_freeze_one_version(sessions, turn):
    with sessions.begin() as session:
        event = make_event(session)
        make_guest(session, event)
    numbers = race(sessions, ["Astrid", "Henrik"], approve_or_find_nothing)
    assert Counter(numbers) == {1: 1, None: 1}
    with sessions() as session:
        assert list(session.scalars(select(GuestListVersion.number))) == [1]


def test_eight_workers_claim_each_of_two_hundred_mails_once(sessions, turn):
    with sessions.begin() as session:
        event = make_event(session, place_limit=200)
        invite(session, event, 200)

    def claim_all(_session: Session, _worker: int) -> list[int]:
        return list(claim_until_none_is_left(sessions))

    claimed = [one for mine in race(sessions, range(8), claim_all) for one in mine]
    with sessions() as session:
        assert sorted(claimed) == sorted(session.scalars(select(Delivery.id)))


def claim_until_none_is_left(sessions) -> Iterator[int]:
    holder = Holder(str(uuid4()), timedelta(minutes=1), "worker")
    while True:
        with sessions.begin() as session:
            batch = claim(session, holder, read_pauses(session, NOW), limit=10)
        if not batch:
            return
        yield from (delivery.id for delivery in batch)


MINUTE = timedelta(minutes=1)
RATE, WORKERS, MINUTES = 10, 6, 3


def test_six_workers_together_never_exceed_the_rate_in_any_minute(sessions, turn):
    with sessions.begin() as session:
        event = make_event(session, place_limit=200)
        invite(session, event, 200)
    started = time.monotonic()

    def clock() -> datetime:
        return NOW + MINUTE * (time.monotonic() - started)  # a minute passes in each second

    def work(_session: Session, worker: int) -> None:
        while clock() < NOW + MINUTES * MINUTE:
            begin_at_the_rate(sessions, Holder(str(worker), 3 * MINUTE, "worker"), clock)

    race(sessions, range(WORKERS), work)
    with sessions() as session:
        begun = select(DeliveryMove.at).where(DeliveryMove.state == DeliveryState.SENDING)
        moments = sorted(session.scalars(begun))
    windows = [sum(at <= other <= at + MINUTE for other in moments) for at in moments]
    assert max(windows) == RATE
    assert len(moments) >= RATE * (MINUTES - 1)


def begin_at_the_rate(sessions, holder: Holder, clock) -> None:
    """Claim in one transaction and begin in the next, as a worker does."""
    with sessions.begin() as session:
        pauses = read_pauses(session, clock())
        claimed = claim(session, holder, pauses, limit=4, rate_per_minute=RATE)
    with sessions.begin() as session:
        now = clock()
        facts = {"lease": holder.lease, "lease_until": now + holder.lasts, "domain": "a.example"}
        ids = [delivery.id for delivery in claimed]
        moves.begin(session, ids, **facts, note=Note(now, holder.name))


def test_an_answer_posted_twice_at_once_is_recorded_and_confirmed_once(sessions, turn):
    with sessions.begin() as session:
        event = make_event(session)
        (invitation_id,) = invite(session, event, 1)
    outcomes = race(sessions, [invitation_id] * 2, accept)
    assert Counter(outcomes) == {Outcome.RECORDED: 1, Outcome.UNCHANGED: 1}
    with sessions() as session:
        assert list(session.scalars(select(RsvpChange.part))) == ["event"]
        assert count(session, Delivery.id, Delivery.kind == DeliveryKind.CONFIRMATION) == 1


def row(line: int) -> GuestRow:
    return GuestRow(
        line=line,
        salutation="Dr",
        first_name="Zofia",
        last_name=f"Łęcka {line}",
        title="Director",
        organisation="Ministry",
        country="Poland",
        email=f"zofia{line}@example.org",
        language="en",
        host="",
        rank=None,
        note="",
    )


def test_two_imports_of_one_file_at_once_make_each_guest_once(sessions, turn):
    with sessions.begin() as session:
        make_event(session)
    rows = [row(line) for line in range(2, 42)]

    def import_all(session: Session, _by: str) -> tuple[int, int]:
        difference = import_guests(session, get_event(session, "summit"), rows, now=NOW)
        return len(difference.new), difference.unchanged

    assert sorted(race(sessions, ["Astrid", "Henrik"], import_all)) == [(0, 40), (40, 0)]
    with sessions() as session:
        assert count(session, Guest.id) == 40
