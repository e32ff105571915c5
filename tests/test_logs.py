"""No trace of a signed link or an address in any log line."""

import logging
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.clock import utc_now
from app.logs import MaskingFormatter, mask_links, set_up_logging
from app.mail.mailbox import Mailbox


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("GET /rsvp/WyJhIiwxXQ.aGk.c2ln", "GET /rsvp/…"),
        ("GET /rsvp/WyJhIiwxXQ.aGk.c2ln/calendar.ics?lang=sv", "GET /rsvp/…/calendar.ics?lang=sv"),
        (
            "https://couvert.test/sign-in/WyJhIiwxXQ.aGk, then",
            "https://couvert.test/sign-in/… then",
        ),
        ("the page /rsvp/ itself", "the page /rsvp/ itself"),
    ],
)
def test_links_are_masked(line, masked):
    assert mask_links(line) == masked


def test_arguments_and_tracebacks_are_masked_too():
    error = ValueError("no such page: /rsvp/secret-token")
    raised = (type(error), error, None)
    record = logging.LogRecord("app", 40, __file__, 1, "%s failed", ("/rsvp/secret-token",), raised)
    assert "secret-token" not in MaskingFormatter().format(record)


def test_a_page_that_fails_logs_no_link(app, client, capsys):
    handler = logging.StreamHandler()
    handler.setFormatter(MaskingFormatter())
    app.logger.addHandler(handler)
    app.add_url_rule("/rsvp/<token>/broken", "broken", lambda **_link: 1 / 0)
    answer = client.get("/rsvp/secret-token/broken")
    app.logger.removeHandler(handler)
    assert answer.status_code == 500
    assert "secret-token" not in capsys.readouterr().err


@contextmanager
def logging_set_up() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up_logging()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_the_local_mailbox_logs_no_address(tmp_path, capsys):
    mailbox = Mailbox(tmp_path, clock=utc_now)
    with logging_set_up():
        mailbox.start()
        with smtplib.SMTP("127.0.0.1", mailbox.port, local_hostname="localhost") as server:
            server.sendmail("couvert@localhost", ["guest@example.org"], b"Subject: Hello")
        mailbox.stop()
    assert len(list(tmp_path.glob("*.eml"))) == 1
    assert "guest@example.org" not in capsys.readouterr().err
