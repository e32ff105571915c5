"""`couvert invitations`: the dry run, the wave, the reminder, the withdrawal."""

import getpass
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.deliveries.models import Delivery
from app.guests.models import Guest
from app.invitations.models import Wave
from app.invitations.queries import find_of_guest
from tests.event_files.examples import accept
from tests.factories import approve_list, make_event, make_guest, make_invitation


@pytest.fixture
def event(session):
    """Three places, two approved guests, one on the reserve."""
    made = make_event(session)
    make_guest(session, made, last_name="Byron", email="a@example.org")
    make_guest(session, made, last_name="Ek", email="e@example.org", language="sv", salutation="")
    make_guest(session, made, last_name="Öberg", email="o@example.org", rank=1)
    approve_list(session, made)
    session.commit()
    return made


def test_a_dry_run_says_who_gets_what_and_who_is_skipped_and_why(harmless, event):
    assert (
        harmless("invitations", "send", "summit", "--dry-run")
        == """\
2 guests would be invited
  Dr Zofia Byron  a@example.org  en
  Zofia Ek        e@example.org  sv
1 guest skipped
  Dr Zofia Öberg  o@example.org  en  stands on the reserve
Subject (en): Invitation: Public Services Summit, Stockholm, 9 and 10 December 2026
Subject (sv): Inbjudan: Public Services Summit, Stockholm, 9 och 10 december 2026
Dry run: nothing was sent.
"""
    )


def test_a_send_is_scheduled_at_a_local_time_of_the_event(run, session, event):
    run("invitations", "send", "summit", "--at", "2026-11-03 08:00")
    due = set(session.scalars(select(Delivery.due_at)))
    assert due == {datetime(2026, 11, 3, 7, 0, tzinfo=UTC)}
    assert session.scalars(select(Wave.scheduled_for)).one() in due


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("2026-11-02 09:59", "has passed already"),
        ("2026-11-21 08:00", "the reply-by date, 2026-11-20, has passed"),
    ],
)
def test_a_time_at_which_nothing_makes_sense_is_refused(refused, event, time, words):
    assert words in refused("invitations", "send", "summit", "--at", time)


def test_the_hour_the_clocks_change_in_is_refused(refused, event):
    words = refused("invitations", "send", "summit", "--at", "2027-03-28 02:30")
    assert words.startswith("02:30 on 28 March 2027 does not exist")


def test_what_is_no_time_is_a_usage_error(run, event):
    for written in ("tomorrow", "2026-11-03T08:00+01:00"):
        assert run("invitations", "send", "summit", "--at", written).exit_code == 2


def test_a_reminder_waits_for_invitations_that_are_scheduled(run, harmless, event):
    run("invitations", "send", "summit", "--at", "2026-11-03 08:00")
    lines = harmless("invitations", "remind", "summit", "--dry-run").splitlines()
    assert lines[0] == "0 guests would be reminded"
    assert lines[2].endswith("has no invitation yet that went out")


def test_a_test_mail_goes_to_the_named_address_alone(run, session, event):
    printed = run("invitations", "test", "summit", "--to", "me@city.example", "--language", "sv")
    assert printed.stdout.startswith("A test mail is queued for me@city.example in sv.")
    mails = session.execute(select(Delivery.kind, Delivery.recipient, Delivery.guest_id)).all()
    assert mails == [("test", "me@city.example", None)]
    assert session.scalars(select(Wave)).all() == []


def test_a_test_mail_in_no_language_of_the_event_is_refused(refused, event):
    words = refused("invitations", "test", "summit", "--to", "me@city.example", "--language", "fi")
    assert words.strip() == "fi is no language of the event. Choose one of en, sv."


def test_send_queues_a_mail_and_holds_a_place_for_each(run, session, event):
    assert run("invitations", "send", "summit").stdout.splitlines()[-3:] == [
        "Wave 1 is queued; the worker sends it.",
        "Places: 3 = 0 accepted + 2 held + 1 free",
        "1 place can be offered. Next on the reserve: Dr Zofia Öberg <o@example.org>",
    ]
    recipients = session.scalars(select(Delivery.recipient).order_by(Delivery.id)).all()
    assert recipients == ["a@example.org", "e@example.org"]


def test_the_history_names_who_sent(run, session, event):
    run("invitations", "send", "summit", "--email", "a@example.org", "--by", "Astrid")
    run("invitations", "send", "summit")
    waves = session.scalars(select(Wave.sent_by).order_by(Wave.number)).all()
    assert waves == ["Astrid", getpass.getuser()]


def test_an_open_invitation_named_again_is_sent_once_more(run, event):
    run("invitations", "send", "summit")
    assert (
        run("invitations", "send", "summit", "--email", "A@example.org").stdout
        == """\
1 guest invited
  Dr Zofia Byron  a@example.org  en  the link once more
Places: 3 = 0 accepted + 2 held + 1 free
1 place can be offered. Next on the reserve: Dr Zofia Öberg <o@example.org>
"""
    )


def test_sending_when_all_are_invited_sends_nothing(run, harmless, event):
    run("invitations", "send", "summit")
    assert harmless("invitations", "send", "summit").splitlines()[:4] == [
        "0 guests invited",
        "3 guests skipped",
        "  Dr Zofia Byron  a@example.org  en  is invited already",
        "  Zofia Ek        e@example.org  sv  is invited already",
    ]


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_stranger_is_refused_and_so_is_everybody_named_with_them(refused, event, dry):
    emails = ("--email", "a@example.org", "--email", "who@example.org")
    assert refused("invitations", "send", "summit", *emails, *dry) == (
        "No guest of this event has the address who@example.org.\n"
    )


def test_a_guest_on_the_reserve_is_refused(refused, event):
    assert refused("invitations", "send", "summit", "--email", "o@example.org") == (
        "Dr Zofia Öberg <o@example.org> stands on the reserve; nothing was sent.\n"
    )


def test_a_named_guest_without_a_free_place_is_refused(run, refused, session, event):
    run("invitations", "send", "summit", "--email", "a@example.org")
    event.place_limit = 1
    session.commit()
    assert refused("invitations", "send", "summit", "--email", "e@example.org") == (
        "No place is free for Zofia Ek; nothing was sent.\n"
    )


def test_a_reminder_reaches_only_who_has_not_answered(run, harmless, session, event):
    run("invitations", "send", "summit")
    accept(session, event, email="answered@example.org")
    reminded = "  Dr Zofia Byron  a@example.org  en\n  Zofia Ek        e@example.org  sv\n"
    dry = harmless("invitations", "remind", "summit", "--dry-run")
    assert dry.startswith(f"2 guests would be reminded\n{reminded}1 guest skipped\n")
    assert [line.split()[-2:] for line in dry.splitlines()[4:5]] == [["has", "answered"]]
    assert dry.endswith("Dry run: nothing was sent.\n")
    sent = run("invitations", "remind", "summit").stdout
    assert sent.startswith(f"2 guests reminded\n{reminded}")
    assert sent.endswith("Reminder 1 is queued; the worker sends it.\n")


def test_with_nobody_to_remind_nothing_is_sent(harmless, event):
    assert harmless("invitations", "remind", "summit") == "0 guests reminded\n"


def test_a_withdrawal_kills_the_link_and_frees_the_place(run, session, event):
    invitation = make_invitation(session, event, last_name="Nord", email="n@example.org")
    session.commit()
    result = run("invitations", "withdraw", "summit", "--email", "n@example.org")
    assert result.stdout.splitlines()[:2] == [
        "The invitation of Dr Zofia Nord is withdrawn; its link is dead.",
        "Places: 3 = 0 accepted + 0 held + 3 free",
    ]
    session.refresh(find_of_guest(session, invitation.guest_id))
    assert (invitation.state, invitation.link_version) == ("withdrawn", 2)


def test_withdrawing_from_who_is_not_invited_is_refused(refused, event):
    assert refused("invitations", "withdraw", "summit", "--email", "a@example.org") == (
        "Dr Zofia Byron is not invited; nothing was changed.\n"
    )


def test_a_dry_run_names_the_texts_that_a_language_lacks(run, session, event):
    event.theme = {"en": "Connect to the Future"}
    session.commit()
    shown = run("invitations", "send", "summit", "--dry-run").output
    assert "the event is not wholly written in their language" in shown
    assert "Missing in the event file (sv): theme." in shown


def test_a_wave_is_sent_with_its_own_days_of_reminders(run, harmless, session, event):
    days = ("--remind-after", "7", "--remind-after", "14", "--remind-before", "2")
    told = "Who has not answered is reminded on 9 November 2026, 16 November 2026,"
    shown = harmless("invitations", "send", "summit", "--dry-run", *days)
    assert told in shown
    assert f"{told} 18 November 2026." in run("invitations", "send", "summit", *days).stdout
    wave = session.scalars(select(Wave)).one()
    assert (wave.remind_after, wave.remind_before) == ([7, 14], [2])


def test_without_days_a_wave_has_those_of_the_event_unless_none_are_wanted(run, session, event):
    event.remind_after = [7]
    session.commit()
    run("invitations", "send", "summit", "--email", "a@example.org")
    run("invitations", "send", "summit", "--no-reminders")
    assert list(session.scalars(select(Wave.remind_after).order_by(Wave.number))) == [[7], []]


def test_a_waves_days_are_changed_by_its_number(run, session, event):
    run("invitations", "send", "summit")
    assert run("invitations", "cadence", "summit", "1", "--remind-before", "3").stdout == (
        "Wave 1 has new days; those before today are left out.\n"
        "Who has not answered is reminded on 17 November 2026.\n"
    )
    told = run("invitations", "cadence", "summit", "1", "--no-reminders").stdout
    assert told == "Nobody of wave 1 is reminded by itself.\n"


def test_a_cadence_that_is_none_is_refused(run, refused, event):
    days = [word for day in range(1, 8) for word in ("--remind-after", str(day))]
    assert refused("invitations", "send", "summit", *days) == "Give at most 6 days.\n"
    given = ("cadence", "summit", "7", "--remind-after", "3")
    assert refused("invitations", *given) == "The event has no wave 7.\n"
    both = run("invitations", "send", "summit", "--no-reminders", "--remind-after", "7")
    assert "not both" in both.stderr
    assert "Give --remind-after" in run("invitations", "cadence", "summit", "1").stderr


def test_who_is_not_to_be_reminded_is_reminded_only_by_name(run, session, event):
    run("invitations", "send", "summit")
    marked = run("guests", "do-not-remind", "summit", "--email", "a@example.org").stdout
    assert marked == "No reminder goes to Dr Zofia Byron.\n"
    told = run("invitations", "remind", "summit").stdout
    assert "Dr Zofia Byron  a@example.org  en  is not to be reminded" in told
    named = run("invitations", "remind", "summit", "--email", "a@example.org").stdout
    assert named.startswith("1 guest reminded\n  Dr Zofia Byron")
    undone = run("guests", "do-not-remind", "summit", "--email", "a@example.org", "--undo").stdout
    assert undone == "Dr Zofia Byron is reminded again.\n"


def test_a_guest_who_has_moved_up_is_sent_an_offer(harmless, session, event):
    session.scalars(select(Guest).where(Guest.rank == 1)).one().proposed_change = {"rank": None}
    approve_list(session, event)
    session.commit()
    told = harmless("invitations", "send", "summit", "--dry-run")
    assert "Subject (offer, en): Invitation: Public Services Summit" in told


def test_thanks_are_planned_first_and_refused_before_the_event_is_over(
    run, harmless, refused, session, event
):
    accept(session, event, email="c@example.org", last_name="Curie")
    assert "2026-12-10, is not over then" in refused("invitations", "thank", "summit")
    at = ("--at", "2026-12-11 10:00")
    shown = harmless("invitations", "thank", "summit", "--dry-run", *at)
    assert "1 guest would be thanked\n  Dr Zofia Curie  c@example.org" in shown
    told = run("invitations", "thank", "summit", *at).stdout
    assert "Thanks 1 is queued; the worker sends it on 11 December 2026 at 10:00" in told
