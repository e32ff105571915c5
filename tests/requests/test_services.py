"""A late change: asked for once its part is locked, decided once, told once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.deliveries.models import Delivery, DeliveryKind
from app.invitations.models import InvitationState
from app.invitations.services import close
from app.requests.asking import MOST_REQUESTS, RequestRefusedError, Why, take_back
from app.requests.models import Request, RequestState, Wished
from app.requests.queries import list_of_invitation, list_requests
from app.requests.services import ask_late_change, grant, refuse
from app.rsvp.changes import AnswerWish, CompanionWish
from app.rsvp.choices import AnswerRefusedError
from app.rsvp.models import Answer, AnswerChannel, ChoiceAnswer
from app.rsvp.queries import find_rsvp, history
from app.rsvp.services import PlacesTakenError, record_answer
from app.tokens import Revoked
from tests.factories import NOW, make_dinner, make_event, make_invitation, make_item

LATE = datetime(2026, 12, 3, 9, tzinfo=UTC)
"""After the reply-by date and every lock of the tests' event."""


@pytest.fixture
def event(session):
    made = make_event(session)
    make_dinner(session, made)
    make_item(session, made, "visit", places=1)
    later = datetime(2026, 12, 10, 12, tzinfo=UTC)
    make_item(session, made, "closing", starts=later, ends=later + timedelta(hours=1))
    return made


@pytest.fixture
def invitation(session, event):
    return accepting(session, event, "dinner")


def accepting(session, event, *items: str, **facts):
    made = make_invitation(session, event)
    answer(session, made, AnswerWish(Answer.ACCEPTED, frozenset(items), **facts))
    return made


def answer(session, invitation, wish, channel=AnswerChannel.GUEST) -> None:
    record_answer(session, invitation, wish, channel=channel, actor="", now=NOW)


def ask(session, invitation, part="item:visit", wished=Wished.YES, words="", **facts):
    given = {"channel": AnswerChannel.GUEST, "actor": "", "now": LATE, **facts}
    return ask_late_change(session, invitation, part=part, wished=wished, words=words, **given)


def why(act, *args, **facts) -> Why:
    with pytest.raises(RequestRefusedError) as caught:
        act(*args, **facts)
    return caught.value.why


def answers(session, invitation) -> dict[str, ChoiceAnswer]:
    rsvp = find_rsvp(session, invitation.id)
    return {choice.item.slug: choice.answer for choice in rsvp.choices}


def kinds(session) -> list[str]:
    query = select(Delivery.kind).where(Delivery.created_at == LATE).order_by(Delivery.id)
    return list(session.scalars(query))


def test_asking_changes_nothing_and_tells_the_organiser_once(session, event, invitation):
    request = ask(session, invitation)
    assert (request.state, request.part, request.wished) == ("waiting", "item:visit", "yes")
    assert answers(session, invitation) == {"dinner": ChoiceAnswer.YES}
    mail = session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.QUESTION)).one()
    assert (mail.recipient, mail.language) == (event.contact_email, "en")


def test_asking_again_about_a_part_replaces_the_words(session, invitation):
    first = ask(session, invitation, part="item:dinner", wished=Wished.OTHER, words="a cousin too")
    again = ask(session, invitation, part="item:dinner", wished=Wished.NO, words="alone, please")
    assert again is first
    assert (first.wished, first.words, first.asked_at) == (Wished.NO, "alone, please", LATE)
    assert kinds(session) == [DeliveryKind.QUESTION]


def test_what_is_still_open_is_not_asked_for(session, invitation):
    assert why(ask, session, invitation, now=NOW) is Why.STILL_OPEN
    assert why(ask, session, invitation, part="event", wished=Wished.NO, now=NOW) is Why.STILL_OPEN
    assert kinds(session) == []


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"part": "item:ball"}, Why.UNKNOWN_PART),
        ({"part": ""}, Why.UNKNOWN_PART),
        ({"wished": None}, Why.WISH_MISSING),
        ({"wished": Wished.OTHER, "words": " \n"}, Why.WORDS_MISSING),
        ({"words": "x" * 1001}, Why.WORDS_TOO_LONG),
        ({"words": "a\0b"}, Why.WORDS_UNREADABLE),
        ({"wished": Wished.NO}, Why.RECORDED_ALREADY),
        ({"part": "event"}, Why.RECORDED_ALREADY),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(session, invitation, facts, reason):
    assert why(ask, session, invitation, **facts) is reason
    assert list_of_invitation(session, invitation.id) == []


def test_an_item_open_by_name_only_does_not_exist_for_others(session, event, invitation):
    make_item(session, event, "audience", by_name=True)
    assert why(ask, session, invitation, part="item:audience") is Why.UNKNOWN_PART


def test_who_has_declined_cannot_ask_for_an_item(session, invitation):
    answer(session, invitation, AnswerWish(Answer.DECLINED), AnswerChannel.PHONE)
    assert why(ask, session, invitation) is Why.NOT_ACCEPTED
    assert ask(session, invitation, part="event").state is RequestState.WAITING


def test_without_an_answer_or_a_link_nothing_is_asked(session, event):
    open_one = make_invitation(session, event)
    assert why(ask, session, open_one) is Why.NOT_ANSWERED
    close(session, open_one, InvitationState.WITHDRAWN, now=NOW)
    with pytest.raises(Revoked):
        ask(session, open_one)


def test_one_link_does_not_write_to_the_organiser_for_ever(session, invitation):
    for _ in range(MOST_REQUESTS):
        take_back(session, ask(session, invitation), now=LATE)
    assert why(ask, session, invitation) is Why.TOO_MANY


def test_what_is_taken_back_is_not_told_any_more(session, invitation):
    request = ask(session, invitation)
    take_back(session, request, now=LATE)
    assert (request.state, request.decided_at) == (RequestState.TAKEN_BACK, LATE)
    mail = session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.QUESTION)).one()
    assert (mail.state, mail.error) == ("cancelled", "The request was taken back meanwhile")
    assert why(take_back, session, request, now=LATE) is Why.DECIDED


def test_a_grant_is_recorded_as_the_guests_answer_and_names_who_granted(session, invitation):
    request = ask(session, invitation, actor="Maria", channel=AnswerChannel.DELEGATE)
    grant(session, request, by="Astrid", now=LATE)
    assert answers(session, invitation) == {"dinner": ChoiceAnswer.YES, "visit": ChoiceAnswer.YES}
    lines = history(session, find_rsvp(session, invitation.id).id)
    newest = [(one.version, one.channel, one.actor, one.part, one.after) for one in lines[:2]]
    assert newest == [
        (2, AnswerChannel.DELEGATE, "Maria", "item:visit", "yes"),
        (2, AnswerChannel.DELEGATE, "Maria", "granted", "Astrid"),
    ]
    assert (request.state, request.decided_by) == (RequestState.GRANTED, "Astrid")


def test_the_guest_is_told_by_the_confirmation_and_by_a_reply_where_there_is_one(
    session, invitation
):
    grant(session, ask(session, invitation), by="Astrid", now=LATE)
    assert kinds(session) == [DeliveryKind.QUESTION, DeliveryKind.CONFIRMATION]
    request = ask(session, invitation, wished=Wished.NO)
    grant(session, request, by="Astrid", reply="Done.", now=LATE)
    assert kinds(session)[2:] == [
        DeliveryKind.QUESTION,
        DeliveryKind.CONFIRMATION,
        DeliveryKind.LATE_CHANGE,
    ]


def test_giving_the_dinner_up_takes_the_companion_along(session, event):
    comes_with = accepting(session, event, "dinner", companions=(CompanionWish("Tomas"),))
    grant(session, ask(session, comes_with, "item:dinner", Wished.NO), by="Astrid", now=LATE)
    assert answers(session, comes_with) == {"dinner": ChoiceAnswer.NO}
    assert find_rsvp(session, comes_with.id).companions == []


def test_own_words_are_recorded_by_hand_and_only_marked(session, invitation):
    request = ask(session, invitation, "item:dinner", Wished.OTHER, "vegan after all")
    grant(session, request, by="Astrid", now=LATE)
    assert request.state is RequestState.GRANTED
    assert find_rsvp(session, invitation.id).version == 1
    assert kinds(session) == [DeliveryKind.QUESTION, DeliveryKind.LATE_CHANGE]


def test_a_full_item_gives_the_reserve(session, event, invitation):
    accepting(session, event, "visit")
    grant(session, ask(session, invitation), by="Astrid", now=LATE)
    assert answers(session, invitation)["visit"] is ChoiceAnswer.RESERVE


@pytest.mark.parametrize("part", ["item:visit", "event"])
def test_a_place_given_up_late_goes_to_the_reserve_of_the_locked_item(session, event, part):
    make_item(session, event, "walk", places=1)
    leaving, next_in_line = accepting(session, event, "visit"), accepting(session, event, "visit")
    assert answers(session, next_in_line)["visit"] is ChoiceAnswer.RESERVE
    grant(session, ask(session, leaving, part, Wished.NO), by="Astrid", now=LATE)
    assert answers(session, next_in_line)["visit"] is ChoiceAnswer.YES


def test_what_overlaps_is_not_granted_and_nothing_is_changed(session, event, invitation):
    make_item(session, event, "walk")
    request = ask(session, invitation, "item:walk")
    answer(session, invitation, AnswerWish(Answer.ACCEPTED, frozenset({"visit"})))
    with pytest.raises(AnswerRefusedError):
        grant(session, request, by="Astrid", now=LATE)
    assert (request.state, request.decided_at) == (RequestState.WAITING, None)
    assert answers(session, invitation)["visit"] is ChoiceAnswer.YES


def test_who_can_come_after_all_needs_a_free_place(session, event, invitation):
    answer(session, invitation, AnswerWish(Answer.DECLINED))
    request = ask(session, invitation, "event")
    event.place_limit = 1
    accepting(session, event)
    with pytest.raises(PlacesTakenError):
        grant(session, request, by="Astrid", now=LATE)
    assert request.state is RequestState.WAITING
    event.place_limit = 2
    grant(session, request, by="Astrid", now=LATE)
    assert find_rsvp(session, invitation.id).answer is Answer.ACCEPTED


def test_a_refusal_needs_a_reply_and_tells_the_guest(session, invitation):
    request = ask(session, invitation)
    assert why(refuse, session, request, by="Astrid", reply=" ", now=LATE) is Why.REPLY_MISSING
    refuse(session, request, by="Astrid", reply="The coach is full.", now=LATE)
    assert (request.state, request.reply) == (RequestState.REFUSED, "The coach is full.")
    assert kinds(session) == [DeliveryKind.QUESTION, DeliveryKind.LATE_CHANGE]


def test_what_is_decided_is_not_decided_again(session, invitation):
    request = ask(session, invitation)
    grant(session, request, by="Astrid", now=LATE)
    assert why(refuse, session, request, by="Henrik", reply="No.", now=LATE) is Why.DECIDED
    assert why(grant, session, request, by="Henrik", now=LATE) is Why.DECIDED


def test_a_request_lapses_with_its_invitation(session, event, invitation):
    request = ask(session, invitation)
    close(session, invitation, InvitationState.WITHDRAWN, now=LATE)
    assert why(grant, session, request, by="Astrid", now=LATE) is Why.DECIDED


def test_what_waits_stands_first(session, event, invitation):
    make_item(session, event, "old", locks=date(2026, 11, 1))
    ask(session, invitation)
    take_back(session, ask(session, invitation, "item:old"), now=LATE)
    ask(session, invitation, "event", Wished.NO)
    assert [request.part for request in list_requests(session, event.id)] == [
        "event",
        "item:visit",
        "item:old",
    ]
    assert session.scalars(select(Request.id)).all()
