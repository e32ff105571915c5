"""What a guest's page shows, for one guest at one time."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.events.models import Host
from app.invitations.models import InvitationState
from app.programme.models import ItemKind
from app.rsvp.changes import AnswerWish, CompanionWish, DietWish
from app.rsvp.edition import read_edition
from app.rsvp.forms import CompanionFields, Fields, fill_in
from app.rsvp.models import Answer, AnswerChannel, Diet
from app.rsvp.page import form_page, recorded_of
from app.rsvp.services import InvitationClosedError, record_answer
from tests.factories import (
    NOW,
    both,
    make_dinner,
    make_event,
    make_fixed_point,
    make_invitation,
    make_item,
)

AFTER_REPLY_BY = datetime(2026, 11, 21, 9, tzinfo=UTC)


def accept(session, invitation, *slugs: str, **facts) -> None:
    wish = AnswerWish(Answer.ACCEPTED, items=frozenset(slugs), **facts)
    record_answer(session, invitation, wish, channel=AnswerChannel.GUEST, actor="", now=NOW)
    session.flush()


def decline(session, invitation) -> None:
    wish = AnswerWish(Answer.DECLINED)
    record_answer(session, invitation, wish, channel=AnswerChannel.GUEST, actor="", now=NOW)


def form_of(session, invitation, now=NOW):
    return form_page(session, recorded_of(session, invitation, now=now))


def items_of(page) -> dict:
    return {shown.item.slug: shown for day in page.days for group in day.groups for shown in group}


def test_the_programme_stands_by_day_with_what_runs_at_the_same_time_together(session):
    event = make_event(session)
    make_item(session, event, "opening")
    make_item(session, event, "workshop")
    make_dinner(session, event)
    point = make_fixed_point(session, event)
    days = form_of(session, make_invitation(session, event)).days
    assert [day.date for day in days] == [date(2026, 12, 9), date(2026, 12, 10)]
    assert [[shown.item.slug for shown in group] for day in days for group in day.groups] == [
        ["dinner"],
        ["opening", "workshop"],
    ]
    assert [[beside.title for beside in day.fixed_points] for day in days] == [[], [point.title]]


def test_an_edition_has_every_fact_of_an_item(session):
    event = make_event(session)
    dinner = make_dinner(session, event)
    session.commit()
    read = read_edition(session, event).items[0]
    columns = [column.key for column in type(dinner).__table__.c]
    assert {name: getattr(read, name) for name in columns} == {
        name: getattr(dinner, name) for name in columns
    }


def test_an_unchanged_programme_is_the_same_object_a_changed_one_is_new(session):
    event = make_event(session)
    item = make_item(session, event, "opening")
    first = read_edition(session, event)
    assert read_edition(session, event) is first
    item.title = both("Another opening")
    session.flush()
    assert read_edition(session, event).items[0].title == both("Another opening")


def test_an_item_tells_how_many_places_are_left(session):
    event = make_event(session)
    make_item(session, event, "workshop", places=2)
    make_item(session, event, "opening")
    accept(session, make_invitation(session, event), "workshop")
    shown = items_of(form_of(session, make_invitation(session, event)))
    assert (shown["workshop"].left, shown["workshop"].gives_reserve) == (1, False)
    assert (shown["opening"].left, shown["opening"].gives_reserve) == (None, False)


def test_companions_take_places_at_the_dinner(session):
    event = make_event(session)
    make_dinner(session, event, places=3)
    accept(session, make_invitation(session, event), "dinner", companions=(CompanionWish("T"),))
    dinner = form_of(session, make_invitation(session, event)).dinner
    assert dinner is not None
    assert dinner.left == 1


def test_a_full_item_gives_the_reserve_but_not_to_those_who_have_it(session):
    event = make_event(session)
    make_item(session, event, "workshop", places=1)
    first, second = make_invitation(session, event), make_invitation(session, event)
    accept(session, first, "workshop")
    assert items_of(form_of(session, first))["workshop"].gives_reserve is False
    assert items_of(form_of(session, second))["workshop"].gives_reserve is True


def test_a_guest_on_the_reserve_sees_the_own_number(session):
    event = make_event(session)
    make_item(session, event, "workshop", places=1)
    guests = [make_invitation(session, event) for _ in range(3)]
    for invitation in guests:
        accept(session, invitation, "workshop")
    numbers = [recorded_of(session, each, now=NOW).parts[0].number for each in guests]
    assert numbers == [None, 1, 2]


def test_what_runs_at_the_same_time_elsewhere_is_told(session):
    event = make_event(session)
    ends = datetime(2026, 12, 10, 16, tzinfo=UTC)
    make_item(session, event, "closing", starts=ends - timedelta(hours=1), ends=ends)
    make_item(session, event, "opening")
    make_fixed_point(session, event)
    shown = items_of(form_of(session, make_invitation(session, event)))
    assert [len(shown[slug].part.meanwhile) for slug in ("closing", "opening")] == [1, 0]


def test_an_item_is_locked_from_the_day_after_its_last_day(session):
    event = make_event(session)
    make_item(session, event, "opening", locks=date(2026, 11, 10))
    invitation = make_invitation(session, event)

    def locked(now: datetime) -> bool:
        return recorded_of(session, invitation, now=now).parts[0].locked

    # Midnight in Stockholm is 23:00 UTC.
    assert not locked(datetime(2026, 11, 10, 22, 59, tzinfo=UTC))
    assert locked(datetime(2026, 11, 10, 23, 0, tzinfo=UTC))


def test_an_open_invitation_closes_after_its_reply_by_day(session):
    invitation = make_invitation(session, make_event(session))
    assert not recorded_of(session, invitation, now=NOW).is_answered
    with pytest.raises(InvitationClosedError):
        recorded_of(session, invitation, now=AFTER_REPLY_BY)


def test_an_expired_invitation_is_closed(session):
    invitation = make_invitation(session, make_event(session))
    invitation.state, invitation.holds_place = InvitationState.EXPIRED, False
    with pytest.raises(InvitationClosedError):
        recorded_of(session, invitation, now=NOW)


def test_an_acceptance_can_be_changed_while_one_part_is_open(session):
    event = make_event(session)
    make_item(session, event, "visit", locks=date(2026, 12, 1))
    invitation = make_invitation(session, event)
    accept(session, invitation, "visit")
    late = recorded_of(session, invitation, now=AFTER_REPLY_BY)
    assert (late.event_locked, late.can_change) == (True, True)
    assert recorded_of(session, invitation, now=NOW + timedelta(days=30)).can_change is False


def test_a_decline_can_be_changed_until_the_reply_by_day(session):
    event = make_event(session)
    make_item(session, event, "visit", locks=date(2026, 12, 1))
    invitation = make_invitation(session, event)
    decline(session, invitation)
    assert recorded_of(session, invitation, now=NOW).can_change is True
    assert recorded_of(session, invitation, now=AFTER_REPLY_BY).can_change is False


def test_the_record_names_what_was_chosen_and_what_was_not(session):
    event = make_event(session)
    make_item(session, event, "opening")
    make_item(session, event, "closing", starts=NOW, ends=NOW + timedelta(hours=1))
    make_dinner(session, event)
    invitation = make_invitation(session, event)
    accept(session, invitation, "dinner", "opening")
    page = recorded_of(session, invitation, now=NOW)
    assert [(day, [part.item.slug for part in parts]) for day, parts in page.days] == [
        (date(2026, 12, 9), ["dinner"]),
        (date(2026, 12, 10), ["opening"]),
    ]
    assert [item.slug for item in page.not_chosen] == ["closing"]


def test_items_ticked_anew_clash_those_recorded_together_do_not(session):
    event = make_event(session)
    make_item(session, event, "opening")
    workshop = make_item(
        session,
        event,
        "workshop",
        starts=NOW,
        ends=NOW + timedelta(hours=1),
        kind=ItemKind.WORKSHOP,
    )
    invitation = make_invitation(session, event)
    accept(session, invitation, "opening", "workshop")
    workshop.starts = datetime(2026, 12, 10, 9, 30, tzinfo=UTC)
    workshop.ends = datetime(2026, 12, 10, 10, 30, tzinfo=UTC)
    session.flush()
    both_ticked = frozenset({"opening", "workshop"})
    assert form_of(session, invitation).clashes(both_ticked) == []
    clash = form_of(session, make_invitation(session, event)).clashes(both_ticked)[0]
    assert (clash.item.slug, clash.other.slug) == ("opening", "workshop")


def test_the_form_starts_empty_with_room_for_each_companion(session):
    event = make_event(session, companions_per_guest=2)
    make_dinner(session, event)
    page = form_of(session, make_invitation(session, event))
    assert fill_in(page) == Fields(companions=(CompanionFields(), CompanionFields()))


def test_a_recorded_answer_fills_in_the_form_own_words_too(session):
    event = make_event(session)
    make_dinner(session, event)
    invitation = make_invitation(session, event)
    own = DietWish(Diet.OTHER, "inga skaldjur")
    companion = CompanionWish("Tomas", DietWish(Diet.VEGAN))
    accept(session, invitation, "dinner", diet=own, companions=(companion,), message="Gladly.")
    assert fill_in(form_of(session, invitation)) == Fields(
        answer="accepted",
        items=frozenset({"dinner"}),
        diet="other",
        words="inga skaldjur",
        companions=(CompanionFields("Tomas", "vegan"),),
        message="Gladly.",
    )


def test_locked_parts_show_what_is_recorded_whatever_was_sent(session):
    event = make_event(session)
    make_dinner(session, event)
    make_item(session, event, "visit", locks=date(2026, 12, 5))
    invitation = make_invitation(session, event)
    accept(session, invitation, "dinner", diet=DietWish(Diet.VEGAN))
    late = form_of(session, invitation, now=datetime(2026, 12, 2, 9, tzinfo=UTC))
    shown = fill_in(late, Fields(answer="accepted", items=frozenset({"visit"})))
    assert (shown.items, shown.diet) == (frozenset({"dinner", "visit"}), "vegan")


def test_hosts_stand_in_their_order(session):
    event = make_event(session)
    event.hosts.append(Host(position=1, name=both("Cisco Systems"), quota=None))
    session.commit()
    page = recorded_of(session, make_invitation(session, event), now=NOW)
    assert [host.name["en"] for host in page.event.hosts] == ["City of Stockholm", "Cisco Systems"]
