"""Naming guests for an item that is open by name only."""

import pytest

from app.programme.queries import closed_item_ids, named_guest_ids
from app.programme.services import NotByNameError, name_guests, unname_guests
from tests.factories import make_event, make_guest, make_item


@pytest.fixture
def event(session):
    return make_event(session)


@pytest.fixture
def item(session, event):
    return make_item(session, event, "visit", by_name=True)


@pytest.fixture
def guests(session, event):
    return [make_guest(session, event) for _ in range(3)]


def test_an_item_by_name_is_closed_to_who_is_not_named(session, item, guests):
    assert name_guests(session, item, guests[:1]) == 1
    assert closed_item_ids(session, [item], guests[0].id) == frozenset()
    assert closed_item_ids(session, [item], guests[1].id) == {item.id}


def test_naming_again_names_who_is_new_alone(session, item, guests):
    assert name_guests(session, item, guests[:2]) == 2
    assert name_guests(session, item, guests) == 1
    assert named_guest_ids(session, item) == {guest.id for guest in guests}


def test_unnaming_closes_it_again(session, item, guests):
    name_guests(session, item, guests)
    assert unname_guests(session, item, guests[:2]) == 2
    assert unname_guests(session, item, guests[:2]) == 0
    assert named_guest_ids(session, item) == {guests[2].id}


def test_a_guest_of_another_event_is_not_named(session, item):
    other = make_guest(session, make_event(session, slug="other"))
    assert name_guests(session, item, [other]) == 0
    assert named_guest_ids(session, item) == frozenset()


def test_nobody_is_named_for_what_is_open_to_all(session, event, guests):
    opening = make_item(session, event, "opening")
    with pytest.raises(NotByNameError, match="open to every guest"):
        name_guests(session, opening, guests)
    with pytest.raises(NotByNameError):
        unname_guests(session, opening, guests)
