"""Withdrawing courteously, and calling the event off: who is told, and what follows."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.calendars.queries import untold
from app.deliveries.models import Delivery, DeliveryKind
from app.deliveries.services import ObsoleteError
from app.events.notes import NoteMissingError
from app.events.queries import CalledOffError
from app.invitations.calling_off import call_off, plan_calling_off
from app.invitations.reminding import remind
from app.invitations.services import expire_due, renew_link, send_wave
from app.invitations.withdrawing import withdraw
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from app.worker.jobs import run_periodic
from tests.factories import NOW, make_event, make_invitation, make_item
from tests.mails.composing import make_mail, newest, parts_of
from tests.outbox import send
from tests.rsvp.browsing import GuestsBrowser

WITHDRAWN, CALLED_OFF = DeliveryKind.WITHDRAWN, DeliveryKind.CALLED_OFF
LATER = NOW + timedelta(hours=1)
NOTE = {"en": "The airports are closed.", "sv": "Flygplatserna är stängda."}


@pytest.fixture
def event(session):
    made = make_event(session)
    make_item(session, made, "opening")
    return made


def invited(session, event, **facts):
    """A guest whose invitation has gone out."""
    invitation = make_invitation(session, event, **{"last_name": "Strøm-Łęcka", **facts})
    go_out(session, DeliveryKind.INVITATION)
    return invitation


def go_out(session, kind) -> None:
    send(session, newest(session, kind))


def answer(session, invitation, answer, *items: str) -> None:
    wish = AnswerWish(answer, frozenset(items))
    record_answer(session, invitation, wish, channel=AnswerChannel.GUEST, actor="", now=NOW)
    session.flush()


def told(session, kind) -> list[str]:
    query = select(Delivery.recipient).where(Delivery.kind == kind).order_by(Delivery.id)
    return list(session.scalars(query))


def test_a_guest_who_has_the_invitation_is_told(app, session, event):
    invitation = invited(session, event)
    withdraw(session, event, email=invitation.guest.email, by="Astrid", now=LATER)
    mail = make_mail(app, session, WITHDRAWN, now=LATER)
    assert "withdraw our invitation" in mail.body
    assert "/rsvp/" not in mail.body


def test_what_stood_in_the_calendar_is_taken_out(app, session, event):
    invitation = invited(session, event)
    answer(session, invitation, Answer.ACCEPTED, "opening")
    go_out(session, DeliveryKind.CONFIRMATION)
    withdraw(session, event, email=invitation.guest.email, now=LATER)
    (file,) = make_mail(app, session, WITHDRAWN, now=LATER).calendars
    assert file.method == "CANCEL"
    assert b"PARTSTAT=ACCEPTED" in file.content.replace(b"\r\n ", b"")


def test_whose_invitation_never_went_out_is_told_nothing(session, event):
    invitation = make_invitation(session, event)
    withdraw(session, event, email=invitation.guest.email, now=LATER)
    assert told(session, WITHDRAWN) == []


def test_who_has_declined_is_told_nothing(session, event):
    invitation = invited(session, event)
    answer(session, invitation, Answer.DECLINED)
    withdraw(session, event, email=invitation.guest.email, now=LATER)
    assert told(session, WITHDRAWN) == []


def test_a_decline_the_calendar_has_not_heard_of_is_told_all_the_same(app, session, event):
    invitation = invited(session, event)
    answer(session, invitation, Answer.ACCEPTED, "opening")
    go_out(session, DeliveryKind.CONFIRMATION)
    answer(session, invitation, Answer.DECLINED)
    withdraw(session, event, email=invitation.guest.email, now=LATER)
    assert [file.method for file in make_mail(app, session, WITHDRAWN).calendars] == ["CANCEL"]


@pytest.mark.parametrize("language", ["en", "sv"])
def test_calling_off_tells_who_may_come_and_clears_the_calendar(app, session, event, language):
    coming = invited(session, event, language=language)
    answer(session, coming, Answer.ACCEPTED, "opening")
    go_out(session, DeliveryKind.CONFIRMATION)
    declined, waiting = invited(session, event), make_invitation(session, event)
    answer(session, declined, Answer.DECLINED)
    assert len(plan_calling_off(session, event).told) == 1
    call_off(session, event, by="Astrid", note=NOTE, now=LATER)
    assert told(session, CALLED_OFF) == [coming.guest.email]
    mail = make_mail(app, session, CALLED_OFF, now=LATER)
    assert NOTE[language] in mail.body
    assert [file.method for file in mail.calendars] == ["CANCEL"]
    with pytest.raises(ObsoleteError, match="called off"):
        make_mail(app, session, DeliveryKind.INVITATION, now=LATER)
    assert waiting.holds_place


def test_after_that_nothing_is_asked_answered_or_expired(app, session, event):
    invitation = invited(session, event)
    call_off(session, event, by="Astrid", now=LATER)
    for ask in (remind, send_wave):
        with pytest.raises(CalledOffError):
            ask(session, event, by="Astrid", now=LATER)
    with pytest.raises(CalledOffError):
        answer(session, invitation, Answer.ACCEPTED)
    for deed in (call_off, withdraw):
        facts = {"email": invitation.guest.email} if deed is withdraw else {}
        with pytest.raises(CalledOffError):
            deed(session, event, by="Astrid", now=LATER, **facts)
    assert expire_due(session, event, now=NOW + timedelta(days=60)) == 0


def test_the_guests_page_says_so_courteously(app, session, event):
    invitation = invited(session, event, language="sv")
    browser = GuestsBrowser(app, invitation)
    call_off(session, event, by="Astrid", note=NOTE, now=LATER)
    session.commit()
    page = browser.get()
    assert page.status_code == 410
    assert "Inställt: Public Services Summit" in page.text
    assert NOTE["sv"] in page.text
    assert browser.press("accepted").status_code == 410


def test_a_note_in_one_language_alone_calls_nothing_off(session, event):
    with pytest.raises(NoteMissingError):
        call_off(session, event, by="Astrid", note={"en": "Closed."}, now=LATER)
    assert event.called_off_at is None


def test_nothing_is_due_any_more_but_the_erasure_of_health_data(app, session, event):
    guest = invited(session, event)
    answer(session, guest, Answer.ACCEPTED)
    call_off(session, event, by="Astrid", now=LATER)
    before = session.scalar(select(func.count(Delivery.id)))
    long_after = NOW + timedelta(days=60)
    with app.app_context():
        run_periodic(session, event.id, parts_of(app), long_after)
    assert session.scalar(select(func.count(Delivery.id))) == before
    assert event.health_erased_at == long_after


def test_another_address_is_told_of_everything_anew(app, session, event):
    invitation = invited(session, event)
    answer(session, invitation, Answer.ACCEPTED, "opening")
    go_out(session, DeliveryKind.CONFIRMATION)
    assert untold(session, invitation.id) == []
    renew_link(session, invitation, now=LATER)
    assert [entry.item.slug for entry in untold(session, invitation.id)] == ["opening"]
