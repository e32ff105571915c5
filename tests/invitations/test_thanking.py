"""Thanks after the event: to every guest who had accepted, once, and not before it is over."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.deliveries.services import ObsoleteError, cancel_batch
from app.events.models import Host
from app.events.queries import CalledOffError
from app.invitations.plans import NotInTimeError
from app.invitations.thanking import TooEarlyError, plan_thanks, thank
from app.invitations.withdrawing import withdraw
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from tests.factories import NOW, both, make_event, make_invitation
from tests.mails.composing import html_of, make_mail

OVER = datetime(2026, 12, 10, 23, 0, tzinfo=UTC)
THANKS = DeliveryKind.THANK_YOU


@pytest.fixture
def event(session):
    made = make_event(session, place_limit=5)
    made.hosts.append(Host(position=1, name=both("Cisco Systems"), quota=None))
    return made


def answered(session, event, answer: Answer = Answer.ACCEPTED, **facts):
    invitation = make_invitation(session, event, **facts)
    given = {"channel": AnswerChannel.GUEST, "actor": "", "now": NOW}
    record_answer(session, invitation, AnswerWish(answer), **given)
    return invitation


def asked(session) -> list[Delivery]:
    query = select(Delivery).where(Delivery.kind == THANKS).order_by(Delivery.id)
    return list(session.scalars(query))


def test_who_had_accepted_is_thanked_and_nobody_else(session, event):
    coming = answered(session, event)
    answered(session, event, Answer.DECLINED)
    make_invitation(session, event)
    withdrawn = answered(session, event)
    withdraw(session, event, email=withdrawn.guest.email, now=NOW)
    plan = thank(session, event, by="Astrid", now=OVER).plan
    assert [mail.recipient for mail in asked(session)] == [coming.guest.email]
    assert sorted(skip.reason for skip in plan.skipped) == [
        "had the invitation withdrawn",
        "has declined",
        "has not answered",
    ]


def test_nobody_is_thanked_twice(session, event):
    answered(session, event)
    thank(session, event, by="Astrid", now=OVER)
    again = thank(session, event, by="Astrid", now=OVER + timedelta(days=30)).plan
    assert [skip.reason for skip in again.skipped] == ["has been thanked already"]
    assert len(asked(session)) == 1


def test_thanks_cancelled_before_they_went_out_may_be_sent_after_all(session, event):
    answered(session, event)
    cancel_batch(session, thank(session, event, by="A", now=OVER).batch, by="A", now=OVER)
    thank(session, event, by="Astrid", now=OVER)
    states = [mail.state for mail in asked(session)]
    assert states[-1:] == [DeliveryState.QUEUED]
    assert len(states) == 2


def test_before_the_last_day_is_over_thanks_are_refused_unless_sent_after_it(session, event):
    answered(session, event)
    with pytest.raises(TooEarlyError, match="2026-12-10, is not over then"):
        thank(session, event, by="Astrid", now=OVER - timedelta(seconds=1))
    thank(session, event, by="Astrid", now=NOW, at=OVER)
    assert [mail.due_at for mail in asked(session)] == [OVER]


def test_a_time_that_has_passed_is_refused(session, event):
    with pytest.raises(NotInTimeError):
        plan_thanks(session, event, now=OVER, at=OVER)


def test_an_event_that_is_called_off_thanks_nobody(session, event):
    answered(session, event)
    event.called_off_at = NOW
    with pytest.raises(CalledOffError):
        plan_thanks(session, event, now=OVER)


@pytest.mark.parametrize("language", ["en", "sv"])
def test_the_thanks_read_like_thanks(app, session, event, language):
    answered(session, event, last_name="Strøm-Łęcka", language=language)
    thank(session, event, by="Astrid", now=OVER)
    mail = make_mail(app, session, THANKS, now=OVER)
    assert "Strøm-Łęcka" in html_of(mail)


@pytest.mark.parametrize("change", ["withdrawn", "called off"])
def test_thanks_that_make_no_sense_any_more_are_not_sent(app, session, event, change):
    invitation = answered(session, event)
    thank(session, event, by="Astrid", now=NOW, at=OVER)
    if change == "withdrawn":
        withdraw(session, event, email=invitation.guest.email, now=NOW)
    else:
        event.called_off_at = NOW
    with pytest.raises(ObsoleteError):
        make_mail(app, session, THANKS, now=OVER)
