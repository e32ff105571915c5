"""Good form of every mail: small, nothing remote, the same as text, for every reader."""

import re

import pytest

from tests.mails.composing import html_of
from tests.mails.press import EVERY
from tests.mails.reading import Page, sentences

LARGEST = 60 * 1024
LONGEST_LINE = 78
REMOTE = re.compile(
    r"\bsrc\b|srcset|\bbackground=|@import|url\(|http-equiv|\son\w+=", re.IGNORECASE
)
ACTIVE = {
    "audio", "base", "button", "embed", "form", "iframe", "img", "input", "link", "object",
    "picture", "script", "source", "svg", "video",
}  # fmt: skip
MARKUP = re.compile(r"&#?\w+;|</?[a-z]|\t")

in_every_case = pytest.mark.parametrize(("name", "language"), EVERY)


@pytest.fixture
def mail(press, name, language):
    return press.mail(name, language)


@pytest.fixture
def page(mail):
    return Page(html_of(mail))


@pytest.fixture
def text(mail):
    return str(mail.body)


@in_every_case
def test_the_whole_mail_is_small(mail):
    assert len(mail.as_bytes()) < LARGEST


@in_every_case
def test_nothing_is_fetched_run_or_sent(mail, page):
    assert REMOTE.findall(html_of(mail)) == []
    assert {tag for tag, _ in page.elements} & ACTIVE == set()


@in_every_case
def test_links_lead_to_us_and_carry_nothing_to_track_by(page, language):
    web = [address for address, _ in page.links if not address.startswith("mailto:")]
    assert [link for link in web if not link.startswith("http://couvert.test/")] == []
    assert [link for link in web if set("?#&") & set(link)] == []


@in_every_case
def test_every_link_stands_in_the_text_too(page, text):
    lines = text.splitlines()
    addresses = {address.removeprefix("mailto:") for address, _ in page.links}
    assert [address for address in addresses if address not in lines] == []


@in_every_case
def test_every_link_of_the_text_stands_in_the_html_too(page, text):
    addresses = {address for address, _ in page.links}
    links = [line for line in text.splitlines() if line.startswith("http")]
    assert [link for link in links if link not in addresses] == []


@in_every_case
def test_where_there_is_a_button_there_is_the_bare_address(page):
    bare = {address for address, words in page.links if words == address}
    assert set(page.buttons) <= bare
    assert len(page.buttons) == len(set(page.buttons)) <= 1


@in_every_case
def test_no_link_head_or_paragraph_is_empty(page):
    assert [address for address, words in page.links if not address or not words.strip()] == []
    assert page.empty == 0


@in_every_case
def test_a_screen_reader_is_told_language_title_and_tables(mail, page, language):
    assert [html["lang"] for html in page.tags("html")] == [language]
    assert len(page.tags("h1")) == 1
    assert page.bare_tables == 0
    assert f"<title>{mail.subject}</title>" in html_of(mail).replace("&amp;", "&")


@in_every_case
def test_both_looks_are_announced(page):
    said = {meta.get("name"): meta.get("content") for meta in page.tags("meta")}
    assert said["color-scheme"] == said["supported-color-schemes"] == "light dark"


@in_every_case
def test_the_list_of_mails_shows_words_of_their_own(mail, page):
    assert page.preheader
    assert page.preheader != mail.subject


@in_every_case
def test_html_says_what_the_text_says_in_the_same_order(page, text):
    words, said = " ".join(page.words.split()), sentences(text)
    places = [words.find(sentence) for sentence in said]
    assert [sentence for sentence in said if sentence not in words] == []
    assert places == sorted(places)
    assert len(places) >= 2


@in_every_case
def test_the_text_is_written_and_not_stripped_of_html(text):
    assert MARKUP.findall(text) == []
    assert "\n\n\n" not in text
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    assert text == f"{text.strip()}\n"


@in_every_case
def test_lines_of_the_text_are_short(text):
    long = [line for line in text.splitlines() if len(line) > LONGEST_LINE]
    assert [line for line in long if not line.startswith("http")] == []
