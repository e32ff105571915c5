"""The guest list and one guest's page, and answers that came by phone recorded there."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import object_session

from app.deliveries.models import Delivery, DeliveryKind
from app.invitations.withdrawing import withdraw
from app.organisers.models import Role
from app.rsvp.changes import AnswerWish, DietWish
from app.rsvp.models import Answer, AnswerChannel, Diet, Rsvp, RsvpChange
from app.rsvp.services import record_answer
from tests.desk import Desk, text_of
from tests.factories import (
    NOW,
    approve_list,
    make_dinner,
    make_event,
    make_guest,
    make_invitation,
    make_item,
    make_organiser,
)


@pytest.fixture
def event(session):
    event = make_event(session)
    make_dinner(session, event)
    make_item(session, event, "opening")
    return event


def desk_of(app, session, event, role=Role.ORGANISER):
    organiser = make_organiser(session, event, role)
    session.commit()
    return Desk(app).sign_in(organiser)


def address_of(invitation):
    public_id = invitation.guest.public_id
    # On SQLite a transaction of the test, left open, would keep the application waiting.
    object_session(invitation).commit()
    return f"guests/{public_id}"


def answer(desk, invitation, **fields):
    given = {"channel": "phone", "answer": "accepted", "confirm": "y", **fields}
    return desk.post(f"{address_of(invitation)}/answer", **given)


def kinds_of_mail(session):
    return session.scalars(select(Delivery.kind).order_by(Delivery.id)).all()


def test_the_list_is_shown_by_state_with_counts(app, session, event):
    make_invitation(session, event, first_name="Ada")
    make_guest(session, event, first_name="Grace")
    approve_list(session, event)
    desk = desk_of(app, session, event)
    assert "All 2" in desk.page("guests")
    assert "Awaiting answer 1" in desk.page("guests")
    waiting = desk.get("guests?state=not-invited").text
    assert ("Grace" in waiting, "Ada" in waiting) == (True, False)


def test_a_filter_that_fits_nobody_says_so_and_stays_in_the_form(app, session, event):
    make_guest(session, event)
    response = desk_of(app, session, event).get("guests?q=Zebra&state=nonsense&page=x")
    assert "No guest fits what you have asked for." in response.text
    assert 'value="Zebra"' in response.text


def test_an_answer_by_phone_is_recorded_with_who_how_and_what_was_said(app, session, event):
    invitation = make_invitation(session, event)
    desk = desk_of(app, session, event)
    fields = {"items": ["dinner", "opening"], "diet": "vegan", "said": "Her office called."}
    assert answer(desk, invitation, **fields).location.endswith(address_of(invitation))
    page = desk.page(address_of(invitation))
    assert "The answer is recorded." in page
    assert "Phone, noted by Astrid Lindhagen-Rask" in page
    assert "What was said: Her office called." in page
    change = session.scalars(select(RsvpChange).where(RsvpChange.part == "diet")).one()
    assert (change.channel, change.after) == (AnswerChannel.PHONE, "vegan")


@pytest.mark.parametrize(("confirm", "mails"), [({"confirm": "y"}, 1), ({"confirm": ""}, 0)])
def test_a_confirmation_is_sent_only_if_asked_for(app, session, event, confirm, mails):
    invitation = make_invitation(session, event)
    answer(desk_of(app, session, event), invitation, **confirm)
    assert kinds_of_mail(session).count(DeliveryKind.CONFIRMATION) == mails


def test_the_form_is_filled_in_with_what_is_recorded(app, session, event):
    invitation = make_invitation(session, event)
    wish = AnswerWish(
        Answer.ACCEPTED, items=frozenset({"dinner"}), diet=DietWish(Diet.OTHER, "no celery")
    )
    record_answer(session, invitation, wish, channel=AnswerChannel.GUEST, actor="", now=NOW)
    page = " ".join(desk_of(app, session, event).get(address_of(invitation)).text.split())
    assert 'value="dinner" id="item-dinner" aria-describedby="item-dinner-hint" checked' in page
    assert '<option value="other" selected>Other, in my own words</option>' in page
    assert 'value="no celery"' in page


def test_all_mistakes_are_told_at_once_and_everything_typed_is_kept(app, session, event):
    invitation = make_invitation(session, event)
    fields = {"companion_diet": "vegan", "said": "x" * 2001, "message": "Gladly.", "answer": ""}
    response = answer(desk_of(app, session, event), invitation, **fields)
    assert response.status_code == 422
    page = text_of(response)
    assert "Please correct 3 things" in page
    assert "<title>Error: " in " ".join(response.text.split()).replace("<title> ", "<title>")
    assert all(
        f'href="#{control}"' in response.text
        for control in ("answer-accepted", "companion_name", "said")
    )
    assert ("Gladly." in response.text, "x" * 2001 in response.text) == (True, True)
    assert session.scalars(select(Rsvp)).all() == []


def test_a_clash_is_refused_in_words_and_nothing_is_recorded(app, session, event):
    make_item(session, event, "plenary")
    invitation = make_invitation(session, event)
    response = answer(desk_of(app, session, event), invitation, items=["opening", "plenary"])
    assert response.status_code == 422
    assert "Choose one of the two: Opening" in response.text
    assert session.scalars(select(Rsvp)).all() == []


def test_an_acceptance_beyond_the_places_is_refused_in_words(app, session, event):
    invitation = make_invitation(session, event)
    decline = AnswerWish(Answer.DECLINED)
    record_answer(session, invitation, decline, channel=AnswerChannel.GUEST, actor="", now=NOW)
    for _ in range(3):
        make_invitation(session, event)
    response = answer(desk_of(app, session, event), invitation)
    assert response.status_code == 422
    assert "All 3 places are accepted or held by others" in response.text


def test_recording_the_same_again_changes_nothing_and_says_so(app, session, event):
    invitation = make_invitation(session, event)
    desk = desk_of(app, session, event)
    for _ in range(2):
        answer(desk, invitation)
    assert "This is what is recorded already." in desk.page(address_of(invitation))
    assert kinds_of_mail(session).count(DeliveryKind.CONFIRMATION) == 1


def test_a_withdrawn_invitation_cannot_be_answered(app, session, event):
    invitation = make_invitation(session, event)
    withdraw(session, event, email=invitation.guest.email, now=NOW)
    desk = desk_of(app, session, event)
    assert "Record an answer" not in desk.page(address_of(invitation))
    response = answer(desk, invitation)
    assert response.status_code == 422
    assert session.scalars(select(Rsvp)).all() == []


def test_a_guest_without_an_invitation_has_a_page(app, session, event):
    guest = make_guest(session, event, note="Ticket to the concert")
    desk = desk_of(app, session, event)
    page = desk.page(f"guests/{guest.public_id}")
    assert "Proposed" in page
    assert "Note Ticket to the concert" in page
    assert "Record an answer" not in page


def test_a_viewer_sees_no_diet_no_note_and_no_form(app, session, event):
    invitation = make_invitation(session, event, note="Wheelchair")
    organiser = desk_of(app, session, event)
    answer(organiser, invitation, items=["dinner"], diet="vegan", said="Allergic to nuts.")
    page = desk_of(app, session, event, Role.VIEWER).page(address_of(invitation))
    assert "Accepted" in page
    hidden = ("Vegan", "vegan", "Wheelchair", "Allergic", "Record an answer", "Withdraw")
    assert [word for word in hidden if word in page] == []


def test_a_guest_of_another_event_is_not_found_here(app, session, event):
    other = make_invitation(session, make_event(session, slug="other"))
    assert desk_of(app, session, event).get(address_of(other)).status_code == 404
