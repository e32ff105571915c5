"""A link that was passed on: after the answer it shows what a bearer may see, and no more."""

import pytest

from app.web.proof import COOKIE
from tests.rsvp.browsing import GuestsBrowser

HEALTH = {
    "diet": "vegan",
    "diet_words": "no celery",
    "companion_diet": "nut-allergy",
    "companion_diet_words": "no sesame",
    "access_needs": "a hearing loop",
    "message": "By the night train.",
}
HIDDEN = ("Vegan", "celery", "Nut allergy", "sesame", "hearing loop</p>", "night train")


@pytest.fixture
def answered(browser):
    browser.post(answer="accepted", items="dinner", companion_name="Tomas Rønnow", **HEALTH)
    return browser


def test_the_browser_that_gave_the_answer_sees_all_of_it(answered):
    page = answered.text()
    assert "Your diet Vegan; no celery Companion Tomas Rønnow" in page
    assert "Companion’s diet Nut allergy; no sesame" in page
    assert "Access needs a hearing loop" in page
    assert "By the night train." in page


@pytest.mark.parametrize("rest", ["", "?change=1", "?lang=sv"])
def test_another_browser_sees_the_answer_but_no_diet_no_needs_no_message(answered, rest):
    page = answered.forwarded().get(rest).text
    assert "Tomas Rønnow" in page
    assert [word for word in HIDDEN if word in page] == []


def test_another_browser_that_saves_leaves_unseen_what_it_did_not_see(answered):
    fields = {"answer": "accepted", "items": ["dinner", "workshop"], "version": 1}
    other = answered.forwarded()
    response = other.post(companion_name="Tomas Rønnow", keeps_health="1", **fields)
    assert response.status_code == 303
    page = answered.text()
    assert "Workshop" in page
    assert "Your diet Vegan; no celery" in page
    assert "Companion’s diet Nut allergy; no sesame" in page
    assert "Access needs a hearing loop" in page


def test_changing_an_answer_is_no_proof(answered):
    other = answered.forwarded()
    other.post(answer="accepted", items="dinner", keeps_health="1", version=1)
    assert other.client.get_cookie(COOKIE, path=other.address) is None
    assert "celery" not in other.get().text


def test_the_proof_goes_to_this_link_alone_and_no_script_reads_it(browser):
    response = browser.press("accepted")
    cookie = response.headers["Set-Cookie"]
    assert f"Path={browser.address}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_proof_of_an_older_link_proves_nothing(session, app, answered, invitation):
    invitation.link_version += 1
    session.commit()
    newer = GuestsBrowser(app, invitation)
    old = answered.client.get_cookie(COOKIE, path=answered.address)
    newer.client.set_cookie(COOKIE, old.value, path=newer.address)
    assert "celery" not in newer.get().text


@pytest.mark.parametrize("forged", ["", "x", "a.b.c", "é" * 40])
def test_a_forged_proof_proves_nothing(answered, forged):
    other = answered.forwarded()
    page = other.client.get(other.address, headers={"Cookie": f"{COOKIE}={forged}"})
    assert (page.status_code, "celery" in page.text) == (200, False)


def test_on_a_conflict_a_browser_sees_again_what_it_typed_itself(answered):
    typed = {"diet": "vegetarian", "diet_words": "no mustard", "access_needs": "a lift"}
    other = answered.forwarded()
    response = other.post(answer="accepted", items="dinner", version=0, **typed)
    assert response.status_code == 409
    assert ("no mustard" in response.text, "a lift</textarea>" in response.text) == (True, True)
    recorded = ("celery", "sesame", "hearing loop</", "night train")
    assert [word for word in recorded if word in response.text] == []


def test_where_nothing_private_is_recorded_the_fields_are_there_for_every_browser(browser):
    browser.press("accepted")
    page = browser.forwarded().get().text
    assert ('id="diet"' in page, 'id="access_needs"' in page) == (True, True)


def test_where_something_is_the_form_leads_to_the_code(answered):
    page = answered.forwarded().get("?change=1").text
    assert ('id="diet"' in page, "/code" in page) == (False, True)
