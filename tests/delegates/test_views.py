"""A delegate's link: it answers for the guest, and never shows or changes health data."""

import pytest
from sqlalchemy import select

from app.delegates.models import Delegate
from app.delegates.queries import list_delegates
from app.invitations.withdrawing import withdraw
from app.rsvp.models import Rsvp, RsvpChange
from app.tokens import Claim
from app.web.proof import COOKIE
from tests.desk import Desk, text_of
from tests.factories import NOW, make_organiser
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
ANNA = {"delegate_name": "Anna Berg", "delegate_email": "anna@example.org"}


class DelegatesBrowser(GuestsBrowser):
    """A browser that opened a delegate's link."""

    def __init__(self, app, delegate: Delegate) -> None:
        super().__init__(app, delegate)
        signer = app.extensions["couvert"].signers.delegate
        self.address = f"/rsvp/{signer.sign(Claim(delegate.public_id, delegate.link_version))}"


@pytest.fixture
def delegates(app, invitation):
    """Return who may answer for the guest, read anew."""

    def read() -> list[Delegate]:
        with app.extensions["couvert"].sessions() as session:
            return list(list_delegates(session, invitation.id))

    return read


@pytest.fixture
def anna(app, browser, delegates) -> DelegatesBrowser:
    """The guest has answered, and let Anna answer."""
    browser.post(answer="accepted", items="dinner", companion_name="Tomas Rønnow", **HEALTH)
    assert browser.post("/delegates", **ANNA).status_code == 303
    return DelegatesBrowser(app, delegates()[0])


def test_the_guest_lets_an_assistant_answer_and_the_page_says_so(browser, anna):
    page = browser.text("/delegates")
    assert "Anna Berg The link goes to anna@example.org." in page


@pytest.mark.parametrize("rest", ["", "?change=1", "/delegates", "/places", "/calendar.ics"])
def test_a_delegate_never_sees_health_data(anna, rest):
    response = anna.get(rest)
    assert response.status_code == 200
    assert [word for word in HIDDEN if word in response.text] == []


def test_a_delegate_answers_and_the_history_says_who_it_was(app, anna):
    anna.post(answer="accepted", items=["dinner", "workshop"], companion_name="Tomas Rønnow")
    with app.extensions["couvert"].sessions() as session:
        newest = select(RsvpChange).order_by(RsvpChange.id.desc()).limit(1)
        change = session.scalars(newest).one()
    assert (change.channel, change.actor, change.part) == ("delegate", "Anna Berg", "item:workshop")


def test_a_delegate_changes_no_health_data_whatever_is_sent(app, anna, invitation):
    fields = {**HEALTH, "diet": "none", "diet_words": "", "access_needs": "", "message": ""}
    sent = anna.post(answer="accepted", items="dinner", companion_name="Tomas Rønnow", **fields)
    assert sent.status_code == 303
    with app.extensions["couvert"].sessions() as session:
        rsvp = session.scalars(select(Rsvp)).unique().one()
        assert (rsvp.diet, rsvp.diet_words) == ("vegan", "no celery")
        assert (rsvp.access_needs, rsvp.message) == ("a hearing loop", "By the night train.")
        (companion,) = rsvp.companions
        assert (companion.diet, companion.diet_words) == ("nut-allergy", "no sesame")


def test_a_delegate_mends_a_companions_name_and_the_diet_stays(app, anna):
    anna.post(answer="accepted", items="dinner", companion_name="Thomas Rønnow")
    with app.extensions["couvert"].sessions() as session:
        (companion,) = session.scalars(select(Rsvp)).unique().one().companions
    assert (companion.name, companion.diet) == ("Thomas Rønnow", "nut-allergy")
    assert companion.diet_words == "no sesame"


def test_answering_proves_nothing_of_a_delegates_browser(anna):
    anna.press("declined")
    assert anna.client.get_cookie(COOKIE, path=anna.address) is None


def test_revoked_by_the_guest_the_link_is_dead_at_once(anna, browser, delegates):
    browser.post(f"/delegates/{delegates()[0].public_id}/revoke")
    assert delegates() == []
    assert [anna.get().status_code, anna.press("declined").status_code] == [404, 404]
    assert "Nobody but you so far." in browser.text("/delegates")


def test_with_the_invitation_a_delegates_link_is_withdrawn(session, event, invitation, anna):
    withdraw(session, event, email=invitation.guest.email, now=NOW)
    session.commit()
    assert anna.get().status_code == 404


def test_a_delegate_does_not_take_back_that_the_link_is_in_the_wrong_hands(anna, browser):
    browser.post("/not-me")
    assert anna.post("/not-me/undo").status_code == 404
    assert browser.get().status_code == 410


def test_a_delegate_gives_up_the_own_part_and_cannot_pass_it_on(anna, delegates):
    own = delegates()[0].public_id
    other = {"delegate_name": "Bo", "delegate_email": "bo@example.org"}
    assert anna.post("/delegates", **other).status_code == 404
    assert anna.post("/delegates/somebody/revoke").status_code == 404
    told = anna.post(f"/delegates/{own}/revoke")
    assert "You no longer answer for the guest" in text_of(told)
    assert (delegates(), anna.get().status_code) == ([], 404)


def test_a_guests_token_is_no_delegates_and_the_other_way_round(app, anna, invitation, delegates):
    signers, one = app.extensions["couvert"].signers, delegates()[0]
    forged = (
        signers.rsvp.sign(Claim(one.public_id, one.link_version)),
        signers.delegate.sign(Claim(invitation.public_id, invitation.link_version)),
        signers.proof.sign(Claim(one.public_id, one.link_version)),
    )
    assert {anna.client.get(f"/rsvp/{token}").status_code for token in forged} == {404}


def test_on_an_expired_invitation_nobody_is_added(browser, delegates, clock):
    clock[0] = clock[0].replace(day=25)
    assert browser.get("/delegates").status_code == 410
    assert browser.post("/delegates", **ANNA).status_code == 410
    assert delegates() == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"delegate_name": ""}, "Give the name of who is to answer."),
        ({"delegate_name": "x" * 101}, "Give a name of one line, of at most 100 characters."),
        ({"delegate_name": "Anna\nBerg"}, "Give a name of one line, of at most 100 characters."),
        ({"delegate_email": "anna"}, "Write the address as name@domain."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(
    browser, delegates, typed, words
):
    response = browser.post("/delegates", **{**ANNA, **typed})
    assert response.status_code == 422
    assert words in text_of(response)
    assert ("anna@example.org" in response.text) or ("delegate_email" in typed)
    assert delegates() == []


@pytest.mark.parametrize("path", ["/delegates", "/delegates/x/revoke"])
def test_another_site_cannot_press_it(browser, path):
    assert browser.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 400


def test_the_organiser_lets_somebody_answer_and_ends_it(app, session, event, invitation, delegates):
    organiser = make_organiser(session, event)
    guest = invitation.guest.public_id
    session.commit()
    desk = Desk(app).sign_in(organiser)
    desk.post(f"guests/{guest}/delegates", **ANNA)
    assert [(one.name, one.added_by) for one in delegates()] == [("Anna Berg", organiser.name)]
    assert "anna@example.org" in desk.get(f"guests/{guest}").text
    desk.post(f"guests/{guest}/delegates/{delegates()[0].public_id}/revoke")
    assert delegates() == []


def test_the_organiser_is_told_what_is_wrong(app, session, event, invitation, delegates):
    organiser = make_organiser(session, event)
    path = f"guests/{invitation.guest.public_id}"
    session.commit()
    desk = Desk(app).sign_in(organiser)
    desk.post(f"{path}/delegates", delegate_name="Anna", delegate_email="anna")
    assert "Write the address as name@domain." in desk.get(path).text
    assert delegates() == []
