"""Health data goes when its day is over: all of it, once, and none comes back."""

from datetime import timedelta

from sqlalchemy import func, select

from app.dashboard.queries import event_status
from app.events.models import Event
from app.privacy.queries import HealthKept, health_kept
from app.privacy.services import erase_health, erase_health_due
from app.rsvp.models import AnswerChannel, Rsvp, RsvpChange
from app.rsvp.queries import find_rsvp
from app.worker.jobs import run_periodic
from tests.event_files.examples import dump
from tests.factories import NOW, make_dinner, make_event, make_invitation
from tests.privacy.conftest import AFTERWARDS, NOT_YET, WORD, tables_with, tell

EVERYWHERE = {"rsvp", "companion", "rsvp_change", "delivery_copy", "request"}
NONE_KEPT = HealthKept(answers=0, companions=0, history=0, mails=0, requests=0)


def test_it_is_kept_until_its_day_is_over_at_the_events_place(session, event, invitation):
    assert not erase_health_due(session, event, NOT_YET)
    assert event.health_erased_at is None
    assert tables_with(session, WORD) == EVERYWHERE
    assert invitation.event_id == event.id


def test_afterwards_it_stands_nowhere_any_more(session, event, invitation):
    assert erase_health_due(session, event, AFTERWARDS)
    session.commit()
    assert tables_with(session, WORD) == set()
    assert event.health_erased_at == AFTERWARDS
    assert health_kept(session, event) == NONE_KEPT
    assert invitation.event_id == event.id


def test_what_is_no_health_data_stays(session, event, invitation):
    lines = select(func.count()).select_from(RsvpChange)
    before = session.scalar(lines)
    erase_health_due(session, event, AFTERWARDS)
    rsvp = find_rsvp(session, invitation.id)
    assert [companion.name for companion in rsvp.companions] == ["Tomas"]
    assert event_status(session, event).dinner.heads == 2
    assert event_status(session, event).dinner.diets == {}
    assert session.scalar(lines) == before


def test_a_second_run_changes_nothing(session, event, invitation):
    assert erase_health_due(session, event, AFTERWARDS)
    session.commit()
    before = dump(session)
    assert not erase_health_due(session, event, AFTERWARDS + timedelta(days=1))
    erase_health(session, event, now=AFTERWARDS + timedelta(days=1))
    assert dump(session) == before
    assert invitation.event_id == event.id


def test_another_event_keeps_its_own(session, event, invitation):
    other = make_event(session, slug="other")
    make_dinner(session, other)
    tell(session, make_invitation(session, other))
    erase_health_due(session, event, AFTERWARDS)
    assert health_kept(session, other).answers == 1
    assert invitation.event_id == event.id


def test_what_is_told_afterwards_is_not_stored(session, event, invitation):
    erase_health(session, event, now=NOW)
    tell(session, invitation, "sesame-7731")
    late = make_invitation(session, event)
    tell(session, late, "sesame-7731", channel=AnswerChannel.PHONE)
    session.commit()
    assert tables_with(session, "sesame-7731") == set()
    assert len(session.scalars(select(Rsvp)).all()) == 2


def test_the_worker_erases_what_is_due(app, session, event, invitation):
    parts = app.extensions["couvert"]
    run_periodic(session, event.id, parts, NOT_YET)
    assert session.get_one(Event, event.id).health_erased_at is None
    run_periodic(session, event.id, parts, AFTERWARDS)
    assert tables_with(session, WORD) == set()
    assert invitation.event_id == event.id
