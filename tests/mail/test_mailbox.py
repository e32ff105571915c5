"""The local mailbox takes mails by real SMTP, keeps them, and reads them back."""

import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from pathlib import Path

import pytest

from app.mail.mailbox import (
    Attachment,
    AttachmentSummary,
    Mailbox,
    MailSummary,
    NoSuchMail,
    attachment,
    list_mails,
    read_mail,
    store_mail,
)
from app.mail.transport import Transport
from tests.mail.conftest import NOW, calendar_file, make_message

ICS = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"

OpenTransport = Callable[..., Transport]


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    started = Mailbox(tmp_path / "mailbox", clock=lambda: NOW)
    started.start()
    yield started
    started.stop()


def test_a_mail_sent_to_the_mailbox_can_be_read_there(
    mailbox: Mailbox, open_transport: OpenTransport
):
    with open_transport(mailbox.port) as transport:
        transport.send(make_message(subject="Inbjudan – middag"))
    (summary,) = list_mails(mailbox.folder)
    assert summary == MailSummary(
        id=summary.id,
        received=NOW,
        sender='"City of Stockholm, Protocol" <summit@stockholm.test>',
        recipient="Zofia Strøm-Łęcka <zofia@agh.test>",
        subject="Inbjudan – middag",
        has_attachments=False,
    )


def test_a_mail_is_read_whole(mailbox: Mailbox, open_transport: OpenTransport):
    message = make_message(calendars=[calendar_file(ICS, name="summit.ics")])
    with open_transport(mailbox.port) as transport:
        transport.send(message)
    (summary,) = list_mails(mailbox.folder)
    mail = read_mail(mailbox.folder, summary.id)
    assert mail.text.splitlines() == ["Dear Dr Strøm-Łęcka,", "", "Welcome."]
    assert mail.html.strip() == "<p>Dear Dr Strøm-Łęcka, welcome.</p>"
    assert ("Subject", "Invitation: Public Services Summit") in mail.headers
    assert message.as_bytes().decode().strip() in mail.source
    assert mail.attachments == (
        AttachmentSummary(
            index=0, name="summit.ics", content_type="application/ics", size=len(ICS)
        ),
    )
    assert summary.has_attachments


def test_an_attachment_is_read_as_it_was_sent(tmp_path: Path):
    mail_id = store_mail(
        tmp_path, make_message(calendars=[calendar_file(ICS)]).as_bytes(), received=NOW
    )
    assert attachment(tmp_path, mail_id, 0) == Attachment("invite.ics", "application/ics", ICS)
    with pytest.raises(NoSuchMail):
        attachment(tmp_path, mail_id, 1)


def test_an_address_with_letters_outside_ascii_is_taken_and_shown(
    mailbox: Mailbox, open_transport: OpenTransport
):
    with open_transport(mailbox.port) as transport:
        transport.send(make_message(to=Address("Åsa", "åsa", "stockholm.test")))
    (summary,) = list_mails(mailbox.folder)
    assert summary.recipient == "Åsa <åsa@stockholm.test>"


def test_the_newest_mails_come_first_and_no_more_than_asked_for(tmp_path: Path):
    moments = [NOW + timedelta(microseconds=step) for step in (2, 0, 3, 1)]
    for moment in moments:
        store_mail(tmp_path, b"Subject: x\r\n\r\n", received=moment)
    listed = [mail.received for mail in list_mails(tmp_path, limit=3)]
    assert listed == sorted(moments, reverse=True)[:3]


def test_mails_survive_a_restart(mailbox: Mailbox, open_transport: OpenTransport):
    with open_transport(mailbox.port) as transport:
        transport.send(make_message())
    mailbox.stop()
    mailbox.start()
    with open_transport(mailbox.port) as transport:
        transport.send(make_message())
    assert len(list_mails(mailbox.folder)) == 2


def test_a_mail_is_for_its_owner_only_and_leaves_nothing_unfinished(tmp_path: Path):
    mail_id = store_mail(tmp_path, b"Subject: x\r\n\r\n", received=NOW)
    (path,) = tmp_path.iterdir()
    assert path.name == f"{mail_id}.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_mail_that_is_hardly_one_is_shown_all_the_same(tmp_path: Path):
    mail_id = store_mail(tmp_path, b"", received=datetime(2026, 11, 2, tzinfo=UTC))
    mail = read_mail(tmp_path, mail_id)
    assert (mail.summary.subject, mail.text.strip(), mail.html, mail.attachments) == (
        "",
        "",
        "",
        (),
    )


def test_a_mailbox_that_never_was_is_empty(tmp_path: Path):
    assert list_mails(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    "mail_id",
    [
        "../secret_key",
        "..%2fsecret_key",
        "/etc/passwd",
        "",
        "20261102T090000000000Z-0123abcd/../x",
        "20261102T090000000000Z-0123abcd\n",
        "20261102T090000000000Z-0123abcd",
    ],
)
def test_an_id_that_is_not_of_a_kept_mail_opens_nothing(mail_id: str, tmp_path: Path):
    with pytest.raises(NoSuchMail):
        read_mail(tmp_path, mail_id)
    with pytest.raises(NoSuchMail):
        attachment(tmp_path, mail_id, 0)


def test_the_port_of_a_mailbox_that_is_not_running_is_an_error(tmp_path: Path):
    with pytest.raises(RuntimeError, match="not been started"):
        _ = Mailbox(tmp_path, clock=lambda: NOW).port
