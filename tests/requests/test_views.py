"""Requests on the guest's page: at each locked part, a representative, a link in wrong hands."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app import create_app
from app.delegates.models import Delegate
from app.invitations.models import Invitation
from app.requests.asking import decide
from app.requests.models import Request, RequestState
from app.tokens import Claim
from tests.desk import text_of
from tests.factories import NOW, make_dinner, make_event, make_invitation, make_item
from tests.rsvp.test_views import GuestsBrowser

LATE = datetime(2026, 12, 3, 9, tzinfo=UTC)
PERSON = {
    "first_name": "Marta",
    "last_name": "Kowalska",
    "email": "marta@example.org",
    "language": "en",
}


@pytest.fixture
def clock() -> list[datetime]:
    """Its first entry is the time; a test may set it."""
    return [NOW]


@pytest.fixture
def app(settings, clock):
    made = create_app(settings, clock=lambda: clock[0])
    yield made
    made.extensions["couvert"].sessions.kw["bind"].dispose()


@pytest.fixture
def event(session):
    made = make_event(session)
    make_dinner(session, made)
    make_item(session, made, "visit", locks=date(2026, 11, 20))
    make_item(
        session,
        made,
        "closing",
        starts=datetime(2026, 12, 10, 12, tzinfo=UTC),
        ends=datetime(2026, 12, 10, 13, tzinfo=UTC),
        locks=date(2026, 12, 8),
    )
    return made


@pytest.fixture
def invitation(session, event):
    made = make_invitation(session, event, last_name="Strøm-Łęcka", email="zofia@example.org")
    session.commit()
    return made


@pytest.fixture
def browser(app, invitation, clock):
    """Has accepted with the dinner; it is after the reply-by date by now."""
    opened = GuestsBrowser(app, invitation)
    assert opened.post(answer="accepted", items="dinner", diet="vegan").status_code == 303
    clock[0] = LATE
    return opened


@pytest.fixture
def delegates(session, app, invitation):
    facts = {"email": "a@example.org", "email_key": "a@example.org", "added_by": ""}
    delegate = Delegate(invitation_id=invitation.id, name="Maria", added_at=NOW, **facts)
    session.add(delegate)
    session.commit()
    opened = GuestsBrowser(app, invitation)
    signers = app.extensions["couvert"].signers
    opened.address = f"/rsvp/{signers.delegate.sign(Claim(delegate.public_id, 1))}"
    return opened


def requests(app) -> list[Request]:
    with app.extensions["couvert"].sessions() as session:
        return list(session.scalars(select(Request).order_by(Request.id)))


def ask(browser, **fields):
    given = {"part": "item:visit", "wished": "yes", "words": "My minister asks me to.", **fields}
    return browser.post("/requests", **given)


def test_each_locked_part_can_be_asked_about_and_no_other(browser):
    page = browser.get().text
    asked_about = [
        part for part in ("event", "visit", "dinner", "closing") if f'id="request-{part}"' in page
    ]
    assert asked_about == ["event", "visit", "dinner"]
    assert "We answer within one working day." in page


def test_a_request_waits_at_its_part_with_its_words(app, browser):
    response = ask(browser)
    assert (response.status_code, response.location) == (303, browser.address)
    assert (
        "Requested You asked to come. Sent on Thursday 3 December 2026 at 10:00."
        " My minister asks me to. Take the request back"
    ) in browser.text()
    assert [one.actor for one in requests(app)] == [""]


def test_words_are_not_shown_to_a_browser_that_proves_nothing(app, browser, invitation, delegates):
    ask(browser)
    for other in (GuestsBrowser(app, invitation), delegates):
        assert "You asked to come." in other.text()
        assert "minister" not in other.get().text


def test_what_cannot_be_sent_is_said_with_the_words_kept_and_the_form_open(app, browser):
    response = ask(browser, part="item:dinner", wished="other", words="x" * 1001)
    assert response.status_code == 422
    page = text_of(response)
    assert "Please correct one thing Nothing has been sent yet." in page
    assert "Shorten this to 1000 characters." in page
    assert 'href="#request-dinner"' in response.text
    assert "x" * 1001 in response.text
    assert response.text.count("open>") == 1
    assert requests(app) == []


def test_what_is_open_is_not_asked_for(browser):
    response = ask(browser, part="item:closing")
    assert response.status_code == 422
    assert "This can still be changed by yourself." in text_of(response)


def test_a_request_is_taken_back_with_one_press(app, browser):
    ask(browser)
    (request,) = requests(app)
    response = browser.post(f"/requests/{request.public_id}/take-back")
    assert response.status_code == 303
    assert requests(app)[0].state is RequestState.TAKEN_BACK
    assert "You asked to come." not in browser.text()


def test_another_guests_request_is_out_of_reach(session, app, browser, event):
    ask(browser)
    other = make_invitation(session, event)
    session.commit()
    (request,) = requests(app)
    response = GuestsBrowser(app, other).post(f"/requests/{request.public_id}/take-back")
    assert response.status_code in {404, 410}
    assert requests(app)[0].state is RequestState.WAITING


def test_what_was_decided_stands_with_the_reply(session, app, browser):
    ask(browser)
    request = session.scalars(select(Request)).one()
    decide(request, RequestState.REFUSED, by="Astrid", reply="The coach is full.", now=LATE)
    session.commit()
    page = browser.text()
    assert "Not granted You asked to come. Answered on Thursday 3 December 2026 at 10:00." in page
    assert "The coach is full." in page


def test_who_has_declined_can_ask_to_come_after_all(app, browser, clock):
    clock[0] = NOW
    browser.post(answer="declined")
    clock[0] = LATE
    assert "I can come after all" in browser.text()
    assert ask(browser, part="event").status_code == 303
    assert ask(browser, part="event", wished="no").status_code == 422


def test_other_sites_cannot_ask(app, browser):
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post("/requests", headers=headers, part="event").status_code == 400
    assert browser.post("/not-me", headers=headers).status_code == 400
    assert requests(app) == []


def test_the_language_can_be_changed_on_a_page_of_errors(browser):
    response = browser.get("/requests?lang=sv")
    assert (response.status_code, response.location) == (303, f"{browser.address}?lang=sv")


def test_a_representative_is_proposed_and_the_page_says_so(app, invitation):
    browser = GuestsBrowser(app, invitation)
    assert browser.post("/representative", **PERSON).status_code == 303
    page = browser.text("/representative")
    assert "You have proposed Marta Kowalska We reply within one working day." in page
    assert "You have proposed a representative; we reply within one working day." in browser.text()
    assert requests(app)[0].person == PERSON


def test_a_proposal_is_taken_back(app, invitation):
    browser = GuestsBrowser(app, invitation)
    browser.post("/representative", **PERSON)
    (request,) = requests(app)
    response = browser.post(f"/requests/{request.public_id}/take-back")
    assert response.location.endswith("/representative")
    assert "Who is to come in your place?" in browser.text("/representative")


@pytest.mark.parametrize(
    ("field", "typed", "text"),
    [
        ("email", "nobody", "This is not a mail address."),
        ("email", "Zofia@example.org", "This is the address of your own invitation"),
        ("last_name", "2026-12-01", "There is something in this that cannot be read as a name"),
        ("title", "x" * 201, "Shorten this to 200 characters."),
        ("language", "fi", "Choose one of the languages."),
        ("words", "x" * 1001, "Shorten this to 1000 characters."),
    ],
)
def test_each_field_of_a_proposal_says_what_is_wrong(app, invitation, field, typed, text):
    response = GuestsBrowser(app, invitation).post("/representative", **{**PERSON, field: typed})
    assert response.status_code == 422
    assert text in text_of(response)
    assert f'href="#{field}"' in response.text
    assert requests(app) == []


def test_a_proposal_needs_a_name_and_an_address(app, invitation):
    page = text_of(GuestsBrowser(app, invitation).post("/representative", language="en"))
    assert "Please correct 2 things" in page
    assert "Write the name: at least the last name." in page


def test_a_disowned_link_shows_nothing_and_takes_nothing(app, invitation):
    browser = GuestsBrowser(app, invitation)
    assert "Is this invitation not for you?" in browser.text("/not-me")
    assert browser.post("/not-me").status_code == 303
    for rest in ("", "/not-me", "/representative", "/places", "/calendar.ics", "?change=1"):
        response = browser.get(rest)
        assert response.status_code == 410
        assert "Strøm" not in response.text
        assert "Thank you We have been told" in text_of(response)
    assert browser.post(answer="accepted").status_code == 410
    assert browser.post("/representative", **PERSON).status_code == 410


def test_word_of_a_wrong_address_is_not_taken_back_like_a_request(app, delegates, invitation):
    delegates.post("/not-me")
    (request,) = requests(app)
    guest = GuestsBrowser(app, invitation)
    assert guest.post(f"/requests/{request.public_id}/take-back").status_code == 404
    assert requests(app)[0].state is RequestState.GRANTED


def test_it_is_for_me_after_all(app, invitation):
    browser = GuestsBrowser(app, invitation)
    browser.post("/not-me")
    assert browser.post("/not-me/undo").status_code == 303
    assert "has the honour of inviting" in browser.text()


def test_opening_the_page_disowns_nothing(app, invitation):
    browser = GuestsBrowser(app, invitation)
    browser.get("/not-me")
    assert browser.client.head(f"{browser.address}/not-me").status_code == 200
    with app.extensions["couvert"].sessions() as session:
        assert session.get_one(Invitation, invitation.id).disowned_at is None


def test_a_delegates_link_is_dead_once_disowned(app, invitation, delegates):
    assert "The guest’s own link is not touched." in delegates.text("/not-me")
    response = delegates.post("/not-me")
    assert (response.status_code, "opens nothing any more" in text_of(response)) == (200, True)
    assert delegates.get().status_code == 404
    assert GuestsBrowser(app, invitation).get().status_code == 200


def test_a_delegate_may_ask_and_is_named(app, browser, delegates):
    ask(delegates)
    assert [(one.channel, one.actor) for one in requests(app)] == [("delegate", "Maria")]


def test_where_a_code_comes_first_the_wrong_hands_need_none(
    session, app, browser, event, invitation
):
    event.code_first = True
    session.commit()
    other = GuestsBrowser(app, invitation)
    assert "Is this invitation not for you?" in other.text("/not-me")
    assert other.post("/not-me").location == other.address
    undone = other.post("/not-me/undo")
    assert (undone.status_code, undone.location) == (303, other.address)
    assert requests(app)[0].state is RequestState.TAKEN_BACK
