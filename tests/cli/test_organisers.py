"""`couvert organisers`: who may sign in, and the link that lets them."""

import pytest

from app.organisers.queries import find_organiser, role_on_event
from tests.factories import make_event, make_organiser


@pytest.fixture
def event(session):
    made = make_event(session)
    session.commit()
    return made


def add(run, email: str, role: str = "organiser", *more: str):
    return run("organisers", "add", email, "--role", role, "--event", "summit", *more)


def test_an_organiser_gets_a_role_on_the_event(run, session, event):
    result = add(run, "astrid@stockholm.example", "approver", "--name", "Astrid")
    assert result.stdout == "astrid@stockholm.example is approver of summit.\n"
    organiser = find_organiser(session, "astrid@stockholm.example")
    assert (organiser.name, organiser.language) == ("Astrid", "en")
    assert role_on_event(session, organiser, event.id) == "approver"


def test_adding_again_changes_the_role_and_keeps_the_name(run, session, event):
    add(run, "astrid@stockholm.example", "viewer", "--name", "Astrid")
    add(run, "Astrid@stockholm.example", "organiser")
    organiser = find_organiser(session, "astrid@stockholm.example")
    assert (organiser.name, role_on_event(session, organiser, event.id)) == ("Astrid", "organiser")


def test_an_address_that_is_none_is_refused(refused, event):
    assert add(refused, "astrid@") == "the address has no domain. Write it as name@domain.\n"


def test_a_role_that_is_none_is_a_usage_error(run, event):
    assert add(run, "astrid@stockholm.example", "queen").exit_code == 2


def test_a_role_on_an_unknown_event_is_refused(refused):
    assert add(refused, "astrid@stockholm.example") == (
        'There is no event "summit". Load one: couvert events load FILE.toml.\n'
    )


def test_the_sign_in_link_is_printed_and_nothing_else(run, app, session, event):
    make_organiser(session, event, email="astrid@stockholm.example")
    session.commit()
    printed = run("organisers", "sign-in-link", " Astrid@Stockholm.example").stdout
    start = "http://couvert.test/sign-in/"
    assert printed.startswith(start)
    app.extensions["couvert"].signers.sign_in.read(printed.removeprefix(start).strip())


def test_nobody_gets_a_link_by_an_unknown_address(refused, event):
    assert refused("organisers", "sign-in-link", "who@stockholm.example") == (
        'No organiser has the address "who@stockholm.example". Add one: couvert organisers add.\n'
    )
