"""Inviting, sending again, reminding, withdrawing, expiring: what each does and refuses."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.deliveries.batches import wave_batch
from app.deliveries.models import Delivery, DeliveryState
from app.deliveries.pauses import batch_scope, stop
from app.deliveries.services import cancel_batch
from app.guests.models import Guest, GuestStatus
from app.invitations.models import Invitation, InvitationState, Wave
from app.invitations.plans import (
    NOT_GONE_OUT,
    NotApprovedError,
    ReplyByPassedError,
    UnknownAddressError,
    plan_reminder,
    plan_wave,
)
from app.invitations.queries import find_of_guest, place_ledger, read_claim
from app.invitations.reminding import remind
from app.invitations.services import (
    NoPlaceFreeError,
    NotOpenError,
    Order,
    expire_due,
    send_again,
    send_wave,
)
from app.invitations.withdrawing import withdraw
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from app.tokens import Claim, Revoked
from tests.factories import NOW, approve_list, make_event, make_guest, make_invitation


def send(session, event, *emails: str, now=NOW):
    return send_wave(session, event, by="Organiser", now=now, emails=emails)


def decline(session, invitation: Invitation) -> None:
    facts = {"channel": AnswerChannel.GUEST, "actor": "", "now": NOW}
    record_answer(session, invitation, AnswerWish(Answer.DECLINED), **facts)


def ledger(session, event) -> tuple[int, int, int]:
    places = place_ledger(session, event)
    return places.accepted, places.held, places.free


def mails(session) -> list[tuple[str, DeliveryState]]:
    rows = session.scalars(select(Delivery).order_by(Delivery.id))
    return [(row.key.partition(":")[0], row.state) for row in rows]


def skipped(plan) -> list[tuple[str, str]]:
    return [(skip.guest.email, skip.reason) for skip in plan.skipped]


def test_a_wave_holds_a_place_and_asks_for_a_mail_for_each_guest(session):
    event = make_event(session)
    guests = [make_guest(session, event, language=language) for language in ("en", "sv")]
    approve_list(session, event)
    sent = send(session, event)
    assert (sent.wave.number, sent.wave.sent_by) == (1, "Organiser")
    assert ledger(session, event) == (0, 2, 1)
    rows = session.scalars(select(Delivery).order_by(Delivery.id)).all()
    assert [(row.recipient, row.language, row.state) for row in rows] == [
        (guest.email, guest.language, DeliveryState.QUEUED) for guest in guests
    ]


def test_a_plan_says_who_is_skipped_and_why_and_changes_nothing(session):
    event = make_event(session, place_limit=2)
    invited = make_invitation(session, event, email="invited@example.org")
    declined = make_invitation(session, event, email="declined@example.org")
    decline(session, declined)
    make_guest(session, event, email="next@example.org")
    make_guest(session, event, email="reserve@example.org", rank=1)
    approve_list(session, event)
    make_guest(session, event, email="proposed@example.org")
    plan = plan_wave(session, event, now=NOW)
    assert [addressee.guest.email for addressee in plan.addressees] == ["next@example.org"]
    assert skipped(plan) == [
        ("invited@example.org", "is invited already"),
        ("declined@example.org", "has answered"),
        ("proposed@example.org", "is proposed, not on an approved version of the list"),
        ("reserve@example.org", "stands on the reserve"),
    ]
    assert (invited.sendings, ledger(session, event)) == (1, (0, 1, 1))


def test_a_wave_reaches_as_far_as_the_free_places(session):
    event = make_event(session, place_limit=2)
    emails = [make_guest(session, event).email for _ in range(2)]
    approve_list(session, event)
    event.place_limit = 1
    plan = send(session, event).plan
    assert [addressee.guest.email for addressee in plan.addressees] == emails[:1]
    assert skipped(plan) == [(emails[1], "no place is free")]
    assert ledger(session, event) == (0, 1, 0)


def test_named_guests_without_a_place_are_refused_and_nobody_is_invited(session):
    event = make_event(session, place_limit=2)
    emails = [make_guest(session, event).email for _ in range(2)]
    approve_list(session, event)
    event.place_limit = 1
    with pytest.raises(NoPlaceFreeError) as refused:
        send(session, event, *emails)
    assert str(refused.value).startswith("No place is free for Dr ")
    assert (ledger(session, event), mails(session)) == ((0, 0, 1), [])


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, "is proposed, not on an approved version of the list"),
        ({"status": GuestStatus.RESERVE, "rank": 1}, "stands on the reserve"),
        ({"status": GuestStatus.REMOVED}, "was removed from the list"),
        ({"status": GuestStatus.APPROVED}, "is not on the newest approved version of the list"),
    ],
)
def test_nobody_outside_the_approved_version_is_invited(session, facts, reason):
    event = make_event(session)
    make_guest(session, event)
    approve_list(session, event)
    stranger = make_guest(session, event, **facts)
    with pytest.raises(NotApprovedError) as refused:
        send(session, event, stranger.email)
    assert reason in str(refused.value)
    assert mails(session) == []


def test_the_database_refuses_an_invitation_with_another_guests_entry(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    stranger = make_guest(session, event)
    session.add(
        Invitation(
            event_id=event.id,
            guest_id=stranger.id,
            entry_id=invitation.entry_id,
            wave_id=invitation.wave_id,
            holds_place=True,
            reply_by=event.reply_by,
            opened_at=NOW,
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_an_unknown_address_is_refused_by_name(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    with pytest.raises(UnknownAddressError) as refused:
        send(session, event, invitation.guest.email, "Nobody@example.org")
    assert str(refused.value) == "No guest of this event has the address Nobody@example.org."
    assert len(mails(session)) == 1


def test_an_address_is_found_in_other_letters(session):
    event = make_event(session)
    make_guest(session, event, email="zofia@example.org")
    approve_list(session, event)
    plan = send(session, event, "Zofia@EXAMPLE.org").plan
    assert [addressee.guest.email for addressee in plan.addressees] == ["zofia@example.org"]


def test_an_open_invitation_named_is_sent_once_more_without_another_place(session):
    event = make_event(session, place_limit=1)
    invitation = make_invitation(session, event)
    sent = send(session, event, invitation.guest.email)
    assert (sent.wave, ledger(session, event)) == (None, (0, 1, 0))
    assert mails(session) == [
        ("invitation", DeliveryState.CANCELLED),
        ("invitation", DeliveryState.QUEUED),
    ]
    assert list(session.scalars(select(Wave.number))) == [1]


def test_what_is_answered_is_not_sent_again(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    decline(session, invitation)
    with pytest.raises(NotOpenError):
        send_again(session, invitation, invitation.guest, Order("Organiser", NOW))
    assert skipped(send(session, event, invitation.guest.email).plan) == [
        (invitation.guest.email, "has answered")
    ]


def test_after_the_reply_by_date_nobody_is_invited(session):
    event = make_event(session)
    make_guest(session, event)
    approve_list(session, event)
    with pytest.raises(ReplyByPassedError):
        send(session, event, now=NOW + timedelta(days=19))
    assert mails(session) == []


def test_a_reminder_reaches_those_with_an_open_invitation_and_nobody_else(session):
    event = make_event(session)
    waiting, declined = make_invitation(session, event), make_invitation(session, event)
    decline(session, declined)
    make_guest(session, event)
    approve_list(session, event)
    reminded = remind(session, event, by="Organiser", now=NOW)
    assert [addressee.guest.id for addressee in reminded.plan.addressees] == [waiting.guest_id]
    recipients = select(Delivery.recipient).where(Delivery.key.startswith("reminder:"))
    assert list(session.scalars(recipients)) == [waiting.guest.email]


def test_a_second_reminder_replaces_one_still_waiting(session):
    event = make_event(session)
    make_invitation(session, event)
    remind(session, event, by="Organiser", now=NOW)
    remind(session, event, by="Organiser", now=NOW)
    assert mails(session) == [
        ("invitation", DeliveryState.QUEUED),
        ("reminder", DeliveryState.CANCELLED),
        ("reminder", DeliveryState.QUEUED),
    ]


def test_a_withdrawn_invitation_frees_its_place_and_kills_its_link(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    withdraw(session, event, email=invitation.guest.email, now=NOW)
    assert (ledger(session, event), invitation.closed_at) == ((0, 0, 3), NOW)
    assert mails(session) == [("invitation", DeliveryState.CANCELLED)]
    for version in (1, 2):
        with pytest.raises(Revoked):
            read_claim(session, Claim(invitation.public_id, version))


def test_only_what_is_there_can_be_withdrawn(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    withdraw(session, event, email=invitation.guest.email, now=NOW)
    with pytest.raises(NotOpenError, match="has no invitation any more; nothing was changed"):
        withdraw(session, event, email=invitation.guest.email, now=NOW)
    stranger = make_guest(session, event)
    with pytest.raises(NotOpenError, match="is not invited; nothing was changed"):
        withdraw(session, event, email=stranger.email, now=NOW)


def test_what_others_changed_before_the_lock_is_withdrawn_whole(sessions):
    with sessions.begin() as session:
        event = make_event(session)
        invitation_id = make_invitation(session, event).id
    with sessions() as waiting:
        guest = waiting.get_one(Invitation, invitation_id).guest
        seen = find_of_guest(waiting, guest.id)
    with sessions.begin() as faster:
        decline(faster, faster.get_one(Invitation, invitation_id))
    with sessions.begin() as session:
        session.add(seen)
        withdraw(session, event, email=guest.email, now=NOW)
    with sessions() as session:
        invitation = session.get_one(Invitation, invitation_id)
        assert (invitation.state, invitation.link_version) == (InvitationState.WITHDRAWN, 2)


def test_an_invitation_expires_when_its_last_day_is_over_at_the_events_place(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    midnight = NOW.replace(day=20, hour=23)
    assert expire_due(session, event, now=midnight - timedelta(seconds=1)) == 0
    assert expire_due(session, event, now=midnight) == 1
    assert (invitation.state, ledger(session, event)) == (InvitationState.EXPIRED, (0, 0, 3))
    assert expire_due(session, event, now=midnight) == 0
    assert read_claim(session, Claim(invitation.public_id, 1)) is invitation


def test_an_answered_invitation_does_not_expire(session):
    event = make_event(session)
    decline(session, make_invitation(session, event))
    assert expire_due(session, event, now=NOW + timedelta(days=30)) == 0


def test_the_database_refuses_an_open_invitation_without_a_place(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    invitation.holds_place = False
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_database_refuses_a_second_invitation_of_a_guest(session):
    event = make_event(session)
    first = make_invitation(session, event)
    facts = {
        name: getattr(first, name)
        for name in ("event_id", "guest_id", "entry_id", "wave_id", "reply_by", "opened_at")
    }
    session.add(Invitation(holds_place=True, **facts))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_moved_up_guest_is_invited_with_the_newest_version(session):
    event = make_event(session)
    make_guest(session, event)
    moved_up = make_guest(session, event, rank=1)
    approve_list(session, event)
    moved_up.proposed_change = {"rank": None}
    approve_list(session, event)
    send(session, event, moved_up.email)
    assert session.get_one(Guest, moved_up.id).status is GuestStatus.APPROVED
    assert find_of_guest(session, moved_up.id).state is InvitationState.OPEN


def cancel_wave(session, event, number: int = 1) -> None:
    cancel_batch(session, wave_batch(event.id, number), by="Organiser", now=NOW)
    session.expire_all()


def test_a_wave_cancelled_before_it_went_out_is_offered_again(session):
    event = make_event(session)
    guest = make_invitation(session, event).guest
    assert plan_wave(session, event, now=NOW).addressees == ()
    cancel_wave(session, event)
    sent = send_wave(session, event, by="Organiser", now=NOW)
    assert (sent.wave, [to.guest.id for to in sent.plan.addressees]) == (None, [guest.id])
    queued = session.scalars(select(Delivery).where(Delivery.state == DeliveryState.QUEUED)).one()
    assert (queued.batch, queued.resend) == (wave_batch(event.id, 1), False)


def test_nobody_is_reminded_of_an_invitation_that_was_cancelled_or_stopped(session):
    event = make_event(session)
    make_invitation(session, event)
    make_invitation(session, event)
    cancel_wave(session, event)
    stop(session, batch_scope(wave_batch(event.id, 2)), by="Organiser", now=NOW)
    plan = plan_reminder(session, event, now=NOW)
    assert plan.addressees == ()
    assert {skip.reason for skip in plan.skipped} == {NOT_GONE_OUT}
