"""`couvert delegates`: who may answer for a guest."""

import json

import pytest

from app.events.queries import get_event
from tests.factories import make_event, make_guest, make_invitation


@pytest.fixture
def guest(session):
    """The address of an invited guest."""
    invitation = make_invitation(session, make_event(session), email="zofia@example.org")
    email = invitation.guest.email
    session.commit()
    return email


def add(run, guest: str, email: str = "anna@example.org"):
    facts = ("--guest", guest, "--name", "Anna Berg", "--email", email, "--by", "Astrid")
    return run("delegates", "add", "summit", *facts)


def test_a_delegate_is_added_listed_and_revoked(run, guest):
    assert "Anna Berg may answer for Dr Zofia" in add(run, guest).stdout
    listed = json.loads(run("delegates", "list", "summit", "--json").stdout)
    entry = {"guest": guest, "name": "Anna Berg", "email": "anna@example.org", "added_by": "Astrid"}
    assert listed == [entry]
    facts = ("--guest", guest, "--email", "Anna@example.org")
    assert "no longer answers" in run("delegates", "revoke", "summit", *facts).stdout
    assert run("delegates", "list", "summit").stdout == "Nobody answers for a guest.\n"


def test_an_address_that_is_none_is_refused(refused, guest):
    assert "Write it as name@domain." in add(refused, guest, "anna")


def test_the_guests_own_address_is_refused(refused, guest):
    assert "That is the guest's own address" in add(refused, guest, guest)


def test_a_guest_who_is_not_invited_has_no_delegate(session, refused, guest):
    make_guest(session, get_event(session, "summit"), email="late@example.org")
    session.commit()
    assert "is not invited yet" in add(refused, "late@example.org")


def test_who_answers_for_nobody_cannot_be_revoked(refused, guest):
    facts = ("--guest", guest, "--email", "bo@example.org")
    assert "answers for nobody" in refused("delegates", "revoke", "summit", *facts)
