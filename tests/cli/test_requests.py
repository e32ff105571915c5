"""`couvert requests`: listed without the guests' words, granted and refused as at the desk."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.invitations.models import Invitation
from app.requests.disowning import disown
from app.requests.models import Request, Wished
from app.requests.representatives import propose
from app.requests.services import ask_late_change
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from tests.factories import NOW, make_event, make_invitation, make_item

LATE = datetime(2026, 12, 3, 9, tzinfo=UTC)
GUEST = {"channel": AnswerChannel.GUEST, "actor": ""}
PERSON = {"last_name": "Kowalska", "email": "marta@example.org", "language": "en"}


@pytest.fixture
def invitation(session):
    event = make_event(session)
    make_item(session, event, "visit")
    made = make_invitation(session, event, last_name="Strøm-Łęcka", email="zofia@example.org")
    record_answer(session, made, AnswerWish(Answer.ACCEPTED), now=NOW, **GUEST)
    return made


def filed(session, request: Request) -> str:
    public_id = request.public_id
    session.commit()
    return public_id


@pytest.fixture
def asked(session, invitation) -> str:
    facts = {"part": "item:visit", "wished": Wished.YES, "words": "I am vegan."}
    return filed(session, ask_late_change(session, invitation, now=LATE, **facts, **GUEST))


@pytest.fixture
def proposed(session, invitation) -> str:
    return filed(session, propose(session, invitation, PERSON, words="", now=NOW, **GUEST))


def test_requests_are_listed_without_the_guests_words(run, asked):
    result = run("requests", "list", "summit", "--json")
    (row,) = json.loads(result.stdout)
    assert (row["id"], row["state"], row["kind"]) == (asked, "waiting", "late change")
    assert (row["email"], row["part"], row["wished"]) == ("zofia@example.org", "item:visit", "yes")
    assert "vegan" not in result.stdout + run("requests", "list", "summit").stdout


def test_a_late_change_is_granted(run, asked):
    assert run("requests", "grant", "summit", asked).stdout == (
        "Granted: Dr Zofia Strøm-Łęcka is told by mail.\n"
    )
    assert json.loads(run("requests", "list", "summit", "--json").stdout)[0]["state"] == "granted"


def test_a_refusal_without_a_reply_is_refused(refused, run, asked):
    assert refused("requests", "refuse", "summit", asked) == (
        "Write a reply: the guest is told why.\n"
    )
    result = run("requests", "refuse", "summit", asked, "--reply", "The coach is full.")
    assert result.exit_code == 0


def test_what_is_decided_or_unknown_is_said(refused, run, asked):
    run("requests", "grant", "summit", asked)
    again = refused("requests", "grant", "summit", asked)
    assert again == "This has been decided or taken back meanwhile.\n"
    assert refused("requests", "grant", "summit", "x") == (
        'There is no request "x". List them: couvert requests list summit.\n'
    )


def test_a_representative_is_approved_with_a_date(run, session, proposed):
    result = run("requests", "grant", "summit", proposed, "--reply-by", "2026-11-18")
    assert result.stdout == (
        "Granted: the representative of Dr Zofia Strøm-Łęcka is invited; both are told by mail.\n"
    )
    newest = session.scalars(select(Invitation).order_by(Invitation.id.desc())).first()
    assert str(newest.reply_by) == "2026-11-18"


def test_a_link_in_the_wrong_hands_is_right_after_all(run, session, invitation):
    disown(session, invitation, now=NOW)
    public_id = filed(session, session.scalars(select(Request)).one())
    assert run("requests", "refuse", "summit", public_id).stdout == (
        "Refused: the invitation of Dr Zofia Strøm-Łęcka stands as before.\n"
    )
