"""Reminders by themselves: to whom, on which day, once, and never against a person's word."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from app.deliveries.batches import wave_batch
from app.deliveries.models import INVITING, Delivery, DeliveryKind, DeliveryState
from app.deliveries.pauses import batch_scope, event_scope, go_on, stop
from app.deliveries.services import ObsoleteError, cancel_waiting, queue_delivery
from app.invitations.cadence import Cadence
from app.invitations.plans import DO_NOT_REMIND, plan_reminder
from app.invitations.queries import reminded_guests
from app.invitations.reminding import (
    UnknownWaveError,
    change_cadence,
    remind,
    remind_due,
    set_do_not_remind,
)
from app.invitations.withdrawing import withdraw
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from app.worker.jobs import run_periodic
from tests.factories import NOW, make_dinner, make_event, make_invitation
from tests.mails.composing import html_of, make_mail, parts_of

CADENCE = {"remind_after": [7, 14], "remind_before": [2]}
HAND = {"by": "Astrid"}
REMINDER, LAST = DeliveryKind.REMINDER, DeliveryKind.LAST_REMINDER


def on(day: int, hour: int = 10) -> datetime:
    """A moment of November 2026; it is an hour later in Stockholm."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def arrive(session, day: datetime = NOW, *kinds: DeliveryKind) -> None:
    """Let what waits have been sent."""
    session.flush()
    waits = Delivery.state == DeliveryState.QUEUED
    of_kind = Delivery.kind.in_(kinds or tuple(DeliveryKind))
    values = {"state": DeliveryState.SENT, "sent_at": day}
    session.execute(update(Delivery).where(waits, of_kind).values(**values))


@pytest.fixture
def event(session):
    return make_event(session, **CADENCE)


@pytest.fixture
def invitation(session, event):
    """One that went out on 2 November; the reply-by date is the 20th."""
    made = make_invitation(session, event)
    arrive(session)
    return made


def reminders(session) -> list[Delivery]:
    query = select(Delivery).where(Delivery.kind.in_((REMINDER, LAST))).order_by(Delivery.id)
    return list(session.scalars(query))


def run(session, event, *days: int) -> list[int]:
    """Do the work of those days; return how many reminders each asked for, all then sent."""
    asked = []
    for day in days:
        asked.append(remind_due(session, event, now=on(day)))
        arrive(session, on(day))
    return asked


def test_a_guest_is_reminded_on_each_day_of_the_cadence(session, event, invitation):
    days = range(3, 21)
    assert run(session, event, *days) == [int(day in {9, 16, 18}) for day in days]
    sent = reminders(session)
    assert [mail.kind for mail in sent] == [REMINDER, REMINDER, LAST]
    assert all(mail.by_day and mail.recipient == invitation.guest.email for mail in sent)
    assert (invitation.reminders, invitation.reminded_at) == (3, on(18))


def test_the_same_day_asks_once(session, event, invitation):
    assert [remind_due(session, event, now=on(9, hour)) for hour in (8, 9, 18)] == [1, 0, 0]


def test_days_missed_are_one_reminder(session, event, invitation):
    assert run(session, event, 17, 17, 18) == [1, 0, 1]
    assert [mail.key.rpartition(":")[2] for mail in reminders(session)] == [
        "2026-11-16",
        "2026-11-18",
    ]


@pytest.mark.parametrize("hour", [6, 19, 23])
def test_nothing_is_asked_for_at_night(session, event, invitation, hour):
    assert remind_due(session, event, now=on(9, hour)) == 0
    assert remind_due(session, event, now=on(10, 7)) == 1


def test_an_answer_ends_it(session, event, invitation):
    facts = {"channel": AnswerChannel.GUEST, "actor": "", "now": on(8)}
    record_answer(session, invitation, AnswerWish(Answer.DECLINED), **facts)
    assert run(session, event, 9, 16, 18) == [0, 0, 0]


def test_a_withdrawn_invitation_is_not_reminded_of(session, event, invitation):
    withdraw(session, event, email=invitation.guest.email, now=on(8))
    assert run(session, event, 9) == [0]


def test_who_said_it_is_not_for_them_is_not_reminded(session, event, invitation):
    invitation.disowned_at = on(8)
    assert run(session, event, 9) == [0]


def test_who_is_not_to_be_reminded_is_not(session, event, invitation):
    facts = {"email": invitation.guest.email, **HAND}
    set_do_not_remind(session, event, do_not=True, now=on(8), **facts)
    assert run(session, event, 9, 10) == [0, 0]
    set_do_not_remind(session, event, do_not=False, now=on(11), **facts)
    assert run(session, event, 11, 16) == [0, 1]


def test_marking_a_guest_takes_back_the_reminder_that_waits(session, event, invitation):
    remind_due(session, event, now=on(9))
    facts = {"email": invitation.guest.email, "do_not": True, **HAND}
    set_do_not_remind(session, event, now=on(9), **facts)
    session.expire_all()
    [mail] = reminders(session)
    assert (mail.state, mail.error) == (DeliveryState.CANCELLED, "The guest is not to be reminded")


@pytest.mark.parametrize(
    "state", [DeliveryState.QUEUED, DeliveryState.CANCELLED, DeliveryState.BOUNCED]
)
def test_nobody_is_reminded_of_an_invitation_that_did_not_arrive(session, event, state):
    make_invitation(session, event)
    session.execute(update(Delivery).values(state=state))
    assert run(session, event, 9) == [0]


def test_days_are_counted_from_the_newest_sending_to_the_address_of_now(session, event, invitation):
    facts = {"subject_id": invitation.id, "language": "en", "event_id": event.id, "now": on(5)}
    guest = invitation.guest
    guest.email = guest.email_key = "new@example.org"
    assert remind_due(session, event, now=on(9)) == 0
    queue_delivery(session, DeliveryKind.INVITATION, key="again", recipient=guest.email, **facts)
    arrive(session, on(5))
    assert run(session, event, 9, 11, 12) == [0, 0, 1]


@pytest.mark.parametrize("scope", ["event", "wave", "all"])
def test_a_stop_lets_nothing_be_asked_for_and_one_at_most_follows(
    session, event, invitation, scope
):
    scopes = {"event": event_scope(event.id), "wave": batch_scope(wave_batch(event.id, 1))}
    name = scopes.get(scope, "all")
    stop(session, name, by="Astrid", now=on(8))
    assert run(session, event, 9, 16) == [0, 0]
    go_on(session, name)
    assert run(session, event, 17, 17) == [1, 0]


def test_an_event_that_is_called_off_reminds_nobody(session, event, invitation):
    event.called_off_at = on(8)
    assert run(session, event, 9) == [0]


def test_two_days_after_a_reminder_by_hand_none_follows(session, event, invitation):
    remind(session, event, now=on(7), **HAND)
    arrive(session, on(7))
    assert run(session, event, 9, 10, 16) == [0, 0, 1]


def test_while_a_reminder_by_hand_waits_none_is_added(session, event, invitation):
    remind(session, event, now=on(3), at=on(12), **HAND)
    assert remind_due(session, event, now=on(9)) == 0
    assert len(reminders(session)) == 1


def test_a_reminder_by_hand_that_was_cancelled_does_not_count(session, event, invitation):
    remind(session, event, now=on(7), **HAND)
    facts = {"subject_ids": [invitation.id], "reason": "Cancelled", "now": on(7)}
    cancel_waiting(session, (REMINDER,), **facts)
    assert run(session, event, 9) == [1]


def test_guests_with_own_reply_by_dates_have_own_days(session, event, invitation):
    other = make_invitation(session, event)
    arrive(session)
    other.reply_by = date(2026, 11, 13)
    assert run(session, event, 9, 11, 16, 18) == [2, 1, 1, 1]
    kinds = [mail.kind for mail in reminders(session) if mail.subject_id == other.id]
    assert kinds == [REMINDER, LAST]


def test_a_wave_without_a_cadence_reminds_nobody(session):
    plain = make_event(session, slug="plain")
    make_invitation(session, plain)
    arrive(session)
    assert run(session, plain, 9, 18) == [0, 0]


def test_a_changed_cadence_holds_from_today_on(session, event, invitation):
    assert run(session, event, 9) == [1]
    wave = change_cadence(session, event, 1, Cadence((3, 10), ()), now=on(11))
    assert (wave.remind_after, wave.remind_before) == ([3, 10], [])
    assert run(session, event, 11, 12, 16, 18) == [0, 1, 0, 0]


def test_an_unknown_wave_is_refused(session, event):
    with pytest.raises(UnknownWaveError, match="The event has no wave 7"):
        change_cadence(session, event, 7, Cadence((3,)), now=NOW)


def test_by_hand_who_is_not_to_be_reminded_is_skipped_unless_named(session, event, invitation):
    invitation.guest.do_not_remind = True
    plan = plan_reminder(session, event, now=NOW)
    assert [skip.reason for skip in plan.skipped] == [DO_NOT_REMIND]
    named = remind(session, event, emails=[invitation.guest.email], now=NOW, **HAND).plan
    assert [to.guest.id for to in named.addressees] == [invitation.guest_id]


@pytest.mark.parametrize(("day", "kind"), [(17, REMINDER), (18, LAST), (20, LAST)])
def test_by_hand_it_is_the_last_one_when_fewer_than_three_days_are_left(
    session, event, invitation, day, kind
):
    remind(session, event, now=on(day), **HAND)
    [mail] = reminders(session)
    assert (mail.kind, mail.by_day) == (kind, False)


def test_two_workers_at_once_ask_for_one_reminder(app, sessions):
    with sessions.begin() as session:
        event = make_event(session, **CADENCE)
        make_invitation(session, event)
        arrive(session)
        event_id = event.id

    def work(_number: int) -> None:
        with app.app_context(), sessions.begin() as own:
            run_periodic(own, event_id, parts_of(app), on(9))

    with ThreadPoolExecutor(4) as hosts:
        list(hosts.map(work, range(8)))
    with sessions() as session:
        assert [mail.kind for mail in reminders(session)] == [REMINDER]


def test_no_cadence_reaches_an_invitation_whose_date_has_come(session, event, invitation):
    invitation.reply_by = date(2026, 11, 9)
    assert run(session, event, 9, 10) == [0, 0]


def test_an_offer_is_reminded_of_like_an_invitation(session, event, invitation):
    of_invitation = Delivery.kind.in_(INVITING)
    session.execute(update(Delivery).where(of_invitation).values(kind=DeliveryKind.OFFER))
    assert run(session, event, 9) == [1]


@pytest.mark.parametrize("language", ["en", "sv"])
def test_the_last_reminder_tells_until_when_the_place_is_held(app, session, event, language):
    make_dinner(session, event)
    make_invitation(session, event, last_name="Strøm-Łęcka", language=language)
    remind(session, event, now=on(18), **HAND)
    mail = make_mail(app, session, LAST, now=on(18))
    told = "held for you until" if language == "en" else "hålls för Er till och med"
    assert told in " ".join(html_of(mail).split())


def test_a_reminder_by_itself_is_not_sent_on_the_reply_by_date(app, session, event, invitation):
    remind_due(session, event, now=on(18))
    with pytest.raises(ObsoleteError, match="nobody is reminded on that day"):
        make_mail(app, session, LAST, now=on(20))
    session.execute(update(Delivery).values(by_day=False))
    session.expire_all()
    assert make_mail(app, session, LAST, now=on(20)).recipients == [invitation.guest.email]


def test_how_often_a_guest_was_reminded_counts_what_really_went_out(session, event, invitation):
    assert run(session, event, 9, 16) == [1, 1]
    remind_due(session, event, now=on(18))
    [reminded] = reminded_guests(session, event.id).values()
    assert (reminded.times, reminded.last_at) == (2, on(16))
    assert reminded_guests(session, event.id, guest_ids=[0]) == {}
