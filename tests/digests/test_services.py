"""Making a digest: once per week, in whatever weeks, and exactly as it is stored."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select

from app.dashboard.queries import event_status
from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.digests.models import Digest
from app.digests.queries import Slot, numbers_of
from app.digests.services import MOST_LINES, due_digest, make_digest, render_digest
from app.events.models import Event
from app.guests.models import GuestStatus
from app.rsvp.changes import AnswerWish, CompanionWish, DietWish
from app.rsvp.models import Answer, AnswerChannel, Diet
from app.rsvp.services import record_answer
from tests.factories import NOW, make_dinner, make_event, make_guest, make_invitation, make_item
from tests.mails.composing import newest, parts_of

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 9, 6, 0, tzinfo=UTC)
LARGEST_HTML = 60 * 1024


@pytest.fixture
def make(app, session):
    def made(event, *, slot="2026-W45", now=NOW):
        with app.app_context():
            return make_digest(session, event, slot=slot, now=now, parts=parts_of(app))

    return made


@pytest.fixture
def render(app, session):
    def rendered(event, *, now=NOW):
        session.flush()
        with app.app_context():
            return render_digest(session, event, now=now, parts=parts_of(app))

    return rendered


def answer(session, invitation, wish, now=NOW):
    channel = AnswerChannel.PHONE
    record_answer(session, invitation, wish, channel=channel, actor="Astrid", now=now)


def test_a_slot_is_due_from_the_moment_it_begins(session):
    event = make_event(session)
    assert due_digest(session, event, MONDAY - timedelta(seconds=1)) is None
    assert due_digest(session, event, MONDAY) == Slot("2026-W46", MONDAY)


def test_a_slot_that_began_before_the_event_was_made_is_not_due(session):
    event = make_event(session, created_at=NOW)
    assert due_digest(session, event, NOW + HOUR) is None


def test_a_slot_is_due_once(session, make):
    event = make_event(session)
    make(event, slot="2026-W46", now=MONDAY)
    assert due_digest(session, event, MONDAY + HOUR) is None


def test_after_weeks_of_downtime_only_the_last_slot_is_due(session):
    event = make_event(session)
    assert due_digest(session, event, MONDAY + 3 * WEEK).name == "2026-W49"


def test_the_last_digest_comes_within_a_week_of_the_events_end(session):
    event = make_event(session)
    assert due_digest(session, event, datetime(2026, 12, 14, 6, 0, tzinfo=UTC)) is not None
    assert due_digest(session, event, datetime(2026, 12, 21, 6, 0, tzinfo=UTC)) is None


def test_a_digest_asks_for_one_mail_to_each_recipient(session, make):
    twice = ["a@stockholm.example", "b@stockholm.example", "A@Stockholm.example"]
    event = make_event(session, digest_recipients=twice, languages=["sv", "en"])
    digest = make(event)
    rows = session.scalars(select(Delivery).order_by(Delivery.id)).all()
    assert [row.recipient.lower() for row in rows] == ["a@stockholm.example", "b@stockholm.example"]
    assert {(row.kind, row.subject_id, row.language) for row in rows} == {
        (DeliveryKind.DIGEST, digest.id, "sv")
    }


def test_a_slot_made_already_is_not_made_again(session, make):
    event = make_event(session)
    make(event)
    assert make(event) is None
    assert session.scalars(select(func.count()).select_from(Delivery)).one() == 1


def test_several_hosts_make_one_digest(app, sessions):
    with sessions.begin() as session:
        event_id = make_event(session).id
    made: list[Digest | None] = []

    def host() -> None:
        with app.app_context(), sessions.begin() as session:
            event = session.get_one(Event, event_id)
            made.append(make_digest(session, event, slot="W1", now=NOW, parts=parts_of(app)))

    hosts = [Thread(target=host) for _ in range(4)]
    for thread in hosts:
        thread.start()
    for thread in hosts:
        thread.join()
    assert sorted(digest is not None for digest in made) == [False, False, False, True]


def test_what_is_stored_is_what_the_dry_run_shows(session, make, render):
    event = make_event(session)
    make_invitation(session, event)
    shown, digest = render(event), make(event)
    assert (digest.subject, digest.text, digest.html) == (shown.subject, shown.text, shown.html)
    assert digest.numbers == numbers_of(event_status(session, event))


def test_a_dry_run_stores_nothing(session, render):
    event = make_event(session)
    render(event)
    assert session.scalars(select(func.count()).select_from(Digest)).one() == 0
    assert session.scalars(select(func.count()).select_from(Delivery)).one() == 0


@pytest.fixture
def busy(session):
    """An event where much has happened: answers, a reserve, a mail that did not arrive."""
    event = make_event(session, created_at=NOW - WEEK)
    make_dinner(session, event, places=4)
    make_item(session, event, "workshop", places=1)
    wish = AnswerWish(
        Answer.ACCEPTED,
        frozenset({"dinner", "workshop"}),
        DietWish(Diet.OTHER, "no shellfish"),
        (CompanionWish("Karin Ek", DietWish(Diet.VEGAN)),),
    )
    accepted = make_invitation(session, event, last_name="Strøm-Łęcka")
    answer(session, accepted, wish)
    declined = make_invitation(session, event, last_name="Falcão-Brás", salutation="Ms")
    answer(session, declined, AnswerWish(Answer.DECLINED), now=NOW + HOUR)
    make_invitation(session, event, last_name="Țărmureanu", salutation="Mr", first_name="Bogdan")
    delivery = newest(session, DeliveryKind.INVITATION)
    delivery.state, delivery.error = DeliveryState.FAILED, "The mailbox does not exist."
    reserve = {"status": GuestStatus.RESERVE, "rank": 1, "last_name": "Brandstätter-Huf"}
    make_guest(session, event, **reserve, country="Austria")
    return event


def test_the_html_says_what_the_text_says(busy, render):
    html = render(busy, now=NOW + 2 * HOUR).html
    facts = ("Ms Zofia Falcão-Brás declined, by phone", "Mr Bogdan Țărmureanu, Poland")
    more = ("Dr Zofia Brandstätter-Huf, Austria", "The mailbox does not exist.", "Vegan")
    assert [fact for fact in (*facts, *more) if fact not in html] == []


def test_diets_are_counts_and_never_names_or_words(busy, render):
    content = render(busy, now=NOW + 2 * HOUR)
    for said in (content.text, content.html):
        assert "shellfish" not in said
        assert "Karin Ek" not in said


def test_the_next_digest_compares_with_the_last(busy, session, make, render):
    make(busy, now=NOW + 2 * HOUR)
    answer(session, make_invitation(session, busy), AnswerWish(Answer.ACCEPTED), NOW + 3 * HOUR)
    text = render(busy, now=NOW + WEEK).text
    assert "SINCE MONDAY 2 NOVEMBER" in text
    assert "Accepted 1 → 2, held 1 → 1, declined 1 → 1, free 1 → 0." in text
    assert "Strøm-Łęcka accepted" not in text


def test_an_unchanged_week_says_so_in_one_line(busy, make, render):
    make(busy, now=NOW + 2 * HOUR)
    content = render(busy, now=NOW + WEEK)
    since = content.text.partition("SINCE MONDAY 2 NOVEMBER")[2].partition("PROGRAMME")[0]
    assert since.split("\n") == ["", "", "Nothing has changed.", "", ""]
    assert "Nothing has changed." in content.html


def test_long_lists_are_cut_and_the_rest_counted(session, render):
    event = make_event(session, place_limit=30, created_at=NOW - WEEK)
    for _ in range(MOST_LINES + 2):
        make_invitation(session, event)
    for delivery in session.scalars(select(Delivery)):
        delivery.state, delivery.error = DeliveryState.FAILED, "The mailbox does not exist."
    content = render(event)
    assert content.text.count("The mailbox does not exist.") == MOST_LINES
    assert content.text.count("    and 2 more\n") == 3
    assert len(content.html.encode()) < LARGEST_HTML


def test_an_empty_event_has_a_digest_too(session, render):
    content = render(make_event(session))
    assert content.subject == "0 accepted, 0 held, 3 free: Public Services Summit, 2 November 2026"
    assert "No answer has come, and no version of the list was approved." in content.text
    assert "PROGRAMME" not in content.text


def test_it_speaks_the_first_language_of_the_event(session, render):
    event = make_event(session, languages=["sv", "en"])
    make_invitation(session, event, salutation="Professor", last_name="Källsjö-Ahl")
    content = render(event)
    assert "måndagen den 2 november 2026" in content.text
    assert "professor Zofia Källsjö-Ahl" in content.text
