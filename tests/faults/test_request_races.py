"""Races about requests, on both databases: decided once, and no place lost or made by it."""

from collections import Counter

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.events.queries import get_event
from app.guests.models import Guest, GuestListVersion
from app.invitations.models import Invitation, InvitationState
from app.invitations.queries import place_ledger
from app.requests.asking import RequestRefusedError
from app.requests.models import Request, RequestState, Wished
from app.requests.representatives import approve, propose
from app.requests.services import ask_late_change, grant, refuse
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel, RsvpChange
from app.rsvp.services import record_answer
from app.tokens import Revoked
from tests.factories import NOW, make_dinner, make_event, make_invitation, make_item
from tests.faults.racing import race
from tests.requests.test_services import LATE

ROUNDS = 3
GUEST = {"channel": AnswerChannel.GUEST, "actor": ""}
PERSON = {"last_name": "Kowalska", "email": "marta@example.org", "language": "en"}

pytestmark = pytest.mark.parametrize("turn", range(ROUNDS))


@pytest.fixture
def asked(sessions) -> int:
    """A guest who accepted wishes to come to a locked visit."""
    with sessions.begin() as session:
        event = make_event(session)
        make_dinner(session, event)
        make_item(session, event, "visit", places=1)
        invitation = make_invitation(session, event)
        record_answer(session, invitation, AnswerWish(Answer.ACCEPTED), now=NOW, **GUEST)
        facts = {"part": "item:visit", "wished": Wished.YES, "words": ""}
        request = ask_late_change(session, invitation, now=LATE, **facts, **GUEST)
        return request.id


@pytest.fixture
def proposed(sessions) -> int:
    """A guest with an open invitation proposes a representative; every place is held."""
    with sessions.begin() as session:
        event = make_event(session, place_limit=2)
        make_invitation(session, event)
        invitation = make_invitation(session, event)
        return propose(session, invitation, PERSON, words="", now=NOW, **GUEST).id


def decided(session: Session, request_id: int, act, **facts) -> str:
    request = session.get_one(Request, request_id)
    try:
        act(session, request, now=LATE, **facts)
    except RequestRefusedError:
        return "decided before"
    return facts["by"]


def test_two_organisers_who_grant_at_once_grant_once(sessions, asked, turn):
    names = ["Astrid", "Henrik"]
    outcomes = race(sessions, names, lambda session, by: decided(session, asked, grant, by=by))
    assert Counter(outcomes)["decided before"] == 1
    with sessions() as session:
        granted = select(RsvpChange.after).where(RsvpChange.part == "granted")
        assert set(session.scalars(granted)) == set(outcomes) - {"decided before"}
        assert session.scalars(select(func.count(RsvpChange.id))).one() == 3


def test_granted_and_refused_at_once_it_is_one_of_the_two(sessions, asked, turn):
    acts = [
        lambda session: decided(session, asked, grant, by="Astrid"),
        lambda session: decided(session, asked, refuse, by="Henrik", reply="No."),
    ]
    outcomes = race(sessions, acts, lambda session, act: act(session))
    assert Counter(outcomes)["decided before"] == 1
    with sessions() as session:
        request = session.get_one(Request, asked)
        state = RequestState.GRANTED if outcomes[0] == "Astrid" else RequestState.REFUSED
        assert (request.state, request.decided_by) == (state, max(outcomes, key=str.istitle))


def approved(session: Session, request_id: int, by: str) -> str:
    request = session.get_one(Request, request_id)
    try:
        approve(session, request, by=by, now=NOW)
    except RequestRefusedError:
        return "decided before"
    return by


def test_approved_twice_at_once_one_representative_is_invited(sessions, proposed, turn):
    names = ["Astrid", "Henrik"]
    outcomes = race(sessions, names, lambda session, by: approved(session, proposed, by))
    assert Counter(outcomes)["decided before"] == 1
    with sessions() as session:
        ledger = place_ledger(session, get_event(session, "summit"))
        assert (ledger.accepted, ledger.held, ledger.free) == (0, 2, 0)
        named = select(func.count(Guest.id)).where(Guest.last_name == "Kowalska")
        assert session.scalars(named).one() == 1
        assert session.scalars(select(func.max(GuestListVersion.number))).one() == 3


@pytest.mark.parametrize("given", Answer)
def test_approved_while_the_guest_answers_no_place_is_lost_or_made(sessions, proposed, turn, given):
    def answer(session: Session) -> str:
        invitation = session.get_one(Request, proposed).invitation
        try:
            record_answer(session, invitation, AnswerWish(given), now=NOW, **GUEST)
        except Revoked:
            return "dead link"
        return "answered"

    acts = [answer, lambda session: approved(session, proposed, "Astrid")]
    outcomes = race(sessions, acts, lambda session, act: act(session))
    assert outcomes[1] == "Astrid"
    with sessions() as session:
        ledger = place_ledger(session, get_event(session, "summit"))
        assert (ledger.accepted, ledger.held, ledger.free) == (0, 2, 0)
        old = session.get_one(Request, proposed).invitation
        assert old.state is InvitationState.WITHDRAWN
        assert session.scalars(select(func.count(Invitation.id))).one() == 3
