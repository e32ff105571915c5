"""An event file that does not fit the answers is refused, in words, with nothing changed."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from app.event_files.refusals import EventFileRefusedError
from app.event_files.services import load_event
from app.invitations.withdrawing import withdraw
from tests.event_files.examples import DINNER, FILE, LATER, VISIT, accept, dump, load
from tests.factories import NOW, approve_list, make_guest, make_invitation


def refused(session: Session, **facts: object) -> str:
    """Load the changed file, see it refused with nothing changed, and return the words."""
    session.commit()
    before = dump(session)
    with pytest.raises(EventFileRefusedError) as refusal:
        load_event(session, replace(FILE, **facts), now=LATER)
    session.commit()
    assert dump(session) == before
    return str(refusal.value)


def test_an_item_that_guests_chose_cannot_be_dropped(session):
    event = load(session).event
    accept(session, event, "visit", first_name="Ada", last_name="Byron")
    assert refused(session, programme=(DINNER,)) == (
        'programme "visit": the file leaves it out, but 1 guest has chosen it: Ada Byron. Keep it,'
        " or have them choose anew first."
    )


def test_what_a_withdrawn_guest_chose_stays_recorded_too(session):
    event = load(session).event
    accept(session, event, "visit", email="ada@example.org", last_name="Byron")
    withdraw(session, event, email="ada@example.org", now=NOW)
    assert "1 guest has chosen it" in refused(session, programme=(DINNER,))


def test_places_below_those_who_said_yes_are_refused(session):
    event = load(session).event
    accept(session, event, "visit")
    accept(session, event, "visit")
    assert refused(session, programme=(replace(VISIT, places=1), DINNER)) == (
        'programme "visit", places: 1 is too few for the 2 guests who said yes. Give at least 2.'
    )


def test_at_the_dinner_companions_are_counted(session):
    event = load(session).event
    accept(session, event, "dinner", companions=["Ada"])
    accept(session, event, "dinner")
    assert refused(session, programme=(VISIT, replace(DINNER, places=2))) == (
        'programme "dinner", places: 2 is too few for the 2 guests and 1 companion who said yes.'
        " Give at least 3."
    )


def test_the_dinner_stays_the_dinner_once_chosen(session):
    event = load(session).event
    accept(session, event, "dinner", first_name="Ada", last_name="Byron")
    assert refused(session, programme=(VISIT, replace(DINNER, kind="reception"))) == (
        'programme "dinner", kind: dinner cannot become reception, because 1 guest chose it: Ada'
        " Byron. Keep the kind."
    )


def test_a_place_limit_below_what_is_accepted_and_held_is_refused(session):
    event = load(session).event
    accept(session, event)
    make_invitation(session, event)
    assert refused(session, place_limit=1) == (
        "event, place_limit: 1 is below the 2 places that are accepted (1) or held (1)."
        " Give at least 2."
    )


def test_a_host_with_guests_cannot_be_dropped(session):
    event = load(session).event
    make_guest(session, event, host_id=event.hosts[1].id, first_name="Ada", last_name="Byron")
    assert refused(session, hosts=FILE.hosts[:1]) == (
        'hosts: the file leaves out "Cisco Systems", to which 1 guest belongs: Ada Byron. Keep it,'
        " or give them another host in the guest file first."
    )


def test_a_host_that_a_waiting_change_names_cannot_be_dropped(session):
    event = load(session).event
    guest = make_guest(session, event)
    approve_list(session, event)
    guest.proposed_change = {"host": "Cisco Systems"}
    assert '"Cisco Systems", to which 1 guest belongs' in refused(session, hosts=FILE.hosts[:1])


def test_a_language_that_guests_speak_cannot_be_dropped(session):
    event = load(session).event
    make_guest(session, event, language="sv", first_name="Ada", last_name="Byron")
    assert refused(session, languages=("en",)) == (
        'event, languages: the file leaves out "sv", but 1 guest is written to in it: Ada Byron.'
        " Keep it, or give them another language in the guest file first."
    )


def test_all_that_stands_in_the_way_is_told_at_once(session):
    event = load(session).event
    accept(session, event, "visit", language="sv", host_id=event.hosts[0].id)
    make_invitation(session, event)
    lines = refused(
        session, place_limit=1, languages=("en",), hosts=FILE.hosts[1:], programme=(DINNER,)
    )
    assert [line.split(":")[0] for line in lines.splitlines()] == [
        "event, place_limit",
        "event, languages",
        "hosts",
        'programme "visit"',
    ]
