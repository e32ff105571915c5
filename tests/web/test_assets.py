"""What goes out small: texts for everybody, and pages behind a secret link; nothing else."""

import gzip

import pytest

from app.tokens import Claim
from tests.desk import Desk
from tests.factories import make_event, make_invitation, make_organiser

GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def event(session):
    made = make_event(session)
    session.commit()
    return made


@pytest.fixture
def address(app, session, event) -> str:
    invitation = make_invitation(session, event)
    session.commit()
    claim = Claim(invitation.public_id, invitation.link_version)
    return f"/rsvp/{app.extensions['couvert'].signers.rsvp.sign(claim)}"


def test_a_guests_page_is_packed_for_who_asks(client, address):
    plain, packed = client.get(address), client.get(address, headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["Cache-Control"] == "no-store"


def test_a_page_with_mistakes_is_packed_too(client, address):
    answer = client.post(address, data={"answer": "perhaps"}, headers=GZIP)
    assert answer.status_code == 422
    assert b"<h1" in gzip.decompress(answer.data)


def test_a_page_that_a_cookie_opens_is_never_packed(app, session, event):
    organiser = make_organiser(session, event)
    session.commit()
    desk = Desk(app).sign_in(organiser)
    for path in ("/organiser/summit", "/organiser/summit/brand", "/sign-in"):
        assert "Content-Encoding" not in desk.client.get(path, headers=GZIP).headers


def test_the_icon_costs_no_request(client, address):
    assert '<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns=' in client.get(address).text
