"""What is wrong with own words is said with its line and its mend; what is good is let through."""

import pytest

from app.deliveries.models import DeliveryKind
from app.texts import checks
from app.texts.checks import LONGEST_BODY, LONGEST_SUBJECT, check
from app.texts.kinds import KINDS, WORDED

INVITATION, CONFIRMATION = WORDED[DeliveryKind.INVITATION], WORDED[DeliveryKind.CONFIRMATION]
GOOD = "{greeting}\n\nWelcome.\n\n{link}"


def found(worded, subject: str, body: str) -> list[tuple[str, int, str]]:
    return [(finding.where, finding.line, finding.text) for finding in check(worded, subject, body)]


def in_body(line: str) -> list[tuple[str, int, str]]:
    """Return what is found in a confirmation whose third line this is."""
    return found(CONFIRMATION, "Thank you", f"{{greeting}}\n\n{line}")


@pytest.mark.parametrize("worded", KINDS, ids=lambda worded: worded.kind)
def test_the_products_words_have_nothing_to_mend(worded):
    assert found(worded, worded.subject, worded.body) == []


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("Dear {nmae}", checks.MISSPELT),
        ("Dear { Name }", checks.MISSPELT),
        ("Dear {}", checks.UNKNOWN),
        ("Dear {xyzzy}", checks.UNKNOWN),
        ("By {reply_by}", checks.NOT_HERE),
        ("{link}", checks.NOT_HERE),
        ("Dear {name", checks.UNCLOSED),
        ("Dear name}", checks.UNOPENED),
        ("<b>Welcome", checks.HTML),
        ("<!-- x -->", checks.HTML),
        ("<img src=x", checks.HTML),
        ("![crest](https://a.b/c.png)", checks.PICTURE),
        ("[page]()", checks.LINK_EMPTY),
        ("[page](http://a.b)", checks.LINK_ELSEWHERE),
        ("[page](javascript:alert)", checks.LINK_ELSEWHERE),
        ("[page](travel.html)", checks.LINK_ELSEWHERE),
        ("[page](https://[bad)", checks.LINK_ELSEWHERE),
        ("<http://a.b>", checks.LINK_ELSEWHERE),
        ("[page](https://a.b/{city})", checks.LINK_PLACEHOLDER),
        ("A bell\x07", checks.CONTROL),
        ("A gap \ue000full_name\ue001", checks.CONTROL),
    ],
)
def test_each_mistake_is_named_with_its_line(line, text):
    assert set(in_body(line)) == {("body", 3, text)}


@pytest.mark.parametrize(
    "line",
    [
        "- a **b** *c*", "2 < 3 and 5 > 4, <3", "[a](https://a.b)", "[a](mailto:a@b.c)",
        "[a](tel:+46)", "<https://a.b>", "<a@b.example>", "## {event}", "Tab\there",
    ],
)  # fmt: skip
def test_what_is_good_is_let_through(line):
    assert in_body(line) == []


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("", checks.EMPTY_SUBJECT),
        ("  ", checks.EMPTY_SUBJECT),
        ("Welcome\nBcc: all@example.org", checks.LINES_IN_SUBJECT),
        ("Welcome\r\nBcc: all@example.org", checks.LINES_IN_SUBJECT),
        ("Welcome\u2028Bcc", checks.LINES_IN_SUBJECT),
        ("Welcome\x00", checks.CONTROL),
        ("x" * (LONGEST_SUBJECT + 1), checks.LONG_SUBJECT),
        ("Answer: {link}", checks.NOT_IN_SUBJECT),
        ("{evnet}", checks.MISSPELT),
    ],
)
def test_a_subject_is_one_line_of_words_and_known_placeholders(subject, text):
    assert found(INVITATION, subject, GOOD) == [("subject", 0, text)]


@pytest.mark.parametrize("body", ["Welcome.", r"\{link\}", "{ link", "[a](https://a.b)"])
def test_a_mail_that_asks_cannot_do_without_its_link(body):
    assert ("body", 0, checks.NO_LINK) in found(INVITATION, "Welcome", body)


@pytest.mark.parametrize("body", ["{link}", "Answer here: {link}", "[Answer here]({link})"])
def test_a_link_may_stand_alone_in_a_sentence_or_behind_words(body):
    assert found(INVITATION, "Welcome", body) == []


@pytest.mark.parametrize(
    ("body", "text"), [(" \n", checks.EMPTY_BODY), ("x" * (LONGEST_BODY + 1), checks.LONG_BODY)]
)
def test_a_text_is_neither_empty_nor_endless(body, text):
    assert found(INVITATION, "Welcome", body) == [("body", 0, text)]


def test_a_link_in_a_long_paragraph_is_named_with_its_own_line():
    assert in_body("one\ntwo [a](http://a.b)\nthree") == [("body", 4, checks.LINK_ELSEWHERE)]


def test_a_finding_reads_as_a_sentence_with_its_mend():
    said = [str(finding) for finding in check(CONFIRMATION, "", "Dear {nmae}")]
    assert said == [
        "subject: The subject is empty. Write one, in a few words.",
        "text, line 1: “{nmae}” is no placeholder. Do you mean {name}?",
    ]
