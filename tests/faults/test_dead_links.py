"""A link that dies while its POST waits for the event's lock answers nothing any more."""

import threading

import pytest

from app.delegates.models import Delegate
from app.delegates.services import add_delegate, revoke_delegate
from app.events.queries import lock_for_places
from app.invitations.models import Invitation
from app.invitations.services import renew_link
from app.rsvp.queries import find_rsvp
from app.tokens import Claim
from tests.factories import NOW, make_event, make_invitation
from tests.product import wait_until
from tests.rsvp.browsing import GuestsBrowser


@pytest.fixture
def delegate(session):
    invitation = make_invitation(session, make_event(session))
    facts = {"name": "Anna Berg", "email": "anna@example.org", "by": ""}
    made = add_delegate(session, invitation, now=NOW, **facts)
    session.commit()
    session.refresh(made, ["invitation", "public_id", "link_version", "id"])
    session.refresh(made.invitation)
    session.commit()
    return made


def answer_while(app, sessions, browser, delegate, end) -> int:
    """Post an answer while the event is locked by who ends the link; return the status."""
    row_id, event_id = delegate.id, delegate.invitation.event_id
    statuses: list[int] = []
    posting = threading.Thread(
        target=lambda: statuses.append(browser.press("accepted").status_code)
    )
    with sessions.begin() as session:
        lock_for_places(session, event_id)
        posting.start()
        # On SQLite the POST waits for its very first statement; on PostgreSQL for the event's row.
        posting.join(0.5)
        end(session, session.get_one(Delegate, row_id))
    posting.join(30)
    wait_until(lambda: bool(statuses), "an answer")
    return statuses[0]


def test_a_delegate_revoked_meanwhile_answers_nothing(app, sessions, delegate):
    browser = GuestsBrowser(app, delegate.invitation)
    signer = app.extensions["couvert"].signers.delegate
    browser.address = f"/rsvp/{signer.sign(Claim(delegate.public_id, delegate.link_version))}"

    def revoke(session, one: Delegate) -> None:
        revoke_delegate(session, one, by="Astrid", now=NOW)

    assert answer_while(app, sessions, browser, delegate, revoke) == 404
    with sessions() as session:
        assert find_rsvp(session, delegate.invitation_id) is None


def test_a_link_replaced_meanwhile_answers_nothing(app, sessions, delegate):
    browser = GuestsBrowser(app, delegate.invitation)

    def renew(session, one: Delegate) -> None:
        renew_link(session, session.get_one(Invitation, one.invitation_id), now=NOW)

    assert answer_while(app, sessions, browser, delegate, renew) == 404
    with sessions() as session:
        assert find_rsvp(session, delegate.invitation_id) is None
