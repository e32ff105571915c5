"""Signing in as a person does: ask, open the link, press the button, go, sign out."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import create_app
from app.deliveries.models import Delivery, DeliveryKind
from app.organisers.models import OrganiserSession, Role, RoleOnEvent
from app.organisers.services import make_sign_in_link
from app.web.access import SESSION_KEY
from tests.desk import Desk, text_of, token_in
from tests.factories import NOW, make_event, make_organiser

KNOWN = "If the address is known, a link is on its way."


@pytest.fixture
def event(session):
    return make_event(session)


@pytest.fixture
def desk(app):
    return Desk(app)


def path_of_link(session, desk, organiser):
    link = make_sign_in_link(session, organiser, NOW)
    session.commit()
    return desk.parts.links.sign_in(link.public_id).removeprefix("http://couvert.test")


def mails(session):
    return session.scalars(select(Delivery.recipient).order_by(Delivery.id)).all()


def test_known_and_unknown_addresses_get_the_same_answer(session, desk, event):
    organiser = make_organiser(session, event)
    session.commit()
    for address in (organiser.email, "nobody@stockholm.example"):
        assert desk.post("/sign-in", email=address).location == "/sign-in"
        assert text_of(desk.get("/sign-in")).count(KNOWN) == 1
    assert mails(session) == [organiser.email]


def test_an_address_mistyped_is_said_at_the_field_and_kept(session, desk, event):
    session.commit()
    response = desk.post("/sign-in", email="astrid at stockholm")
    assert response.status_code == 422
    assert "Write your address as name@domain" in response.text
    assert 'value="astrid at stockholm"' in response.text
    assert 'aria-describedby="email-hint email-error"' in response.text


def test_opening_the_link_changes_nothing_and_pressing_signs_in(session, desk, event):
    organiser = make_organiser(session, event)
    path = path_of_link(session, desk, organiser)
    assert [desk.get(path).status_code for _ in range(3)] == [200, 200, 200]
    assert desk.client.head(path).status_code == 200
    response = desk.post(path)
    assert (response.status_code, response.location) == (303, "/organiser/summit/")
    assert desk.get().status_code == 200


def test_a_used_link_says_so_and_offers_a_new_one(session, desk, event):
    path = path_of_link(session, desk, make_organiser(session, event))
    desk.post(path)
    for response in (desk.get(path), desk.post(path)):
        assert response.status_code == 410
        assert "each link works once" in response.text
        assert 'href="/sign-in"' in response.text


def test_a_link_grown_too_old_says_so(session, settings, app, event):
    organiser = make_organiser(session, event)
    path = path_of_link(session, Desk(app), organiser)
    later = create_app(settings, clock=lambda: NOW + timedelta(minutes=16))
    response = later.test_client().get(path)
    later.extensions["couvert"].sessions.kw["bind"].dispose()
    assert response.status_code == 410
    assert "works for 15 minutes, and this one is older" in response.text


def test_a_damaged_link_signs_nobody_in(session, desk, event):
    path = path_of_link(session, desk, make_organiser(session, event))
    response = desk.get(path[:-3])
    assert response.status_code == 404
    assert "This link signs nobody in" in response.text


def test_pressing_needs_the_token_of_the_page(session, desk, event):
    path = path_of_link(session, desk, make_organiser(session, event))
    assert desk.client.post(path).status_code == 400
    assert desk.post(path).status_code == 303


def test_a_session_planted_before_signing_in_is_worth_nothing(session, desk, event):
    path = path_of_link(session, desk, make_organiser(session, event))
    with desk.client.session_transaction() as cookie:
        cookie[SESSION_KEY] = "planted"
        cookie["other"] = "planted too"
    desk.post(path)
    with desk.client.session_transaction() as cookie:
        assert (cookie[SESSION_KEY] == "planted", "other" in cookie) == (False, False)


def test_with_several_events_the_list_of_them_comes_first(session, desk, event):
    organiser = make_organiser(session, event)
    other = make_event(session, slug="forum", name={"en": "Forum", "sv": "Forum"})
    session.add(RoleOnEvent(organiser_id=organiser.id, event_id=other.id, role=Role.DOOR))
    response = desk.post(path_of_link(session, desk, organiser))
    assert response.location == "/organiser/"
    page = desk.get("/organiser/")
    assert 'href="/organiser/summit/"' in page.text
    assert 'href="/organiser/forum/"' not in page.text
    assert "Your role: door." in text_of(page)


def test_signing_out_ends_the_session_in_the_database_too(session, desk, event):
    organiser = make_organiser(session, event)
    session.commit()
    desk.sign_in(organiser)
    assert desk.post("/sign-out").location == "/sign-in"
    assert session.scalars(select(OrganiserSession.revoked_at)).all() == [NOW]
    assert desk.get().location == "/sign-in"


def test_signing_out_everywhere_ends_the_other_browsers_session(session, app, event):
    organiser = make_organiser(session, event)
    session.commit()
    here, there = Desk(app).sign_in(organiser), Desk(app).sign_in(organiser)
    here.post("/sign-out/everywhere")
    assert there.get().location == "/sign-in"


def test_the_sign_in_mail_is_asked_for_in_the_organisers_language(session, desk, event):
    organiser = make_organiser(session, event, language="sv")
    session.commit()
    desk.post("/sign-in", email=organiser.email)
    [mail] = session.scalars(select(Delivery)).all()
    assert (mail.kind, mail.language) == (DeliveryKind.SIGN_IN, "sv")


def test_every_form_of_signing_in_carries_a_token(session, desk, event):
    path = path_of_link(session, desk, make_organiser(session, event))
    assert all(token_in(desk.get(page).text) for page in ("/sign-in", path))
