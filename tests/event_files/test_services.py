"""Loading event files: what is brought in line, and how answers are spared."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import select

from app.budget.models import Funder
from app.decisions.queries import list_decisions
from app.deliveries.models import Delivery, DeliveryKind
from app.event_files.built_in import SAMPLE_EVENT, sample_starts
from app.event_files.entries import (
    Contact,
    DecisionEntry,
    FunderEntry,
    HostEntry,
)
from app.event_files.reading import read_event_file
from app.guests.models import GuestStatus
from app.invitations.queries import find_of_guest
from app.programme.models import ProgrammeItem
from app.programme.queries import list_fixed_points, list_items
from app.rsvp.models import Choice
from app.rsvp.queries import find_rsvp
from tests.event_files.examples import (
    DINNER,
    FILE,
    LATER,
    VISIT,
    accept,
    answer,
    at,
    dump,
    entry,
    load,
)
from tests.factories import NOW, approve_list, both, make_guest, make_invitation


def test_a_new_file_creates_the_event_with_all_its_parts(session):
    loaded = load(session)
    event = loaded.event
    assert (loaded.created, loaded.warnings) == (True, [])
    assert (event.slug, event.place_limit, event.languages) == ("summit", 3, ["en", "sv"])
    assert [(host.name["sv"], host.quota) for host in event.hosts] == [
        ("Stockholms stad", 3),
        ("Cisco Systems", None),
    ]
    assert [item.slug for item in list_items(session, event.id)] == ["dinner", "visit"]
    assert [point.title["en"] for point in list_fixed_points(session, event.id)] == ["Concert"]
    assert [row.text["sv"] for row in list_decisions(session, event.id)] == ["Temat"]
    assert [row.share for row in session.scalars(select(Funder))] == [Decimal("300000.50")]


def test_an_item_without_a_lock_of_its_own_locks_on_the_reply_by_date(session):
    event = load(session, programme=(entry("a"), entry("b", locks=date(2026, 12, 1)))).event
    assert [item.locks for item in list_items(session, event.id)] == [
        date(2026, 11, 20),
        date(2026, 12, 1),
    ]


def test_loading_the_same_file_again_changes_not_one_row(session):
    event = load(session).event
    accept(session, event, "visit", "dinner", companions=["Ada"])
    before = dump(session)
    loaded = load(session)
    assert (loaded.created, loaded.changes, loaded.warnings) == (False, [], [])
    assert dump(session) == before


def test_the_sample_can_be_loaded_twice(session):
    today = NOW.date()
    sample = read_event_file(SAMPLE_EVENT, today=today, starts=sample_starts(today))
    load(session, sample)
    before = dump(session)
    assert load(session, sample).changes == []
    assert dump(session) == before


def test_every_changed_fact_is_told(session):
    load(session)
    changed = {
        "name": both("Summit"),
        "city": both("Stockholm", "Stockholms stad"),
        "place_limit": 4,
        "contact": Contact(FILE.contact.name, FILE.contact.email, "+46 8 465 004 12"),
        "digest": replace(FILE.digest, time=datetime(2026, 1, 1, 8, 30, tzinfo=UTC).time()),
    }
    assert load(session, **changed).changes == [
        "name: Public Services Summit -> Summit",
        "city (sv): Stockholm -> Stockholms stad",
        "place limit: 3 -> 4",
        "contact phone: (none) -> +46 8 465 004 12",
        "digest time: 07:00 -> 08:30",
    ]


def test_a_moved_item_is_told_in_local_time_and_gets_a_new_sequence(session):
    event = load(session).event
    moved = replace(VISIT, starts=at(10, 8), venue=both("Kista"))
    assert load(session, programme=(moved, DINNER)).changes == [
        "programme item visit, starts: 2026-12-10 10:00 -> 2026-12-10 09:00",
        "programme item visit, venue: Grand Hôtel -> Kista",
    ]
    dinner, visit = sorted(list_items(session, event.id), key=lambda item: item.slug)
    assert (visit.sequence, visit.changed_at, dinner.sequence) == (1, LATER, 0)


def test_more_places_leave_the_sequence_as_it_was(session):
    event = load(session).event
    load(session, programme=(replace(VISIT, places=5), DINNER))
    items = list_items(session, event.id)
    assert {(item.slug, item.sequence) for item in items} == {("visit", 0), ("dinner", 0)}


def test_items_are_added_and_dropped(session):
    event = load(session).event
    loaded = load(session, programme=(entry("opening"), DINNER))
    assert loaded.changes == ["programme item opening: new", "programme item visit: dropped"]
    assert {item.slug for item in list_items(session, event.id)} == {"opening", "dinner"}


def test_an_item_to_which_all_said_no_can_be_dropped(session):
    event = load(session).event
    invitation = make_invitation(session, event)
    answer(session, invitation, "visit")
    answer(session, invitation, "dinner")
    assert load(session, programme=(DINNER,)).changes == ["programme item visit: dropped"]
    rsvp = find_rsvp(session, invitation.id)
    assert [(choice.item.slug, choice.answer) for choice in rsvp.choices] == [("dinner", "yes")]


def test_a_removed_guest_keeps_no_language_alive(session):
    event = load(session).event
    make_guest(session, event, language="sv", status=GuestStatus.REMOVED)
    assert load(session, languages=("en",)).changes == ["languages: en, sv -> en"]


def test_hosts_change_places_names_and_company(session):
    event = load(session).event
    city, cisco = event.hosts
    guest = make_guest(session, event, host_id=cisco.id)
    hosts = (
        HostEntry(both("Ericsson"), None),
        HostEntry(both("Cisco Systems", "Cisco"), 5),
        HostEntry(both("Stockholm", "Stockholms stad"), 3),
    )
    assert load(session, hosts=hosts).changes == [
        "host Ericsson: new",
        "host Cisco Systems, name (sv): Cisco Systems -> Cisco",
        "host Cisco Systems, quota: (none) -> 5",
        "host City of Stockholm, name (en): City of Stockholm -> Stockholm",
    ]
    assert [host.id for host in event.hosts][1:] == [cisco.id, city.id]
    assert guest.host_id == cisco.id


def test_a_waiting_change_follows_its_host_to_a_new_name(session):
    event = load(session).event
    guest = make_guest(session, event)
    approve_list(session, event)
    guest.proposed_change = {"host": "City of Stockholm"}
    load(session, hosts=(HostEntry(both("Stockholm", "Stockholms stad"), 3), *FILE.hosts[1:]))
    assert guest.proposed_change == {"host": "Stockholm"}


def test_a_dropped_host_makes_room_for_a_new_one(session):
    load(session)
    loaded = load(session, hosts=(FILE.hosts[0], HostEntry(both("Ericsson"), None)))
    assert loaded.changes == ["host Cisco Systems: dropped", "host Ericsson: new"]
    assert [host.name["en"] for host in loaded.event.hosts] == ["City of Stockholm", "Ericsson"]


def test_a_decision_keeps_its_row_and_another_takes_its_place_in_the_register(session):
    event = load(session).event
    kept = list_decisions(session, event.id)[0].id
    dinner = DecisionEntry("dinner", both("A dinner"), date(2026, 10, 2), "Group")
    assert load(session, decisions=(*FILE.decisions, dinner)).changes == [
        "decision of 2026-10-02 on dinner: new"
    ]
    assert load(session).changes == ["decision of 2026-10-02 on dinner: dropped (A dinner)"]
    assert [decision.id for decision in list_decisions(session, event.id)] == [kept]


def test_the_approval_of_a_list_stays_in_the_register_whatever_the_file_says(session):
    event = load(session).event
    make_guest(session, event)
    approve_list(session, event)
    load(session, decisions=())
    assert [str(decision.matter) for decision in list_decisions(session, event.id)] == ["list"]


def test_fixed_points_and_funders_are_replaced(session):
    event = load(session).event
    changed = {
        "fixed_points": (replace(FILE.fixed_points[0], title=both("Ceremony")),),
        "funders": (FunderEntry(both("STOKAB"), Decimal(1), "EUR"), *FILE.funders),
    }
    assert load(session, **changed).changes == [
        "fixed points: 1 replaced by 1",
        "funders: 1 replaced by 2",
    ]
    assert [point.title["en"] for point in list_fixed_points(session, event.id)] == ["Ceremony"]
    funders = session.scalars(select(Funder).order_by(Funder.position))
    assert [funder.name["en"] for funder in funders] == ["STOKAB", "City Executive Board"]


def test_a_new_reply_by_date_reaches_the_open_invitations_that_had_the_old_one(session):
    event = load(session).event
    follows, has_own = make_invitation(session, event), make_invitation(session, event)
    has_own.reply_by = date(2026, 11, 10)
    loaded = load(session, reply_by=date(2026, 11, 25))
    assert loaded.warnings == ["1 open invitation has the new reply-by date too: 2026-11-25."]
    assert (follows.reply_by, has_own.reply_by) == (date(2026, 11, 25), date(2026, 11, 10))


def test_answers_stay_as_they_are_when_the_programme_moves_under_them(session):
    event = load(session).event
    accept(session, event, "visit", "dinner", first_name="Ada", last_name="Byron")
    before = dump(session)
    moved = replace(VISIT, starts=at(9, 17), ends=at(9, 19))
    assert load(session, programme=(moved, DINNER)).warnings == [
        '"Visit" and "Dinner" overlap now, and 1 guest said yes to both: Ada Byron.'
    ]
    after = dump(session)
    answers = ("rsvp", "choice", "companion", "rsvp_change", "invitation")
    assert [after[table] for table in answers] == [before[table] for table in answers]
    mails = session.scalars(select(Delivery).where(Delivery.event_id == event.id))
    assert [mail.kind for mail in mails][-1] is DeliveryKind.PROGRAMME_CHANGED


def test_companions_and_names_beyond_a_new_limit_are_warned_of(session):
    event = load(session).event
    city = event.hosts[0].id
    accept(
        session, event, "dinner", companions=["Bo"], host_id=city, first_name="Ada", last_name="By"
    )
    hosts = (HostEntry(FILE.hosts[0].name, 0), *FILE.hosts[1:])
    assert load(session, companions_per_guest=0, hosts=hosts).warnings == [
        "0 companions per guest may come now; 1 guest answered with more: Ada By.",
        "City of Stockholm: the quota is 0, and 1 name is approved.",
    ]


def test_more_places_move_the_reserve_up_and_tell_the_guest(session):
    event = load(session, programme=(replace(VISIT, places=1), DINNER)).event
    accept(session, event, "visit")
    accept(session, event, "visit", email="second@example.org")
    loaded = load(session)
    assert loaded.changes == [
        "programme item visit, places: 1 -> 2",
        "1 guest moved up from a reserve; a mail says so",
    ]
    assert [
        *session.scalars(
            select(Choice.answer).join(ProgrammeItem).where(ProgrammeItem.slug == "visit")
        )
    ] == ["yes", "yes"]
    mails = session.scalars(select(Delivery).where(Delivery.recipient == "second@example.org"))
    assert [mail.kind for mail in mails][-1] is DeliveryKind.MOVED_UP


def test_the_other_events_are_left_alone(session):
    load(session, slug="other")
    event = load(session).event
    invitation = make_invitation(session, event)
    load(session, slug="other", programme=(), hosts=FILE.hosts[:1], reply_by=date(2026, 11, 25))
    assert {item.slug for item in list_items(session, event.id)} == {"visit", "dinner"}
    assert find_of_guest(session, invitation.guest_id).reply_by == date(2026, 11, 20)
