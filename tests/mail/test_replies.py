"""A server's answer is told in plain words, and kept in its own."""

import pytest

from app.mail.replies import Reply, with_words


@pytest.mark.parametrize(
    ("code", "lines", "words"),
    [
        (550, b"5.1.1 No such user", "The mailbox does not exist (550 5.1.1 No such user)"),
        (452, b"4.2.2 Over quota", "The mailbox is full (452 4.2.2 Over quota)"),
        (551, b"Not here", "The mailbox is not on this server (551 Not here)"),
        (559, b"5.9.9 No", "The mail server does not accept the mail (559 5.9.9 No)"),
        (459, b"Hm", "The mail server asks to try again later (459 Hm)"),
        (-1, b"HTTP/1.1", "The mail server answered something that is not SMTP (HTTP/1.1)"),
        (250, b"2.1.0 Ok", "The mail server answered something that is not SMTP (250 2.1.0 Ok)"),
        (
            530,
            b"5.7.0 STARTTLS first",
            "The mail server wants us to sign in or to use TLS (530 5.7.0 STARTTLS first)",
        ),
        (451, b"4.7.1 Grey", "The mail server asks to try again later (451 4.7.1 Grey)"),
        (
            454,
            b"4.7.0 Not now",
            "The mail server cannot sign us in or use TLS at present (454 4.7.0 Not now)",
        ),
    ],
)
def test_a_reply_says_what_it_means_before_what_it_said(code: int, lines: bytes, words: str):
    reply = Reply(code, lines)
    assert with_words(reply.meaning, reply.text) == words


def test_a_reply_of_several_lines_becomes_one_printable_line():
    assert Reply(550, b"5.7.1 Not\n5.7.1\x07 here \xff").text == "550 5.7.1 Not 5.7.1 here �"


def test_a_boundless_reply_is_cut():
    assert len(Reply(550, b"x" * 5000).text) == 500
