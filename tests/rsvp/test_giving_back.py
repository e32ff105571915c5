"""A place that came from the reserve: told, and given back with one press."""

import pytest
from sqlalchemy import select

from app.programme.models import ProgrammeItem
from app.rsvp.models import Choice
from tests.rsvp.browsing import GuestsBrowser, invite


@pytest.fixture
def moved_up(session, app, event, browser) -> GuestsBrowser:
    """A guest who stood on the workshop's reserve until the one before gave the place up."""
    browser.post(answer="accepted", items="workshop")
    second = invite(session, app, event)
    second.post(answer="accepted", items=["workshop", "dinner"], companion_name="Tomas")
    browser.post(answer="accepted")
    return second


def workshop_answers(app) -> list[str]:
    """Return what each guest has answered to the workshop, in the order of their first answers."""
    query = select(Choice.answer).join(Choice.item).where(ProgrammeItem.slug == "workshop")
    with app.extensions["couvert"].sessions() as session:
        return list(session.scalars(query.order_by(Choice.rsvp_id)))


def test_a_place_that_became_free_is_the_next_guests_and_the_page_says_so(moved_up):
    page = moved_up.text()
    assert "A place became free, and it is yours. Give this place back" in page


def test_it_is_given_back_with_one_press_and_the_rest_stays(app, moved_up):
    assert moved_up.post("/items/workshop/give-back").status_code == 303
    assert workshop_answers(app) == ["no", "no"]
    page = moved_up.text()
    assert "Give this place back" not in page
    assert "Companion Tomas" in page


def test_given_back_it_goes_to_the_next_in_line(app, browser, moved_up):
    browser.post(answer="accepted", items="workshop")
    assert workshop_answers(app) == ["reserve", "yes"]
    moved_up.post("/items/workshop/give-back")
    assert workshop_answers(app) == ["yes", "no"]


def test_giving_the_dinner_back_takes_the_companion_along(moved_up):
    moved_up.post("/items/dinner/give-back")
    page = moved_up.text()
    assert "Companion" not in page
    assert "Workshop" in page


@pytest.mark.parametrize("item", ["nothing", "visit-kista", "%2e%2e"])
def test_what_is_not_held_cannot_be_given_back(app, moved_up, item):
    assert moved_up.post(f"/items/{item}/give-back").status_code == 303
    assert workshop_answers(app) == ["no", "yes"]


def test_a_locked_place_stays_and_the_page_says_whom_to_ask(app, moved_up, clock):
    clock[0] = clock[0].replace(month=11, day=25)
    moved_up.post("/items/workshop/give-back")
    assert workshop_answers(app) == ["no", "yes"]
    assert "Give this place back" not in moved_up.text()


def test_opening_the_address_changes_nothing(app, moved_up):
    assert moved_up.get("/items/workshop/give-back").status_code == 405
    assert workshop_answers(app) == ["no", "yes"]


def test_another_site_cannot_press_it(app, moved_up):
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert moved_up.post("/items/workshop/give-back", headers=headers).status_code == 400
    assert workshop_answers(app) == ["no", "yes"]


def test_a_script_can_ask_how_many_places_are_left(session, app, event, browser):
    before = browser.get("/places").json
    assert before == {
        "dinner": "40 of 40 places left",
        "workshop": "1 of 1 places left",
        "visit-kista": "",
        "visit-stokab": "",
    }
    invite(session, app, event).post(answer="accepted", items="workshop")
    assert browser.get("/places").json["workshop"] == "Full: 1 of 1 places taken"
