"""Digests as they were stored, shown inside a page without being able to do anything there."""

import pytest

from app.digests.models import Digest
from app.organisers.models import Role
from tests.desk import Desk
from tests.factories import NOW, make_event, make_organiser


@pytest.fixture
def desk(app, session):
    event = make_event(session)
    facts = {"text": "18 accepted\n", "html": "<script>alert(1)</script><p>18", "numbers": {}}
    session.add(
        Digest(event_id=event.id, slot="2026-W45", made_at=NOW, subject="18 accepted", **facts)
    )
    organiser = make_organiser(session, event, Role.VIEWER)
    session.commit()
    return Desk(app).sign_in(organiser)


def test_digests_are_listed_with_their_subjects(desk):
    assert "2 Nov, 10:00 18 accepted" in desk.page("digests")


def test_a_digest_is_framed_and_its_text_stands_below(desk):
    response = desk.get("digests/2026-W45")
    assert 'src="/organiser/summit/digests/2026-W45/mail"' in response.text
    assert "<pre>18 accepted" in response.text
    assert "frame-src 'self'" in response.headers["Content-Security-Policy"]


def test_the_framed_digest_can_run_nothing_and_load_nothing(desk):
    response = desk.get("digests/2026-W45/mail")
    assert response.text == "<script>alert(1)</script><p>18"
    assert response.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
    )


def test_an_unknown_digest_is_not_found(desk):
    assert desk.get("digests/2026-W01").status_code == 404
