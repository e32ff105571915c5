"""Own words become HTML and text from one reading; no tag, header line or gap can be slipped in."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from app.mail.markdown import as_html, as_text
from app.mail.words import subject_line

ALLOWED = {"p", "br", "ul", "ol", "li", "strong", "em", "a", "h2", "h3"}
TAG = re.compile(r"<(/?)([^\s>/]+)([^>]*)>")
ATTRIBUTES = re.compile(
    r'(?: class="break")?(?: (?:href="(?:https:|mailto:|tel:)[^"<>]*"|start="\d+"))?'
)
EVIL = """Åsa **<b>"O'Neil"</b>** [x](https://evil.example) {link} & _Söner_"""
FACTS = {
    "addressed": EVIL,
    "full_name": EVIL,
    "event_name": "Public Services Summit",
    "theme": "",
    "city": "Stockholm",
    "contact_name": "City Office",
    "contact_phone": "+46 8",
    "contact_email": "summit@stockholm.example",
    "link": "https://couvert.test/rsvp/abc",
}
LETTERS = st.text(alphabet=st.sampled_from("ab{}[]()<>!*_#-+.:/\\`\"'&\n 1"), max_size=60)
MARKDOWN = st.one_of(st.text(max_size=80), LETTERS, st.from_regex(r"\[a\]\([a-z]+:[^\n]*\)"))


def html(body: str, **facts: object) -> str:
    return "".join("[button]" if part is None else part for part in as_html(body, FACTS | facts))


@given(MARKDOWN)
def test_any_text_yields_no_tag_outside_the_allowed_ones(body):
    for _, tag, attributes in TAG.findall(html(body, full_name="Åsa", addressed="Åsa")):
        assert tag in ALLOWED
        assert ATTRIBUTES.fullmatch(attributes)


@given(st.text(), st.text())
def test_no_subject_has_a_line_break_or_a_control_character(subject, name):
    line = subject_line(f"{subject} {{name}}", FACTS | {"full_name": name})
    assert len(line.splitlines()) <= 1
    assert re.search(r"[\x00-\x1f\x7f]", line) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("One\ntwo\n\nthree", "<p>One<br>\ntwo</p><p>three</p>"),
        ("**bold** and *italic*", "<p><strong>bold</strong> and <em>italic</em></p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("3. a", '<ol start="3"><li>a</li></ol>'),
        ("# One\n### Two", "<h2>One</h2><h3>Two</h3>"),
        ("[a](https://a.b/?c&d)", '<p><a href="https://a.b/?c&amp;d">a</a></p>'),
        ("[a](javascript:b)", "<p>a</p>"),
        ("[a](//evil.example)", "<p>a</p>"),
        ("<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>"),
        ("`code` &amp;", "<p>`code` &amp;amp;</p>"),
        ("{unknown} {event}", "<p>{unknown} Public Services Summit</p>"),
        (r"\{event\}", "<p>{event}</p>"),
    ],
)
def test_markdown_becomes_the_html_of_a_mail(body, expected):
    assert html(body) == expected


def test_a_name_comes_out_literally_whatever_stands_in_it():
    assert html("*{name}*") == f"<p><em>{escape(EVIL)}</em></p>"
    assert as_text("*{name}*", FACTS) == EVIL


def test_a_link_alone_is_the_button_and_elsewhere_an_address():
    address = (
        '<a class="break" href="https://couvert.test/rsvp/abc">https://couvert.test/rsvp/abc</a>'
    )
    assert html("a\n\n{link}\n\nb") == "<p>a</p>[button]<p>b</p>"
    assert html("Here: {link}") == f"<p>Here: {address}</p>"
    assert html("[Here]({link})") == '<p><a href="https://couvert.test/rsvp/abc">Here</a></p>'


def test_the_text_has_addresses_beside_their_words_and_lists_with_dashes():
    body = "## How\n\n- see [the page](https://a.b)\n- ring\n  us\n  - now\n\n1. <https://c.d>\n\n{link}"
    assert as_text(body, FACTS) == (
        "How\n\n- see the page: https://a.b\n- ring\n  us\n  - now\n\n1. https://c.d\n\n"
        "https://couvert.test/rsvp/abc"
    )


def test_an_address_of_mail_or_telephone_is_written_as_people_write_it():
    body = "[Ring us](tel:+468465) or [write](mailto:a@b.example) or <mailto:c@d.example>"
    assert as_text(body, FACTS) == "Ring us: +468465 or write: a@b.example or mailto:c@d.example"


def test_the_contact_leaves_out_what_is_not_known():
    assert as_text("{contact}", FACTS | {"contact_phone": ""}) == (
        "City Office, summit@stockholm.example"
    )
