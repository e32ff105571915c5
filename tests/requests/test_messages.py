"""The mails about requests: to the organiser without the words, to the guest with the reply."""

from datetime import UTC, datetime

import pytest

from app.delegates.models import Delegate
from app.deliveries.models import DeliveryKind
from app.deliveries.services import ObsoleteError
from app.invitations.models import InvitationState
from app.invitations.services import close, renew_link
from app.requests.asking import take_back
from app.requests.disowning import disown, leave
from app.requests.models import Wished
from app.requests.representatives import approve, propose
from app.requests.services import ask_late_change, refuse
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from tests.factories import NOW, both, make_event, make_invitation, make_item
from tests.mails.composing import html_of, make_mail, newest

LATE = datetime(2026, 12, 3, 9, tzinfo=UTC)
GUEST = {"channel": AnswerChannel.GUEST, "actor": ""}
MARIA = {"channel": AnswerChannel.DELEGATE, "actor": "Maria Lind"}
PERSON = {
    "salutation": "Ms",
    "first_name": "Marta",
    "last_name": "Kowalska",
    "email": "marta@example.org",
    "language": "en",
}
SECRET = "I am vegan, and have a nut allergy."
REPLY = "The coach is full.\nWe are sorry."


@pytest.fixture
def event(session):
    made = make_event(session)
    make_item(session, made, "visit", title=both("Visit to Kista", "Besök i Kista"))
    return made


@pytest.fixture
def invitation(session, event):
    made = make_invitation(session, event, last_name="Strøm-Łęcka")
    record_answer(session, made, AnswerWish(Answer.ACCEPTED), now=NOW, **GUEST)
    return made


def asked(session, invitation, wished=Wished.YES, asker=GUEST):
    facts = {"part": "item:visit", "wished": wished, "words": SECRET, "now": LATE}
    return ask_late_change(session, invitation, **facts, **asker)


def mail(app, session, kind):
    return make_mail(app, session, kind, now=LATE)


def told(mail_made) -> str:
    """Return all that a mail says, text and HTML."""
    return f"{mail_made.subject} {mail_made.body} {html_of(mail_made)}"


def test_the_organiser_is_led_to_the_request(app, session, invitation):
    request = asked(session, invitation)
    made = mail(app, session, DeliveryKind.QUESTION)
    assert f"http://couvert.test/organiser/summit/requests/{request.public_id}" in str(made.body)
    assert newest(session, DeliveryKind.QUESTION).recipient == "summit@stockholm.example"


def test_the_guests_words_are_in_no_mail_to_the_organiser(app, session, invitation):
    asked(session, invitation, Wished.OTHER)
    assert "vegan" not in told(mail(app, session, DeliveryKind.QUESTION))


def test_the_organiser_is_written_to_in_the_events_language(app, session, event, invitation):
    event.languages = ["sv", "en"]
    propose(session, invitation, PERSON, words=SECRET, now=LATE, **MARIA)
    made = mail(app, session, DeliveryKind.QUESTION)
    assert made.subject.startswith("Ett önskemål från dr Zofia Strøm-Łęcka:")
    assert "marta@example.org" not in told(made)


def test_word_of_a_delegate_who_is_none(app, session, invitation):
    facts = {"email": "a@example.org", "email_key": "a@example.org", "added_by": ""}
    delegate = Delegate(invitation=invitation, name="Maria Lind", added_at=NOW, **facts)
    session.add(delegate)
    session.flush()
    leave(session, delegate, now=LATE)
    body = " ".join(str(mail(app, session, DeliveryKind.QUESTION).body).split())
    assert "Maria Lind, who could answer for Dr Zofia Strøm-Łęcka, says that the link" in body


def test_what_was_taken_back_is_not_told(app, session, invitation):
    take_back(session, asked(session, invitation), now=LATE)
    with pytest.raises(ObsoleteError, match="taken back"):
        mail(app, session, DeliveryKind.QUESTION)


def test_what_is_decided_before_its_mail_goes_out_is_not_told(app, session, invitation):
    refuse(session, asked(session, invitation), by="Astrid", reply=REPLY, now=LATE)
    with pytest.raises(ObsoleteError, match="decided"):
        mail(app, session, DeliveryKind.QUESTION)


def test_word_of_a_wrong_address_is_not_told_once_it_is_corrected(app, session, invitation):
    disown(session, invitation, now=LATE)
    renew_link(session, invitation, now=LATE)
    with pytest.raises(ObsoleteError, match="address was changed"):
        mail(app, session, DeliveryKind.QUESTION)


def test_a_refused_late_change_is_told_without_the_guests_words(app, session, invitation):
    refuse(session, asked(session, invitation), by="Astrid", reply=REPLY, now=LATE)
    made = mail(app, session, DeliveryKind.LATE_CHANGE)
    assert REPLY in str(made.body)
    assert "vegan" not in told(made)


def test_a_reply_is_not_sent_to_a_link_that_is_dead(app, session, invitation):
    refuse(session, asked(session, invitation), by="Astrid", reply=REPLY, now=LATE)
    close(session, invitation, InvitationState.WITHDRAWN, now=LATE)
    with pytest.raises(ObsoleteError, match="withdrawn"):
        mail(app, session, DeliveryKind.LATE_CHANGE)


def test_who_is_represented_gets_no_link_any_more(app, session, invitation):
    request = propose(session, invitation, PERSON, words="", now=NOW, **GUEST)
    approve(session, request, by="Astrid", reply="With our thanks.", now=NOW)
    made = make_mail(app, session, DeliveryKind.REPRESENTATIVE)
    assert "With our thanks." in str(made.body)
    assert "/rsvp/" not in told(made)


def test_a_mail_to_an_address_the_guest_no_longer_has_is_not_sent(app, session, invitation):
    refuse(session, asked(session, invitation), by="Astrid", reply=REPLY, now=LATE)
    invitation.guest.email_key = "else@example.org"
    with pytest.raises(ObsoleteError, match="address"):
        mail(app, session, DeliveryKind.LATE_CHANGE)


@pytest.mark.parametrize("kind", [DeliveryKind.LATE_CHANGE, DeliveryKind.REPRESENTATIVE])
def test_a_reply_is_not_sent_into_the_wrong_hands(app, session, invitation, kind):
    request = asked(session, invitation)
    if kind is DeliveryKind.REPRESENTATIVE:
        request = propose(session, invitation, PERSON, words="", now=LATE, **GUEST)
    refuse(session, request, by="Astrid", reply=REPLY, now=LATE)
    disown(session, invitation, now=LATE)
    with pytest.raises(ObsoleteError, match="not for them"):
        mail(app, session, kind)
