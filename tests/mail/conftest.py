"""What the mail tests share: a message to send, and a transport to a server of the test's own."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address

import pytest
from flask import Flask

from app.mail.message import CalendarFile, MailMessage
from app.mail.transport import SafeMail, Transport

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def calendar_file(content: bytes, method: str = "REQUEST", name: str = "invite.ics"):
    return CalendarFile(content, method, name)


def make_message(**given) -> MailMessage:
    return MailMessage(
        **{
            "to": Address("Zofia Strøm-Łęcka", "zofia", "agh.test"),
            "sender": Address("City of Stockholm, Protocol", "summit", "stockholm.test"),
            "subject": "Invitation: Public Services Summit",
            "text": "Dear Dr Strøm-Łęcka,\n\nWelcome.\n",
            "html": "<p>Dear Dr Strøm-Łęcka, welcome.</p>\n",
            "message_id": "invitation.42@couvert.test",
            "date": NOW,
            **given,
        }
    )


@pytest.fixture
def message() -> MailMessage:
    return make_message()


@pytest.fixture
def open_transport() -> Callable[..., Transport]:
    def opened(port: int, **settings: object) -> Transport:
        app = Flask(__name__)
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port, MAIL_TIMEOUT=5)
        app.config.update(settings)
        return Transport(SafeMail(app))

    return opened
