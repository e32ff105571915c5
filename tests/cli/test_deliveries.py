"""`couvert deliveries`: what became of each mail."""

import json

import pytest
from sqlalchemy import select

from app.deliveries.models import Delivery, Pause
from app.deliveries.moves import Note, begin, mark_failed
from tests.factories import NOW, make_event, make_invitation


@pytest.fixture
def mails(session) -> list[Delivery]:
    """One mail queued, one failed."""
    event = make_event(session)
    make_invitation(session, event, email="ada@example.org")
    make_invitation(session, event, email="bo@example.org")
    queued, failed = session.scalars(select(Delivery).order_by(Delivery.id))
    attempt = begin(
        session,
        [failed.id],
        lease=claimed(session, failed),
        lease_until=NOW,
        domain="stockholm.example",
        note=Note(NOW, "worker"),
    )
    assert attempt == {failed.id: 1}
    refused = Note(NOW, "worker", "The mailbox does not exist", "550 5.1.1 No such user")
    mark_failed(session, failed.id, lease="lease", note=refused)
    session.commit()
    return [queued, failed]


def claimed(session, delivery: Delivery) -> str:
    delivery.lease, delivery.lease_until = "lease", NOW
    session.flush()
    return "lease"


def test_the_list_as_json_has_the_newest_first(harmless, mails):
    rows = json.loads(harmless("deliveries", "list", "summit", "--json"))
    assert rows[0] == {
        "id": mails[1].public_id,
        "kind": "invitation",
        "resend": False,
        "email": "bo@example.org",
        "state": "failed",
        "message_id": f"{mails[1].public_id}@stockholm.example",
        "attempts": 1,
        "error": "The mailbox does not exist (550 5.1.1 No such user)",
        "reply": "550 5.1.1 No such user",
        "words_version": None,
        "words_by": None,
    }
    assert (rows[1]["state"], rows[1]["message_id"]) == ("queued", None)


def test_the_list_for_people_keeps_each_mail_on_a_line(harmless, mails):
    lines = harmless("deliveries", "list", "summit", "--state", "failed").splitlines()
    assert [line.split(maxsplit=5) for line in lines] == [
        ["Kind", "Email", "State", "Attempts", "Id", "Error"],
        [
            *("invitation", "bo@example.org", "failed", "1", mails[1].public_id),
            "The mailbox does not exist (550 5.1.1 No such user)",
        ],
    ]


def test_an_empty_list_as_json_is_one_too(harmless, mails):
    assert harmless("deliveries", "list", "summit", "--state", "sent", "--json") == "[]\n"


def test_a_state_that_is_none_is_a_usage_error(run, mails):
    result = run("deliveries", "list", "summit", "--state", "lost")
    assert result.exit_code == 2
    assert "'lost' is not one of 'queued', 'sending'" in result.stderr


def state_of(session, delivery: Delivery) -> str:
    return session.scalars(select(Delivery.state).where(Delivery.id == delivery.id)).one()


def test_one_mail_is_shown_with_its_log(harmless, mails):
    shown = json.loads(harmless("deliveries", "show", "summit", mails[1].public_id, "--json"))
    assert [(line["state"], line["attempt"], line["reply"]) for line in shown["log"]] == [
        ("queued", 0, ""),
        ("sending", 1, ""),
        ("failed", 1, "550 5.1.1 No such user"),
    ]
    assert (shown["subject"], shown["text"]) == (None, None)


def test_an_id_that_is_none_is_refused_with_the_way_to_find_one(refused, mails):
    words = refused("deliveries", "show", "summit", "nobody")
    assert words.strip() == (
        'No mail of this event has the id "nobody": couvert deliveries list summit'
    )


def test_a_stop_of_a_wave_is_lifted_again(run, session, mails):
    assert run("deliveries", "stop", "summit", "--wave", "1", "--by", "Astrid").exit_code == 0
    pause = session.scalars(select(Pause)).one()
    assert (pause.scope, pause.by) == (f"batch:{mails[0].batch}", "Astrid")
    session.commit()
    assert run("deliveries", "stop", "summit", "--wave", "1").stdout.startswith("It was stopped")
    assert run("deliveries", "resume", "summit", "--wave", "1").stdout == "The sending goes on.\n"
    assert run("deliveries", "resume", "summit", "--wave", "1").stdout == "Nothing was stopped.\n"


def test_a_stop_without_a_wave_stops_every_mail_of_the_event(run, session, mails):
    run("deliveries", "stop", "summit")
    assert session.scalars(select(Pause.scope)).all() == [f"event:{mails[0].event_id}"]


def test_progress_counts_each_state_and_says_what_it_waits_for(run, harmless, mails):
    told = json.loads(harmless("deliveries", "progress", "summit", "--json"))
    assert {name: told[name] for name in ("total", "queued", "failed", "seconds_left")} == {
        "total": 2,
        "queued": 1,
        "failed": 1,
        "seconds_left": None,
    }
    run("deliveries", "stop", "summit", "--by", "Astrid")
    assert harmless("deliveries", "progress", "summit").splitlines() == [
        "0 of 2 sent, 1 failed",
        "Stopped by Astrid. To go on: couvert deliveries resume summit",
    ]


def test_watching_ends_where_the_sending_waits_for_a_person(run, mails):
    run("deliveries", "stop", "summit", "--by", "Astrid")
    watched = run("deliveries", "progress", "summit", "--watch")
    assert watched.exit_code == 0
    assert watched.stdout.splitlines()[-1].startswith("Stopped by Astrid.")


def test_what_waits_of_a_wave_is_cancelled(run, session, mails):
    assert run("deliveries", "cancel", "summit", "--wave", "1").stdout.startswith("1 cancelled.")
    assert run("deliveries", "cancel", "summit", "--wave", "2").stdout.startswith("0 cancelled.")
    assert [state_of(session, mail) for mail in mails] == ["cancelled", "failed"]


def test_one_mail_is_cancelled_once(run, refused, mails):
    public_id = mails[0].public_id
    assert run("deliveries", "cancel", "summit", public_id).exit_code == 0
    words = refused("deliveries", "cancel", "summit", public_id)
    assert words.strip() == "The mail to ada@example.org is cancelled by now."


def test_cancelling_nothing_in_particular_is_a_usage_error(run, mails):
    result = run("deliveries", "cancel", "summit")
    assert (result.exit_code, "Give the ID of a mail" in result.stderr) == (2, True)


def test_a_failed_mail_is_queued_again_with_its_message_id(run, session, mails):
    assert run("deliveries", "send-again", "summit", mails[1].public_id).exit_code == 0
    assert state_of(session, mails[1]) == "queued"
    session.expire_all()
    assert mails[1].message_id == f"{mails[1].public_id}@stockholm.example"


def test_what_is_not_uncertain_cannot_have_arrived(refused, mails):
    words = refused("deliveries", "arrived", "summit", mails[0].public_id)
    assert words.strip() == "The mail to ada@example.org is queued by now."


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_log_is_exported(harmless, mails, tmp_path, ending):
    path = tmp_path / f"log.{ending}"
    printed = harmless("deliveries", "export", "summit", str(path))
    assert printed == f"4 lines are written to {path}.\n"
    assert path.stat().st_size > 0


def test_an_export_to_nowhere_is_refused_in_a_line(refused, mails, tmp_path):
    words = refused("deliveries", "export", "summit", str(tmp_path / "none" / "log.csv"))
    assert words.strip().endswith("cannot be written: No such file or directory.")
    assert "ends in .csv or .xlsx" in refused("deliveries", "export", "summit", "log.doc")


@pytest.mark.parametrize("command", ["stop", "resume", "cancel", "progress", "send-failed-again"])
def test_a_wave_there_is_not_is_refused(refused, mails, command):
    words = refused("deliveries", command, "summit", "--wave", "9")
    assert words.strip() == "There is no wave 9 of this event; nothing was changed."


def test_what_a_stop_says_is_what_lifts_it(run, mails):
    told = run("deliveries", "stop", "summit", "--wave", "1").stdout.splitlines()[-1]
    command = told.removeprefix("To go on: couvert ").split()
    assert run(*command).stdout == "The sending goes on.\n"


def test_what_failed_of_a_wave_is_sent_again_at_once(run, session, mails):
    printed = run("deliveries", "send-failed-again", "summit", "--wave", "2").stdout
    assert printed == "1 queued again.\n"
    assert [state_of(session, mail) for mail in mails] == ["queued", "queued"]
