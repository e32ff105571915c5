"""The mail of a digest is what was stored."""

from email import message_from_bytes, policy

import pytest

from app.addresses import email_key
from app.deliveries.models import DeliveryKind
from app.deliveries.services import ObsoleteError
from app.digests.models import DigestUnsubscription
from app.digests.services import make_digest
from app.logs import mask_links
from tests.factories import NOW, make_event, make_invitation
from tests.mails.composing import html_of, make_mail, newest, parts_of
from tests.product import find_links

DIGEST = DeliveryKind.DIGEST


@pytest.fixture
def event(session):
    return make_event(session)


@pytest.fixture
def digest(app, session, event):
    with app.app_context():
        return make_digest(session, event, slot="2026-W45", now=NOW, parts=parts_of(app))


def test_it_is_sent_as_it_was_stored(app, session, event, digest):
    make_invitation(session, event)
    mail = make_mail(app, session, DIGEST)
    stored = mask_links(str(mail.body)), mask_links(html_of(mail))
    assert (mail.subject, *stored) == (digest.subject, digest.text, digest.html)


def test_it_can_be_ended_with_one_press(app, session, digest):
    mail = make_mail(app, session, DIGEST)
    headers = message_from_bytes(mail.as_bytes(), policy=policy.SMTP)
    (link,) = set(find_links(html_of(mail), "unsubscribe"))
    assert link in str(mail.body)
    assert str(headers["List-Unsubscribe"]).strip() == f"<{link}>"
    assert str(headers["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"


def test_who_unsubscribed_meanwhile_gets_it_no_more(app, session, event, digest):
    mail = newest(session, DIGEST)
    session.add(
        DigestUnsubscription(event_id=event.id, email_key=email_key(mail.recipient), at=NOW)
    )
    with pytest.raises(ObsoleteError, match="no more digests"):
        make_mail(app, session, DIGEST)


def test_it_goes_to_the_recipient_and_is_answered_to_the_contact(app, session, digest):
    mail = message_from_bytes(make_mail(app, session, DIGEST).as_bytes(), policy=policy.SMTP)
    assert str(mail["To"]) == "steering-group@stockholm.example"
    assert str(mail["Reply-To"]) == "City Executive Office <summit@stockholm.example>"
    assert str(mail["Auto-Submitted"]) == "auto-generated"


def test_a_digest_that_is_gone_is_not_sent(app, session, digest):
    newest(session, DIGEST).subject_id = 0
    with pytest.raises(ObsoleteError, match="gone"):
        make_mail(app, session, DIGEST)
