"""The mail about a change: what was, what is now, and only to whom it still matters."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.amendments.services import amend
from app.amendments.wishes import ItemWish
from app.deliveries.models import DeliveryKind
from app.deliveries.services import ObsoleteError
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from tests.amendments.test_services import AFTERNOON, HOUR, LATER, NOTE, invite, moved
from tests.factories import NOW, make_event, make_item
from tests.mails.composing import html_of, make_mail

CHANGED = DeliveryKind.PROGRAMME_CHANGED


@pytest.fixture
def event(session):
    return make_event(session)


@pytest.fixture
def visit(session, event):
    return make_item(session, event, "visit")


def test_it_says_what_was_and_what_is_and_why(app, session, event, visit):
    invite(session, event, "visit")
    venue = {"en": "City Hall", "sv": "Stadshuset"}
    amend(session, visit, moved(visit, venue=venue), by="Astrid", note=NOTE, now=LATER)
    mail = make_mail(app, session, CHANGED, now=LATER)
    told = ("14:00–15:00", "Before: 10:00–11:00", "City Hall", "Before: Grand Hôtel", NOTE["en"])
    assert [word for word in told if word not in mail.body or word not in html_of(mail)] == []


def test_two_changes_are_told_as_one_from_what_the_guest_knows(app, session, event, visit):
    invite(session, event, "visit")
    amend(session, visit, moved(visit), by="Astrid", note=NOTE, now=LATER)
    amend(session, visit, moved(visit, AFTERNOON + HOUR), by="Astrid", now=LATER)
    mail = make_mail(app, session, CHANGED, now=LATER)
    assert "15:00–16:00" in mail.body
    assert "Before: 10:00–11:00" in mail.body
    assert "14:00" not in mail.body
    assert NOTE["en"] in mail.body


def test_changed_there_and_back_nothing_is_told(app, session, event, visit):
    invite(session, event, "visit")
    before = ItemWish.of(visit)
    amend(session, visit, moved(visit), by="Astrid", now=LATER)
    amend(session, visit, before, by="Astrid", now=LATER)
    with pytest.raises(ObsoleteError, match="again as the guest knows it"):
        make_mail(app, session, CHANGED, now=LATER)


def test_who_no_longer_comes_is_not_told(app, session, event, visit):
    invitation = invite(session, event, "visit")
    amend(session, visit, moved(visit), by="Astrid", now=LATER)
    record_answer(
        session,
        invitation,
        AnswerWish(Answer.ACCEPTED),
        channel=AnswerChannel.GUEST,
        actor="",
        now=LATER + timedelta(minutes=1),
    )
    with pytest.raises(ObsoleteError, match="no longer takes part"):
        make_mail(app, session, CHANGED, now=LATER)


def test_a_new_title_alone_is_told_with_the_old_one(app, session, event, visit):
    invite(session, event, "visit")
    title = {"en": "Royal visit", "sv": "Kungligt besök"}
    amend(session, visit, replace(ItemWish.of(visit), title=title), by="Astrid", now=NOW)
    mail = make_mail(app, session, CHANGED, now=LATER)
    assert mail.subject == "Changed: Royal visit"
    assert "Before: Visit" in mail.body
