"""The organiser's pages about mail are good HTML, whatever a sending is in the middle of."""

from collections import Counter

import pytest

from app.deliveries.copies import copy_of, keep_copies
from app.deliveries.models import Pause, PauseKind
from app.deliveries.pauses import ALL, event_scope, stop
from tests.desk import Desk
from tests.factories import NOW, approve_list, make_event, make_guest, make_organiser
from tests.mail.conftest import make_message
from tests.outbox import failed, queue, uncertain
from tests.test_templates import Page, controls

PATHS = ("", "deliveries", "deliveries/sending/wave/1", "invitations", "invitations/remind")


@pytest.fixture
def desk(app, session):
    """An event with mails in several states, all mail paused by a fault and stopped by a person."""
    event = make_event(session)
    wave = {"event_id": event.id, "batch": f"{event.id}:wave:1"}
    guest = make_guest(session, event)
    approve_list(session, event)
    mail = uncertain(session, "one", guest_id=guest.id, **wave)
    keep_copies(session, {(mail.id, 1): copy_of(make_message())})
    failed(session, "two", **wave)
    queue(session, "three", **wave)
    facts = {"since": NOW, "until": NOW, "strikes": 1, "struck_at": NOW, "by": "", "reply": "535"}
    session.add(Pause(scope=ALL, kind=PauseKind.SETTINGS, reason="The mailbox is full", **facts))
    stop(session, event_scope(event.id), by="Björn", now=NOW)
    organiser = make_organiser(session, event)
    session.commit()
    desk = Desk(app).sign_in(organiser)
    desk.mail = f"deliveries/{mail.public_id}"
    return desk


@pytest.fixture
def pages(desk) -> dict[str, Page]:
    found = {path: desk.get(path).text for path in (*PATHS, desk.mail)}
    found["refused"] = desk.post("invitations", shown="1-x", at="nonsense").text
    return {path: Page(html) for path, html in found.items()}


def test_the_pages_are_well_formed(pages):
    assert {path: page.wrong for path, page in pages.items()} == {path: [] for path in pages}


def test_every_page_has_one_heading_and_a_title(pages):
    counts = {path: (page.count("h1"), page.count("title")) for path, page in pages.items()}
    assert counts == dict.fromkeys(pages, (1, 1))


def test_ids_stand_once_and_what_points_at_one_finds_it(pages):
    for page in pages.values():
        ids = Counter(page.values("id"))
        assert [name for name, number in ids.items() if number > 1] == []
        links = [link[1:] for link in page.values("href", "a") if link.startswith("#")]
        named = page.values("aria-labelledby") + page.values("aria-describedby")
        assert {*links, *named, *page.values("for"), *page.values("form")} - set(ids) == set()


def test_every_control_has_a_label(pages):
    for page in pages.values():
        assert set(controls(page)) - set(page.values("for", "label")) == set()


def test_only_the_page_of_a_sending_loads_a_script(pages):
    assert [path for path, page in pages.items() if page.count("script")] == [PATHS[2]]


def test_a_view_has_one_filled_button_at_most(desk, pages):
    def filled(page: Page) -> int:
        return sum(given.get("class") == "button" for _, given in page.tags)

    assert {path: filled(page) for path, page in pages.items()} == {
        "": 1,
        "deliveries": 1,
        "deliveries/sending/wave/1": 1,
        "invitations": 1,
        "invitations/remind": 0,
        desk.mail: 1,
        "refused": 1,
    }
