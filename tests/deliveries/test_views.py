"""The list of mails, one mail as it went out, and what a person says of it."""

import csv
from io import StringIO

import pytest

from app.dashboard.outbox import read_outbox
from app.deliveries.copies import copy_of, keep_copies
from app.deliveries.models import DeliveryState, Pause, PauseKind
from app.deliveries.pauses import ALL, event_scope, read_pauses
from tests.desk import Desk, text_of
from tests.factories import NOW, make_event, make_guest, make_organiser
from tests.mail.conftest import make_message
from tests.outbox import failed, fate, log_of, queue, sent, uncertain
from tests.statements import counted

SETTLED = {
    "arrived": (DeliveryState.SENT, "It is noted that the mail has arrived."),
    "send-again": (DeliveryState.QUEUED, "The mail is queued again"),
    "bounced": (DeliveryState.BOUNCED, "It is noted that the mail came back."),
}


@pytest.fixture
def event(session):
    return make_event(session)


@pytest.fixture
def desk(app, session, event):
    organiser = make_organiser(session, event)
    session.commit()
    return Desk(app).sign_in(organiser)


def address_of(session, delivery):
    session.commit()
    return f"deliveries/{delivery.public_id}"


def stop_of(session, scope):
    found = [row.by for row in read_pauses(session, NOW).rows if row.scope == scope]
    session.commit()
    return found


def test_the_list_is_shown_by_state(session, event, desk):
    guest = make_guest(session, event)
    queue(session, "one", event_id=event.id)
    failed(session, "two", event_id=event.id, guest_id=guest.id)
    session.commit()
    assert "All 2 Queued 1 Failed 1" in desk.page("deliveries")
    only_failed = desk.page("deliveries?state=failed")
    assert f"{guest.full_name} Invitation Invitation Failed Refused." in only_failed
    assert "one@example.org" not in only_failed


def test_a_state_without_mails_says_so(desk):
    assert "There is no such mail." in desk.page("deliveries?state=bounced")
    assert "No mail has been asked for yet." in desk.page("deliveries?state=nonsense")


def test_the_list_names_each_sending_with_what_became_of_it(session, event, desk):
    batch = f"{event.id}:wave:1"
    sent(session, "one", event_id=event.id, batch=batch)
    failed(session, "two", event_id=event.id, batch=batch)
    session.commit()
    page = desk.get("deliveries")
    assert "Wave 1 2 Nov, 10:00 Sent 1 Failed 1" in text_of(page)
    assert 'href="/organiser/summit/deliveries/sending/wave/1"' in page.text


def test_one_mail_shows_its_log_its_copy_and_the_servers_words(session, event, desk):
    delivery = sent(session, event_id=event.id)
    delivery.message_id = "abc@stockholm.example"
    keep_copies(session, {(delivery.id, 1): copy_of(make_message(text="Dear <Dr>,"))})
    response = desk.get(address_of(session, delivery))
    page = text_of(response)
    assert "Queued" in page
    assert "Attempt 1 worker first" in page
    assert "Sent The server’s words: 250 ok" in page
    assert "Message-ID abc@stockholm.example" in page
    assert "<pre>Dear &lt;Dr&gt;,</pre>" in response.text


def test_the_copy_is_framed_without_scripts(session, event, desk):
    delivery = sent(session, event_id=event.id)
    keep_copies(session, {(delivery.id, 1): copy_of(make_message(html="<p>Dear Dr"))})
    address = address_of(session, delivery)
    frame = desk.get(f"{address}/mail/1")
    assert f'src="/organiser/summit/{address}/mail/1"' in desk.get(address).text
    assert frame.text == "<p>Dear Dr"
    assert frame.headers["Content-Security-Policy"].endswith("frame-ancestors 'self'; sandbox")
    assert desk.get(f"{address}/mail/2").status_code == 404


def test_a_mail_that_was_not_sent_says_why_there_is_no_copy(session, event, desk):
    waiting, refused = (
        queue(session, "one", event_id=event.id),
        failed(session, "two", event_id=event.id),
    )
    assert "a mail is written at the moment it is sent" in desk.page(address_of(session, waiting))
    assert "No copy of this mail was kept." in desk.page(address_of(session, refused))


def test_a_mail_of_another_event_is_not_found_here(session, event, desk):
    other = queue(session, event_id=make_event(session, slug="other").id)
    address = address_of(session, other)
    assert desk.get(address).status_code == 404
    assert desk.post(f"{address}/cancel").status_code == 404
    assert fate(session) == (DeliveryState.QUEUED, "")


@pytest.mark.parametrize("deed", SETTLED)
def test_a_person_settles_an_uncertain_mail(session, event, desk, deed):
    state, told = SETTLED[deed]
    address = address_of(session, uncertain(session, event_id=event.id))
    assert "Has it arrived?" in desk.page(address)
    response = desk.post(f"{address}/{deed}")
    assert (response.status_code, response.location) == (303, f"/organiser/summit/{address}")
    assert told in desk.page(address)
    assert (fate(session)[0], log_of(session)[-1].by) == (state, "Astrid Lindhagen-Rask")


def test_a_waiting_mail_is_cancelled(session, event, desk):
    address = address_of(session, queue(session, event_id=event.id))
    desk.post(f"{address}/cancel")
    assert "The mail is cancelled" in desk.page(address)
    assert fate(session) == (DeliveryState.CANCELLED, "Cancelled before it was sent")


def test_what_can_no_longer_be_done_changes_nothing_and_says_so(session, event, desk):
    address = address_of(session, sent(session, event_id=event.id))
    desk.post(f"{address}/cancel")
    assert "The mail has moved on meanwhile; nothing was changed." in desk.page(address)
    assert fate(session) == (DeliveryState.SENT, "")


def test_a_stop_of_the_event_holds_until_somebody_lets_it_go_on(session, event, desk):
    assert desk.post("deliveries/stop").location == "/organiser/summit/deliveries"
    page = desk.page("deliveries")
    assert "All mail of this event is stopped By Astrid Lindhagen-Rask, 2 Nov, 10:00." in page
    assert "Stop all mail of this event" not in page
    assert "All mail of this event is stopped" in desk.page()
    assert stop_of(session, event_scope(event.id)) == ["Astrid Lindhagen-Rask"]
    desk.post("deliveries/resume")
    assert "Stop all mail of this event" in desk.page("deliveries")
    assert stop_of(session, event_scope(event.id)) == []


def test_trying_again_ends_the_pause_after_a_fault(session, desk):
    facts = {"since": NOW, "until": NOW, "strikes": 1, "struck_at": NOW, "by": ""}
    words = {"reason": "The mail server cannot be reached", "reply": ""}
    session.add(Pause(scope=ALL, kind=PauseKind.SERVER, **facts, **words))
    session.commit()
    desk.post("deliveries/retry")
    assert "It is being tried again now." in desk.page("deliveries")
    assert stop_of(session, ALL) == []


def test_the_log_as_a_table_holds_no_formula(session, event, desk):
    guest = make_guest(session, event, salutation="", first_name="=1+1", last_name="")
    sent(session, event_id=event.id, guest_id=guest.id)
    session.commit()
    with desk.get("deliveries/log.csv") as response:
        rows = list(csv.DictReader(StringIO(response.data.decode("utf-8-sig"))))
        named = response.headers["Content-Disposition"]
    assert [(row["guest"], row["state"]) for row in rows] == [
        ("'=1+1", "queued"),
        ("'=1+1", "sending"),
        ("'=1+1", "sent"),
    ]
    assert named == "attachment; filename=summit-mails.csv"


def test_long_lists_are_cut_into_pages(session, event, desk):
    for number in range(201):
        queue(session, str(number), event_id=event.id)
    session.commit()
    assert "Page 1 of 2" in desk.page("deliveries")
    assert desk.get("deliveries?page=2").text.count("<tr>") == 2


def test_the_list_asks_as_much_however_many_mails_there_are(session, event):
    asked = []
    for mails in (range(30), range(30, 600)):
        for number in mails:
            queue(session, str(number), event_id=event.id, batch=f"{event.id}:wave:1")
        session.commit()
        with counted(session) as statements:
            read_outbox(session, event, state=None, page=1, now=NOW)
        asked.append(len(statements))
    assert asked == [8, 8]
