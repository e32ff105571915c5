"""Saving own words: a version for each change, none for none, and never one over another unseen."""

import pytest
from sqlalchemy import func, select

from app.deliveries.models import DeliveryKind
from app.events.models import Event
from app.mail.words import Words
from app.texts.kinds import WORDED
from app.texts.models import EventText
from app.texts.queries import list_versions, newest_texts, own_words
from app.texts.services import (
    TextMovedOnError,
    TextRefusedError,
    reset_text,
    save_text,
)
from tests.factories import NOW, make_event
from tests.faults.racing import race

INVITATION = WORDED[DeliveryKind.INVITATION]
WORDS = Words("Welcome to {event}", "{greeting}\n\nWelcome.\n\n{link}")
OTHER = Words("Welcome, {name}", WORDS.body)


@pytest.fixture
def event(session):
    return make_event(session)


def save(session, event, words=WORDS, language="en", **facts):
    given = {"by": "Astrid", "now": NOW, **facts}
    return save_text(session, event, INVITATION, language, words=words, **given)


def versions(session, event, language="en"):
    found = list_versions(session, event.id, "invitation", language)
    return [(text.version, text.subject, text.written_by) for text in found]


def test_each_change_is_a_version_with_its_writer(session, event):
    save(session, event)
    save(session, event, OTHER, by="Björn")
    assert versions(session, event) == [
        (2, "Welcome, {name}", "Björn"),
        (1, "Welcome to {event}", "Astrid"),
    ]


def test_the_same_words_make_no_version(session, event):
    first = save(session, event)
    typed = Words(f" {WORDS.subject} ", WORDS.body.replace("\n", "\r\n") + "\r\n")
    assert save(session, event, typed, by="Björn", written_from=0) is first
    assert versions(session, event) == [(1, WORDS.subject, "Astrid")]


def test_words_hold_for_their_kind_and_language_alone(session, event):
    english = save(session, event)
    swedish = save(session, event, OTHER, "sv")
    assert own_words(session, event.id) == {
        ("invitation", "en"): Words(WORDS.subject, WORDS.body, english.id),
        ("invitation", "sv"): Words(OTHER.subject, OTHER.body, swedish.id),
    }
    assert own_words(session, make_event(session, slug="other").id) == {}


def test_back_to_the_products_words_is_a_version_too(session, event):
    save(session, event)
    reset_text(session, event, INVITATION, "en", by="Björn", now=NOW)
    assert versions(session, event)[0] == (2, "", "Björn")
    assert own_words(session, event.id) == {}
    save(session, event)
    assert own_words(session, event.id)["invitation", "en"].subject == WORDS.subject


def test_where_the_products_words_hold_there_is_nothing_to_go_back_from(session, event):
    assert reset_text(session, event, INVITATION, "en", by="Björn", now=NOW) is None
    save(session, event)
    again = [reset_text(session, event, INVITATION, "en", by="B", now=NOW) for _ in range(2)]
    assert [text.version for text in again] == [2, 2]


def test_words_with_something_to_mend_are_not_saved(session, event):
    with pytest.raises(TextRefusedError) as refused:
        save(session, event, Words("", "{nmae}"))
    assert [finding.where for finding in refused.value.findings] == ["subject", "body", "body"]
    assert newest_texts(session, event.id) == {}


def test_words_written_from_an_older_version_are_refused(session, event):
    save(session, event)
    with pytest.raises(TextMovedOnError, match="Version 1 was saved meanwhile by Astrid"):
        save(session, event, OTHER, by="Björn", written_from=0)
    with pytest.raises(TextMovedOnError):
        reset_text(session, event, INVITATION, "en", by="Björn", now=NOW, written_from=0)
    assert versions(session, event) == [(1, WORDS.subject, "Astrid")]


def test_of_those_who_save_at_once_one_does_and_the_others_are_told(sessions):
    with sessions.begin() as session:
        event_id = make_event(session).id

    def act(session, number):
        words = Words(f"Welcome {number}", WORDS.body)
        try:
            return save(session, session.get_one(Event, event_id), words, written_from=0).subject
        except TextMovedOnError as moved:
            return moved.newest.subject

    said = race(sessions, range(4), act)
    assert len(set(said)) == 1
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(EventText)) == 1
