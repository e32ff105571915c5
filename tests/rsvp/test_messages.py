"""The confirmation: exactly what is recorded, and the calendar that goes with it."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from icalendar import Calendar

from app.deliveries.models import DeliveryKind, DeliveryState
from app.deliveries.services import ObsoleteError
from app.invitations.withdrawing import withdraw
from app.rsvp.changes import AnswerWish, CompanionWish, DietWish
from app.rsvp.models import Answer, AnswerChannel, Diet
from app.rsvp.services import record_answer
from tests.factories import NOW, make_dinner, make_event, make_invitation, make_item
from tests.mails.composing import html_of, make_mail, newest
from tests.outbox import send

CONFIRMATION = DeliveryKind.CONFIRMATION
LATER_BY = timedelta(hours=1)
LATER = NOW + LATER_BY
DECLINED = AnswerWish(Answer.DECLINED)
AFTER_EVERY_LOCK = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def event(session):
    """An event with a dinner, an opening, and a workshop of one place."""
    made = make_event(session)
    make_dinner(session, made)
    make_item(session, made, "opening")
    afternoon = datetime(2026, 12, 10, 13, 0, tzinfo=UTC)
    ends = afternoon + timedelta(hours=1)
    make_item(session, made, "workshop", starts=afternoon, ends=ends, places=1)
    return made


def invite(session, event, **facts):
    return make_invitation(session, event, **{"last_name": "Strøm-Łęcka", **facts})


def accepting(*items: str, **facts) -> AnswerWish:
    return AnswerWish(Answer.ACCEPTED, frozenset(items), **facts)


def answer(session, invitation, wish, *, now=NOW) -> None:
    record_answer(session, invitation, wish, channel=AnswerChannel.GUEST, actor="", now=now)


def confirmation(app, session, **facts):
    return make_mail(app, session, CONFIRMATION, **facts)


def entries(mail) -> dict[str, str]:
    """Return what stands in the calendar that is attached: title and status."""
    message = message_from_bytes(mail.as_bytes(), policy=policy.SMTP)
    files = [part.get_content() for part in message.iter_attachments()]
    return {
        str(entry["SUMMARY"]): str(entry["STATUS"])
        for file in files
        for entry in Calendar.from_ical(file).events
    }


def go_out(session) -> None:
    """Let the mail that was asked for last go out."""
    send(session, newest(session, CONFIRMATION))


DINING = accepting(
    "dinner",
    "opening",
    diet=DietWish(Diet.VEGETARIAN),
    companions=(CompanionWish("Karin Ek", DietWish(Diet.OTHER, "no shellfish")),),
    message="I come by train.",
)


def test_the_html_says_what_the_text_says(app, session, event):
    answer(session, invite(session, event), DINING)
    html = html_of(confirmation(app, session))
    dinner = ("19:00–22:30", "Vegetarian", "Karin Ek", "no shellfish", "Open to change until")
    rest = ("Thursday 10 December", "Not chosen: Workshop.", "I come by train.", "calendar entries")
    assert [fact for fact in (*dinner, *rest) if fact not in html] == []


def test_no_calendar_goes_with_a_decline(app, session, event):
    answer(session, invite(session, event), DECLINED)
    assert entries(confirmation(app, session)) == {}


def test_the_reserve_is_told_with_its_number(app, session, event):
    for number in range(3):
        answer(session, invite(session, event), accepting("workshop"), now=NOW + number * LATER_BY)
    mail = confirmation(app, session)
    assert "You are number 2 on the reserve." in mail.body
    assert "You are number 2 on the reserve." in html_of(mail)
    assert entries(mail) == {}


def test_who_moves_up_reads_first_that_a_place_became_free(app, session, event):
    first, second = invite(session, event), invite(session, event)
    answer(session, first, accepting("workshop"))
    answer(session, second, accepting("workshop"), now=LATER)
    answer(session, first, DECLINED, now=LATER + LATER_BY)
    mail = make_mail(app, session, DeliveryKind.MOVED_UP)
    assert "A place has become free, and it is yours: Workshop." in html_of(mail)
    assert entries(mail) == {"Workshop": "CONFIRMED"}


def test_a_place_that_was_given_back_before_the_mail_went_out_is_not_told(app, session, event):
    first, second = invite(session, event), invite(session, event)
    answer(session, first, accepting("workshop"))
    answer(session, second, accepting("workshop"), now=LATER)
    answer(session, first, DECLINED, now=LATER + LATER_BY)
    answer(session, second, accepting(), now=LATER + 2 * LATER_BY)
    with pytest.raises(ObsoleteError, match="no longer the guest"):
        make_mail(app, session, DeliveryKind.MOVED_UP)


def test_an_answer_of_ones_own_after_that_is_a_plain_confirmation(app, session, event):
    first, second = invite(session, event), invite(session, event)
    answer(session, first, accepting("workshop"))
    answer(session, second, accepting("workshop"), now=LATER)
    answer(session, first, DECLINED, now=LATER + LATER_BY)
    answer(session, second, accepting("workshop", "opening"), now=LATER + 2 * LATER_BY)
    assert confirmation(app, session).subject.startswith("Your answer is recorded:")


def test_the_calendar_holds_what_was_answered_with_yes(app, session, event):
    answer(session, invite(session, event), DINING)
    assert entries(confirmation(app, session)) == {"Dinner": "CONFIRMED", "Opening": "CONFIRMED"}


def test_a_part_given_up_is_cancelled_in_the_calendar(app, session, event):
    invitation = invite(session, event)
    answer(session, invitation, DINING)
    go_out(session)
    answer(session, invitation, accepting("opening"), now=LATER)
    assert entries(confirmation(app, session)) == {"Dinner": "CANCELLED"}


def test_a_part_given_up_before_any_mail_went_out_is_not_spoken_of(app, session, event):
    invitation = invite(session, event)
    answer(session, invitation, DINING)
    answer(session, invitation, accepting("opening"), now=LATER)
    assert entries(confirmation(app, session)) == {"Opening": "CONFIRMED"}


def test_what_a_failed_mail_should_have_told_goes_with_the_next(app, session, event):
    invitation = invite(session, event)
    answer(session, invitation, accepting("opening"))
    failed = newest(session, CONFIRMATION)
    failed.error, failed.state = "The mailbox is full", DeliveryState.FAILED
    answer(session, invitation, DINING, now=LATER)
    assert entries(confirmation(app, session)) == {"Dinner": "CONFIRMED", "Opening": "CONFIRMED"}


def test_an_answer_recorded_without_a_mail_is_told_by_the_next(app, session, event):
    invitation = invite(session, event)
    record_answer(
        session,
        invitation,
        accepting("opening"),
        channel=AnswerChannel.PHONE,
        actor="Astrid",
        now=NOW,
        confirm=False,
    )
    answer(session, invitation, DINING, now=LATER)
    assert entries(confirmation(app, session)) == {"Dinner": "CONFIRMED", "Opening": "CONFIRMED"}


def test_a_decline_after_an_acceptance_cancels_every_entry(app, session, event):
    invitation = invite(session, event)
    answer(session, invitation, accepting("opening"))
    go_out(session)
    answer(session, invitation, DECLINED, now=LATER)
    mail = confirmation(app, session)
    assert entries(mail) == {"Opening": "CANCELLED"}
    assert "takes a part out of your calendar" in mail.body


def test_a_swedish_guest_reads_swedish_texts_of_the_event(app, session, event):
    answer(session, invite(session, event, language="sv"), accepting("dinner"))
    mail = confirmation(app, session)
    assert "Onsdag 9 december" in mail.body
    assert "19.00–22.30" in html_of(mail)
    assert "Mörk kostym" in mail.body


def test_once_everything_is_locked_it_says_whom_to_call(app, session, event):
    answer(session, invite(session, event), accepting("opening"))
    mail = confirmation(app, session, now=AFTER_EVERY_LOCK)
    assert "To change your answer, please call or write to us." in mail.body
    assert "Locked on 1 December: please call or write to us." in mail.body
    assert "See what is recorded" in html_of(mail)


def test_what_a_guest_wrote_is_not_html(app, session, event):
    wish = accepting("dinner", companions=(CompanionWish("<i>K</i>"),), message="<b>1 < 2</b>")
    answer(session, invite(session, event), wish)
    html = html_of(confirmation(app, session))
    assert "&lt;i&gt;K&lt;/i&gt;" in html
    assert "&lt;b&gt;1 &lt; 2&lt;/b&gt;" in html


def test_a_withdrawn_invitation_confirms_nothing(app, session, event):
    invitation = invite(session, event)
    answer(session, invitation, DINING)
    withdraw(session, event, email=invitation.guest.email, now=LATER)
    with pytest.raises(ObsoleteError, match="No answer stands"):
        confirmation(app, session)


def test_an_invitation_that_is_gone_confirms_nothing(app, session, event):
    answer(session, invite(session, event), DINING)
    newest(session, CONFIRMATION).subject_id = 0
    with pytest.raises(ObsoleteError, match="gone"):
        confirmation(app, session)
