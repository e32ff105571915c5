"""Importing a guest file and freezing the list: what changes, what waits, what is refused."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.events.models import Host
from app.guests.models import Guest, GuestListEntry, GuestStatus
from app.guests.queries import list_guests
from app.guests.rows import GuestRow
from app.guests.services import (
    AddressTakenError,
    NothingToApproveError,
    QuotaExceededError,
    freeze_list,
    import_guests,
)
from tests.factories import NOW, both, make_event

ZOFIA = GuestRow(
    line=2,
    salutation="Dr",
    first_name="Zofia",
    last_name="Łęcka",
    title="Director",
    organisation="Ministry of Digital Affairs",
    country="Poland",
    email="zofia@example.org",
    language="en",
    host="",
    rank=None,
    note="",
)
TOMAS = replace(ZOFIA, line=3, first_name="Tomas", last_name="Rønnow", email="tomas@example.org")
AINO = replace(ZOFIA, line=4, first_name="Aino", last_name="Ylönen", email="aino@example.org")


def load(session, event, *rows: GuestRow, **facts):
    return import_guests(session, event, rows, now=NOW, **facts)


def approve(session, event, spent: set[int] | None = None):
    return freeze_list(session, event, by="Steering group", now=NOW, spent=spent or set())


def counts(difference) -> tuple[int, int, int, int, int]:
    return (
        len(difference.new),
        len(difference.changed),
        difference.unchanged,
        len(difference.missing),
        len(difference.removed),
    )


def changes(difference) -> list[tuple[str, object, object]]:
    return [
        (change.field, change.before, change.after)
        for guest in difference.changed
        for change in guest.fields
    ]


def emails(session, event) -> dict[str, str]:
    return {guest.first_name: guest.email for guest in list_guests(session, event.id)}


def standings(session, event) -> dict[str, tuple[str, int | None]]:
    guests = list_guests(session, event.id)
    return {guest.first_name: (str(guest.status), guest.rank) for guest in guests}


def find(session, first_name: str) -> Guest:
    return session.scalars(select(Guest).where(Guest.first_name == first_name)).one()


def test_new_names_are_proposed_in_the_order_of_the_file(session):
    event = make_event(session)
    assert counts(load(session, event, TOMAS, ZOFIA)) == (2, 0, 0, 0, 0)
    assert [guest.first_name for guest in list_guests(session, event.id)] == ["Tomas", "Zofia"]
    assert standings(session, event) == {"Tomas": ("proposed", None), "Zofia": ("proposed", None)}
    load(session, event, AINO, TOMAS, ZOFIA)
    assert [guest.position for guest in list_guests(session, event.id)] == [1, 2, 3]


def test_a_proposed_name_is_changed_at_once_and_told_field_by_field(session):
    event = make_event(session)
    load(session, event, ZOFIA)
    difference = load(session, event, replace(ZOFIA, title="Minister", rank=1))
    assert changes(difference) == [("title", "Director", "Minister"), ("rank", None, 1)]
    assert [change.proposed for change in difference.changed] == [False]
    assert find(session, "Zofia").title == "Minister"


def test_what_is_approved_stays_until_the_next_version(session):
    event = make_event(session)
    load(session, event, ZOFIA)
    approve(session, event)
    difference = load(session, event, replace(ZOFIA, title="Minister"))
    assert [change.proposed for change in difference.changed] == [True]
    assert find(session, "Zofia").title == "Director"
    assert approve(session, event).version.number == 2
    assert (find(session, "Zofia").title, find(session, "Zofia").proposed_change) == (
        "Minister",
        None,
    )


def test_a_version_keeps_the_names_as_they_stood_then(session):
    event = make_event(session)
    load(session, event, ZOFIA, replace(TOMAS, rank=1))
    approve(session, event)
    load(session, event, replace(ZOFIA, title="Minister"), replace(TOMAS, rank=1))
    approve(session, event)
    rows = session.scalars(select(GuestListEntry).order_by(GuestListEntry.id)).all()
    assert [(row.position, row.rank, row.name, row.title) for row in rows] == [
        (1, None, "Dr Zofia Łęcka", "Director"),
        (2, 1, "Dr Tomas Rønnow", "Director"),
        (1, None, "Dr Zofia Łęcka", "Minister"),
        (2, 1, "Dr Tomas Rønnow", "Director"),
    ]


def test_a_change_taken_back_in_the_file_no_longer_waits(session):
    event = make_event(session)
    load(session, event, ZOFIA)
    approve(session, event)
    load(session, event, replace(ZOFIA, title="Minister", email="minister@example.org"))
    assert counts(load(session, event, ZOFIA)) == (0, 1, 0, 0, 0)
    assert find(session, "Zofia").proposed_change is None
    with pytest.raises(NothingToApproveError):
        approve(session, event)


def test_a_corrected_address_belongs_to_the_same_person(session):
    event = make_event(session)
    load(session, event, ZOFIA, TOMAS)
    difference = load(session, event, replace(ZOFIA, email="lecka@example.org"), TOMAS)
    assert changes(difference) == [("email", "zofia@example.org", "lecka@example.org")]
    assert emails(session, event) == {"Zofia": "lecka@example.org", "Tomas": "tomas@example.org"}


def test_of_two_persons_of_one_name_and_organisation_only_the_address_tells(session):
    event = make_event(session)
    twin = replace(ZOFIA, line=9, email="other@example.org")
    load(session, event, ZOFIA, twin)
    difference = load(session, event, ZOFIA, replace(twin, email="third@example.org"))
    assert counts(difference) == (0, 1, 1, 0, 0)
    moved = [replace(ZOFIA, email="x@example.org"), replace(twin, email="y@example.org")]
    assert counts(load(session, event, *moved)) == (2, 0, 0, 2, 0)


@pytest.mark.parametrize("is_approved", [False, True])
def test_swapped_addresses_are_two_corrections(session, is_approved):
    event = make_event(session)
    load(session, event, ZOFIA, TOMAS)
    swapped = replace(ZOFIA, email=TOMAS.email), replace(TOMAS, email=ZOFIA.email)
    if is_approved:
        approve(session, event)
    assert changes(load(session, event, *swapped)) == [
        ("email", "zofia@example.org", "tomas@example.org"),
        ("email", "tomas@example.org", "zofia@example.org"),
    ]
    assert counts(load(session, event, *swapped)) == (0, 0, 2, 0, 0)
    if is_approved:
        assert len(approve(session, event).readdressed) == 2
    assert emails(session, event) == {"Zofia": "tomas@example.org", "Tomas": "zofia@example.org"}
    assert find(session, "Zofia").email_key == "tomas@example.org"


def test_an_address_may_pass_to_a_new_name_before_the_list_is_approved(session):
    event = make_event(session)
    load(session, event, ZOFIA)
    difference = load(
        session, event, replace(ZOFIA, email="new@example.org"), replace(AINO, email=ZOFIA.email)
    )
    assert counts(difference) == (1, 1, 0, 0, 0)
    assert emails(session, event) == {"Zofia": "new@example.org", "Aino": "zofia@example.org"}


def test_an_approved_address_passes_on_only_with_the_next_version(session):
    event = make_event(session)
    load(session, event, ZOFIA)
    approve(session, event)
    rows = replace(ZOFIA, email="new@example.org"), replace(AINO, email=ZOFIA.email)
    with pytest.raises(AddressTakenError) as refused:
        load(session, event, *rows)
    assert str(refused.value) == (
        "line 4: zofia@example.org is the address of Zofia Łęcka until the changed list is"
        " approved. Leave this line out, have the list approved, then import the whole file."
    )
    load(session, event, rows[0])
    approve(session, event)
    assert counts(load(session, event, *rows)) == (1, 0, 1, 0, 0)


def test_an_address_of_someone_the_file_leaves_out_is_refused_by_name(session):
    event = make_event(session)
    load(session, event, ZOFIA, TOMAS)
    with pytest.raises(AddressTakenError) as refused:
        load(session, event, replace(TOMAS, email=ZOFIA.email))
    assert str(refused.value) == (
        "line 3: zofia@example.org is the address of Zofia Łęcka, whom the file leaves out."
        " Write a line for Zofia Łęcka, with another address."
    )
    assert emails(session, event) == {"Zofia": "zofia@example.org", "Tomas": "tomas@example.org"}


def test_two_rows_of_one_address_are_refused(session):
    event = make_event(session)
    with pytest.raises(AddressTakenError) as refused:
        load(session, event, ZOFIA, replace(TOMAS, email="ZOFIA@example.org"))
    assert str(refused.value) == (
        "line 2 and line 3 have the same address, ZOFIA@example.org. Keep one of the two."
    )
    assert list_guests(session, event.id) == []


def test_a_host_is_known_by_its_name_in_any_language(session):
    event = make_event(session)
    load(session, event, replace(ZOFIA, host="City of Stockholm"))
    approve(session, event)
    same = replace(ZOFIA, host="Stockholms stad")
    assert counts(load(session, event, same)) == (0, 0, 1, 0, 0)
    assert changes(load(session, event, ZOFIA)) == [("host", "City of Stockholm", "")]
    approve(session, event)
    assert find(session, "Zofia").host is None


def test_who_is_missing_stays_unless_removal_is_asked_for(session):
    event = make_event(session)
    load(session, event, ZOFIA, TOMAS)
    assert [guest.first_name for guest in load(session, event, ZOFIA).missing] == ["Tomas"]
    assert standings(session, event).keys() == {"Zofia", "Tomas"}
    difference = load(session, event, ZOFIA, remove_missing=True)
    assert [guest.first_name for guest in difference.removed] == ["Tomas"]
    assert standings(session, event).keys() == {"Zofia"}


def test_an_approved_guest_is_removed_by_the_next_version_and_told_once(session):
    event = make_event(session)
    load(session, event, ZOFIA, TOMAS)
    approve(session, event)
    assert counts(load(session, event, ZOFIA, remove_missing=True)) == (0, 0, 1, 0, 1)
    assert counts(load(session, event, ZOFIA, remove_missing=True)) == (0, 0, 1, 0, 0)
    assert standings(session, event)["Tomas"] == ("approved", None)
    assert [guest.first_name for guest in approve(session, event).removed] == ["Tomas"]
    assert standings(session, event)["Tomas"] == ("removed", None)


def test_who_is_to_leave_and_stands_in_the_file_again_stays(session):
    event = make_event(session)
    load(session, event, ZOFIA, TOMAS)
    approve(session, event)
    load(session, event, ZOFIA, remove_missing=True)
    assert counts(load(session, event, ZOFIA, TOMAS)) == (0, 1, 1, 0, 0)
    with pytest.raises(NothingToApproveError):
        approve(session, event)


def test_a_removed_guest_comes_back_with_the_next_version(session):
    event = make_event(session)
    load(session, event, ZOFIA, TOMAS)
    approve(session, event)
    load(session, event, ZOFIA, remove_missing=True)
    approve(session, event)
    assert counts(load(session, event, ZOFIA, TOMAS)) == (0, 1, 1, 0, 0)
    assert counts(load(session, event, ZOFIA, TOMAS)) == (0, 0, 2, 0, 0)
    assert standings(session, event)["Tomas"] == ("removed", None)
    approve(session, event)
    assert standings(session, event)["Tomas"] == ("approved", None)


def test_the_address_of_a_removed_guest_is_free_for_another(session):
    event = make_event(session)
    load(session, event, ZOFIA, TOMAS)
    approve(session, event)
    load(session, event, ZOFIA, remove_missing=True)
    approve(session, event)
    load(session, event, replace(ZOFIA, email=TOMAS.email))
    approve(session, event)
    assert find(session, "Zofia").email_key == "tomas@example.org"
    assert standings(session, event) == {"Zofia": ("approved", None), "Tomas": ("removed", None)}


def test_names_beyond_the_places_lead_the_reserve(session):
    event = make_event(session, place_limit=1)
    frozen = (load(session, event, replace(ZOFIA, rank=1), TOMAS, AINO), approve(session, event))[1]
    assert [guest.first_name for guest in frozen.overflow] == ["Aino"]
    assert standings(session, event) == {
        "Tomas": ("approved", None),
        "Aino": ("reserve", 1),
        "Zofia": ("reserve", 2),
    }


def test_names_beyond_the_places_are_approved_once_there_is_room(session):
    event = make_event(session, place_limit=1)
    load(session, event, ZOFIA, TOMAS, AINO)
    approve(session, event)
    with pytest.raises(NothingToApproveError):
        approve(session, event)
    approve(session, event, spent={find(session, "Zofia").id})
    assert standings(session, event) == {
        "Zofia": ("approved", None),
        "Tomas": ("approved", None),
        "Aino": ("reserve", 1),
    }


def test_a_reserve_guest_given_an_empty_rank_is_approved(session):
    event = make_event(session)
    load(session, event, ZOFIA, replace(TOMAS, rank=1), replace(AINO, rank=2))
    approve(session, event)
    difference = load(session, event, ZOFIA, TOMAS, replace(AINO, rank=2))
    assert changes(difference) == [("rank", 1, None)]
    approve(session, event)
    assert standings(session, event) == {
        "Zofia": ("approved", None),
        "Tomas": ("approved", None),
        "Aino": ("reserve", 2),
    }


def test_an_approved_guest_given_a_rank_moves_to_the_reserve(session):
    event = make_event(session)
    load(session, event, ZOFIA, TOMAS)
    approve(session, event)
    load(session, event, ZOFIA, replace(TOMAS, rank=1))
    frozen = approve(session, event)
    assert [guest.first_name for guest in frozen.demoted] == ["Tomas"]
    assert [guest.first_name for guest in frozen.overflow] == []
    assert standings(session, event)["Tomas"] == ("reserve", 1)


def test_ranks_are_exchanged_by_the_next_version(session):
    event = make_event(session)
    load(session, event, replace(ZOFIA, rank=1), replace(TOMAS, rank=2))
    approve(session, event)
    load(session, event, replace(ZOFIA, rank=2), replace(TOMAS, rank=1))
    approve(session, event)
    assert standings(session, event) == {"Tomas": ("reserve", 1), "Zofia": ("reserve", 2)}


def test_of_two_guests_of_one_rank_each_gets_their_own(session):
    event = make_event(session)
    load(session, event, replace(ZOFIA, rank=1))
    approve(session, event)
    load(session, event, replace(TOMAS, rank=1))
    approve(session, event)
    assert standings(session, event) == {"Zofia": ("reserve", 1), "Tomas": ("reserve", 2)}


def test_more_names_of_a_host_than_its_quota_are_refused(session):
    event = make_event(session)
    event.hosts.append(Host(position=1, name=both("Cisco Systems"), quota=1))
    load(session, event, replace(ZOFIA, host="Cisco Systems"), replace(TOMAS, host="Cisco Systems"))
    with pytest.raises(QuotaExceededError) as refused:
        approve(session, event)
    assert str(refused.value) == (
        "2 names on the list stand for Cisco Systems, whose quota is 1."
        " Give 1 of them a rank on the reserve."
    )
    assert {status for status, _ in standings(session, event).values()} == {"proposed"}


def test_who_has_declined_does_not_count_against_the_quota(session):
    event = make_event(session)
    event.hosts.append(Host(position=1, name=both("Cisco Systems"), quota=1))
    load(session, event, replace(ZOFIA, host="Cisco Systems"))
    approve(session, event)
    load(session, event, replace(TOMAS, host="Cisco Systems"))
    approve(session, event, spent={find(session, "Zofia").id})
    assert standings(session, event)["Tomas"] == ("approved", None)


def test_an_empty_list_cannot_be_approved(session):
    with pytest.raises(NothingToApproveError) as refused:
        approve(session, make_event(session))
    assert str(refused.value) == "The guest list is empty. Import it: couvert guests import."


def test_an_unchanged_list_is_not_approved_again(session):
    event = make_event(session)
    load(session, event, ZOFIA)
    approve(session, event)
    with pytest.raises(NothingToApproveError) as refused:
        approve(session, event)
    assert str(refused.value) == "Nothing has changed since version 1 of the list was approved."


def test_more_rows_than_one_batch_are_imported_in_their_order(session):
    event = make_event(session)
    rows = [
        replace(ZOFIA, line=line, last_name=f"Łęcka {line}", email=f"zofia{line}@example.org")
        for line in range(2, 2503)
    ]
    assert counts(load(session, event, *rows)) == (2501, 0, 0, 0, 0)
    assert counts(load(session, event, *rows)) == (0, 0, 2501, 0, 0)
    kept = [guest.email for guest in list_guests(session, event.id)]
    assert kept == [row.email for row in rows]


NAMES = st.sampled_from(["Zofia", "Tomas", "Aino", "Kerstin"])
GUESTS = st.builds(
    replace,
    st.just(ZOFIA),
    first_name=NAMES,
    title=st.sampled_from(["Director", "Minister"]),
    organisation=st.sampled_from(["Ministry", "City", ""]),
    email=st.sampled_from([f"{name}@example.org" for name in ("a", "b", "c", "d", "e")]),
    host=st.sampled_from(["", "City of Stockholm", "Stockholms stad"]),
    rank=st.sampled_from([None, None, 1, 2, 7]),
)
FILES = st.lists(GUESTS, min_size=1, max_size=5, unique_by=lambda row: row.email).map(
    lambda rows: [replace(row, line=line) for line, row in enumerate(rows, start=2)]
)
STEPS = st.lists(st.tuples(FILES, st.booleans(), st.booleans()), min_size=1, max_size=4)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_a_file_imported_twice_changes_nothing_the_second_time(session, steps):
    session.rollback()  # the example before this one, which may have failed half-way
    event = make_event(session, place_limit=2)
    for rows, is_approved, remove_missing in steps:
        try:
            load(session, event, *rows, remove_missing=remove_missing)
        except AddressTakenError:
            continue
        again = load(session, event, *rows, remove_missing=remove_missing)
        assert (again.new, again.changed, again.removed) == ([], [], [])
        if is_approved:
            approve_if_changed(session, event)
            after = load(session, event, *rows, remove_missing=remove_missing)
            assert (after.new, after.changed, after.removed) == ([], [], [])


def approve_if_changed(session, event) -> None:
    try:
        approve(session, event)
    except NothingToApproveError:
        return
    guests = list_guests(session, event.id)
    approved = [guest for guest in guests if guest.status is GuestStatus.APPROVED]
    ranks = [guest.rank for guest in guests if guest.status is GuestStatus.RESERVE]
    assert len(approved) <= event.place_limit
    assert len(ranks) == len(set(ranks))
