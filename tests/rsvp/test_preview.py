"""The organiser's preview of a guest's page shows what the guest sees, and can do nothing."""

from datetime import date

import pytest

from app.organisers.models import Role
from app.tokens import Claim
from tests.desk import Desk, text_of
from tests.factories import NOW, make_event, make_guest, make_organiser
from tests.test_templates import Page

CONTROLS = {"button", "input", "select", "textarea", "fieldset"}


@pytest.fixture
def desk(app, session, event):
    organiser = make_organiser(session, event)
    session.commit()
    return Desk(app).sign_in(organiser)


def path_of(guest) -> str:
    return f"guests/{guest.public_id}/preview"


def answer_in_full(browser) -> None:
    facts = {"diet_words": "celery-7731", "companion_name": "Tomas"}
    browser.post(answer="accepted", items=["dinner", "workshop"], **facts)


STATES = {
    "not answered": lambda _browser: None,
    "half-way": lambda browser: browser.press("accepted"),
    "answered": answer_in_full,
    "declined": lambda browser: browser.press("declined"),
}


@pytest.mark.parametrize("state", STATES)
def test_nothing_in_a_preview_can_be_sent_pressed_or_followed(desk, invitation, browser, state):
    STATES[state](browser)
    page = Page(desk.get(path_of(invitation.guest)).text)
    assert page.wrong == []
    assert page.values("action") + page.values("formaction") + page.values("method") == []
    assert [tag for tag, given in page.tags if tag in CONTROLS and "disabled" not in given] == []
    assert page.values("href", "a") == [f"/organiser/summit/guests/{invitation.guest.public_id}"]
    assert [href.partition("?")[0] for href in page.values("href", "link")] == [
        "/static/couvert.css"
    ]
    assert page.count("script") == 0


@pytest.mark.parametrize("state", STATES)
def test_a_preview_says_what_the_guests_page_says(desk, invitation, browser, state):
    STATES[state](browser)
    preview = text_of(desk.get(path_of(invitation.guest)))
    banner = "Preview for organisers: this is what Dr Zofia Strøm-Łęcka sees. Nothing here"
    assert banner in preview
    assert preview.endswith(browser.text().partition("Svenska English")[2])


def test_a_preview_does_not_hold_the_guests_link(app, desk, invitation, browser):
    answer_in_full(browser)
    token = browser.address.removeprefix("/rsvp/")
    assert app.extensions["couvert"].signers.rsvp.read(token) == Claim(invitation.public_id, 1)
    page = desk.get(path_of(invitation.guest)).text
    assert token not in page
    assert invitation.public_id not in page


def test_nothing_can_be_posted_to_a_preview(desk, invitation):
    assert desk.post(path_of(invitation.guest), answer="declined").status_code == 405


def test_a_preview_speaks_the_guests_language_or_the_one_asked_for(desk, invitation):
    assert "Your answer" in desk.page(path_of(invitation.guest))
    assert "Ert svar" in desk.page(path_of(invitation.guest) + "?lang=sv")


def test_a_preview_of_a_closed_invitation_says_that_it_is_closed(desk, session, invitation):
    invitation.event.reply_by = invitation.reply_by = date(2026, 11, 1)
    session.commit()
    assert "This link is closed" in desk.page(path_of(invitation.guest))


def test_only_organisers_see_a_preview_and_its_link(app, session, event, desk, invitation):
    viewer = Desk(app).sign_in(make_viewer(session, event))
    assert viewer.get(path_of(invitation.guest)).status_code == 404
    of_guest = f"guests/{invitation.guest.public_id}"
    assert "Preview of the guest’s page" in desk.page(of_guest)
    assert "Preview of the guest’s page" not in viewer.page(of_guest)


def make_viewer(session, event):
    viewer = make_organiser(session, event, Role.VIEWER)
    session.commit()
    return viewer


def test_a_guest_without_an_invitation_has_no_preview(desk, session, event):
    guest = make_guest(session, event)
    session.commit()
    assert desk.get(path_of(guest)).status_code == 404
    assert "Preview" not in desk.page(f"guests/{guest.public_id}")


def test_a_guest_of_another_event_has_no_preview(desk, session):
    other = make_guest(session, make_event(session, slug="other", created_at=NOW))
    session.commit()
    assert desk.get(path_of(other)).status_code == 404
