"""The page of one sending: what it says at each stage, and how it is stopped and let go on."""

from datetime import timedelta

import pytest

from app.dashboard.sendings import read_sending
from app.deliveries.models import DeliveryState, Pause, PauseKind
from app.deliveries.moves import Note, mark_deferred
from app.deliveries.pauses import ALL, batch_scope, domain_scope, event_scope, stop
from tests.desk import Desk, text_of
from tests.factories import NOW, make_event, make_organiser
from tests.outbox import FIRST, begun, failed, fate, log_of, queue, sent, take
from tests.statements import counted

PAGE = "deliveries/sending/wave/1"
LATER = NOW + timedelta(minutes=4)
REFUSED = "The mail server does not accept the user name or password"


@pytest.fixture
def event(session):
    return make_event(session)


@pytest.fixture
def desk(app, session, event):
    organiser = make_organiser(session, event)
    session.commit()
    return Desk(app).sign_in(organiser)


@pytest.fixture
def wave(event):
    return {"event_id": event.id, "batch": f"{event.id}:wave:1"}


def look(session, desk):
    session.commit()
    return desk.page(PAGE)


def look_live(session, desk, looks=""):
    """Ask as htmx does."""
    session.commit()
    headers = {"HX-Request": "true"}
    return desk.client.get(f"{desk.base}{PAGE}?looks={looks}", headers=headers)


def pause(session, scope, kind, since=NOW, reason="The mail server cannot be reached"):
    facts = {"since": since, "until": LATER, "strikes": 5, "struck_at": NOW, "by": ""}
    session.add(Pause(scope=scope, kind=kind, reason=reason, reply="", **facts))


def defer(session, key, **facts):
    delivery = begun(session, key, **facts)
    note = Note(NOW, FIRST.name, "The mailbox is full", "452 4.2.2")
    mark_deferred(session, delivery.id, lease=FIRST.lease, due_at=LATER, note=note)


def test_a_sending_that_was_just_asked_for_begins_within_seconds(session, desk, wave):
    queue(session, **wave)
    page = look(session, desk)
    assert "0 of one mail sent It begins within seconds. Queued 1" in page
    assert "Stop the sending" in page


def test_a_sending_under_way_says_how_long_it_takes(session, desk, wave):
    for key, seconds in (("a", 40), ("b", 20), ("c", 0)):
        sent(session, key, now=NOW - timedelta(seconds=seconds), **wave)
    for number in range(6):
        queue(session, str(number), **wave)
    page = look(session, desk)
    assert "3 of 9 mails sent The mails are going out; about 2 minutes are left." in page


def test_the_first_mails_of_a_sending_say_nothing_of_its_end_yet(session, desk, wave):
    sent(session, "a", **wave)
    queue(session, "b", **wave)
    assert "1 of 2 mails sent The mails are going out. Queued 1" in look(session, desk)


def test_a_finished_sending_has_no_more_buttons_and_asks_no_more(session, desk, wave):
    sent(session, **wave)
    session.commit()
    response = desk.get(PAGE)
    assert "1 of one mail sent Nothing waits any more. Sent 1" in text_of(response)
    assert "hx-get" not in response.text
    assert "Stop the sending" not in response.text


def test_mails_that_need_somebody_stand_first(session, desk, wave):
    sent(session, "one", **wave)
    failed(session, "two", **wave)
    page = look(session, desk)
    assert "Nothing waits any more. One mail needs you; it stands first in the list below." in page
    assert page.index("two@example.org") < page.index("one@example.org")
    assert "Failed Refused." in page


def test_what_is_deferred_is_tried_again_at_a_time_that_is_told(session, desk, wave):
    defer(session, "one", **wave)
    page = look(session, desk)
    assert "What is deferred is tried again by itself, next at 10:04." in page
    assert "Deferred The mailbox is full. Next try: 2 Nov, 10:04." in page


def test_a_scheduled_sending_says_when_and_can_be_cancelled(session, desk, wave):
    queue(session, due_at=NOW + timedelta(days=1), **wave)
    page = look(session, desk)
    assert "The mails go out on Tuesday 3 November 2026 at 10:00, local time in Stockholm." in page
    assert "Cancel one mail" in page


def test_a_stop_holds_the_sending_until_it_is_let_go_on(session, desk, wave):
    queue(session, **wave)
    session.commit()
    assert desk.post(f"{PAGE}/stop").location == f"/organiser/summit/{PAGE}"
    page = look(session, desk)
    assert "Stopped: nothing more goes out, and nothing is lost." in page
    assert "Astrid Lindhagen-Rask stopped this sending on 2 Nov, 10:00." in page
    assert take(session) == []
    session.commit()
    desk.post(f"{PAGE}/resume")
    assert "The sending goes on." in look(session, desk)
    assert take(session) == ["one"]


def test_a_stop_of_the_whole_event_is_lifted_for_the_whole_event(session, event, desk, wave):
    queue(session, **wave)
    for scope in (batch_scope(wave["batch"]), event_scope(event.id)):
        stop(session, scope, by="Björn", now=NOW)
    page = look(session, desk)
    assert "Björn stopped all mail of this event on 2 Nov, 10:00." in page
    assert "Let all mail of the event go on" in page
    desk.post("deliveries/resume")
    assert "Björn stopped this sending on 2 Nov, 10:00." in look(session, desk)


def test_what_waits_is_cancelled_and_what_was_sent_stays(session, desk, wave):
    sent(session, "one", **wave)
    queue(session, "two", **wave)
    session.commit()
    desk.post(f"{PAGE}/cancel")
    assert "One mail is cancelled." in look(session, desk)
    states = [fate(session, key)[0] for key in ("one", "two")]
    assert states == [DeliveryState.SENT, DeliveryState.CANCELLED]


def test_a_server_that_is_away_for_a_moment_is_told_without_alarm(session, desk, wave):
    queue(session, **wave)
    pause(session, ALL, PauseKind.SERVER)
    page = look(session, desk)
    assert (
        "The mail server cannot be reached. All mail waits, and nothing is lost."
        " It is tried again at 10:04." in page
    )
    assert "All mail waits for the mail server" not in page


@pytest.mark.parametrize("path", ["", "deliveries", PAGE])
def test_a_server_that_stays_away_is_an_alarm(session, desk, wave, path):
    queue(session, **wave)
    pause(session, ALL, PauseKind.SERVER, since=NOW - timedelta(minutes=6))
    session.commit()
    page = desk.page(path)
    assert "All mail waits for the mail server The mail server cannot be reached." in page
    assert "Since 2 Nov, 09:54." in page


@pytest.mark.parametrize("path", ["", "deliveries", PAGE])
def test_settings_that_let_no_mail_out_are_an_alarm_at_once(session, desk, wave, path):
    queue(session, **wave)
    pause(session, ALL, PauseKind.SETTINGS, reason=REFUSED)
    session.commit()
    page = desk.page(path)
    assert f"No mail can go out {REFUSED}." in page
    assert "“couvert mail check”" in page
    assert "Try again now" in page


@pytest.mark.parametrize("path", ["", "deliveries", PAGE])
def test_mail_that_no_worker_takes_up_is_an_alarm(session, desk, wave, path):
    queue(session, now=NOW - timedelta(minutes=6), **wave)
    session.commit()
    page = desk.page(path)
    assert "Mail is overdue, and nothing goes out Since 2 Nov, 09:54." in page
    waits = "the mails wait for a worker to take them up" in page
    assert waits is (path == PAGE)


@pytest.mark.parametrize("path", ["", "deliveries", PAGE])
def test_a_clock_that_was_set_back_is_an_alarm(session, desk, wave, path):
    begun(session, **wave)
    log_of(session)[-1].at = NOW + timedelta(hours=1)
    session.commit()
    page = desk.page(path)
    assert "The clock of the machine was set back The log has a line from 2 Nov, 11:00." in page


def test_a_provider_that_asks_for_patience_is_named(session, desk, wave):
    queue(session, **wave)
    pause(session, domain_scope("example.org"), PauseKind.DOMAIN)
    assert "example.org asks us to send more slowly; its mails are tried again at 10:04." in look(
        session, desk
    )


def test_htmx_gets_what_moves_and_nothing_else(session, desk, wave):
    delivery = queue(session, **wave)
    same = look_live(session, desk, looks="going")
    assert text_of(same) == "0 of one mail sent It begins within seconds. Queued 1 Queued"
    assert f'id="fate-{delivery.public_id}" hx-swap-oob="true"' in same.text
    assert "<html" not in same.text


def test_htmx_gets_the_buttons_where_they_would_be_others(session, desk, wave):
    queue(session, **wave)
    stop(session, batch_scope(wave["batch"]), by="Björn", now=NOW)
    changed = look_live(session, desk, looks="going")
    assert 'id="deeds"' in changed.text
    assert "Let the sending go on" in text_of(changed)


def test_htmx_gets_the_button_for_what_failed_as_soon_as_something_has(session, desk, wave):
    failed(session, **wave)
    queue(session, "two", **wave)
    changed = look_live(session, desk, looks="going")
    assert 'id="deeds"' in changed.text
    assert "Send the failed mail once more" in text_of(changed)


def test_a_swedish_organiser_reads_all_of_it_in_swedish(app, session, event, wave):
    organiser = make_organiser(session, event, language="sv")
    defer(session, "one", **wave)
    session.commit()
    page = look(session, Desk(app).sign_in(organiser))
    assert "Det som är uppskjutet försöks igen av sig självt, nästa gång kl. 10.04." in page
    assert "Uppskjutet Brevlådan är full. Nästa försök: 2 nov, 10.04." in page


def test_the_sending_of_another_event_is_not_found_here(session, desk):
    other = make_event(session, slug="other")
    queue(session, event_id=other.id, batch=f"{other.id}:wave:1")
    session.commit()
    assert desk.get(PAGE).status_code == 404
    assert [desk.post(f"{PAGE}/{deed}").status_code for deed in ("stop", "cancel")] == [404, 404]


def test_the_page_asks_as_much_however_many_mails_there_are(session, event, wave):
    asked = []
    for mails in (range(30), range(30, 600)):
        for number in mails:
            queue(session, str(number), **wave)
        session.commit()
        with counted(session) as statements:
            assert read_sending(session, event, wave["batch"], now=NOW)
        asked.append(len(statements))
    assert asked == [11, 11]
