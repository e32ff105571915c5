"""The guest's page over HTTP: what is shown, recorded, refused, and what it costs."""

import logging
from datetime import UTC, datetime

import pytest
from icalendar import Calendar
from sqlalchemy import event as listening
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.deliveries.models import Delivery, DeliveryKind
from app.invitations.models import InvitationState
from app.invitations.queries import list_open
from app.invitations.services import close, send_wave
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel, Rsvp
from app.rsvp.services import record_answer
from app.tokens import Claim
from tests.desk import text_of
from tests.factories import (
    NOW,
    approve_list,
    make_dinner,
    make_event,
    make_fixed_point,
    make_guest,
    make_item,
)
from tests.rsvp.browsing import GuestsBrowser, invite

LATE = datetime(2026, 12, 3, 9, tzinfo=UTC)
MOST_STATEMENTS = 7


def recorded(app, invitation) -> Rsvp | None:
    with app.extensions["couvert"].sessions() as session:
        rows = session.scalars(select(Rsvp).where(Rsvp.invitation_id == invitation.id))
        return rows.one_or_none()


def errors_in(response: TestResponse) -> str:
    assert response.status_code == 422
    return text_of(response).split("still here.")[1].split("Personal invitation")[0].strip()


def test_an_open_invitation_shows_the_card_and_the_form(browser):
    page = browser.text()
    assert "City of Stockholm has the honour of inviting Dr Zofia Strøm-Łęcka to the" in page
    assert "9 and 10 December 2026 Stockholm" in page
    assert "Please answer by Friday 20 November 2026 For the dinner: Dark suit" in page
    assert "I accept with pleasure" in page


def test_the_page_speaks_the_guests_language_unless_another_is_asked_for(session, app, event):
    browser = invite(session, app, event, language="sv", salutation="Professor")
    assert '<html lang="sv">' in browser.get().text
    assert "professor Zofia" in browser.get().text
    assert '<html lang="en">' in browser.get("?lang=en").text


def test_opening_the_link_changes_nothing(app, browser, invitation):
    browser.get()
    assert browser.client.head(browser.address).status_code == 200
    assert recorded(app, invitation) is None
    assert invitation.state is InvitationState.OPEN


def test_an_answer_is_recorded_and_shown(browser):
    response = browser.post(
        answer="accepted",
        items=["dinner", "workshop"],
        diet="Gluten free",
        companion_name="Tomas Rønnow",
        companion_diet="vegetarian",
        message="I arrive late.",
    )
    assert (response.status_code, response.location) == (303, browser.address)
    page = browser.text()
    assert "Thank you, Dr Strøm-Łęcka" in page
    assert "Your diet Gluten-free Companion Tomas Rønnow Companion’s diet Vegetarian" in page
    assert "Open to change until 1 December" in page
    assert "Not chosen: Visit kista; Visit stokab." in page
    assert "I arrive late." in page


def test_an_answer_is_confirmed_by_mail(session, browser, invitation):
    browser.post(answer="accepted")
    kinds = session.scalars(select(Delivery.kind).where(Delivery.guest_id == invitation.guest_id))
    assert DeliveryKind.CONFIRMATION in kinds.all()


def test_sending_twice_is_harmless(app, browser, invitation):
    for _ in range(2):
        assert browser.post(answer="accepted", items="workshop").status_code == 303
    assert recorded(app, invitation).version == 1


def test_a_decline_needs_nothing_else(app, browser, invitation):
    assert browser.post(answer="declined").status_code == 303
    assert recorded(app, invitation).answer is Answer.DECLINED
    assert "We have noted with regret that you cannot attend" in browser.text()


def test_a_recorded_answer_can_be_changed_by_the_form_filled_in_with_it(browser):
    browser.post(answer="accepted", items="dinner", diet="inga skaldjur")
    form = browser.get("?change=1").text
    assert '<option value="other" selected>Other, in my own words</option>' in form
    assert 'value="inga skaldjur"' in form
    browser.post("?change=1", answer="accepted", items="dinner", diet="inga skaldjur")
    assert "Your diet inga skaldjur" in browser.text()


def test_the_language_asked_for_is_kept_when_an_answer_is_sent(browser):
    assert browser.post("?lang=sv", answer="declined").location == f"{browser.address}?lang=sv"


def test_a_form_with_mistakes_comes_back_with_what_was_typed(app, browser, invitation):
    response = browser.post(
        answer="accepted", items="workshop", companion_diet="vegan", message="Still <here>"
    )
    assert errors_in(response) == "Give your companion’s name, or clear the companion’s diet."
    assert "Still &lt;here&gt;</textarea>" in response.text
    assert '<option value="vegan" selected>' in response.text
    assert recorded(app, invitation) is None


def test_mistakes_in_fields_and_overlaps_are_told_together(browser):
    errors = errors_in(browser.post(items=["visit-kista", "visit-stokab"], companion_diet="vegan"))
    assert errors == (
        "Say whether you accept or decline."
        " Give your companion’s name, or clear the companion’s diet."
        " Choose one of the two: Visit kista (09:00–12:00) and Visit stokab (09:00–12:00) overlap."
    )


def test_a_transfer_that_takes_too_long_is_told_with_its_time(session, app, event):
    noon = datetime(2026, 12, 9, 11, 15, tzinfo=UTC)
    make_item(session, event, "lunch", starts=noon, ends=noon.replace(hour=12))
    browser = invite(session, app, event)
    assert errors_in(browser.post(answer="accepted", items=["visit-kista", "lunch"])) == (
        "Choose one of the two: Visit kista (09:00–12:00) and Lunch (12:15–13:15) are too close to"
        " each other. Visit kista needs 30 minutes before and after."
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"items": "ball"}, "The programme has changed. Please look through it"),
        ({"companion_name": "Tomas"}, "A companion comes to the dinner: tick the dinner"),
        (
            {"items": "dinner", "companion_name": ["Tomas", "Anna"]},
            "One companion is welcome: please clear the other names.",
        ),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_plain_words(browser, fields, words):
    assert errors_in(browser.post(answer="accepted", **fields)).startswith(words)


def test_a_companion_without_a_place_is_refused(session, app):
    event = make_event(session)
    make_dinner(session, event, places=1)
    browser = invite(session, app, event)
    errors = errors_in(browser.post(answer="accepted", items="dinner", companion_name="Tomas"))
    assert errors == "No place is left for a companion. Clear the name if you come alone."


def test_a_full_item_is_said_to_be_full_and_gives_the_reserve(session, app, event, browser):
    invite(session, app, event).post(answer="accepted", items="workshop")
    assert "Full: 1 of 1 places taken Tick to stand on the reserve, as number 1." in browser.text()
    browser.post(answer="accepted", items="workshop")
    assert "You are number 1 on the reserve." in browser.text()
    assert "You are number 1 on the reserve." in browser.text("?change=1")


def test_what_runs_elsewhere_at_that_time_is_a_note_and_no_refusal(session, app, event):
    starts = datetime(2026, 12, 9, 9, tzinfo=UTC)
    make_fixed_point(session, event, starts=starts, ends=starts.replace(hour=10))
    browser = invite(session, app, event)
    assert "At the same time: Nobel Prize Award Ceremony (10:00–11:00)." in browser.text()
    assert browser.post(answer="accepted", items="visit-kista").status_code == 303


def test_a_wish_to_come_after_all_is_noted_when_every_place_is_taken(session, app):
    event = make_event(session, place_limit=1)
    browser = invite(session, app, event)
    browser.post(answer="declined")
    invite(session, app, event)
    assert browser.post(answer="accepted").status_code == 303
    assert "All 1 places are taken. We have noted your wish" in browser.text()


def test_locked_parts_cannot_be_ticked_and_say_so(clock, browser):
    browser.post(answer="accepted", items="dinner", diet="vegan", companion_name="Tomas")
    clock[0] = datetime(2026, 11, 25, 9, tzinfo=UTC)
    form = browser.get("?change=1").text
    assert 'id="item-workshop"' in form
    assert "Locked on 20 November: please call or write to us." in text_of(browser.get("?change=1"))
    assert errors_in(browser.post(answer="accepted", items=["dinner", "workshop"])).startswith(
        "Workshop was locked on Friday 20 November 2026"
    )


def test_a_locked_dinner_keeps_diet_and_companion(clock, browser):
    browser.post(answer="accepted", items="dinner", diet="vegan", companion_name="Tomas")
    clock[0] = LATE
    assert "?change=1" not in browser.get().text
    assert "Locked on 1 December: please call or write to us." in browser.text()
    assert "Your diet Vegan Companion Tomas" in browser.text()


def test_after_the_reply_by_day_the_event_is_answered_by_way_of_the_organiser(clock, browser):
    browser.post(answer="accepted", items="dinner")
    clock[0] = datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert "If you can no longer attend, please call or write to us." in browser.text()
    assert errors_in(browser.post(answer="declined")) == (
        "The reply-by date was Friday 20 November 2026."
        " Please call or write to us to change your answer."
    )


def test_a_closed_invitation_says_whom_to_ask(clock, browser):
    clock[0] = LATE
    for response in (browser.get(), browser.post(answer="accepted")):
        assert response.status_code == 410
        assert "The reply-by date was Friday 20 November 2026" in text_of(response)
        assert 'href="tel:+46846500412"' in response.text


def test_links_that_are_not_good_get_one_page(session, app, browser, invitation):
    close(session, invitation, InvitationState.WITHDRAWN, now=NOW)
    session.commit()
    signers = app.extensions["couvert"].signers
    unknown = signers.rsvp.sign(Claim("nobody", 1))
    addresses = (browser.address, f"/rsvp/{unknown}", "/rsvp/x", f"{browser.address}x")
    answers = [browser.client.get(address) for address in addresses]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert "Strøm" not in answers[0].text


def test_other_sites_cannot_send_the_form(app, browser, invitation):
    response = browser.post(answer="declined", headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 400
    assert recorded(app, invitation) is None
    same = browser.post(answer="declined", headers={"Sec-Fetch-Site": "same-origin"})
    assert same.status_code == 303


def test_wrong_methods_and_oversized_answers_get_a_page(browser):
    assert browser.client.put(browser.address).status_code == 405
    response = browser.post(answer="accepted", message="x" * 300_000)
    assert response.status_code == 413
    assert "That was too much at once" in text_of(response)


def test_no_cookie_is_set_and_nothing_is_stored(browser):
    browser.post(answer="accepted")
    for response in (browser.get(), browser.get("?change=1"), browser.get("/calendar.ics")):
        assert "Set-Cookie" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"


def test_no_token_is_logged(browser, caplog):
    caplog.set_level(logging.DEBUG)
    browser.get()
    browser.post(answer="accepted", items="ball")
    assert browser.address.removeprefix("/rsvp/") not in caplog.text


def test_the_calendar_file_holds_the_parts_said_yes_to(browser):
    browser.post(answer="accepted", items=["dinner", "visit-kista"])
    response = browser.get("/calendar.ics")
    assert response.mimetype == "text/calendar"
    assert response.headers["Content-Disposition"] == "attachment; filename=summit.ics"
    events = Calendar.from_ical(response.data).walk("VEVENT")
    assert [str(entry["SUMMARY"]) for entry in events] == ["Visit kista", "Dinner"]


def test_there_is_no_calendar_file_without_a_part(browser):
    assert browser.get("/calendar.ics").status_code == 404
    browser.post(answer="accepted")
    assert browser.get("/calendar.ics").status_code == 404
    assert "calendar" not in browser.get().text.replace("Your calendar", "")


def test_names_and_words_of_guests_are_escaped(session, app, event):
    browser = invite(session, app, event, first_name="<b>", last_name="O'Brien & Co")
    browser.post(answer="accepted", items="dinner", diet='"><script>', companion_name="<i>")
    pages = browser.get().text + browser.get("?change=1").text
    assert "<script>" not in pages
    assert "<b>Co" not in pages
    assert "&lt;i&gt;" in pages


@pytest.mark.parametrize("guests", [3, 300])
def test_a_page_costs_at_most_seven_statements_however_many_guests(
    session, app, event, invitation, guests
):
    event.place_limit = guests
    for _ in range(guests - 1):
        make_guest(session, event)
    approve_list(session, event)
    accept_all(session, event)
    session.commit()
    browser = GuestsBrowser(app, invitation)
    counts = [statements_of(app, browser, rest) for rest in ("", "?change=1", "/calendar.ics")]
    assert [count <= MOST_STATEMENTS for count in counts] == [True, True, True], counts


def accept_all(session, event) -> None:
    """Let everybody accept, so that the invitation's guest stands on the reserve."""
    send_wave(session, event, by="Organiser", now=NOW)
    wish = AnswerWish(Answer.ACCEPTED, items=frozenset({"dinner", "workshop"}))
    for each in reversed(list_open(session, event.id)[:30]):
        facts = {"channel": AnswerChannel.GUEST, "actor": "", "now": NOW}
        record_answer(session, each, wish, **facts)


def statements_of(app, browser, rest: str) -> int:
    engine = app.extensions["couvert"].sessions.kw["bind"]
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SET")):
            statements.append(statement)

    listening.listen(engine, "before_cursor_execute", note)
    try:
        assert browser.get(rest).status_code == 200
    finally:
        listening.remove(engine, "before_cursor_execute", note)
    return len(statements)
