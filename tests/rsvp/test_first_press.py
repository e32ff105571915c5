"""The first press: recorded at once, whatever becomes of the parts."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.rsvp.models import Answer, Rsvp, RsvpChange
from app.rsvp.queries import find_rsvp
from tests.factories import NOW, make_event
from tests.rsvp.browsing import invite


@pytest.fixture
def rsvp(app, invitation):
    """What is recorded, read anew each time it is asked for."""

    def read() -> Rsvp:
        with app.extensions["couvert"].sessions() as session:
            found = find_rsvp(session, invitation.id)
            assert found is not None
            return found

    return read


def changed_parts(app) -> set[str]:
    with app.extensions["couvert"].sessions() as session:
        return set(session.scalars(select(RsvpChange.part)))


def confirmations(app) -> list[Delivery]:
    of_kind = select(Delivery).where(Delivery.kind == DeliveryKind.CONFIRMATION)
    with app.extensions["couvert"].sessions() as session:
        return list(session.scalars(of_kind.order_by(Delivery.id)))


def test_the_first_press_records_the_acceptance_and_leaves_the_parts_open(browser, rsvp):
    assert browser.press("accepted").status_code == 303
    assert (rsvp().answer, rsvp().parts_at, rsvp().choices) == (Answer.ACCEPTED, None, [])
    page = browser.text()
    assert "Your place at the Public Services Summit is reserved." in page
    assert "Please choose your parts of the programme below." in page
    assert "Save my choices" in page


def test_the_parts_are_saved_together_and_close_the_answer(app, browser, rsvp):
    browser.press("accepted")
    browser.post(answer="accepted", items=["workshop", "dinner"], diet="vegan", version=1)
    assert rsvp().parts_at == NOW
    assert "Workshop" in browser.text().split("What we have recorded")[1]
    assert changed_parts(app) == {"event", "item:workshop", "item:dinner", "diet", "parts"}


def test_choosing_nothing_is_an_answer_too(browser, rsvp):
    browser.press("accepted")
    browser.post(answer="accepted", version=1)
    assert rsvp().parts_at == NOW
    assert "You have not chosen any part of the programme." in browser.text()


def test_an_answer_in_one_go_is_whole_at_once(app, browser, rsvp):
    browser.post(answer="accepted", items="workshop")
    assert rsvp().parts_at == NOW
    assert changed_parts(app) == {"event", "item:workshop"}


def test_a_first_press_takes_along_what_is_ticked_already(browser, rsvp):
    browser.press("accepted", items="workshop")
    assert [choice.answer for choice in rsvp().choices] == ["yes"]
    assert rsvp().parts_at == NOW


def test_a_first_press_counts_although_the_parts_are_wrong_and_nothing_typed_is_lost(browser, rsvp):
    items = ["visit-kista", "visit-stokab"]
    response = browser.press("accepted", items=items, message="By train.")
    assert response.status_code == 200
    assert (rsvp().answer, rsvp().choices) == (Answer.ACCEPTED, [])
    assert (
        "We have recorded that you accept. The choices below are not recorded yet" in response.text
    )
    assert "By train." in response.text
    assert response.text.count("checked") == 2


def test_after_such_a_press_the_guests_own_browser_sees_what_it_typed_of_diet_and_needs(browser):
    fields = {"diet": "vegan", "diet_words": "no celery", "access_needs": "a hearing loop"}
    response = browser.press("accepted", items=["visit-kista", "visit-stokab"], **fields)
    assert "no celery" in response.text
    assert "a hearing loop" in response.text
    browser.post(answer="accepted", items="dinner", version=1, **fields)
    assert "Vegan; no celery" in browser.text()


def test_a_first_press_for_which_no_place_is_left_records_nothing(session, app, event):
    event.place_limit = 1
    browser = invite(session, app, event)
    browser.press("declined")
    invite(session, app, event).press("accepted")
    assert browser.press("accepted").status_code == 303
    assert "All 1 places are taken. We have noted your wish" in browser.text()


def test_pressing_twice_records_once(browser, rsvp):
    browser.press("accepted")
    assert browser.press("accepted").status_code == 303
    assert rsvp().version == 1


def test_a_decline_is_undone_with_one_press_as_long_as_a_place_is_free(browser, rsvp):
    browser.press("declined")
    assert "I can come after all" in browser.text()
    browser.press("accepted")
    assert (rsvp().answer, rsvp().parts_at) == (Answer.ACCEPTED, None)


def test_a_decline_frees_the_place_and_takes_the_choices_back(session, browser, rsvp, invitation):
    browser.post(answer="accepted", items="workshop")
    browser.press("declined")
    assert [choice.answer for choice in rsvp().choices] == ["no"]
    session.refresh(invitation)
    assert not invitation.holds_place


def test_what_a_decline_took_back_is_ticked_again_and_counts_once_it_is_saved(browser, rsvp):
    browser.post(answer="accepted", items=["workshop", "visit-kista"])
    browser.press("declined")
    browser.press("accepted")
    page = browser.get().text
    assert "What you had chosen before you declined is ticked again." in page
    assert page.count("checked") == 2
    assert {choice.answer for choice in rsvp().choices} == {"no"}


def test_a_word_can_be_left_with_a_decline(browser, rsvp):
    browser.press("declined")
    browser.post(answer="declined", message="With regret, from Warsaw.", version=1)
    assert (rsvp().answer, rsvp().message) == (Answer.DECLINED, "With regret, from Warsaw.")


def test_the_confirmation_of_a_half_way_answer_waits_a_little_and_gives_way(app, browser):
    browser.press("accepted")
    (waiting,) = confirmations(app)
    assert waiting.due_at == NOW + timedelta(minutes=10)
    browser.post(answer="accepted", items="workshop", version=1)
    states = [(mail.state, mail.due_at) for mail in confirmations(app)]
    later = NOW + timedelta(minutes=10)
    assert states == [(DeliveryState.CANCELLED, later), (DeliveryState.QUEUED, NOW)]


def test_a_decline_is_confirmed_at_once(app, browser):
    browser.press("declined")
    assert [mail.due_at for mail in confirmations(app)] == [NOW]


def test_an_event_without_a_programme_is_answered_with_one_press(session, app):
    browser = invite(session, app, make_event(session, slug="talk"))
    browser.press("accepted")
    assert "What we have recorded" in browser.text()


def test_an_allergy_without_the_dinner_is_asked_about_and_not_thrown_away(browser):
    response = browser.post(answer="accepted", items="workshop", diet_words="no celery")
    assert response.status_code == 422
    assert "You tell of an allergy: tick the dinner, or clear the words." in response.text
    assert "no celery" in response.text


def test_a_first_press_asks_about_a_companion_who_has_an_allergy_and_no_name(browser, rsvp):
    response = browser.press("accepted", companion_name="", companion_diet_words="no sesame")
    assert "Give your companion’s name" in response.text
    assert (rsvp().answer, "no sesame" in response.text) == (Answer.ACCEPTED, True)


def test_after_the_reply_by_date_a_half_way_guest_reads_what_is_recorded(browser, clock):
    browser.press("accepted")
    clock[0] = clock[0].replace(day=25)
    page = browser.text()
    assert "What we have recorded" in page
    assert "If you can no longer attend" in page


def test_a_late_decline_leads_to_something_on_the_page(browser, clock):
    browser.post(answer="accepted", items="dinner")
    clock[0] = clock[0].replace(day=25)
    response = browser.post(answer="declined")
    assert (response.status_code, 'href="#form"' in response.text) == (422, True)
    assert 'id="form"' in response.text


def test_a_wish_that_is_given_up_is_a_line_of_the_history(session, app, event):
    event.place_limit = 1
    browser = invite(session, app, event)
    browser.press("declined")
    invite(session, app, event).press("accepted")
    browser.press("accepted")
    browser.post(answer="declined")
    with app.extensions["couvert"].sessions() as opened:
        wishes = select(RsvpChange.before, RsvpChange.after).where(RsvpChange.part == "wish")
        assert opened.execute(wishes.order_by(RsvpChange.id)).all() == [
            ("", "accepted"),
            ("accepted", ""),
        ]
