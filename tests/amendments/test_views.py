"""The page that changes an item: typed, seen with its effect, then saved as it was seen."""

import re

import pytest
from sqlalchemy import select

from app.deliveries.models import Delivery, DeliveryKind
from app.organisers.models import Role
from tests.amendments.test_services import invite
from tests.desk import Desk
from tests.factories import make_event, make_item, make_organiser

MOVED = {
    "starts": "2026-12-10T14:00",
    "ends": "2026-12-10T15:00",
    "locks": "2026-12-01",
    "places": "",
    "transfer_minutes": "0",
    "title-en": "Visit",
    "title-sv": "Besök",
    "venue-en": "City Hall",
    "venue-sv": "Stadshuset",
}
PAGE = "programme/visit/change"


@pytest.fixture
def event(session):
    made = make_event(session)
    make_item(session, made, "visit", title={"en": "Visit", "sv": "Besök"})
    make_item(
        session,
        made,
        "workshop",
        starts=None or made.created_at.replace(month=12, day=10, hour=13),
        ends=made.created_at.replace(month=12, day=10, hour=14),
    )
    invite(session, made, "visit", "workshop", first_name="Ada", last_name="Byron")
    return made


@pytest.fixture
def desk(app, session, event):
    organiser = make_organiser(session, event)
    session.commit()
    return Desk(app).sign_in(organiser)


def told(sessions) -> int:
    with sessions() as session:
        kind = Delivery.kind == DeliveryKind.PROGRAMME_CHANGED
        return len(session.scalars(select(Delivery.id).where(kind)).all())


def hidden(page: str) -> dict[str, str]:
    """Return what the button that saves would send, the token left out."""
    form = page[page.index('name="seen"') - 400 :]
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: value for name, value in dict(fields).items() if name != "csrf_token"}


def test_the_page_is_led_to_and_filled_in(desk):
    assert f"/organiser/summit/{PAGE}" in desk.get("programme").text
    page = desk.get(PAGE).text
    assert 'value="2026-12-10T10:00"' in page
    assert 'value="Besök"' in page


def test_the_effect_is_shown_first_and_nothing_is_saved(desk, sessions):
    response = desk.post(PAGE, **MOVED)
    assert response.status_code == 200
    for word in ("One guest has said yes", "Ada Byron", "overlap", "Save it and tell one guest"):
        assert word in response.text
    assert told(sessions) == 0


def test_what_was_seen_is_saved_and_leads_to_its_mails(desk, sessions):
    seen = hidden(desk.post(PAGE, **MOVED).text)
    saved = desk.post(PAGE, **seen)
    sending = "deliveries/sending/change/1"
    assert (saved.status_code, saved.location) == (303, f"/organiser/summit/{sending}")
    assert told(sessions) == 1
    assert "Change of the programme 1" in desk.page(sending)


def test_what_was_typed_anew_after_the_preview_is_shown_again(desk, sessions):
    seen = hidden(desk.post(PAGE, **MOVED).text)
    again = desk.post(PAGE, **{**seen, "starts": "2026-12-10T13:30"})
    assert again.status_code == 200
    assert told(sessions) == 0


def test_a_page_that_lay_open_while_somebody_else_saved_is_refused(desk, sessions):
    seen = hidden(desk.post(PAGE, **MOVED).text)
    other = hidden(desk.post(PAGE, **{**MOVED, "places": "9"}).text)
    assert desk.post(PAGE, **other).status_code == 303
    late = desk.post(PAGE, **seen)
    assert late.status_code == 409
    assert "Somebody else has changed this item meanwhile" in late.text
    assert 'value="City Hall"' in late.text
    assert told(sessions) == 1


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"starts": "soon"}, "starts"),
        ({"starts": "2026-12-10T14:00", "ends": "2026-12-10T13:00"}, "ends"),
        ({"starts": "9999-12-31T23:59"}, "starts"),
        ({"places": "١٢"}, "places"),
        ({"places": "-3"}, "places"),
        ({"locks": ""}, "locks"),
        ({"title-sv": ""}, "title-en"),
        ({"venue-en": "x" * 201}, "venue-en"),
        ({"note-en": "Because."}, "note-sv"),
        ({"starts": "2026-12-20T10:00", "ends": "2026-12-20T11:00"}, "starts"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(desk, sessions, typed, field):
    response = desk.post(PAGE, **{**MOVED, **typed})
    assert response.status_code == 422
    assert f'href="#{field}"' in response.text
    assert f'id="{field}-error"' in response.text
    assert told(sessions) == 0


def test_an_item_there_is_not_is_not_changed(desk):
    assert desk.get("programme/nothing/change").status_code == 404


def test_a_viewer_sees_the_programme_and_changes_nothing(app, session, event):
    viewer = make_organiser(session, event, Role.VIEWER)
    session.commit()
    desk = Desk(app).sign_in(viewer)
    assert PAGE not in desk.get("programme").text
    assert desk.post(PAGE, **MOVED).status_code == 404
