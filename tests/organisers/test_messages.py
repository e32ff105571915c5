"""The mail that signs an organiser in."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from app.deliveries.models import DeliveryKind
from app.deliveries.services import ObsoleteError
from app.organisers.services import request_sign_in, use_sign_in_link
from tests.factories import NOW, make_event, make_organiser
from tests.mails.composing import html_of, link_in, make_mail

SIGN_IN = DeliveryKind.SIGN_IN


@pytest.fixture
def organiser(session):
    made = make_organiser(session, make_event(session))
    request_sign_in(session, made.email, NOW)
    session.flush()
    return made


def test_the_link_is_the_organisers_own(app, session, organiser):
    mail = make_mail(app, session, SIGN_IN)
    claim = app.extensions["couvert"].signers.sign_in.read(link_in(mail).rpartition("/")[2])
    assert use_sign_in_link(session, claim.public_id, NOW).id == organiser.id
    assert html_of(mail).count(f'href="{link_in(mail)}"') == 2


def test_it_is_sent_to_the_person_by_name(app, session, organiser):
    mail = message_from_bytes(make_mail(app, session, SIGN_IN).as_bytes(), policy=policy.SMTP)
    assert str(mail["To"]) == f"Astrid Lindhagen-Rask <{organiser.email}>"
    assert str(mail["From"]) == "City of Stockholm <summit@stockholm.example>"
    assert mail["Reply-To"] is None


def test_who_has_no_name_is_not_greeted_by_an_address(app, session, organiser):
    organiser.name = organiser.email
    mail = make_mail(app, session, SIGN_IN)
    assert "Dear" not in f"{mail.body}{html_of(mail)}"


def test_a_used_link_is_not_sent(app, session, organiser):
    mail = make_mail(app, session, SIGN_IN)
    claim = app.extensions["couvert"].signers.sign_in.read(link_in(mail).rpartition("/")[2])
    use_sign_in_link(session, claim.public_id, NOW)
    session.expire_all()
    with pytest.raises(ObsoleteError, match="used already"):
        make_mail(app, session, SIGN_IN)


def test_an_expired_link_is_not_sent(app, session, organiser):
    with pytest.raises(ObsoleteError, match="expired"):
        make_mail(app, session, SIGN_IN, now=NOW + timedelta(minutes=15))
