"""Two tabs, the back button, a page left open: nothing overwritten unseen, nothing typed lost."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.programme.models import ProgrammeItem
from app.rsvp.models import Rsvp
from tests.desk import text_of
from tests.factories import NOW


@pytest.fixture
def chosen(app, invitation):
    """Return the slugs that are recorded as yes."""

    def read() -> set[str]:
        with app.extensions["couvert"].sessions() as session:
            rsvp = session.scalars(select(Rsvp).where(Rsvp.invitation_id == invitation.id)).one()
            return {choice.item.slug for choice in rsvp.choices if choice.answer == "yes"}

    return read


def test_a_form_of_an_older_answer_does_not_overwrite_a_newer_one(browser, chosen):
    browser.post(answer="accepted", items="workshop", version=0)
    response = browser.post(answer="accepted", items="visit-kista", message="Late.", version=0)
    assert response.status_code == 409
    assert chosen() == {"workshop"}
    page = text_of(response)
    assert "The answer was changed meanwhile" in page
    assert "Recorded is now: accepted; Workshop." in page
    assert "Late." in page


def test_what_was_typed_can_be_sent_once_more_and_then_stands(browser, chosen):
    browser.post(answer="accepted", items="workshop", version=0)
    response = browser.post(answer="accepted", items="visit-kista", version=0)
    assert 'name="version" value="1"' in response.text
    assert browser.post(answer="accepted", items="visit-kista", version=1).status_code == 303
    assert chosen() == {"visit-kista"}


def test_the_same_answer_twice_is_no_conflict(browser):
    fields = {"answer": "accepted", "items": ["workshop", "dinner"], "diet": "vegan", "version": 0}
    assert browser.post(**fields).status_code == 303
    assert browser.post(**fields).status_code == 303


def test_a_program_that_names_no_version_is_taken_at_its_word(browser, chosen):
    browser.post(answer="accepted", items="workshop")
    assert browser.post(answer="accepted", items="visit-kista").status_code == 303
    assert chosen() == {"visit-kista"}


def test_a_decline_in_an_old_tab_does_not_undo_an_answer_it_has_not_seen(browser, chosen):
    browser.post(answer="accepted", items="workshop")
    assert browser.press("declined", version=0).status_code == 409
    assert chosen() == {"workshop"}


@pytest.fixture
def moved(session, event):
    """The workshop moved by a day after NOW; return when the guest's page had been opened."""
    item = session.scalars(select(ProgrammeItem).where(ProgrammeItem.slug == "workshop")).one()
    item.starts, item.ends = item.starts - timedelta(days=1), item.ends - timedelta(days=1)
    item.changed_at = NOW + timedelta(hours=1)
    session.commit()
    return NOW.isoformat()


def test_an_item_that_was_moved_meanwhile_is_not_said_yes_to_unseen(browser, invitation, moved):
    response = browser.post(answer="accepted", items=["workshop", "dinner"], programme=moved)
    assert response.status_code == 422
    words = text_of(response)
    assert (
        "Workshop was changed while you had the page open: it is on Wednesday 9 December" in words
    )


def test_sent_once_more_it_is_recorded(browser, invitation, moved, chosen):
    browser.post(answer="accepted", items="workshop", programme=moved)
    newer = (NOW + timedelta(hours=1)).isoformat()
    assert f'name="programme" value="{newer}"' in browser.get().text
    assert browser.post(answer="accepted", items="workshop", programme=newer).status_code == 303
    assert chosen() == {"workshop"}


def test_a_moved_item_that_stood_before_stays_without_a_question(browser, invitation, moved):
    browser.post(answer="accepted", items="workshop")
    response = browser.post(answer="accepted", items=["workshop", "dinner"], programme=moved)
    assert response.status_code == 303


@pytest.mark.parametrize("typed", ["", "yesterday", "2026-11-02T09:00:00", "9" * 50])
def test_a_stamp_that_is_none_is_left_aside(browser, chosen, typed):
    fields = {"version": typed, "programme": typed}
    assert browser.post(answer="accepted", items="workshop", **fields).status_code == 303
    assert chosen() == {"workshop"}
