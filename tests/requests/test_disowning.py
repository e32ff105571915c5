"""A link in the wrong hands shows and takes nothing, until the organiser has settled it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.delegates.models import Delegate
from app.deliveries import reasons
from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.invitations.models import InvitationState
from app.invitations.plans import DISOWNED, plan_reminder, plan_wave
from app.invitations.queries import place_ledger
from app.invitations.services import expire_due, renew_link
from app.requests.asking import (
    MOST_REQUESTS,
    Asker,
    RequestRefusedError,
    file_request,
    take_back,
)
from app.requests.disowning import (
    address_was_wrong,
    disown,
    is_right_after_all,
    is_thought_wrong,
    leave,
    own_after_all,
    withdraw_disowned,
)
from app.requests.models import RequestKind, RequestState
from app.requests.queries import find_waiting, list_of_invitation, waits
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel, ChoiceAnswer
from app.rsvp.queries import find_rsvp
from app.rsvp.reserve import fill_from_reserve
from app.rsvp.services import record_answer
from tests.factories import NOW, make_event, make_invitation, make_item

LATE = datetime(2026, 12, 3, 9, tzinfo=UTC)
BY = {"by": "Astrid", "now": NOW}
GUEST = {"channel": AnswerChannel.GUEST, "actor": ""}


@pytest.fixture
def event(session):
    return make_event(session)


@pytest.fixture
def invitation(session, event):
    return make_invitation(session, event)


@pytest.fixture
def request_(session, invitation):
    disown(session, invitation, now=NOW)
    return find_waiting(session, invitation.id, RequestKind.NOT_ME)


def test_the_invitation_stays_open_and_holds_its_place(session, event, invitation, request_):
    assert (invitation.state, invitation.disowned_at) == (InvitationState.OPEN, NOW)
    assert place_ledger(session, event).held == 1
    assert waits(request_)


def test_said_twice_it_is_noted_once(session, invitation, request_):
    disown(session, invitation, now=NOW)
    assert list_of_invitation(session, invitation.id) == [request_]


def test_no_mail_goes_to_that_address(session, event, invitation, request_):
    asked = select(Delivery.state).where(Delivery.kind == DeliveryKind.INVITATION)
    assert session.scalars(asked).all() == [DeliveryState.CANCELLED]
    reasons = {skip.reason for skip in plan_reminder(session, event, now=NOW).skipped}
    assert reasons == {DISOWNED}
    named = plan_wave(session, event, now=NOW, emails=[invitation.guest.email])
    assert [skip.reason for skip in named.skipped] == [DISOWNED]


def test_it_is_undone_by_the_same_link_while_nobody_has_settled_it(session, invitation, request_):
    own_after_all(session, invitation, now=NOW)
    assert invitation.disowned_at is None
    assert request_.state is RequestState.TAKEN_BACK
    with pytest.raises(RequestRefusedError):
        own_after_all(session, invitation, now=NOW)


def test_a_wrong_address_kills_the_link_and_a_corrected_one_makes_a_new(
    session, invitation, request_
):
    address_was_wrong(session, request_, **BY)
    assert (request_.state, invitation.link_version) == (RequestState.GRANTED, 2)
    assert invitation.disowned_at == NOW
    renew_link(session, invitation, now=NOW)
    assert (invitation.disowned_at, invitation.state) == (None, InvitationState.OPEN)


def test_what_was_thought_wrong_can_turn_out_right_and_the_new_link_is_sent(
    session, invitation, request_
):
    address_was_wrong(session, request_, **BY)
    assert is_right_after_all(session, request_, **BY) is DeliveryKind.INVITATION
    assert (invitation.disowned_at, request_.state) == (None, RequestState.GRANTED)
    query = select(Delivery).where(Delivery.kind == DeliveryKind.INVITATION).order_by(Delivery.id)
    first, second = session.scalars(query).all()
    assert (first.state, second.state) == (DeliveryState.CANCELLED, DeliveryState.QUEUED)
    assert (second.resend, second.recipient) == (True, invitation.guest.email)


def test_who_has_answered_gets_the_new_link_with_what_is_recorded(session, invitation):
    record_answer(session, invitation, AnswerWish(Answer.ACCEPTED), now=NOW, **GUEST)
    disown(session, invitation, now=NOW)
    request = find_waiting(session, invitation.id, RequestKind.NOT_ME)
    address_was_wrong(session, request, **BY)
    assert is_right_after_all(session, request, **BY) is DeliveryKind.CONFIRMATION
    query = select(Delivery.state).where(Delivery.kind == DeliveryKind.CONFIRMATION)
    states = session.scalars(query.order_by(Delivery.id)).all()
    assert states == [DeliveryState.CANCELLED, DeliveryState.QUEUED]


def test_an_open_invitation_in_the_wrong_hands_does_not_expire(session, event, request_):
    other = make_invitation(session, event)
    assert expire_due(session, event, now=LATE) == 1
    assert other.state is InvitationState.EXPIRED
    assert (request_.invitation.state, place_ledger(session, event).held) == ("open", 1)


def test_withdrawing_frees_the_place(session, event, invitation, request_):
    withdraw_disowned(session, request_, **BY)
    assert invitation.state is InvitationState.WITHDRAWN
    assert place_ledger(session, event).held == 0


def test_when_it_is_right_the_link_opens_again(session, invitation, request_):
    is_right_after_all(session, request_, **BY)
    assert (invitation.disowned_at, invitation.link_version) == (None, 1)
    with pytest.raises(RequestRefusedError):
        is_right_after_all(session, request_, **BY)


@pytest.fixture
def delegate(session, invitation):
    facts = {"email": "a@example.org", "email_key": "a@example.org", "added_by": ""}
    made = Delegate(invitation=invitation, name="Maria", added_at=NOW, **facts)
    session.add(made)
    session.flush()
    return made


def test_a_delegates_link_dies_alone_and_the_organiser_is_told(session, invitation, delegate):
    leave(session, delegate, now=NOW)
    assert (delegate.revoked_at, delegate.revoked_by) == (NOW, "Maria")
    assert invitation.disowned_at is None
    (noted,) = list_of_invitation(session, invitation.id)
    assert (noted.state, noted.actor) == (RequestState.GRANTED, "Maria")
    told = session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.QUESTION)).one()
    assert told.subject_id == noted.id


def test_a_delegates_word_settles_nothing_of_the_guests_address(session, invitation, delegate):
    leave(session, delegate, now=NOW)
    disown(session, invitation, now=NOW)
    guests, delegates = list_of_invitation(session, invitation.id)
    address_was_wrong(session, guests, **BY)
    assert is_thought_wrong(session, guests)
    assert not is_thought_wrong(session, delegates)
    with pytest.raises(RequestRefusedError):
        is_right_after_all(session, delegates, **BY)


def test_disowned_again_at_a_corrected_address_only_the_newest_word_waits(
    session, invitation, request_
):
    renew_link(session, invitation, now=NOW)
    disown(session, invitation, now=NOW)
    newest = find_waiting(session, invitation.id, RequestKind.NOT_ME)
    assert newest is not request_
    assert request_.state is RequestState.TAKEN_BACK
    told = select(Delivery.state).where(Delivery.kind == DeliveryKind.QUESTION)
    states = session.scalars(told.order_by(Delivery.id)).all()
    assert states == [DeliveryState.CANCELLED, DeliveryState.QUEUED]
    own_after_all(session, invitation, now=NOW)
    assert invitation.disowned_at is None


def test_a_confirmation_that_waits_does_not_go_to_that_address(session, event, invitation):
    record_answer(session, invitation, AnswerWish.alone(Answer.ACCEPTED), now=NOW, **GUEST)
    disown(session, invitation, now=NOW)
    query = select(Delivery).where(Delivery.kind == DeliveryKind.CONFIRMATION)
    confirmation = session.scalars(query).one()
    assert confirmation.state is DeliveryState.CANCELLED
    assert confirmation.error == reasons.DISOWNED


def test_nobody_moves_up_whose_link_is_in_the_wrong_hands(session, event):
    item = make_item(session, event, "visit", places=1)
    wish = AnswerWish(Answer.ACCEPTED, frozenset({"visit"}))
    _, first, second = made = [make_invitation(session, event) for _ in range(3)]
    for one in made:
        record_answer(session, one, wish, now=NOW, **GUEST)
    disown(session, first, now=NOW)
    item.places = 2
    assert fill_from_reserve(session, event, now=NOW) == 1
    answers = [find_rsvp(session, one.id).choices[0].answer for one in (first, second)]
    assert answers == [ChoiceAnswer.RESERVE, ChoiceAnswer.YES]


def test_thirty_requests_do_not_keep_a_wrong_address_from_being_said(session, invitation):
    asker, kind = Asker(AnswerChannel.GUEST), RequestKind.REPRESENTATIVE
    for _ in range(MOST_REQUESTS):
        request = file_request(session, invitation, kind, asker, now=NOW)
        take_back(session, request, now=NOW)
    with pytest.raises(RequestRefusedError):
        file_request(session, invitation, kind, asker, now=NOW)
    disown(session, invitation, now=NOW)
    assert invitation.disowned_at == NOW


def test_saying_so_over_and_over_is_taken_and_mailed_thirty_times_at_most(session, event):
    invitation = make_invitation(session, event)
    for _ in range(MOST_REQUESTS + 2):
        disown(session, invitation, now=NOW)
        own_after_all(session, invitation, now=NOW)
    questions = select(Delivery).where(Delivery.kind == DeliveryKind.QUESTION)
    assert len(session.scalars(questions).all()) == MOST_REQUESTS
    assert len(list_of_invitation(session, invitation.id)) == MOST_REQUESTS + 2
