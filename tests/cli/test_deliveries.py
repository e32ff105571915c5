"""`couvert deliveries`: what became of each mail."""

import json

import pytest
from sqlalchemy import select

from app.deliveries.models import Delivery, DeliveryState
from tests.factories import make_event, make_invitation


@pytest.fixture
def mails(session) -> list[Delivery]:
    """One mail queued, one failed."""
    event = make_event(session)
    make_invitation(session, event, email="ada@example.org")
    make_invitation(session, event, email="bo@example.org")
    queued, failed = session.scalars(select(Delivery).order_by(Delivery.id))
    failed.state, failed.attempts, failed.message_id = DeliveryState.FAILED, 1, "id@stockholm"
    failed.error = "The server knows no such address:\n550 5.1.1"
    session.commit()
    return [queued, failed]


def test_the_list_as_json_has_the_newest_first(harmless, mails):
    rows = json.loads(harmless("deliveries", "list", "summit", "--json"))
    assert rows[0] == {
        "id": mails[1].public_id,
        "kind": "invitation",
        "email": "bo@example.org",
        "state": "failed",
        "message_id": "id@stockholm",
        "attempts": 1,
        "error": "The server knows no such address:\n550 5.1.1",
    }
    assert (rows[1]["state"], rows[1]["message_id"]) == ("queued", None)


def test_the_list_for_people_keeps_each_mail_on_a_line(harmless, mails):
    lines = harmless("deliveries", "list", "summit", "--state", "failed").splitlines()
    assert [line.split(maxsplit=5) for line in lines] == [
        ["Kind", "Email", "State", "Attempts", "Id", "Error"],
        [
            *("invitation", "bo@example.org", "failed", "1", mails[1].public_id),
            "The server knows no such address: 550 5.1.1",
        ],
    ]


def test_an_empty_list_as_json_is_one_too(harmless, mails):
    assert harmless("deliveries", "list", "summit", "--state", "sent", "--json") == "[]\n"


def test_a_state_that_is_none_is_a_usage_error(run, mails):
    result = run("deliveries", "list", "summit", "--state", "lost")
    assert result.exit_code == 2
    assert "'lost' is not one of 'queued', 'sending'" in result.stderr
