"""The invitation and its reminder, as the guest gets them."""

from contextlib import contextmanager
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import event as events
from sqlalchemy import select

from app.deliveries.models import Delivery, DeliveryKind
from app.deliveries.services import ObsoleteError
from app.events.models import Host
from app.invitations.models import InvitationState
from app.invitations.reminding import remind
from app.invitations.services import CLOSED_BY, send_test, send_wave
from app.worker.jobs import compose
from tests.factories import (
    NOW,
    approve_list,
    both,
    make_dinner,
    make_event,
    make_guest,
    make_invitation,
)
from tests.mails.composing import (
    html_of,
    link_in,
    make_mail,
    newest,
    parts_of,
)

INVITATION, REMINDER = DeliveryKind.INVITATION, DeliveryKind.REMINDER
AFTER_THE_REPLY_BY_DATE = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
LARGEST_HTML = 60 * 1024


@pytest.fixture
def event(session):
    made = make_event(session)
    made.hosts.append(Host(position=1, name=both("Cisco Systems"), quota=None))
    make_dinner(session, made, venue=both("City Hall", "Stadshuset"))
    return made


def invite(session, event, **facts):
    return make_invitation(session, event, **{"last_name": "Strøm-Łęcka", **facts})


def parsed(mail) -> EmailMessage:
    return message_from_bytes(mail.as_bytes(), policy=policy.SMTP)


@pytest.mark.parametrize("kind", [INVITATION, REMINDER])
def test_the_html_has_one_button_and_the_bare_address(app, session, event, kind):
    invitation = invite(session, event)
    remind(session, event, by="Organiser", now=NOW)
    mail = make_mail(app, session, kind)
    html, link = html_of(mail), link_in(mail)
    assert (
        parts_of(app).signers.rsvp.read(link.rpartition("/")[2]).public_id == invitation.public_id
    )
    assert html.count(f'href="{link}"') == 2
    assert html.count(f">{link}</a>") == 1
    assert len(html.encode()) < LARGEST_HTML


def test_the_html_says_what_the_text_says(app, session, event):
    invite(session, event)
    html = html_of(make_mail(app, session, INVITATION))
    facts = ("Dr Zofia Strøm-Łęcka", "City of Stockholm", "Cisco Systems", "Public Services Summit")
    dinner = ("Wednesday 9 December at 19:00", "City Hall", "Dark suit", "Friday 20 November 2026")
    assert [fact for fact in (*facts, *dinner) if fact not in html] == []


def test_a_swedish_guest_gets_the_texts_of_the_event_in_swedish(app, session, event):
    invite(session, event, language="sv")
    mail = make_mail(app, session, INVITATION)
    both_parts = f"{mail.body}{html_of(mail)}"
    swedish = ("Stockholms stad", "Möt framtiden", "Stadshuset", "Mörk kostym")
    english = ("City of Stockholm", "Connect to the Future", "City Hall", "Dark suit", "November")
    assert [text for text in swedish if text not in both_parts] == []
    assert [text for text in english if text in both_parts] == []
    assert "fredagen den 20 november 2026" in mail.body
    assert '<html lang="sv">' in html_of(mail)


def test_an_event_without_a_dinner_speaks_of_none(app, session):
    invite(session, make_event(session))
    mail = make_mail(app, session, INVITATION)
    assert "dinner" not in f"{mail.body}{html_of(mail)}"
    assert "diet" not in f"{mail.body}{html_of(mail)}"


def test_one_host_invites_alone(app, session):
    invite(session, make_event(session))
    mail = make_mail(app, session, INVITATION)
    assert "City of Stockholm has the honour of inviting you to the" in mail.body
    assert "together" not in f"{mail.body}{html_of(mail)}"


def test_names_cannot_write_html(app, session, event):
    invite(session, event, first_name="<b>Zofia</b>", last_name="O’Neil & Søn")
    mail = make_mail(app, session, INVITATION)
    assert "&lt;b&gt;Zofia&lt;/b&gt; O’Neil &amp; Søn" in html_of(mail)
    assert "Dear Dr O’Neil & Søn," in mail.body


def test_it_comes_from_our_address_in_the_name_of_the_contact(app, session, event):
    invitation = invite(session, event)
    headers = parsed(make_mail(app, session, INVITATION))
    assert str(headers["From"]) == "City Executive Office <summit@stockholm.example>"
    assert str(headers["Reply-To"]) == "City Executive Office <summit@stockholm.example>"
    assert str(headers["To"]) == f"Zofia Strøm-Łęcka <{invitation.guest.email}>"
    assert str(headers["Auto-Submitted"]) == "auto-generated"


def test_every_attempt_has_the_same_message_id(app, session, event):
    invite(session, event)
    first, second = (make_mail(app, session, INVITATION) for _ in range(2))
    expected = f"<{newest(session, INVITATION).public_id}@stockholm.example>"
    assert [first.msgId, second.msgId] == [expected, expected]


@pytest.mark.parametrize(
    "state", [InvitationState.ANSWERED, InvitationState.EXPIRED, InvitationState.WITHDRAWN]
)
def test_an_invitation_that_is_no_longer_open_is_not_sent(app, session, event, state):
    invitation = invite(session, event)
    invitation.state, invitation.holds_place = state, False
    with pytest.raises(ObsoleteError, match=CLOSED_BY[state]):
        make_mail(app, session, INVITATION)


def test_nobody_is_asked_after_the_reply_by_date(app, session, event):
    invite(session, event)
    with pytest.raises(ObsoleteError, match="The reply-by date has passed"):
        make_mail(app, session, INVITATION, now=AFTER_THE_REPLY_BY_DATE)


def test_an_invitation_that_is_gone_is_not_sent(app, session, event):
    invite(session, event)
    newest(session, INVITATION).subject_id = 0
    with pytest.raises(ObsoleteError, match="gone"):
        make_mail(app, session, INVITATION)


def test_a_reminder_keeps_the_date_of_its_own_invitation(app, session, event):
    invite(session, event).reply_by = date(2026, 11, 13)
    remind(session, event, by="Organiser", now=NOW)
    mail = make_mail(app, session, REMINDER)
    assert mail.subject.startswith("Please answer by Friday 13 November:")


@contextmanager
def counted_statements(session):
    seen: list[str] = []

    def note(*details: object) -> None:
        seen.append(str(details[2]))

    engine = session.get_bind()
    events.listen(engine, "before_cursor_execute", note)
    yield seen
    events.remove(engine, "before_cursor_execute", note)


def test_a_batch_asks_for_the_event_once_and_for_each_guest_once(app, sessions, session):
    event = make_event(session, place_limit=20)
    make_dinner(session, event)
    for _ in range(20):
        make_guest(session, event)
    approve_list(session, event)
    send_wave(session, event, by="Organiser", now=NOW)
    session.commit()
    with sessions() as fresh, app.app_context():
        batch = fresh.scalars(select(Delivery)).all()
        with counted_statements(fresh) as seen:
            mails = [compose(fresh, delivery, parts_of(app), NOW) for delivery in batch]
    assert len(mails) == 20
    assert len(seen) == 3 + 20  # the event, its programme, its own words


def test_a_test_mail_reads_like_the_invitation_and_opens_nothing(app, session, event):
    invitation = invite(session, event)
    send_test(session, event, to="me@city.example", language="en", by="Astrid", now=NOW)
    mail = make_mail(app, session, DeliveryKind.TEST)
    assert mail.recipients == ["me@city.example"]
    assert "This is a test, sent to you alone." in str(mail.body)
    signer = parts_of(app).signers.rsvp
    assert signer.read(link_in(mail).rpartition("/")[2]).public_id != invitation.public_id


def test_a_mail_is_not_sent_to_an_address_the_guest_has_no_more(app, session, event):
    guest = invite(session, event).guest
    guest.email, guest.email_key = "new@example.org", "new@example.org"
    with pytest.raises(ObsoleteError, match="address was changed"):
        make_mail(app, session, INVITATION)
