"""A message is one tree, clean to the last byte, and nothing can be smuggled into its head."""

from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mail.message import MailMessage, wire_address
from tests.mail.conftest import calendar_file, make_message

ICS = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:M\xc3\xb6te\r\nEND:VCALENDAR\r\n"
LONG_NAME = "Hennes Excellens Ambassadören Fru Åsa Hjulström-Öhm av Källsjö och Brandstätter-Huf"
PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1)


def parsed(message: MailMessage) -> EmailMessage:
    return message_from_bytes(message.as_bytes(), policy=policy.default)


def tree(part: EmailMessage) -> object:
    kind = part.get_content_subtype()
    return (kind, [tree(inner) for inner in part.iter_parts()]) if part.is_multipart() else kind


def decoded(message: MailMessage, header: str) -> str:
    """Decode as RFC 2047 has it; the newer parser of Python 3.11 splits long names in two."""
    return str(make_header(decode_header(message_from_bytes(message.as_bytes())[header])))


def lines(message: MailMessage) -> Iterator[bytes]:
    yield from message.as_bytes().split(b"\r\n")


def test_a_mail_is_text_and_html_side_by_side(message: MailMessage):
    assert tree(parsed(message)) == ("alternative", ["plain", "html"])


def test_a_mail_with_a_calendar_entry_has_it_as_an_alternative_and_as_a_file():
    mail = parsed(make_message(calendars=[calendar_file(ICS)]))
    assert tree(mail) == ("mixed", [("alternative", ["plain", "html", "calendar"]), "ics"])


def test_the_calendar_entry_says_its_method_and_arrives_unchanged():
    mail = parsed(make_message(calendars=[calendar_file(ICS, "CANCEL", "gone.ics")]))
    (file,) = mail.iter_attachments()
    (entry,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert entry["Content-Type"].params == {"charset": "utf-8", "method": "CANCEL"}
    assert (entry.get_payload(decode=True), file.get_content()) == (ICS, ICS)
    assert file.get_filename() == "gone.ics"


def test_several_calendar_entries_are_a_part_each():
    files = [calendar_file(ICS, "REQUEST", "a.ics"), calendar_file(ICS, "CANCEL", "b.ics")]
    mail = parsed(make_message(calendars=files))
    assert tree(mail) == ("mixed", [("alternative", ["plain", "html"]), "calendar", "calendar"])
    sent = [
        (part.get_filename(), part["Content-Type"].params["method"], part.get_payload(decode=True))
        for part in mail.iter_attachments()
    ]
    assert sent == [("a.ics", "REQUEST", ICS), ("b.ics", "CANCEL", ICS)]


def test_texts_arrive_as_they_were_written():
    text = "Välkommen.\n.\nA\x85B\u2028C\x0bD\nFrom here on \n" + "å" * 2000 + "\n\ta = b\n"
    mail = parsed(make_message(text=text, html=f"<p>{text}</p>\n"))
    sent = [part.get_content().replace("\r\n", "\n") for part in mail.iter_parts()]
    assert sent == [text, f"<p>{text}</p>\n"]


@pytest.mark.parametrize(
    ("given", "arrived"),
    [
        ("", "\n"),
        ("\n\n", "\n"),
        ("a", "a\n"),
        ("a\n\n\n", "a\n"),
        ("a\rb\r\n\nc ", "a\nb\n\nc \n"),
    ],
)
def test_a_text_ends_with_one_line_end(given: str, arrived: str):
    text, _ = parsed(make_message(text=given)).iter_parts()
    assert text.get_content().replace("\r\n", "\n") == arrived


def test_a_mail_is_seven_bit_clean_with_network_line_ends():
    content = make_message(
        calendars=[calendar_file(ICS)], html="å" * 5000, subject="Å" * 300
    ).as_bytes()
    assert content.isascii()
    assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")


def test_no_line_is_longer_than_78_characters():
    message = make_message(
        to=Address(LONG_NAME, "asa", "stockholm.test"),
        subject=f"Invitation to dinner for {LONG_NAME}, " + "and for many others " * 10,
        text="å" * 500,
        headers={"List-Id": "The steering group of the summit " * 5 + "<digest.couvert.test>"},
    )
    assert max(len(line) for line in lines(message)) <= 78


@pytest.mark.parametrize(
    "name",
    [
        LONG_NAME,
        "Berg, Anna",
        'The "Protocol"',
        "Back\\slash",
        "李明",
        "=?utf-8?q?x?=",
        "O'Hara",
        "Åsa\u2028B",
    ],
)
def test_names_come_back_as_they_were_given(name: str):
    address = Address(name, "asa", "stockholm.test")
    message = make_message(to=address, sender=address, reply_to=address)
    found = [parseaddr(decoded(message, header)) for header in ("To", "From", "Reply-To")]
    assert found == [(name, "asa@stockholm.test")] * 3


@given(PRINTABLE)
def test_any_printable_name_and_subject_come_back(text: str):
    message = make_message(to=Address(text + "å", "a", "b.test"), subject=text)
    assert decoded(message, "To") == f"{text}å <a@b.test>"
    assert decoded(message, "Subject") == text


def test_the_head_has_what_the_caller_gave():
    mail = parsed(make_message(headers={"Auto-Submitted": "auto-generated"}))
    assert mail["Message-ID"] == "<invitation.42@couvert.test>"
    assert mail["Date"] == "Mon, 02 Nov 2026 09:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_an_address_with_letters_outside_ascii_needs_smtputf8():
    message = make_message(to=Address("Åsa", "åsa", "stockholm.test"))
    assert message.utf8
    assert message.mail_options == ["SMTPUTF8", "BODY=8BITMIME"]
    assert "<åsa@stockholm.test>" in message.as_bytes().decode()


def test_an_international_domain_needs_no_smtputf8():
    message = make_message(to=Address("Åsa", "asa", "straße.test"))
    assert message.recipients == ["asa@xn--strae-oqa.test"]
    assert not message.utf8


@pytest.mark.parametrize(
    "given",
    [
        {"subject": "Welcome\r\nBcc: all@agh.test"},
        {"subject": "Welcome\nBcc: all@agh.test"},
        {"subject": "Welcome\x00"},
        {"headers": {"X-Note": "one\r\nBcc: all@agh.test"}},
        {"headers": {"X-Note\r\nBcc": "all@agh.test"}},
        {"headers": {"X Note": "one"}},
        {"headers": {"To": "all@agh.test"}},
        {"headers": {"Content-Type": "text/html"}},
        {"headers": {"X-Note": "x" * 1000}},
        {"message_id": "one@couvert.test>\r\nBcc: all@agh.test"},
        {"message_id": "no-domain"},
        {"calendars": [calendar_file(ICS, name='a"\r\nX: b.ics')]},
        {"calendars": [calendar_file(ICS, "REQUEST\r\nX: b")]},
        {"date": datetime(2026, 11, 2, 9, 0)},  # noqa: DTZ001
    ],
)
def test_what_cannot_stand_in_a_head_is_refused(given: dict[str, object]):
    with pytest.raises(ValueError, match=r"cannot be written|control|itself|too long|time zone"):
        make_message(**given)


@pytest.mark.parametrize(
    ("username", "domain"),
    [
        ("", "agh.test"),
        ("zofia", ""),
        ("zofia", "agh.test>"),
        ("zofia", "a b"),
        ("zo\x00", "agh.test"),
    ],
)
def test_what_is_no_address_is_refused(username: str, domain: str):
    with pytest.raises(ValueError, match=r"not an address|cannot be written"):
        wire_address(Address("Zofia", username, domain))
