"""Changing an item: calendars follow, guests are told once, and what cannot be is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.amendments.queries import effect_of
from app.amendments.services import amend
from app.amendments.wishes import (
    AmendedMeanwhileError,
    AmendmentRefusedError,
    InTheWay,
    ItemWish,
)
from app.calendars.models import CalendarEntry
from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.events.notes import NoteMissingError
from app.events.queries import CalledOffError
from app.invitations.calling_off import call_off
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from tests.factories import (
    NOW,
    make_dinner,
    make_event,
    make_fixed_point,
    make_invitation,
    make_item,
)

LATER = NOW + timedelta(hours=1)
AFTERNOON = datetime(2026, 12, 10, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOTE = {"en": "The hall is needed.", "sv": "Salen behövs."}


@pytest.fixture
def event(session):
    return make_event(session)


@pytest.fixture
def visit(session, event):
    return make_item(session, event, "visit", places=1)


def invite(session, event, *items: str, **facts):
    """A guest who has said yes to these items."""
    invitation = make_invitation(session, event, **facts)
    wish = AnswerWish(Answer.ACCEPTED, frozenset(items))
    record_answer(session, invitation, wish, channel=AnswerChannel.GUEST, actor="", now=NOW)
    session.flush()
    return invitation


def moved(item, starts=AFTERNOON, **facts) -> ItemWish:
    return replace(ItemWish.of(item), starts=starts, ends=starts + HOUR, **facts)


def told(session) -> list[Delivery]:
    kind = Delivery.kind == DeliveryKind.PROGRAMME_CHANGED
    return list(session.scalars(select(Delivery).where(kind).order_by(Delivery.id)))


def test_who_said_yes_is_told_and_the_calendar_counts_up(session, event, visit):
    invitation = invite(session, event, "visit")
    invite(session, event)
    done = amend(session, visit, moved(visit), by="Astrid", note=NOTE, now=LATER)
    assert (done.told, visit.starts, visit.sequence) == (1, AFTERNOON, 1)
    assert [(mail.subject_id, mail.thread) for mail in told(session)] == [
        (invitation.id, f"calendar:{invitation.id}")
    ]
    entry = session.scalars(select(CalendarEntry)).one()
    assert (entry.sequence, entry.changed_at) == (1, LATER)


def test_a_change_no_calendar_shows_tells_nobody(session, event, visit):
    invite(session, event, "visit")
    done = amend(session, visit, replace(ItemWish.of(visit), places=5), by="Astrid", now=LATER)
    assert (done.told, done.batch, visit.places, visit.sequence) == (0, None, 5, 0)
    assert told(session) == []


def test_a_second_change_replaces_the_word_that_still_waits(session, event, visit):
    invite(session, event, "visit")
    amend(session, visit, moved(visit), by="Astrid", now=LATER)
    amend(session, visit, moved(visit, AFTERNOON + HOUR), by="Astrid", now=LATER)
    assert [mail.state for mail in told(session)] == [
        DeliveryState.CANCELLED,
        DeliveryState.QUEUED,
    ]


def test_more_places_let_the_reserve_in(session, event, visit):
    invite(session, event, "visit")
    waiting = invite(session, event, "visit")
    effect = effect_of(session, event, visit, replace(ItemWish.of(visit), places=2), now=LATER)
    assert effect.moving_up == (waiting.guest,)
    done = amend(session, visit, effect.wish, by="Astrid", now=LATER)
    assert done.moved_up == 1


def test_the_effect_names_whom_it_hits_and_how(session, event, visit):
    make_dinner(session, event)
    make_item(session, event, "workshop", starts=AFTERNOON, ends=AFTERNOON + HOUR)
    point = make_fixed_point(session, event, starts=AFTERNOON, ends=AFTERNOON + HOUR)
    invitation = invite(session, event, "visit", "workshop")
    effect = effect_of(session, event, visit, moved(visit), now=LATER)
    assert effect.told == (invitation.guest,)
    assert [(clash.guest, clash.other.slug) for clash in effect.clashes] == [
        (invitation.guest, "workshop")
    ]
    assert effect.fixed_points == (point,)
    assert visit.sequence == 0


def test_a_clash_that_was_there_before_is_no_news(session, event, visit):
    make_item(session, event, "workshop", starts=visit.starts, ends=visit.ends)
    wish = replace(ItemWish.of(visit), venue={"en": "City Hall", "sv": "Stadshuset"})
    assert effect_of(session, event, visit, wish, now=LATER).clashes == ()


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"title": {"en": "Visit"}}, InTheWay.TITLE_MISSING),
        ({"venue": {"en": "Here", "sv": ""}}, InTheWay.VENUE_MISSING),
        ({"ends": AFTERNOON - HOUR}, InTheWay.ENDS_FIRST),
        ({"ends": AFTERNOON + timedelta(days=3)}, InTheWay.OUTSIDE_THE_EVENT),
        ({"places": 0}, InTheWay.TOO_FEW_PLACES),
        ({"locks": date(2026, 12, 11)}, InTheWay.LOCKS_TOO_LATE),
    ],
)
def test_what_is_in_the_way_is_named_and_nothing_is_changed(session, event, visit, facts, why):
    wish = replace(moved(visit), **facts)
    with pytest.raises(AmendmentRefusedError) as refused:
        amend(session, visit, wish, by="Astrid", now=LATER)
    assert [each.why for each in refused.value.obstacles] == [why]
    assert visit.starts != AFTERNOON


def test_fewer_places_than_are_taken_are_refused_with_the_number(session, event):
    dinner = make_dinner(session, event, places=3)
    for _ in range(2):
        invite(session, event, "dinner")
    wish = replace(ItemWish.of(dinner), places=1)
    with pytest.raises(AmendmentRefusedError, match="2 places are taken"):
        amend(session, dinner, wish, by="Astrid", now=LATER)


def test_an_item_that_somebody_else_has_changed_is_left_alone(session, visit):
    seal = ItemWish.of(visit).seal
    amend(session, visit, moved(visit), by="Astrid", now=LATER)
    with pytest.raises(AmendedMeanwhileError):
        amend(session, visit, moved(visit, AFTERNOON + HOUR), by="Björn", seal=seal, now=LATER)
    assert visit.starts == AFTERNOON


def test_an_explanation_stands_in_every_language_or_in_none(session, visit):
    with pytest.raises(NoteMissingError, match="sv"):
        amend(session, visit, moved(visit), by="Astrid", note={"en": "Because."}, now=LATER)


def test_an_event_that_is_called_off_does_not_change_any_more(session, event, visit):
    call_off(session, event, by="Astrid", now=NOW)
    with pytest.raises(CalledOffError):
        amend(session, visit, moved(visit), by="Astrid", now=LATER)
