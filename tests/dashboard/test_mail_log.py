"""The log of an event's mails: a line for each move, what was sent beside the line that says so."""

from app.dashboard.mail_log import HEADINGS, log_rows
from app.deliveries.copies import copy_of, keep_copies
from tests.factories import make_event, make_guest
from tests.mail.conftest import make_message
from tests.outbox import failed, sent


def log_of(session, event) -> list[dict[str, object]]:
    session.expire_all()
    return [dict(zip(HEADINGS, row, strict=True)) for row in log_rows(session, event)]


def test_every_move_is_a_line_and_what_was_sent_stands_with_it(session):
    event = make_event(session)
    guest = make_guest(session, event, last_name="Öberg")
    delivery = sent(session, event_id=event.id, guest_id=guest.id)
    keep_copies(session, {(delivery.id, 1): copy_of(make_message())})
    lines = log_of(session, event)
    assert [(line["state"], line["attempt"], line["server's words"]) for line in lines] == [
        ("queued", 0, ""),
        ("sending", 1, ""),
        ("sent", 1, "250 ok"),
    ]
    assert [line["text"] for line in lines] == [None, None, "Dear Dr Strøm-Łęcka,\n\nWelcome.\n"]
    assert {line["guest"] for line in lines} == {"Dr Zofia Öberg"}


def test_times_are_those_of_the_events_place(session):
    event = make_event(session)
    sent(session, event_id=event.id)
    assert {line["time"].isoformat() for line in log_of(session, event)} == {
        "2026-11-02T10:00:00+01:00"
    }


def test_another_events_mails_are_left_out(session):
    event, other = make_event(session), make_event(session, slug="other")
    failed(session, event_id=other.id)
    assert log_of(session, event) == []
