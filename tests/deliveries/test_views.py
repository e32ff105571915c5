"""The list of mails and one mail as it was sent."""

import pytest

from app.deliveries.models import DeliveryState
from app.deliveries.queries import list_deliveries
from tests.desk import Desk
from tests.factories import NOW, make_event, make_invitation, make_organiser


@pytest.fixture
def event(session):
    return make_event(session)


@pytest.fixture
def desk(app, session, event):
    organiser = make_organiser(session, event)
    session.commit()
    return Desk(app).sign_in(organiser)


def invite(session, event, **facts):
    """Invite a guest and return the delivery, with these facts."""
    guest = make_invitation(session, event).guest
    delivery = list_deliveries(session, event.id)[0]
    for name, value in facts.items():
        setattr(delivery, name, value)
    session.commit()
    return delivery, guest


def test_the_list_is_shown_by_state(session, event, desk):
    _, queued = invite(session, event)
    _, failed = invite(session, event, state=DeliveryState.FAILED, error="No such mailbox.")
    everything = desk.page("deliveries")
    assert "All 2 Queued 1 Failed 1" in everything
    only_failed = desk.page("deliveries?state=failed")
    assert (failed.full_name in only_failed, queued.full_name in only_failed) == (True, False)
    assert "Failed No such mailbox." in only_failed


def test_a_state_without_mails_says_so(desk):
    assert "There is no such mail." in desk.page("deliveries?state=bounced")
    assert "No mail has been asked for yet." in desk.page("deliveries?state=nonsense")


def test_one_mail_shows_its_copy_and_the_servers_words(session, event, desk):
    delivery, guest = invite(
        session,
        event,
        state=DeliveryState.SENT,
        sent_at=NOW,
        attempts=2,
        reply="250 2.0.0 Ok: queued as 4A2",
        message_id="abc@stockholm.example",
        subject="Invitation: Summit",
        text="Dear <Dr>,\nhttp://couvert.test/rsvp/…",
    )
    page = desk.get(f"deliveries/{delivery.public_id}").text
    assert f"Invitation to {guest.full_name}" in page
    assert "250 2.0.0 Ok: queued as 4A2" in page
    assert "abc@stockholm.example" in page
    assert "<pre>Dear &lt;Dr&gt;,\nhttp://couvert.test/rsvp/…</pre>" in page


def test_a_mail_not_yet_written_says_so(session, event, desk):
    delivery, _ = invite(session, event)
    page = desk.page(f"deliveries/{delivery.public_id}")
    assert "a mail is written at the moment it is sent" in page


def test_a_mail_of_another_event_is_not_found_here(session, event, desk):
    delivery, _ = invite(session, make_event(session, slug="other"))
    assert desk.get(f"deliveries/{delivery.public_id}").status_code == 404


def test_long_lists_are_cut_into_pages(session, event, desk):
    delivery, guest = invite(session, event)
    for number in range(200):
        session.add(
            type(delivery)(
                key=f"test:{number}",
                kind=delivery.kind,
                event_id=event.id,
                guest_id=guest.id,
                subject_id=1,
                recipient=guest.email,
                language="en",
                created_at=NOW,
                due_at=NOW,
            )
        )
    session.commit()
    assert "Page 1 of 2" in desk.page("deliveries")
    assert desk.get("deliveries?page=2").text.count("<tr>") == 2
