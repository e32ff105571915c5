"""`couvert digests`: the digest now, stored as it is sent."""

import pytest
from sqlalchemy import select

from app.deliveries.models import Delivery
from app.digests.models import Digest
from tests.factories import make_event


@pytest.fixture
def event(session):
    recipients = ["summit@stockholm.example", "steering-group@stockholm.example"]
    made = make_event(session, digest_recipients=recipients)
    session.commit()
    return made


def test_the_digest_goes_to_each_recipient(run, session, event):
    assert run("digests", "send", "summit").stdout == (
        "The digest is queued for summit@stockholm.example, steering-group@stockholm.example.\n"
    )
    queued = session.execute(select(Delivery.kind, Delivery.recipient).order_by(Delivery.id))
    assert [tuple(mail) for mail in queued] == [
        ("digest", recipient) for recipient in event.digest_recipients
    ]
    assert session.scalars(select(Digest.slot)).all() == ["now:2026-11-02T09:00:00+00:00"]


def test_a_dry_run_shows_what_would_be_sent(harmless, run, session, event):
    shown = harmless("digests", "send", "summit", "--dry-run")
    run("digests", "send", "summit")
    digest = session.scalars(select(Digest)).one()
    assert shown == (
        f"Subject: {digest.subject}\n\n{digest.text.rstrip()}\n\nDry run: nothing was sent.\n"
    )


def test_twice_in_a_second_it_is_sent_once(run, refused, event):
    run("digests", "send", "summit")
    assert refused("digests", "send", "summit") == (
        "A digest was sent this very second; nothing was sent again.\n"
    )
