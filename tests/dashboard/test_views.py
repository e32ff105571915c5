"""The overview as the organiser reads it, and as others who may see it do."""

import pytest

from app.deliveries.models import DeliveryState, Pause, PauseKind
from app.deliveries.pauses import ALL, event_scope, stop
from app.deliveries.queries import list_of_guest
from app.organisers.models import Role
from app.rsvp.changes import AnswerWish, CompanionWish, DietWish
from app.rsvp.models import Answer, AnswerChannel, Diet
from app.rsvp.services import record_answer
from tests.desk import Desk, text_of
from tests.factories import NOW, make_dinner, make_event, make_invitation, make_organiser


@pytest.fixture
def event(session):
    event = make_event(session)
    make_dinner(session, event, places=10)
    return event


def desk_of(app, session, event, role=Role.ORGANISER, **facts):
    organiser = make_organiser(session, event, role, **facts)
    session.commit()
    return Desk(app).sign_in(organiser)


def accept(session, invitation, channel=AnswerChannel.LETTER):
    companions = (CompanionWish("Anna", DietWish(Diet.VEGAN)),)
    wish = AnswerWish(Answer.ACCEPTED, items=frozenset({"dinner"}), companions=companions)
    record_answer(session, invitation, wish, channel=channel, actor="Astrid", now=NOW)


def test_the_overview_tells_ledger_dinner_and_what_happened(app, session, event):
    invitation = make_invitation(session, event)
    accept(session, invitation)
    make_invitation(session, event)
    page = desk_of(app, session, event).page()
    assert "accepted 1 held by open invitations 1 free 1" in page
    assert "of 3 places. 0 guests have declined; 0 stand on the reserve." in page
    assert "2 of 10 seats at Grand Hôtel: one guest, one companion." in page
    assert f"{invitation.guest.full_name} accepted, by letter." in page
    assert "18 days to the reply-by date." in page


def test_a_viewer_reads_counts_of_diets_but_nobodys(app, session, event):
    invitation = make_invitation(session, event)
    accept(session, invitation)
    desk = desk_of(app, session, event, Role.VIEWER)
    assert "Vegan 1" in desk.page()
    assert "Vegan" not in desk.page(f"guests/{invitation.guest.public_id}")


def test_a_viewer_is_offered_nothing_that_sends(app, session, event):
    make_invitation(session, event)
    page = desk_of(app, session, event, Role.VIEWER).get().text
    assert "/invitations" not in page
    assert "/deliveries" not in page


def test_deliveries_to_look_at_say_why_in_plain_words(app, session, event):
    invitation = make_invitation(session, event)
    [mail] = list_of_guest(session, invitation.guest_id)
    mail.state, mail.error = DeliveryState.FAILED, "The mailbox does not exist"
    page = desk_of(app, session, event).page()
    assert f"Invitation to {invitation.guest.full_name} : The mailbox does not exist." in page
    assert "Call one guest" in page


def test_an_event_of_many_places_is_told_in_numbers(app, session):
    event = make_event(session, place_limit=1000)
    page = desk_of(app, session, event).get().text
    assert 'class="seat' not in page
    assert "of 1000 places." in page


def test_an_empty_event_has_a_page(app, session):
    page = desk_of(app, session, make_event(session)).page()
    assert "The event file names no programme items." in page
    assert "Nothing has changed." in page
    assert "Nothing waits for you." in page


def test_uncertain_mails_are_a_step_that_leads_to_them(app, session, event):
    invitation = make_invitation(session, event)
    [mail] = list_of_guest(session, invitation.guest_id)
    mail.state = DeliveryState.UNCERTAIN
    response = desk_of(app, session, event).get()
    page = text_of(response)
    assert "Settle one uncertain mail The mail server may have taken it." in page
    assert "See the uncertain mail" in page
    assert 'href="/organiser/summit/deliveries?state=uncertain"' in response.text
    assert f'href="/organiser/summit/deliveries/{mail.public_id}"' in response.text


def test_a_viewer_sees_an_alarm_and_a_stop_but_cannot_act_on_them(app, session, event):
    stop(session, event_scope(event.id), by="Astrid", now=NOW)
    facts = {"until": NOW, "strikes": 1, "struck_at": NOW, "by": "", "reply": ""}
    fault = {"kind": PauseKind.SETTINGS, "since": NOW, "reason": "The mail server is too busy"}
    session.add(Pause(scope=ALL, **fault, **facts))
    response = desk_of(app, session, event, Role.VIEWER).get()
    page = text_of(response)
    assert "No mail can go out The mail server is too busy." in page
    assert "All mail of this event is stopped By Astrid" in page
    assert "<button" not in response.text
