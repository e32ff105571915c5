"""Copies of what was handed over: links masked, one for each attempt, read again whole."""

from datetime import UTC, datetime
from email.headerregistry import Address

from app.deliveries.copies import copy_of, keep_copies, read_copies
from app.mail.message import CalendarFile, MailMessage
from tests.outbox import begun

LINK = "http://couvert.test/rsvp/eyJwIjoi.ZmFrZQ.c2lnbmF0dXJl"
MASKED = "http://couvert.test/rsvp/…"


def make_message(**facts) -> MailMessage:
    given = {
        "to": Address("Zofia Łęcka", "zofia", "example.org"),
        "sender": Address("City of Stockholm", "summit", "stockholm.example"),
        "subject": "Inbjudan: toppmötet i Stockholm den 9–10 december, med middag i Blå hallen",
        "text": f"Dear Dr Łęcka,\n{LINK}\n",
        "html": f'<p>Dear Dr Łęcka, <a href="{LINK}">answer</a></p>',
        "message_id": "abc@stockholm.example",
        "date": datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
        **facts,
    }
    return MailMessage(**given)


def test_no_part_of_a_copy_has_a_link_that_signs_anybody_in():
    copy = copy_of(
        make_message(calendars=[CalendarFile(f"DESCRIPTION:{LINK}".encode(), "REQUEST", "a.ics")])
    )
    assert copy.text == f"Dear Dr Łęcka,\n{MASKED}\n"
    assert copy.page == f'<p>Dear Dr Łęcka, <a href="{MASKED}">answer</a></p>'
    assert copy.calendar == f"DESCRIPTION:{MASKED}"


def test_a_link_in_a_header_is_masked_too():
    copy = copy_of(make_message(headers={"List-Unsubscribe": f"<{LINK}>"}))
    assert f"List-Unsubscribe: <{MASKED}>" in copy.headers.splitlines()


def test_the_header_lines_are_kept_unfolded_and_the_subject_in_words():
    message = make_message()
    copy = copy_of(message)
    names = [line.partition(":")[0] for line in copy.headers.splitlines()]
    assert names[:5] == ["From", "To", "Subject", "Date", "Message-ID"]
    assert copy.subject == message.subject


def test_a_mail_without_a_calendar_has_none_in_its_copy():
    assert copy_of(make_message()).calendar == ""


def test_each_attempt_has_a_copy_of_its_own_the_newest_first(session):
    delivery, other = begun(session), begun(session, "other")
    first, second = copy_of(make_message(text="One.")), copy_of(make_message(text="Two."))
    keep_copies(session, {(delivery.id, 1): first, (other.id, 1): first})
    keep_copies(session, {(delivery.id, 2): second})
    assert list(read_copies(session, delivery.id).items()) == [(2, second), (1, first)]
    assert read_copies(session, delivery.id)[2].page == second.page


def test_nothing_handed_over_leaves_no_copy(session):
    delivery = begun(session)
    keep_copies(session, {})
    assert read_copies(session, delivery.id) == {}
