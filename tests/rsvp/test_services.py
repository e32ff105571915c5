"""Recording an answer: what is kept, what is refused, and who moves up."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.invitations.models import InvitationState
from app.invitations.queries import place_ledger
from app.invitations.services import close, expire_due
from app.rsvp.changes import AnswerWish, CompanionWish, DietWish
from app.rsvp.choices import AnswerRefusedError, RefusalReason
from app.rsvp.edition import numbers_in_line
from app.rsvp.models import Answer, AnswerChannel, Diet, RsvpChange
from app.rsvp.queries import dinner_count, find_rsvp
from app.rsvp.services import (
    InvitationClosedError,
    Outcome,
    PlacesTakenError,
    record_answer,
)
from app.tokens import Revoked
from tests.factories import (
    NOW,
    make_dinner,
    make_event,
    make_invitation,
    make_item,
)

ACCEPTED = AnswerWish(Answer.ACCEPTED)
DECLINED = AnswerWish(Answer.DECLINED)


def answer(session: Session, invitation, wish: AnswerWish, **facts) -> Outcome:
    facts = {"channel": AnswerChannel.GUEST, "actor": "", "now": NOW, **facts}
    return record_answer(session, invitation, wish, **facts)


def choices(session: Session, invitation) -> dict[str, str]:
    rsvp = find_rsvp(session, invitation.id)
    assert rsvp is not None
    return {choice.item.slug: str(choice.answer) for choice in rsvp.choices}


def reasons(refused) -> list[str]:
    return [refusal.reason for refusal in refused.value.refusals]


def wish(*slugs: str, **facts) -> AnswerWish:
    return AnswerWish(Answer.ACCEPTED, items=frozenset(slugs), **facts)


def test_accepting_turns_a_held_place_into_an_accepted_one(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    assert answer(session, invitation, ACCEPTED) is Outcome.RECORDED
    ledger = place_ledger(session, event)
    assert (ledger.accepted, ledger.held, ledger.free) == (1, 0, 2)
    assert invitation.state is InvitationState.ANSWERED


def test_decline_frees_the_place(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    answer(session, invitation, DECLINED)
    ledger = place_ledger(session, event)
    assert (ledger.accepted, ledger.held, ledger.free, ledger.declined) == (0, 0, 3, 1)


def test_every_changed_part_is_kept_with_who_when_and_how(session):
    event = make_event(session)
    make_item(session, event, "opening")
    invitation = make_invitation(session, event)
    answer(session, invitation, wish("opening", message="Gladly."))
    later = NOW + timedelta(hours=1)
    answer(
        session,
        invitation,
        AnswerWish(Answer.ACCEPTED, message="Gladly.", note="His secretary called"),
        channel=AnswerChannel.PHONE,
        actor="Astrid",
        now=later,
    )
    rows = session.scalars(select(RsvpChange).order_by(RsvpChange.id)).all()
    assert [
        (row.version, row.channel, row.actor, row.part, row.before, row.after) for row in rows
    ] == [
        (1, "guest", "", "event", "", "accepted"),
        (1, "guest", "", "item:opening", "no", "yes"),
        (1, "guest", "", "message", "", "Gladly."),
        (2, "phone", "Astrid", "item:opening", "yes", "no"),
        (2, "phone", "Astrid", "note", "", "His secretary called"),
    ]
    assert rows[-1].at == later


def test_the_same_answer_twice_changes_nothing_and_mails_once(session):
    event = make_event(session)
    make_dinner(session, event)
    invitation = make_invitation(session, event)
    same = wish("dinner", companions=(CompanionWish("Tomas Rønnow"),))
    assert answer(session, invitation, same) is Outcome.RECORDED
    assert answer(session, invitation, same) is Outcome.UNCHANGED
    mails = session.scalars(
        select(Delivery).where(Delivery.kind == DeliveryKind.CONFIRMATION)
    ).all()
    assert [mail.key for mail in mails] == [f"confirmation:{invitation.id}:1"]


def test_a_later_change_replaces_a_confirmation_still_waiting(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    answer(session, invitation, ACCEPTED)
    answer(session, invitation, DECLINED)
    mails = session.scalars(
        select(Delivery).where(Delivery.kind == DeliveryKind.CONFIRMATION).order_by(Delivery.id)
    ).all()
    assert [mail.state for mail in mails] == [DeliveryState.CANCELLED, DeliveryState.QUEUED]


def test_an_answer_cancels_an_invitation_mail_still_waiting(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    answer(session, invitation, DECLINED)
    mail = session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.INVITATION)).one()
    assert (mail.state, mail.error) == (
        DeliveryState.CANCELLED,
        "The guest has answered meanwhile",
    )


def test_a_full_item_gives_the_reserve_in_the_order_of_answers(session):
    event = make_event(session)
    make_item(session, event, "visit", places=1)
    first, second, third = (make_invitation(session, event) for _ in range(3))
    for minutes, invitation in enumerate((first, second, third)):
        answer(session, invitation, wish("visit"), now=NOW + timedelta(minutes=minutes))
    assert choices(session, first) == {"visit": "yes"}
    assert choices(session, third) == {"visit": "reserve"}
    rsvp = find_rsvp(session, third.id)
    assert list(numbers_in_line(session, rsvp).values()) == [2]


def test_a_freed_place_goes_to_the_first_on_the_reserve_who_is_told(session):
    event = make_event(session)
    make_item(session, event, "visit", places=1)
    first, second, third = (make_invitation(session, event) for _ in range(3))
    for minutes, invitation in enumerate((first, second, third)):
        answer(session, invitation, wish("visit"), now=NOW + timedelta(minutes=minutes))
    answer(session, first, ACCEPTED)
    assert choices(session, second) == {"visit": "yes"}
    assert choices(session, third) == {"visit": "reserve"}
    mail = session.scalars(select(Delivery).where(Delivery.key == f"moved_up:{second.id}:2")).one()
    assert mail.recipient == second.guest.email


def test_nobody_jumps_the_line(session):
    event = make_event(session)
    visit = make_item(session, event, "visit", places=1)
    first, second, third = (make_invitation(session, event) for _ in range(3))
    answer(session, first, wish("visit"))
    answer(session, second, wish("visit"), now=NOW + timedelta(minutes=1))
    visit.places = 2  # a larger coach
    answer(session, third, wish("visit"), now=NOW + timedelta(minutes=2))
    assert choices(session, second) == {"visit": "yes"}
    assert choices(session, third) == {"visit": "reserve"}


def test_who_does_not_fit_is_passed_over_and_stays_in_line(session):
    event = make_event(session)
    visit = make_item(session, event, "visit", places=1)
    clash = make_item(
        session, event, "clash", starts=visit.ends, ends=visit.ends + timedelta(hours=1)
    )
    first, second, third = (make_invitation(session, event) for _ in range(3))
    for minutes, invitation in enumerate((first, second, third)):
        slugs = ("visit", "clash") if invitation is second else ("visit",)
        answer(session, invitation, wish(*slugs), now=NOW + timedelta(minutes=minutes))
    clash.starts = visit.starts  # moved into the visit's time
    answer(session, first, ACCEPTED)
    assert choices(session, second) == {"visit": "reserve", "clash": "yes"}
    assert choices(session, third) == {"visit": "yes"}


def test_overlapping_items_are_refused_by_name(session):
    event = make_event(session)
    make_item(session, event, "e-services")
    make_item(session, event, "it-in-education")
    invitation = make_invitation(session, event)
    with pytest.raises(AnswerRefusedError) as refused:
        answer(session, invitation, wish("e-services", "it-in-education"))
    refusal = refused.value.refusals[0]
    assert refusal.reason is RefusalReason.OVERLAP
    assert (refusal.item.slug, refusal.other.slug) == ("e-services", "it-in-education")
    assert find_rsvp(session, invitation.id) is None


@pytest.mark.parametrize(("transfer", "refused"), [(29, False), (30, False), (31, True)])
def test_transfer_time_counts_as_overlap(session, transfer, refused):
    event = make_event(session)
    make_item(session, event, "visit", transfer_minutes=transfer)
    starts = datetime(2026, 12, 10, 10, 30, tzinfo=UTC)
    make_item(session, event, "closing", starts=starts, ends=starts + timedelta(hours=1))
    invitation = make_invitation(session, event)
    try:
        answer(session, invitation, wish("visit", "closing"))
        was_refused = False
    except AnswerRefusedError:
        was_refused = True
    assert was_refused is refused


def test_every_refusal_is_told_at_once(session):
    event = make_event(session)
    make_item(session, event, "one")
    make_item(session, event, "two")
    make_dinner(session, event)
    invitation = make_invitation(session, event)
    with pytest.raises(AnswerRefusedError) as refused:
        answer(
            session, invitation, wish("one", "two", "ball", companions=(CompanionWish("Tomas"),))
        )
    assert reasons(refused) == [
        RefusalReason.UNKNOWN_ITEM,
        RefusalReason.COMPANION_WITHOUT_DINNER,
        RefusalReason.OVERLAP,
    ]


def test_the_dinner_counts_guests_and_companions_together(session):
    event = make_event(session)
    dinner = make_dinner(session, event, places=3)
    first, second = make_invitation(session, event), make_invitation(session, event)
    tomas = (CompanionWish("Tomas", DietWish(Diet.VEGETARIAN)),)
    answer(session, first, wish("dinner", companions=tomas))
    with pytest.raises(AnswerRefusedError) as refused:
        answer(session, second, wish("dinner", companions=tomas))
    assert reasons(refused) == [RefusalReason.NO_PLACE_FOR_COMPANION]
    answer(session, second, wish("dinner"))
    count = dinner_count(session, event.id, [dinner])
    assert (count.yes, count.companions, count.heads) == (2, 1, 3)
    assert count.diets == {Diet.NONE: 2, Diet.VEGETARIAN: 1}


def test_declining_forgets_diet_and_companion(session):
    event = make_event(session)
    make_dinner(session, event)
    invitation = make_invitation(session, event)
    diet = DietWish(Diet.OTHER, "no sesame")
    answer(session, invitation, wish("dinner", diet=diet, companions=(CompanionWish("Tomas"),)))
    answer(session, invitation, DECLINED)
    rsvp = find_rsvp(session, invitation.id)
    assert (rsvp.diet, rsvp.diet_words, rsvp.companions) == (Diet.NONE, "", [])


def test_a_locked_item_keeps_its_answer_and_takes_no_new_one(session):
    event = make_event(session)
    make_item(session, event, "visit", locks=date(2026, 11, 1))
    make_item(
        session, event, "opening", starts=NOW + timedelta(days=37), ends=NOW + timedelta(days=38)
    )
    invitation = make_invitation(session, event)
    with pytest.raises(AnswerRefusedError) as refused:
        answer(session, invitation, wish("visit"))
    assert reasons(refused) == [RefusalReason.ITEM_LOCKED]
    answer(session, invitation, wish("visit"), now=NOW - timedelta(days=1))
    answer(session, invitation, wish("opening"))
    assert choices(session, invitation) == {"visit": "yes", "opening": "yes"}


def test_the_organiser_is_not_bound_by_locks(session):
    event = make_event(session)
    make_item(session, event, "visit", locks=date(2026, 11, 1))
    invitation = make_invitation(session, event)
    answer(session, invitation, wish("visit"), channel=AnswerChannel.LETTER, actor="Astrid")
    assert choices(session, invitation) == {"visit": "yes"}


def test_after_the_reply_by_date_a_guest_who_never_answered_is_told_so(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    late = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)  # midnight in Stockholm
    with pytest.raises(InvitationClosedError):
        answer(session, invitation, ACCEPTED, now=late)
    assert (
        answer(session, invitation, ACCEPTED, now=late - timedelta(seconds=1)) is Outcome.RECORDED
    )


def test_an_expired_invitation_is_reopened_by_the_organiser_while_places_last(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    late = NOW + timedelta(days=20)
    assert expire_due(session, event, now=late) == 1
    assert place_ledger(session, event).free == 3
    facts = {"channel": AnswerChannel.PHONE, "actor": "Astrid", "now": late}
    assert answer(session, invitation, ACCEPTED, **facts) is Outcome.RECORDED
    assert place_ledger(session, event).accepted == 1


def test_the_organiser_is_told_when_no_place_is_left(session):
    event = make_event(session, place_limit=1)
    first = make_invitation(session, event)
    answer(session, first, DECLINED)
    make_invitation(session, event)
    with pytest.raises(PlacesTakenError) as refused:
        answer(session, first, ACCEPTED, channel=AnswerChannel.PHONE, actor="Astrid")
    assert str(refused.value) == "No place is free: 1 of 1 are taken."


def test_a_withdrawn_invitation_cannot_be_answered(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    close(session, invitation, InvitationState.WITHDRAWN, now=NOW)
    with pytest.raises(Revoked):
        answer(session, invitation, ACCEPTED)


def test_when_every_place_is_taken_a_change_of_mind_is_noted_as_a_wish(session):
    event = make_event(session, place_limit=1)
    first = make_invitation(session, event)
    answer(session, first, DECLINED)
    second = make_invitation(session, event)
    assert answer(session, first, ACCEPTED) is Outcome.WISH_NOTED
    rsvp = find_rsvp(session, first.id)
    assert (rsvp.answer, rsvp.wishes_place_since) == (Answer.DECLINED, NOW)
    assert place_ledger(session, event).free == 0
    answer(session, second, DECLINED)
    assert answer(session, first, ACCEPTED) is Outcome.RECORDED
    assert find_rsvp(session, first.id).wishes_place_since is None
