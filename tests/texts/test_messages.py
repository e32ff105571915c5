"""Mails go out in the organiser's words, their facts beside them, and the log says in which."""

from datetime import UTC, datetime

import pytest

from app.deliveries.copies import copy_of, keep_copies, read_copies
from app.deliveries.models import DeliveryKind
from app.invitations.messages import subject_of
from app.invitations.reminding import remind
from app.invitations.services import send_test
from app.language import JINJA_FILTERS, LANGUAGES, long_date
from app.mail.compose import Composer
from app.mail.words import Words
from app.requests.models import Wished
from app.requests.services import ask_late_change, grant, refuse
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from app.texts.kinds import WORDED
from app.texts.queries import texts_by_id, texts_of_deliveries
from app.texts.services import reset_text, save_text
from tests.factories import NOW, make_event, make_invitation
from tests.mails.composing import html_of, make_mail, newest, parts_of
from tests.mails.test_drafts import NAMES, composed

GUEST = {"channel": AnswerChannel.GUEST, "actor": ""}
BODY = "{greeting}\n\n**Welcome** to {city}.\n\n{link}\n\nSee [the page](https://a.example)."
ASKING = Words("Come, {name}", BODY)
TELLING = Words("Thanks for {event}", "{greeting}\n\nSplendid.")
LATE = datetime(2026, 11, 25, 9, tzinfo=UTC)
"""After the reply-by date."""


@pytest.fixture
def event(session):
    return make_event(session)


def save(session, event, kind, words, language="en"):
    return save_text(session, event, WORDED[kind], language, words=words, by="Astrid", now=NOW)


def invite(session, event, **facts):
    return make_invitation(session, event, last_name="Strøm-Łęcka", **facts)


def answer(session, invitation, said: Answer):
    return record_answer(session, invitation, AnswerWish(said), now=NOW, **GUEST)


def test_an_invitation_says_the_own_words_and_keeps_its_facts(app, session, event):
    save(session, event, "invitation", ASKING)
    invite(session, event)
    mail = make_mail(app, session, DeliveryKind.INVITATION)
    assert mail.subject == "Come, Dr Zofia Strøm-Łęcka"
    assert "Dear Dr Strøm-Łęcka,\n\nWelcome to Stockholm.\n\nhttp" in mail.body
    assert "See the page: https://a.example." in mail.body
    assert "\n\nCity of Stockholm has the honour of inviting you to the\n\n" in mail.body
    assert "Please answer by Friday 20 November 2026." in mail.body
    assert "about a minute" not in mail.body + html_of(mail)


def test_the_button_and_the_bare_address_stand_where_the_words_have_the_link(app, session, event):
    save(session, event, "invitation", ASKING)
    invite(session, event)
    mail = make_mail(app, session, DeliveryKind.INVITATION)
    html = html_of(mail)
    assert html.count("Answer the invitation") == 1
    assert mail.body.count("/rsvp/") == 1
    places = [html.index(words) for words in ("Welcome", "Answer the", "the page", "has the")]
    assert places == sorted(places)
    assert "<strong>Welcome</strong>" in html


def test_a_mail_of_another_language_keeps_the_products_words(app, session, event):
    save(session, event, "invitation", ASKING, "en")
    invite(session, event, language="sv")
    mail = make_mail(app, session, DeliveryKind.INVITATION)
    assert mail.subject.startswith("Inbjudan")
    assert mail.text_id is None


def test_back_to_the_products_words_the_next_mail_has_them(app, session, event):
    save(session, event, "invitation", ASKING)
    reset_text(session, event, WORDED["invitation"], "en", by="Astrid", now=NOW)
    invite(session, event)
    mail = make_mail(app, session, DeliveryKind.INVITATION)
    assert (mail.subject.startswith("Invitation: "), mail.text_id) == (True, None)


def test_a_reminder_has_words_of_its_own(app, session, event):
    text = save(session, event, "reminder", Words("Please, {name}", "By {reply_by}.\n\n{link}"))
    invite(session, event)
    remind(session, event, by="Astrid", now=NOW)
    mail = make_mail(app, session, DeliveryKind.REMINDER)
    assert (mail.subject, mail.text_id) == ("Please, Dr Zofia Strøm-Łęcka", text.id)
    assert mail.body.startswith("By Friday 20 November 2026.\n\nhttp")
    assert "once more" not in mail.body


def test_a_test_mail_reads_like_the_invitation_in_own_words(app, session, event):
    save(session, event, "invitation", ASKING)
    invite(session, event)
    send_test(session, event, to="me@city.example", language="en", by="Astrid", now=NOW)
    mail = make_mail(app, session, DeliveryKind.TEST)
    assert mail.subject == "Test: Come, Dr Zofia Strøm-Łęcka"
    assert mail.body.startswith("This is a test, sent to you alone.")
    assert "Welcome to Stockholm." in mail.body


def test_a_confirmation_of_a_yes_says_the_own_words_and_what_is_recorded(app, session, event):
    text = save(session, event, "confirmation", TELLING)
    answer(session, invite(session, event), Answer.ACCEPTED)
    mail = make_mail(app, session, DeliveryKind.CONFIRMATION)
    assert (mail.subject, mail.text_id) == ("Thanks for Public Services Summit", text.id)
    assert "Splendid.\n\nYour place at the Public Services Summit is reserved." in mail.body
    assert "Your place at the Public Services Summit is reserved." in html_of(mail)


def test_a_confirmation_of_a_no_keeps_the_products_words(app, session, event):
    save(session, event, "confirmation", TELLING)
    answer(session, invite(session, event), Answer.DECLINED)
    mail = make_mail(app, session, DeliveryKind.CONFIRMATION)
    assert mail.text_id is None
    assert "Splendid" not in mail.body + html_of(mail)


@pytest.mark.parametrize(("decide", "is_own"), [(grant, True), (refuse, False)])
def test_only_a_granted_request_is_answered_in_own_words(app, session, event, decide, is_own):
    save(session, event, "late_change", TELLING)
    invitation = invite(session, event)
    answer(session, invitation, Answer.ACCEPTED)
    request = ask_late_change(
        session, invitation, part="event", wished=Wished.NO, words="", now=LATE, **GUEST
    )
    decide(session, request, reply="So be it.", by="Astrid", now=LATE)
    mail = make_mail(app, session, DeliveryKind.LATE_CHANGE, now=LATE)
    assert (mail.text_id is not None, "Splendid." in mail.body) == (is_own, is_own)
    assert "So be it." in mail.body


def test_the_dry_run_shows_the_own_subject_with_its_placeholder(app, session, event):
    save(session, event, "invitation", ASKING)
    with app.app_context():
        said = subject_of(
            session, event, DeliveryKind.INVITATION, language="en", parts=parts_of(app)
        )
    assert said == "Come, {name}"


def test_the_copy_of_a_mail_says_in_which_words_it_went_out(app, session, event):
    first = save(session, event, "invitation", ASKING)
    invite(session, event)
    mail = make_mail(app, session, DeliveryKind.INVITATION)
    save(session, event, "invitation", Words("Other", BODY))
    delivery = newest(session, DeliveryKind.INVITATION)
    keep_copies(session, {(delivery.id, 1): copy_of(mail)})
    assert read_copies(session, delivery.id)[1].text_id == first.id
    assert texts_by_id(session, [first.id])[first.id].version == 1
    assert texts_of_deliveries(session, event.id) == {delivery.id: first}


@pytest.mark.parametrize("language", LANGUAGES)
def test_guests_of_one_event_are_asked_by_one_draft_of_own_words(app, session, event, language):
    dates = []
    composer = Composer(
        parts_of(app).composer.folder,
        {**JINJA_FILTERS, "long_date": lambda day: dates.append(day) or long_date(day)},
    )
    save(session, event, "invitation", ASKING, language)
    for name in NAMES[:2]:
        invite(session, event, language=language, first_name=name)
        mail = composed(app, session, DeliveryKind.INVITATION, composer)
        dates.append(name)
        assert " ".join(name.split()) in mail.subject
    assert dates[0] != NAMES[0]
    assert dates[-2:] == NAMES[:2]
