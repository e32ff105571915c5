"""No trace of a signed link in any log line."""

import logging

import pytest

from app.logs import MaskingFormatter, mask_links


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
