"""The programme on the desk: numbers, who may come, and naming guests."""

import pytest

from app.organisers.models import Role
from app.programme.queries import named_guest_ids
from app.programme.services import name_guests, unname_guests
from tests.desk import Desk
from tests.event_files.examples import answer
from tests.factories import (
    make_dinner,
    make_event,
    make_guest,
    make_invitation,
    make_item,
    make_organiser,
)

PATH = "programme/visit/guests"


@pytest.fixture
def event(session):
    made = make_event(session)
    make_dinner(session, made)
    return made


@pytest.fixture
def item(session, event):
    made = make_item(session, event, "visit", by_name=True, places=5)
    session.commit()
    return made


@pytest.fixture
def desk_of(app, session, event):
    def sign_in(role: Role = Role.ORGANISER) -> Desk:
        organiser = make_organiser(session, event, role)
        session.commit()
        return Desk(app).sign_in(organiser)

    return sign_in


def test_the_programme_says_how_full_each_item_is_and_who_may_come(desk_of, session, event, item):
    invitation = make_invitation(session, event)
    name_guests(session, item, [invitation.guest])
    answer(session, invitation, "dinner", "visit", companions=["Tomas"])
    page = desk_of(Role.VIEWER).page("programme")
    assert "Dinner 9 Dec, 19:00–22:30 40 1 + 1 0 1 Dec Every guest" in page
    assert "Visit 10 Dec, 10:00–11:00 5 1 0 1 Dec One guest by name" in page
    assert "Chosen without being named" not in page


def test_who_said_yes_and_is_unnamed_keeps_it_and_is_listed(desk_of, session, event, item):
    invitation = make_invitation(session, event, last_name="Vinterström")
    name_guests(session, item, [invitation.guest])
    answer(session, invitation, "visit")
    unname_guests(session, item, [invitation.guest])
    session.commit()
    page = desk_of().page("programme")
    assert "Chosen without being named: Visit" in page
    assert "Dr Zofia Vinterström" in page.partition("Chosen without")[2]


def test_an_organiser_ticks_who_may_come(desk_of, session, event, item):
    guests = [make_guest(session, event) for _ in range(3)]
    name_guests(session, item, guests[:1])
    ids = [guest.public_id for guest in guests]
    response = desk_of().post(PATH + "?host=0", shown=ids[:2], named=ids[1:])
    assert response.status_code == 303
    assert response.location == "/organiser/summit/programme/visit/guests?host=0"
    assert named_guest_ids(session, item) == {guests[1].id}


def test_a_viewer_reads_who_may_come_and_changes_nothing(desk_of, session, event, item):
    guest = make_guest(session, event)
    viewer = desk_of(Role.VIEWER)
    page = viewer.get(PATH).text
    assert guest.full_name in page
    assert "Save who may come" not in page
    assert viewer.post(PATH, shown=guest.public_id, named=guest.public_id).status_code == 404
    assert named_guest_ids(session, item) == frozenset()


def test_the_guests_of_an_item_are_filtered_by_host(desk_of, session, event, item):
    mine = make_guest(session, event, last_name="Aspvik", host_id=event.hosts[0].id)
    other = make_guest(session, event, last_name="Björkdal")
    desk = desk_of()
    assert mine.full_name in desk.page(PATH + "?host=0")
    assert other.full_name not in desk.page(PATH + "?host=0")
    assert other.full_name in desk.page(PATH)
    assert item.by_name


def test_an_item_open_to_all_has_no_list_of_names(desk_of, item):
    desk = desk_of()
    assert desk.get("programme/dinner/guests").status_code == 404
    assert desk.get("programme/nothing/guests").status_code == 404
    assert item.by_name


def test_the_record_form_offers_what_is_open_or_chosen(desk_of, session, event, item):
    outside, inside = (make_invitation(session, event) for _ in range(2))
    name_guests(session, item, [inside.guest])
    answer(session, inside, "visit")
    unname_guests(session, item, [inside.guest])
    desk, box = desk_of(), 'value="visit"'
    assert box not in desk.get(f"guests/{outside.guest.public_id}").text
    assert box in desk.get(f"guests/{inside.guest.public_id}").text
