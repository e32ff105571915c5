"""`couvert guests`: import with its difference, approval, the list."""

import json
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from app.deliveries.models import DeliveryKind, DeliveryState
from app.guests.queries import list_guests
from app.organisers.models import Role
from tests.event_files.examples import accept
from tests.factories import (
    NOW,
    approve_list,
    make_event,
    make_guest,
    make_invitation,
    make_organiser,
)
from tests.outbox import queue

HEADING = "salutation,first name,last name,title,organisation,country,email,language,host,rank,note"
ADA = "Dr,Ada,Byron,Director,Analytical Office,UK,ada@example.org,en,,,"
BO = ",Bo,Öberg,Direktör,Kansliet,Sverige,bo@example.org,sv,Stockholms stad,1,"


@pytest.fixture
def event(session):
    made = make_event(session)
    session.commit()
    return made


@pytest.fixture
def write(tmp_path):
    def written(*lines: str, heading: str = HEADING) -> str:
        path = tmp_path / "guests.csv"
        path.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
        return str(path)

    return written


def test_an_import_tells_who_is_new(run, session, event, write):
    assert (
        run("guests", "import", "summit", write(ADA, BO)).stdout
        == """\
guests.csv: 2 rows, UTF-8
2 new
  line 2  Dr Ada Byron  ada@example.org  on the list
  line 3  Bo Öberg      bo@example.org   reserve 1
0 changed
0 unchanged
0 missing in the file
"""
    )
    ada, bo = list_guests(session, event.id)
    assert (ada.name, ada.language, bo.rank, bo.host) == ("Ada Byron", "en", 1, event.hosts[0])


def test_a_dry_run_tells_the_same_and_changes_nothing(harmless, run, event, write):
    path = write(ADA, BO)
    dry = harmless("guests", "import", "summit", path, "--dry-run")
    assert dry == run("guests", "import", "summit", path).stdout + (
        "Dry run: nothing was changed.\n"
    )


def test_importing_the_same_file_twice_changes_nothing(harmless, run, event, write):
    path = write(ADA, BO)
    run("guests", "import", "summit", path)
    assert harmless("guests", "import", "summit", path).splitlines()[1:] == [
        "0 new",
        "0 changed",
        "2 unchanged",
        "0 missing in the file",
    ]


def test_a_change_is_told_field_by_field(run, event, write):
    run("guests", "import", "summit", write(ADA, BO))
    changed = ADA.replace("Director", "Director General").replace("Dr,", ",")
    assert run("guests", "import", "summit", write(changed, BO)).stdout.splitlines()[2:6] == [
        "1 changed",
        "  line 2  Ada Byron <ada@example.org>",
        "    salutation: Dr -> (none)",
        "    title: Director -> Director General",
    ]


def test_a_change_after_the_approval_waits(run, event, write):
    run("guests", "import", "summit", write(ADA))
    run("guests", "approve", "summit", "--by", "Steering group")
    changed = ADA.replace("Director", "Director General")
    printed = run("guests", "import", "summit", write(changed)).stdout
    assert "  line 2  Dr Ada Byron <ada@example.org> (waits for the next approval)\n" in printed


def test_who_is_missing_stays_unless_their_removal_is_asked_for(run, session, event, write):
    run("guests", "import", "summit", write(ADA, BO))
    assert run("guests", "import", "summit", write(ADA)).stdout.splitlines()[-3:] == [
        "1 missing in the file",
        "  Bo Öberg <bo@example.org>",
        "They stay on the list; --remove-missing proposes to remove them.",
    ]
    removing = run("guests", "import", "summit", write(ADA), "--remove-missing")
    assert removing.stdout.splitlines()[-2:] == [
        "1 missing in the file, to be removed",
        "  Bo Öberg <bo@example.org>",
    ]
    assert [guest.name for guest in list_guests(session, event.id)] == ["Ada Byron"]


def test_ignored_columns_and_namesakes_are_named(run, event, write):
    twin = ADA.replace("ada@", "byron@")
    path = write(f"{ADA},Veg", f"{twin},", heading=f"{HEADING},Diet")
    assert run("guests", "import", "summit", path, "--dry-run").stdout.splitlines()[1:3] == [
        "Ignored columns: Diet",
        (
            "Lines 2 and 3 have the same name and organisation at different addresses: are they two"
            " persons?"
        ),
    ]


def test_every_bad_row_is_named_and_none_imported(refused, event, write):
    lines = (
        ADA,
        BO.replace("bo@example.org", "bo@"),
        ADA.replace("ada@", "a@").replace(",en,", ",fi,"),
    )
    assert refused("guests", "import", "summit", write(*lines)) == (
        'line 3, column "email", "bo@": the address has no domain. Write it as name@domain.\n'
        'line 4, column "language", "fi": this is not a language of the event. Write one of "en",'
        ' "sv", or leave the cell empty for "en".\n'
    )


def test_an_excel_workbook_is_read_too(run, session, event, tmp_path):
    path = tmp_path / "gäster.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Förnamn", "Efternamn", "E-post", "Språk", "Rang"])
        sheet.write_row(1, 0, ["Bo", "Öberg", "bo@example.org", "svenska", 2])
    assert run("guests", "import", "summit", str(path)).stdout.startswith(
        "gäster.xlsx: 1 row, Excel workbook\n1 new\n"
    )
    assert [(guest.language, guest.rank) for guest in list_guests(session, event.id)] == [("sv", 2)]


def test_a_missing_file_is_named(refused, event):
    path = Path("nowhere") / "guests.csv"
    assert refused("guests", "import", "summit", str(path)) == (
        f'"{path}": there is no such file. Check the path.\n'
    )


def test_an_approval_tells_names_reserve_and_loudly_who_found_no_place(run, session):
    event = make_event(session, place_limit=1)
    make_guest(session, event, last_name="Byron", email="a@example.org")
    make_guest(session, event, last_name="Ek", email="e@example.org")
    make_guest(session, event, last_name="Öberg", email="o@example.org", rank=1)
    session.commit()
    assert (
        run("guests", "approve", "summit", "--by", "Steering group").stdout
        == """\
Version 1 of the guest list is approved by Steering group: 1 name, 2 on the reserve.
  Dr Zofia Byron  a@example.org
Reserve:
  1  Dr Zofia Ek     e@example.org
  2  Dr Zofia Öberg  o@example.org
ATTENTION: 1 name stood on the list beyond the 1 place and now leads the reserve: Dr Zofia Ek.
"""
    )


def test_an_approval_tells_who_left_went_to_the_reserve_and_was_readdressed(run, session, event):
    leaving = make_guest(session, event, last_name="Byron")
    waiting = make_guest(session, event, last_name="Nord")
    moving = make_guest(session, event, last_name="Ek")
    approve_list(session, event)
    leaving.proposed_change = {"removed": True}
    waiting.proposed_change = {"rank": 1}
    moving.proposed_change = {"email": "new@example.org"}
    session.commit()
    assert run("guests", "approve", "summit", "--by", "Group").stdout.splitlines()[4:] == [
        "Removed: Dr Zofia Byron.",
        "Approved before, now on the reserve: Dr Zofia Nord.",
        "New address, so the old link is dead: Dr Zofia Ek.",
    ]


def test_approving_an_empty_list_is_refused(refused, event):
    assert refused("guests", "approve", "summit", "--by", "Steering group") == (
        "The guest list is empty. Import it: couvert guests import.\n"
    )


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 201])
def test_an_approval_needs_a_name_to_stand_for_it(run, event, name):
    result = run("guests", "approve", "summit", "--by", name)
    assert result.exit_code == 2
    assert "give a name of 1 to 200 letters." in result.stderr


@pytest.fixture
def answered(session, event):
    guest = {"first_name": "Ada", "last_name": "Łęcka", "email": "ada@example.org"}
    accept(session, event, host_id=event.hosts[0].id, **guest)
    make_invitation(session, event, last_name="Ek", email="ek@example.org")
    make_guest(session, event, last_name="Öberg", email="o@example.org", rank=1, salutation="")
    session.commit()


def test_the_list_as_json_keeps_status_invitation_and_answer_apart(harmless, answered):
    rows = json.loads(harmless("guests", "list", "summit", "--json"))
    assert rows[0] == {
        "email": "ada@example.org",
        "name": "Ada Łęcka",
        "salutation": "Dr",
        "organisation": "Ministry of Digital Affairs",
        "language": "en",
        "host": "City of Stockholm",
        "status": "approved",
        "rank": None,
        "invitation": "answered",
        "answer": "accepted",
        "half_way": False,
        "reminders": 0,
        "reminded_at": None,
        "do_not_remind": False,
    }
    keys = ("status", "rank", "invitation", "answer")
    assert [tuple(row[key] for key in keys) for row in rows[1:]] == [
        ("approved", None, "open", "none"),
        ("proposed", 1, "none", "none"),
    ]


def test_the_list_for_people_is_aligned(harmless, answered):
    assert (
        harmless("guests", "list", "summit")
        == """\
Rank  Name         Email            Status    Invitation  Answer    Reminders
      Ada Łęcka    ada@example.org  approved  answered    accepted
      Zofia Ek     ek@example.org   approved  open        none
   1  Zofia Öberg  o@example.org    proposed  none        none
"""
    )


def test_approvers_are_asked_once_about_a_proposal(run, harmless, refused, session, event):
    make_guest(session, event)
    session.commit()
    assert "--role approver --event summit" in refused("guests", "ask-approval", "summit")
    make_organiser(session, event, Role.APPROVER, email="chair@example.org", name="The chair")
    session.commit()
    shown = harmless("guests", "ask-approval", "summit", "--dry-run")
    assert "added, 0 removed, 0 changed.\n1 approver would be asked\n  The chair" in shown
    assert "1 approver asked" in run("guests", "ask-approval", "summit").stdout
    again = run("guests", "ask-approval", "summit").stdout
    assert "The chair  chair@example.org  has been asked about this proposal already" in again


def test_the_list_tells_how_often_a_guest_was_reminded(run, session, event):
    guest = make_invitation(session, event, email="ek@example.org").guest
    guest.do_not_remind = True
    facts = {"kind": DeliveryKind.REMINDER, "guest_id": guest.id, "event_id": event.id}
    mail = queue(session, **facts)
    mail.state, mail.sent_at = DeliveryState.SENT, NOW
    session.commit()
    [row] = [
        row
        for row in json.loads(run("guests", "list", "summit", "--json").stdout)
        if row["email"] == "ek@example.org"
    ]
    told = (row["reminders"], row["reminded_at"], row["do_not_remind"])
    assert told == (1, "2026-11-02T10:00:00+01:00", True)
    assert "1, last 2026-11-02; do not remind" in run("guests", "list", "summit").stdout
