"""A mail is wholly in the guest's language, or goes to nobody."""

import pytest

from app.deliveries.models import DeliveryKind
from app.deliveries.services import ObsoleteError
from app.invitations.plans import UNWRITTEN, plan_reminder, plan_wave
from app.invitations.services import send_test, send_wave
from app.invitations.texts import find_unwritten
from app.language import sentence, using
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from tests.desk import Desk
from tests.factories import (
    NOW,
    approve_list,
    both,
    make_dinner,
    make_event,
    make_guest,
    make_invitation,
    make_item,
    make_organiser,
)
from tests.mails.composing import make_mail

ENGLISH_ONLY = {"en": "City Hall"}
PLACE = "programme.dinner.venue.sv"


@pytest.fixture
def half(session):
    """An event in both languages; where its dinner is stands in English alone."""
    return make_event(session)


@pytest.fixture
def dinner(session, half):
    return make_dinner(session, half, title=both("Dinner", "Middag"), venue=ENGLISH_ONLY)


@pytest.fixture
def swedish(session, half, dinner):
    guest = make_guest(session, half, language="sv", last_name="Ek", salutation="")
    approve_list(session, half)
    return guest


def test_who_reads_what_is_missing_is_skipped_and_the_plan_names_it(session, half, swedish):
    english = make_guest(session, half)
    approve_list(session, half)
    plan = plan_wave(session, half, now=NOW)
    assert [to.guest for to in plan.addressees] == [english]
    assert [(skip.guest, skip.reason) for skip in plan.skipped] == [(swedish, UNWRITTEN)]
    missing = [str(text) for one in plan.unwritten for text in one.missing]
    assert missing == ["venue of “Dinner”"]


def test_who_is_skipped_is_invited_once_the_text_is_there(session, half, swedish, dinner):
    assert send_wave(session, half, by="Organiser", now=NOW).wave is None
    dinner.venue = both("City Hall", "Stadshuset")
    assert [to.guest for to in plan_wave(session, half, now=NOW).addressees] == [swedish]


def test_who_is_named_is_skipped_all_the_same(session, half, swedish):
    sent = send_wave(session, half, by="Organiser", now=NOW, emails=[swedish.email])
    assert (sent.wave, sent.plan.addressees) == (None, ())


def test_the_page_says_what_is_missing_in_the_organisers_language(app, session, half, swedish):
    organiser = make_organiser(session, half)
    session.commit()
    page = Desk(app).sign_in(organiser).page("invitations?lang=sv")
    assert "evenemanget är inte helt skrivet på deras språk 1 Zofia Ek" in page
    assert "Saknas i evenemangsfilen: Svenska: platsen för ”Dinner”." in page


def test_sending_to_one_tells_why_nothing_was_sent(app, session, half, swedish):
    organiser = make_organiser(session, half)
    session.commit()
    desk = Desk(app).sign_in(organiser)
    desk.post(f"invitations/{swedish.public_id}/send")
    assert "The event is not wholly written in the guest’s language" in desk.page("guests")


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": {"en": "Summit"}}, "name"),
        ({"theme": {"en": "Connect"}}, "theme"),
        ({"city": {"en": "Stockholm", "sv": ""}}, "city"),
        ({"contact_name": {"en": "Office"}}, "contact"),
    ],
)
def test_each_text_of_the_event_counts(session, facts, field):
    unwritten = find_unwritten(make_event(session, **facts), [], "sv")
    assert [missing.field for missing in unwritten.missing] == [field]


def test_a_text_that_is_written_in_no_language_is_not_missed(session):
    event = make_event(session, theme={})
    dinner = make_dinner(session, event, dress_code=None)
    assert find_unwritten(event, [dinner], "sv") is None


@pytest.mark.parametrize("kind", [DeliveryKind.INVITATION, DeliveryKind.CONFIRMATION])
def test_the_worker_makes_no_mail_that_would_mix_languages(app, session, kind):
    event = make_event(session)
    dinner = make_dinner(session, event)
    invitation = make_invitation(session, event, language="sv")
    if kind is DeliveryKind.CONFIRMATION:
        wish = AnswerWish.alone(Answer.ACCEPTED)
        record_answer(session, invitation, wish, channel=AnswerChannel.GUEST, actor="", now=NOW)
    dinner.venue = ENGLISH_ONLY
    with pytest.raises(ObsoleteError, match=PLACE):
        make_mail(app, session, kind)


def test_a_mail_in_no_language_of_the_event_is_not_made(app, session):
    event = make_event(session)
    make_invitation(session, event, language="sv")
    event.languages = ["en"]
    with pytest.raises(ObsoleteError, match="not held in the language"):
        make_mail(app, session, DeliveryKind.INVITATION)


def test_a_test_mail_shows_no_mixture_either(app, session, half, swedish):
    send_test(session, half, to="me@example.org", language="sv", by="Organiser", now=NOW)
    with pytest.raises(ObsoleteError, match=PLACE):
        make_mail(app, session, DeliveryKind.TEST)


def test_nobody_is_reminded_by_a_mixture(session):
    event = make_event(session)
    make_invitation(session, event, language="sv")
    event.theme = {"en": "Connect"}
    plan = plan_reminder(session, event, now=NOW)
    assert (plan.addressees, [one.language for one in plan.unwritten]) == ((), ["sv"])


def test_the_reason_is_read_in_the_readers_language(app, half, dinner):
    unwritten = find_unwritten(half, [dinner], "sv")
    with app.test_request_context(), using("sv"):
        said = sentence(unwritten.reason)
    assert said == f"Evenemangsfilen saknar text på mejlets språk: {PLACE}."


def test_a_reason_names_the_first_texts_of_many(session, half):
    items = [make_item(session, half, f"visit-{number}", venue=ENGLISH_ONLY) for number in range(6)]
    reason = find_unwritten(half, items, "sv").reason
    assert reason.endswith("programme.visit-4.venue.sv, …")
