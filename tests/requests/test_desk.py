"""The organiser reads what guests ask, and decides it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app import create_app
from app.invitations.models import Invitation, InvitationState
from app.organisers.models import Role
from app.requests.disowning import disown
from app.requests.models import Request, RequestState, Wished
from app.requests.representatives import propose
from app.requests.services import ask_late_change
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.queries import find_rsvp
from app.rsvp.services import record_answer
from tests.desk import Desk, text_of
from tests.factories import (
    NOW,
    make_dinner,
    make_event,
    make_guest,
    make_invitation,
    make_item,
    make_organiser,
)

LATE = datetime(2026, 12, 3, 9, tzinfo=UTC)
GUEST = {"channel": AnswerChannel.GUEST, "actor": ""}
PERSON = {"last_name": "Kowalska", "email": "marta@example.org", "language": "en"}


@pytest.fixture
def app(settings):
    made = create_app(settings, clock=lambda: LATE)
    yield made
    made.extensions["couvert"].sessions.kw["bind"].dispose()


@pytest.fixture
def event(session):
    made = make_event(session)
    make_dinner(session, made)
    make_item(session, made, "visit", places=1)
    return made


@pytest.fixture
def invitation(session, event):
    made = make_invitation(session, event, last_name="Strøm-Łęcka")
    wish = AnswerWish(Answer.ACCEPTED, frozenset({"dinner"}))
    record_answer(session, made, wish, now=NOW, **GUEST)
    return made


@pytest.fixture
def asked(session, invitation):
    facts = {"part": "item:visit", "wished": Wished.YES, "words": "I am vegan now."}
    made = ask_late_change(session, invitation, now=LATE, **facts, **GUEST)
    session.commit()
    return made


@pytest.fixture
def proposed(session, invitation):
    made = propose(session, invitation, PERSON, words="", now=LATE, **GUEST)
    session.commit()
    return made


@pytest.fixture
def disowned(session, invitation):
    disown(session, invitation, now=LATE)
    made = session.scalars(select(Request)).one()
    session.commit()
    return made


def sign_in(app, session, event, role=Role.ORGANISER) -> Desk:
    organiser = make_organiser(session, event, role)
    session.commit()
    return Desk(app).sign_in(organiser, LATE)


@pytest.fixture
def desk(app, session, event):
    return sign_in(app, session, event)


def page_of(session, one, folder="requests") -> str:
    """Return the address of a request or guest, and leave the database to the browser."""
    path = f"{folder}/{one.public_id}"
    session.commit()
    return path


def state_of(app, request) -> RequestState:
    with app.extensions["couvert"].sessions() as session:
        return session.get_one(Request, request.id).state


def test_the_overview_leads_to_what_waits(desk, asked):
    page = desk.page()
    assert "Decide on one request A guest was promised an answer within one working day." in page
    assert "All 1 Waiting 1 Decided 0" in desk.page("requests")
    assert "Visit: wishes to come Waits" in desk.page("requests?state=waiting")


def test_one_request_shows_what_is_asked_and_what_is_recorded(desk, asked):
    page = desk.page(f"requests/{asked.public_id}")
    assert "Late change: Dr Zofia Strøm-Łęcka" in page
    assert "Part Visit Wish wishes to come" in page
    assert "I am vegan now." in page
    assert "This part No Places there 0 of 1 taken" in page


@pytest.mark.parametrize("role", [Role.APPROVER, Role.VIEWER])
def test_others_read_without_the_guests_words_and_decide_nothing(app, session, event, asked, role):
    desk = sign_in(app, session, event, role)
    page = desk.page(f"requests/{asked.public_id}")
    assert "vegan" not in page
    assert "The guest has added words that only organisers see." in page
    assert "An organiser decides this." in page
    assert desk.post(f"requests/{asked.public_id}/grant").status_code == 404


def test_a_grant_is_recorded_and_said(app, session, desk, asked, invitation):
    response = desk.post(f"requests/{asked.public_id}/grant")
    assert response.status_code == 303
    page = desk.page(f"requests/{asked.public_id}")
    assert "The request is granted; the guest is told by mail." in page
    assert "Granted When 3 Dec, 10:00 , Astrid Lindhagen-Rask" in page
    history = desk.page(page_of(session, invitation.guest, "guests"))
    assert "A request of the guest, granted by Astrid Lindhagen-Rask" in history
    assert "Late change Visit: wishes to come Granted" in history


def test_a_refusal_without_a_reply_is_shown_again(app, desk, asked):
    response = desk.post(f"requests/{asked.public_id}/refuse", reply=" ")
    assert response.status_code == 422
    assert "Write a reply: the guest is told why." in text_of(response)
    assert 'href="#reply"' in response.text
    assert state_of(app, asked) is RequestState.WAITING
    assert desk.post(f"requests/{asked.public_id}/refuse", reply="Full.").status_code == 303


def test_what_overlaps_is_said_in_words_and_nothing_is_changed(
    app, session, desk, asked, invitation
):
    make_item(session, invitation.event, "walk")
    wish = AnswerWish(Answer.ACCEPTED, frozenset({"dinner", "walk"}))
    by_phone = {"channel": AnswerChannel.PHONE, "actor": "Astrid"}
    record_answer(session, invitation, wish, now=LATE, **by_phone)
    response = desk.post(f"{page_of(session, asked)}/grant", reply="With pleasure.")
    assert response.status_code == 422
    assert "Choose one of the two: Visit (10:00–11:00) and Walk (10:00–11:00)" in text_of(response)
    assert "With pleasure." in response.text
    assert state_of(app, asked) is RequestState.WAITING


def test_own_words_lead_to_the_form_of_the_answer(session, desk, asked):
    asked.wished = Wished.OTHER
    session.commit()
    response = desk.get(f"requests/{asked.public_id}")
    assert "Record first what is asked; then press Grant" in text_of(response)
    assert '#record">To the form of the answer' in response.text


def test_what_was_decided_meanwhile_is_said(desk, asked):
    desk.post(f"requests/{asked.public_id}/grant")
    response = desk.post(f"requests/{asked.public_id}/refuse", reply="No.")
    assert response.status_code == 422
    assert "This has been decided or taken back meanwhile." in text_of(response)


def test_a_representative_is_approved_with_a_date_of_their_own(app, session, desk, proposed):
    page = desk.get(f"requests/{proposed.public_id}").text
    assert 'value="2026-12-09"' in page  # seven days on, but not after the event's start
    late = desk.post(f"requests/{proposed.public_id}/grant", reply_by="2026-12-24")
    assert "Choose a day from today until the event begins." in text_of(late)
    nonsense = desk.post(f"requests/{proposed.public_id}/grant", reply_by="soon")
    assert "Write the day as in 2026-12-01." in text_of(nonsense)
    response = desk.post(f"requests/{proposed.public_id}/grant", reply_by="2026-12-07")
    assert response.status_code == 303
    new = session.scalars(select(Invitation).order_by(Invitation.id.desc())).first()
    assert (new.guest.last_name, str(new.reply_by)) == ("Kowalska", "2026-12-07")
    register = desk.page("decisions")
    assert "Guest list version 2: Kowalska comes for Dr Zofia Strøm-Łęcka" in register


def test_a_representative_who_is_a_guest_already_is_said_before_it_is_decided(
    session, event, desk, proposed
):
    words = "A guest of the list has this address: nobody can be invited twice."
    assert words not in desk.page(f"requests/{proposed.public_id}")
    make_guest(session, event, email=PERSON["email"])
    session.commit()
    assert words in desk.page(f"requests/{proposed.public_id}")
    response = desk.post(f"requests/{proposed.public_id}/grant", reply_by="2026-12-07")
    assert (response.status_code, words in text_of(response)) == (422, True)


def test_without_a_free_place_nobody_takes_the_place_of_who_declined(
    session, event, desk, invitation
):
    by_phone = {"channel": AnswerChannel.PHONE, "actor": "Astrid"}
    record_answer(session, invitation, AnswerWish(Answer.DECLINED), now=LATE, **by_phone)
    proposed = propose(session, invitation, PERSON, words="", now=LATE, **GUEST)
    make_invitation(session, event)
    event.place_limit = 1
    response = desk.post(f"{page_of(session, proposed)}/grant")
    assert response.status_code == 422
    assert "All 1 places are accepted or held by others." in text_of(response)


def test_a_wrong_address_is_settled_in_three_ways(app, session, desk, disowned):
    page = desk.page(f"requests/{disowned.public_id}")
    for deed in ("The address was wrong", "Withdraw the invitation", "It is right after all"):
        assert deed in page
    assert desk.post(f"requests/{disowned.public_id}/wrong-address").status_code == 303
    page = desk.page(f"requests/{disowned.public_id}")
    assert "Settled" in page
    assert "nothing is sent before a corrected one is approved" in page
    assert desk.post(f"requests/{disowned.public_id}/refuse").status_code == 303
    with app.extensions["couvert"].sessions() as fresh:
        assert fresh.scalars(select(Invitation)).one().disowned_at is None


def test_a_disowned_invitation_can_be_withdrawn(app, desk, disowned):
    assert desk.post(f"requests/{disowned.public_id}/grant").status_code == 303
    with app.extensions["couvert"].sessions() as fresh:
        assert fresh.scalars(select(Invitation)).one().state is InvitationState.WITHDRAWN


def test_a_request_lapses_with_its_invitation(session, desk, asked, invitation):
    desk.post(f"{page_of(session, invitation.guest, 'invitations')}/withdraw")
    assert "Lapsed" in desk.page("requests")
    assert "there is nothing left to decide" in desk.page(f"requests/{asked.public_id}")
    assert "Decide on" not in desk.page()


def test_who_has_accepted_and_not_chosen_is_marked_and_found(session, event, desk, invitation):
    half = make_invitation(session, event, last_name="Halvvägs")
    first = AnswerWish.alone(Answer.ACCEPTED)
    record_answer(session, half, first, now=NOW, **GUEST)
    make_guest(session, event)
    session.commit()
    assert "One guest has accepted and not yet chosen" in desk.page()
    found = desk.page("guests?parts=open")
    assert ("Halvvägs" in found, "Strøm-Łęcka" in found) == (True, False)
    assert "Accepted parts open" in found
    assert find_rsvp(session, half.id).parts_at is None


def test_no_request_is_a_page_too(desk):
    assert "No guest has asked for anything yet." in desk.page("requests")
    assert "No request waits." in desk.page("requests?state=waiting")
    assert desk.get("requests/nothing").status_code == 404
