"""The numbers of an event, the guest list, the overview: right, and few queries however many."""

from datetime import timedelta

import pytest

from app.dashboard.one_guest import Deed, find_one_guest
from app.dashboard.overview import StepKind, changed_kinds, read_overview
from app.dashboard.queries import answers_since, event_status
from app.dashboard.roster import RosterFilter, Standing, list_roster
from app.deliveries.models import DeliveryState
from app.deliveries.queries import list_of_guest
from app.guests.models import GuestStatus
from app.invitations.withdrawing import withdraw
from app.rsvp.changes import AnswerWish, CompanionWish, DietWish
from app.rsvp.models import Answer, AnswerChannel, Diet
from app.rsvp.services import record_answer
from tests.factories import (
    NOW,
    approve_list,
    make_dinner,
    make_event,
    make_guest,
    make_invitation,
    make_item,
)
from tests.statements import counted


def answer(session, invitation, *items, choice=Answer.ACCEPTED, now=NOW, **facts):
    wish = AnswerWish(choice, items=frozenset(items), **facts)
    facts = {"channel": AnswerChannel.PHONE, "actor": "Astrid", "now": now}
    return record_answer(session, invitation, wish, **facts)


@pytest.fixture
def answered(session):
    """One accepted with a companion at the dinner, one declined, one open, one not invited."""
    event = make_event(session, place_limit=10)
    make_dinner(session, event, places=2)
    make_item(session, event, "opening")
    invitations = [make_invitation(session, event, country="Sweden") for _ in range(3)]
    anna = CompanionWish("Anna", DietWish(Diet.VEGAN))
    answer(session, invitations[0], "dinner", "opening", companions=(anna,))
    answer(session, invitations[1], choice=Answer.DECLINED)
    make_guest(session, event, first_name="Åsa", last_name="Öhm", language="sv")
    approve_list(session, event)
    make_guest(session, event, rank=1)
    approve_list(session, event)
    session.commit()
    return event


def test_every_number_of_the_event_agrees(session, answered):
    status = event_status(session, answered)
    ledger = status.ledger
    assert (ledger.accepted, ledger.held, ledger.free, ledger.declined) == (1, 1, 8, 1)
    assert ledger.limit == ledger.accepted + ledger.held + ledger.free
    assert {item.slug: count.taken for item, count in status.programme} == {
        "opening": 1,
        "dinner": 2,
    }
    assert (status.dinner.yes, status.dinner.companions) == (1, 1)
    assert status.dinner.diets == {Diet.NONE: 1, Diet.VEGAN: 1}
    assert (status.not_invited, status.places_to_offer) == (1, 7)
    assert status.next_on_reserve is not None


def test_the_guest_list_counts_as_the_ledger_does(session, answered):
    counts = list_roster(session, answered.id, RosterFilter()).counts
    status = event_status(session, answered)
    assert counts[Standing.ACCEPTED] == status.ledger.accepted
    assert counts[Standing.AWAITING] == status.ledger.held
    assert counts[Standing.DECLINED] == status.ledger.declined
    assert counts[Standing.NOT_INVITED] == status.not_invited
    assert counts[Standing.RESERVE] == status.guests[GuestStatus.RESERVE]


def test_a_row_of_the_list_says_items_dinner_companion_and_last_change(session, answered):
    roster = list_roster(session, answered.id, RosterFilter(standing=Standing.ACCEPTED))
    [row] = roster.rows
    assert (row.items, row.dinner, row.companions) == (1, "yes", 1)
    assert (row.last_change.at, row.last_change.channel) == (NOW, AnswerChannel.PHONE)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (RosterFilter(words="asa ohm"), 1),
        (RosterFilter(words="ÖHM"), 1),
        (RosterFilter(words="strom ministry"), 4),
        (RosterFilter(words="nobody"), 0),
        (RosterFilter(country="Sweden"), 3),
        (RosterFilter(country="Sweden", standing=Standing.AWAITING), 1),
        (RosterFilter(language="sv"), 1),
        (RosterFilter(), 5),
    ],
)
def test_the_list_is_searched_without_accents_and_filtered(session, answered, wanted, found):
    assert list_roster(session, answered.id, wanted).found == found


def test_a_page_beyond_the_last_shows_the_last(session, answered):
    roster = list_roster(session, answered.id, RosterFilter(page=7))
    assert (roster.page, roster.pages, len(roster.rows)) == (1, 1, 5)


@pytest.mark.parametrize("guests", [3, 30])
def test_pages_ask_as_much_however_many_guests_there_are(session, guests):
    event = make_event(session, place_limit=40)
    make_dinner(session, event)
    for _ in range(guests):
        answer(session, make_invitation(session, event), "dinner")
    session.commit()
    session.expunge_all()
    with counted(session) as asked:
        list_roster(session, event.id, RosterFilter())
    assert len(asked) == 6
    with counted(session) as asked:
        read_overview(session, event, now=NOW)
    assert len(asked) == 20


def test_the_overview_says_what_to_do_next(session, answered):
    steps = read_overview(session, answered, now=NOW).steps
    assert [(step.kind, step.number) for step in steps] == [
        (StepKind.INVITE, 1),
        (StepKind.OFFER, 7),
        (StepKind.REMIND, 1),
    ]


def test_after_the_reply_by_date_nobody_is_to_be_invited_or_reminded(session, answered):
    late = NOW + timedelta(days=30)
    steps = read_overview(session, answered, now=late).steps
    assert [step.kind for step in steps] == [StepKind.OFFER]


def test_whom_mail_does_not_reach_is_to_be_called_once(session, answered):
    invitation = make_invitation(session, answered)
    for mail in list_of_guest(session, invitation.guest_id):
        mail.state, mail.error = DeliveryState.FAILED, "The mailbox does not exist."
    session.flush()
    steps = {step.kind: step for step in read_overview(session, answered, now=NOW).steps}
    assert list(steps[StepKind.CALL].guests) == [invitation.guest]


def test_a_proposed_name_is_to_be_approved_first(session, answered):
    make_guest(session, answered)
    first = read_overview(session, answered, now=NOW).steps[0]
    assert (first.kind, first.number) == (StepKind.APPROVE, 1)


def test_changes_are_told_by_kind_and_newest_first(session, answered):
    invitation = make_invitation(session, answered)
    answer(session, invitation, "dinner", now=NOW + timedelta(hours=1), diet=DietWish(Diet.VEGAN))
    newest = answers_since(session, answered.id, NOW - timedelta(days=7))[0]
    assert newest.guest is invitation.guest
    assert changed_kinds(newest, with_health=True) == ["event", "item", "diet"]
    assert changed_kinds(newest, with_health=False) == ["event", "item", "details"]


def test_one_guests_history_holds_list_invitation_answers_and_withdrawal(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    guest = invitation.guest
    answer(session, invitation, now=NOW + timedelta(hours=1))
    withdraw(session, event, email=guest.email, now=NOW + timedelta(hours=2))
    one = find_one_guest(session, event.id, guest.public_id)
    assert [happening.deed for happening in one.history] == [
        Deed.WITHDRAWN,
        Deed.ANSWERED,
        Deed.INVITED,
        Deed.LISTED,
    ]
    assert (one.standing, one.recordable) == (Standing.WITHDRAWN, False)


def test_health_data_is_told_to_organisers_only(session):
    event = make_event(session)
    make_dinner(session, event)
    invitation = make_invitation(session, event)
    answer(session, invitation, "dinner", diet=DietWish(Diet.VEGAN), note="A wheelchair.")
    one = find_one_guest(session, event.id, invitation.guest.public_id)
    answered = next(entry for entry in one.history if entry.deed is Deed.ANSWERED)
    assert [change.part for change in answered.told(with_health=False)] == ["event"]
    assert [change.part for change in answered.told(with_health=True)] == ["event", "diet", "note"]
    assert answered.choices == {("no", "yes"): ["dinner"]}
