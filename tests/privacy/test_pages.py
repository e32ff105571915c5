"""Who sees health data: organisers and the guest; and nobody once it is erased."""

import logging

import pytest

from app.deliveries.queries import list_deliveries
from app.digests.services import make_digest
from app.organisers.models import Role
from app.privacy.services import erase_health
from app.requests.queries import list_of_invitation
from tests.desk import Desk, text_of
from tests.factories import NOW, make_organiser
from tests.privacy.conftest import WORD, release, tables_with
from tests.rsvp.browsing import GuestsBrowser, invite
from tests.test_routes import DESK

SHOWING = {
    "guests.show",
    "rsvp_desk.answer",
    "rsvp_desk.preview",
    "requests.show",
    "requests.refuse_one",
    "requests.wrong_address",
    "deliveries.show",
    "deliveries.mail",
}
"""The pages on which an organiser reads a guest's diet."""
LEAVING = {"organisers.sign_out", "organisers.sign_out_everywhere"}


@pytest.fixture
def paths(app, session, event, invitation) -> dict[str, tuple[str, str]]:
    """Each route of the desk with an address of that guest, of the confirmation, of the digest."""
    make_digest(session, event, slot="2026-W45", now=NOW, parts=app.extensions["couvert"])
    mails = [mail for mail in list_deliveries(session, event.id) if mail.kind == "confirmation"]
    request = list_of_invitation(session, invitation.id)[0].public_id
    session.commit()
    names = {"guest": invitation.guest.public_id, "delivery": mails[0].public_id}
    names["request"] = request
    return {name: (how, path.format(**names)) for name, (how, path, _) in DESK.items()}


def erase(session, event, invitation) -> None:
    erase_health(session, event, now=NOW)
    release(session, invitation)


@pytest.fixture
def desk_of(app, session, event):
    def sign_in(role: Role = Role.ORGANISER) -> Desk:
        organiser = make_organiser(session, event, role)
        session.commit()
        return Desk(app).sign_in(organiser)

    return sign_in


@pytest.mark.parametrize("role", Role)
def test_a_diet_stands_on_no_page_but_an_organisers(desk_of, paths, role, caplog):
    desk = desk_of(role)
    shown = set()
    with caplog.at_level(logging.DEBUG):
        for name, (how, path) in sorted(paths.items(), key=lambda route: route[1][0]):
            if name not in LEAVING:
                response = desk.get(path) if how == "GET" else desk.post(path)
                shown |= {name} if WORD in response.text else set()
    assert shown == (SHOWING if role is Role.ORGANISER else set())
    assert WORD not in caplog.text


def test_a_diet_stands_in_no_digest_and_in_no_mail_that_waits(session, paths):
    assert "digest" in tables_with(session, "Public Services Summit")
    assert tables_with(session, WORD) == {
        "rsvp",
        "companion",
        "rsvp_change",
        "delivery_copy",
        "request",
    }
    assert paths


def test_the_guests_page_says_when_it_goes(app, invitation):
    page = GuestsBrowser(app, invitation).text()
    assert "Diet and access needs are erased at the end of Thursday 24 December 2026." in page


def test_after_the_erasure_the_guests_page_says_so_and_asks_no_more(
    app, session, event, invitation
):
    erase(session, event, invitation)
    browser = GuestsBrowser(app, invitation)
    assert "Diets and access needs were erased on Monday 2 November 2026." in browser.text()
    form = browser.get("?change=1").text
    assert "no longer asked for" in form
    assert [name for name in ("diet", "access_needs") if f'name="{name}' in form] == []


def test_a_browser_that_gave_the_answer_reads_that_its_diet_was_erased(
    app, session, event, invitation
):
    browser = invite(session, app, event)
    browser.post(answer="accepted", items="dinner")
    assert "Your diet No special diet" in browser.text()
    erase(session, event, invitation)
    assert "Your diet erased on Monday 2 November 2026" in browser.text()


def test_after_the_erasure_the_desk_says_so(desk_of, session, event, invitation):
    desk = desk_of()
    erase(session, event, invitation)
    page = desk.page(f"guests/{invitation.guest.public_id}")
    assert "Diet erased on Monday 2 November 2026" in page
    assert "Tomas, erased on Monday 2 November 2026" in page
    assert "Diet: erased" in page
    assert "Diet at the dinner" not in page
    assert "Diets were erased on Monday 2 November 2026." in desk.page()


def test_a_copy_of_a_confirmation_says_that_its_words_were_erased(
    desk_of, session, invitation, paths
):
    desk = desk_of()
    erase(session, invitation.event, invitation)
    response = desk.get(paths["deliveries.show"][1])
    assert "What it said was erased with the diets on Monday 2 November 2026." in text_of(response)
