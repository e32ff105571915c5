"""The mails about a delegate: own link, and word to the guest."""

import pytest

from app.delegates.services import add_delegate, revoke_delegate
from app.deliveries.models import DeliveryKind
from app.deliveries.services import ObsoleteError
from app.invitations.withdrawing import withdraw
from app.rsvp.changes import AnswerWish, DietWish
from app.rsvp.models import Answer, AnswerChannel, Diet
from app.rsvp.services import record_answer
from tests.factories import NOW
from tests.mails.composing import html_of, link_in, make_mail

DELEGATE, ADDED = DeliveryKind.DELEGATE, DeliveryKind.DELEGATE_ADDED


@pytest.fixture
def delegate(session, invitation):
    return add_delegate(
        session, invitation, name="Anna Berg", email="anna@example.org", by="", now=NOW
    )


def test_the_link_is_the_delegates_own(app, session, delegate):
    mail = make_mail(app, session, DELEGATE)
    claim = app.extensions["couvert"].signers.delegate.read(link_in(mail).rpartition("/")[2])
    assert claim.public_id == delegate.public_id
    assert html_of(mail).count(f'href="{link_in(mail)}"') == 2


def test_neither_mail_says_what_was_answered(app, session, delegate):
    diet = DietWish(Diet.VEGAN, "no celery")
    wish = AnswerWish(Answer.ACCEPTED, frozenset({"dinner"}), diet, message="By train.")
    channel = AnswerChannel.GUEST
    record_answer(session, delegate.invitation, wish, channel=channel, actor="", now=NOW)
    for kind in (DELEGATE, ADDED):
        mail = make_mail(app, session, kind)
        assert not {"celery", "Vegan", "train", "accepted"} & set(str(mail.body).split())


def test_the_guests_new_link_never_goes_to_the_old_address(app, session, delegate):
    guest = delegate.invitation.guest
    guest.email, guest.email_key = "new@example.org", "new@example.org"
    with pytest.raises(ObsoleteError, match="address was changed"):
        make_mail(app, session, ADDED)


@pytest.mark.parametrize("kind", [DELEGATE, ADDED])
def test_no_mail_goes_out_once_it_is_over(app, session, event, delegate, kind):
    revoke_delegate(session, delegate, by="", now=NOW)
    with pytest.raises(ObsoleteError):
        make_mail(app, session, kind)


@pytest.mark.parametrize("kind", [DELEGATE, ADDED])
def test_no_mail_goes_out_for_a_withdrawn_invitation(app, session, event, delegate, kind):
    withdraw(session, event, email=delegate.invitation.guest.email, now=NOW)
    with pytest.raises(ObsoleteError):
        make_mail(app, session, kind)
