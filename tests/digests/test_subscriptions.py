"""Leaving the digests and coming back: by the page, and by the press of a mail program."""

import pytest
from sqlalchemy import select

from app.deliveries.models import Delivery, DeliveryState
from app.digests.services import make_digest
from tests.desk import text_of
from tests.factories import NOW, make_event
from tests.mails.composing import parts_of

ADDRESS = "Steering-Group@stockholm.example"


@pytest.fixture
def event(session):
    return make_event(session, digest_recipients=[ADDRESS, "mayor@stockholm.example"])


def make(app, session, event, slot: str) -> list[Delivery]:
    with app.app_context():
        digest = make_digest(session, event, slot=slot, now=NOW, parts=parts_of(app))
    query = select(Delivery).where(Delivery.subject_id == digest.id)
    return list(session.scalars(query.order_by(Delivery.id)))


@pytest.fixture
def path(app, session, event) -> str:
    """The way out of the first recipient."""
    (delivery, _) = make(app, session, event, "2026-W45")
    session.commit()
    return parts_of(app).links.unsubscribe(delivery.public_id).removeprefix("http://couvert.test")


def recipients(app, session, event) -> list[str]:
    return [delivery.recipient for delivery in make(app, session, event, "2026-W46")]


def test_opening_the_link_changes_nothing(app, client, session, event, path):
    page = client.get(path)
    assert (page.status_code, ADDRESS in page.text) == (200, True)
    assert recipients(app, session, event) == [ADDRESS, "mayor@stockholm.example"]


def test_one_press_of_a_mail_program_ends_the_digests(app, client, session, event, path):
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert recipients(app, session, event) == ["mayor@stockholm.example"]
    waiting = select(Delivery.state).where(Delivery.recipient == ADDRESS)
    assert list(session.scalars(waiting)) == [DeliveryState.CANCELLED]


def test_a_second_press_is_harmless_and_coming_back_is_one_more(app, client, session, event, path):
    assert [client.post(path).status_code for _ in range(2)] == [200, 200]
    assert client.post(f"{path}/again").status_code == 303
    assert recipients(app, session, event) == [ADDRESS, "mayor@stockholm.example"]


def test_a_damaged_link_is_answered_like_any_other(client, path):
    assert client.get(f"{path}x").status_code == 404
    assert client.post("/unsubscribe/nonsense").status_code == 404


def test_the_page_names_who_leaves_what_and_offers_the_way_back(client, path):
    asks = text_of(client.get(path))
    assert "Unsubscribe from the weekly digest?" in asks
    assert f"The digest of Public Services Summit goes to {ADDRESS}." in asks
    gone = client.post(path)
    assert f"{ADDRESS} gets no more digests of Public Services Summit." in text_of(gone)
    assert f'action="{path}/again"' in gone.text


def test_the_page_speaks_swedish_where_it_is_asked_to(client, path):
    assert "Avsluta prenumerationen på veckorapporten?" in text_of(client.get(f"{path}?lang=sv"))
