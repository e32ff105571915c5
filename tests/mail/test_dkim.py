"""A signature covers what it must, survives the way, and breaks when anything is changed."""

import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.headerregistry import Address

import pytest

from app.config import DkimSettings, Settings
from app.mail.dkim import DkimSigner
from app.mail.mailbox import Mailbox
from app.mail.message import MailMessage
from app.mail.transport import Sent, Transport
from tests.faults.smtp_server import FaultServer
from tests.mail.conftest import NOW, calendar_file, make_message
from tests.mail.keys import make_signer, verifies

ONE_CLICK = {
    "List-Unsubscribe": "<https://couvert.test/unsubscribe>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


@pytest.fixture
def signer() -> DkimSigner:
    return make_signer()


def signed(signer: DkimSigner, **given) -> MailMessage:
    message = make_message(**given)
    message.sign(signer.sign)
    return message


def covered(message: MailMessage) -> list[str]:
    field = message_from_bytes(message.as_bytes())["DKIM-Signature"]
    return re.search(r"h=([^;]*);", field)[1].replace("\r\n", "").replace(" ", "").split(":")


def test_a_receiver_can_verify_the_signature(signer: DkimSigner):
    assert verifies(signed(signer).as_bytes(), signer)


def test_the_signature_stands_before_the_mail_and_changes_nothing_in_it(signer: DkimSigner):
    unsigned, content = make_message().as_bytes(), signed(signer).as_bytes()
    assert content.startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;")
    assert content.endswith(b"\r\n" + unsigned)
    assert b"\r\n\r\n" not in content.removesuffix(unsigned)
    assert max(len(line) for line in content.split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Welcome.", b"Welcome?"),
        (b"Subject: Invitation", b"Subject: Imitation"),
        (b"<summit@stockholm.test>", b"<summit@agh.test>"),
        (b"From: ", b"From: Other <other@agh.test>\r\nFrom: "),
        (b"One-Click", b"Two-Click"),
    ],
)
def test_a_mail_changed_on_the_way_does_not_verify(signer: DkimSigner, before: bytes, after: bytes):
    content = signed(signer, headers=ONE_CLICK).as_bytes()
    assert before in content
    assert not verifies(content.replace(before, after, 1), signer)


def test_a_signature_of_another_key_does_not_verify(signer: DkimSigner):
    assert not verifies(signed(make_signer(2)).as_bytes(), signer)


def test_a_mail_to_a_list_covers_the_way_out_of_it(signer: DkimSigner):
    message = signed(signer, headers=ONE_CLICK, reply_to=Address("", "desk", "stockholm.test"))
    assert covered(message) == [
        *("from", "to", "subject", "date", "message-id", "reply-to", "mime-version"),
        *("content-type", "list-unsubscribe", "list-unsubscribe-post", "from"),
    ]
    assert verifies(message.as_bytes(), signer)


def test_a_field_the_mail_has_not_may_be_added_on_the_way_except_a_second_from(
    signer: DkimSigner,
):
    message = signed(signer)
    assert covered(message) == [
        *("from", "to", "subject", "date", "message-id", "mime-version", "content-type", "from"),
    ]
    assert verifies(b"Received: by relay.test\r\n" + message.as_bytes(), signer)


def test_an_international_address_can_be_signed(signer: DkimSigner):
    message = signed(signer, to=Address("Åsa", "åsa", "stockholm.test"))
    assert message.utf8
    assert verifies(message.as_bytes(), signer)


def test_the_domain_stands_in_its_form_for_dns(signer: DkimSigner, tmp_path):
    unsigned = Settings.from_environment({"INSTANCE_PATH": str(tmp_path)}).mail
    sender = Address("Straße", "asa", "Straße.test")
    mail = replace(unsigned, sender=sender, dkim=DkimSettings(signer.key, "s1"))
    made = DkimSigner.from_settings(mail)
    assert made is not None
    assert made.record_name == "s1._domainkey.xn--strae-oqa.test"


def test_a_mail_is_signed_once(signer: DkimSigner):
    message = signed(signer)
    first = message.as_bytes()
    with pytest.raises(RuntimeError, match="signed already"):
        message.sign(signer.sign)
    assert message.as_bytes() == first


@pytest.mark.parametrize(
    "given",
    [
        {"text": ".\n..\n.hidden\n", "calendars": [calendar_file(b".\r\n..\r\n")]},
        {"text": "å" * 5000 + "\n\n\n", "html": "<p>" + "long  words \t " * 2000 + "</p>  \n\n"},
        {"to": Address("Åsa", "åsa", "stockholm.test")},
    ],
)
def test_a_signature_verifies_after_a_trip_over_smtp(
    open_transport: Callable[..., Transport], signer: DkimSigner, given: dict[str, object]
):
    message = signed(signer, **given)
    with FaultServer() as server, open_transport(server.port) as transport:
        assert type(transport.send(message)) is Sent
    assert verifies(server.messages[0].content, signer)


def test_mail_through_a_server_that_is_not_ours_verifies_too(
    open_transport: Callable[..., Transport], signer: DkimSigner, tmp_path
):
    message = signed(signer, text=".\n" + "word " * 3000 + "\n.\n")
    mailbox = Mailbox(tmp_path, clock=lambda: NOW)
    mailbox.start()
    try:
        with open_transport(mailbox.port) as transport:
            transport.send(message)
    finally:
        mailbox.stop()
    (kept,) = tmp_path.glob("*.eml")
    assert verifies(kept.read_bytes(), signer)
