"""Every template is sound, and the guest's pages are good HTML."""

import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app import create_app
from app.config import Settings
from app.deliveries.models import DeliveryKind
from app.language import LANGUAGES
from app.tokens import Claim
from tests.factories import make_dinner, make_event, make_fixed_point, make_invitation, make_item

APP = Path(__file__).parents[1] / "app"
TEMPLATES = sorted((APP / "templates").rglob("*.html"))
STYLESHEET = APP / "static" / "couvert.css"
VOID = {"br", "hr", "img", "input", "link", "meta", "rect", "base", "circle"}
FORBIDDEN = {
    "user's text unescaped": re.compile(r"\|\s*safe\b"),
    "inline style": re.compile(r"<style|\sstyle\s*="),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*[\"']"),
    "another host": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//"),
}


@pytest.fixture(scope="module")
def jinja(tmp_path_factory):
    folder = tmp_path_factory.mktemp("instance")
    made = create_app(Settings.from_environment({"INSTANCE_PATH": str(folder)}))
    return made.jinja_env


def name_of(path: Path) -> str:
    return str(path.relative_to(APP / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_template_compiles(path, jinja):
    assert jinja.get_template(name_of(path)).name == name_of(path)


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_template_does_what_a_page_must_not(path):
    source = path.read_text(encoding="utf-8")
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(source)] == []


def test_fonts_stand_in_the_stylesheet_by_the_version_of_their_content():
    urls = re.findall(r"url\(([^?)]+)\?v=(\w+)\)", STYLESHEET.read_text(encoding="utf-8"))
    versions = {
        name: hashlib.sha256((STYLESHEET.parent / name).read_bytes()).hexdigest()[:10]
        for name, _ in urls
    }
    assert dict(urls) == versions
    assert len(versions) == len(list(STYLESHEET.parent.glob("fonts/*.woff2")))


class Page(HTMLParser):
    """Reads a page as it is written, and keeps what is wrong with its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.wrong += self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if len(dict(attrs)) != len(attrs):
            self.wrong.append(f"{tag} has an attribute twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in VOID or (self.open and self.open[-1] == tag):
            self.open = self.open if tag in VOID else self.open[:-1]
        else:
            self.wrong.append(f"</{tag}> does not close {self.open[-1:]}")

    def values(self, attribute: str, *tags: str) -> list[str]:
        """Return the values of an attribute, each of several in one by itself."""
        found = (given.get(attribute) for tag, given in self.tags if not tags or tag in tags)
        return [value for text in found if text for value in text.split()]

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


def controls(page: Page) -> list[str]:
    return [
        str(given.get("id"))
        for tag, given in page.tags
        if tag in {"input", "select", "textarea"} and given.get("type") != "hidden"
    ]


@pytest.fixture
def guest_address(app, session) -> str:
    event = make_event(session, companions_per_guest=2)
    make_dinner(session, event, places=4)
    for slug in ("opening", "workshop"):
        make_item(session, event, slug, places=1)
    make_fixed_point(session, event)
    invitation = make_invitation(session, event)
    session.commit()
    claim = Claim(invitation.public_id, invitation.link_version)
    return f"/rsvp/{app.extensions['couvert'].signers.rsvp.sign(claim)}"


@pytest.fixture
def pages(client, guest_address) -> dict[str, str]:
    """Each page of a guest, by what it is."""
    accepted = {"answer": "accepted", "items": ["dinner", "workshop"], "companion_name": "Tomas"}
    found = {"form": client.get(guest_address)}
    found["errors"] = client.post(
        guest_address, data={"items": ["opening", "workshop"], "companion_diet": "vegan"}
    )
    client.post(guest_address, data=accepted)
    found["answered"] = client.get(guest_address)
    found["change"] = client.get(f"{guest_address}?change=1&lang=sv")
    client.post(guest_address, data={"answer": "declined"})
    found["declined"] = client.get(guest_address)
    found["representative"] = client.get(f"{guest_address}/representative")
    found["proposal refused"] = client.post(f"{guest_address}/representative", data={"email": "x"})
    proposal = {"last_name": "Kowalska", "email": "marta@example.org", "language": "en"}
    client.post(f"{guest_address}/representative", data=proposal)
    found["proposed"] = client.get(f"{guest_address}/representative")
    found["request refused"] = client.post(f"{guest_address}/requests", data={"part": "event"})
    found["not me"] = client.get(f"{guest_address}/not-me")
    client.post(f"{guest_address}/not-me")
    found["disowned"] = client.get(guest_address)
    client.post(f"{guest_address}/not-me/undo")
    found["link"] = client.get("/rsvp/x")
    found["not found"] = client.get("/nowhere?lang=sv")
    found["refused"] = client.put(guest_address)
    return {name: response.text for name, response in found.items()}


def test_the_guests_pages_are_well_formed(pages):
    assert {name: Page(html).wrong for name, html in pages.items()} == {name: [] for name in pages}


def test_every_page_has_one_heading_a_title_and_its_language(pages):
    read = {name: Page(html) for name, html in pages.items()}
    assert {name: (page.count("h1"), page.count("title")) for name, page in read.items()} == (
        dict.fromkeys(pages, (1, 1))
    )
    languages = {name: page.values("lang", "html") for name, page in read.items()}
    swedish = {"change", "not found"}
    assert languages == {name: ["sv" if name in swedish else "en"] for name in pages}


def test_ids_stand_once_and_what_points_at_one_finds_it(pages):
    for html in pages.values():
        page = Page(html)
        ids = Counter(page.values("id"))
        assert [name for name, number in ids.items() if number > 1] == []
        links = [link[1:] for link in page.values("href", "a") if link.startswith("#")]
        pointed = {
            *links,
            *page.values("for"),
            *page.values("aria-describedby"),
            *page.values("aria-labelledby"),
        }
        assert pointed - set(ids) == set()


def test_every_control_has_a_label(pages):
    for html in pages.values():
        page = Page(html)
        assert set(controls(page)) - set(page.values("for", "label")) == set()


def test_every_page_offers_each_language(pages):
    for html in pages.values():
        offered = [link for link in Page(html).values("href", "a") if link.startswith("?lang=")]
        assert {link[6:8] for link in offered} == set(LANGUAGES)


def fetch(client, address: str, **headers: str) -> TestResponse:
    """Fetch a file wholly, and close it as a server does."""
    with client.get(address, headers=headers) as response:
        assert response.data
        return response


def test_a_stylesheet_is_sent_packed_and_kept_for_long(client, guest_address):
    address = re.findall(r'href="(/static/couvert.css[^"]+)"', client.get(guest_address).text)[0]
    packed = fetch(client, address, **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Content-Encoding" not in fetch(client, address).headers


def test_a_script_is_sent_packed_too(client):
    packed = fetch(client, "/static/htmx.min.js", **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < 20_000
    assert "Content-Encoding" not in fetch(client, "/static/htmx.min.js").headers


def test_a_page_of_a_guest_loads_no_script_but_the_one_that_keeps_places_fresh(pages):
    loaded = {name: re.findall(r'<script src="([^"?]+)', html) for name, html in pages.items()}
    assert {name for name, scripts in loaded.items() if scripts} == {"form", "errors", "change"}
    assert {script for scripts in loaded.values() for script in scripts} == {"/static/places.js"}


@pytest.mark.parametrize("kind", list(DeliveryKind))
def test_every_kind_of_mail_has_a_word_on_pages_and_in_mails(kind):
    mails = APP.parent / "email_templates" / "_layout" / "words.txt"
    for path in (APP / "templates" / "_desk_words.html", mails):
        macro = path.read_text(encoding="utf-8").partition("macro mail_kind")[2]
        assert f'"{kind}": _(' in macro.partition("endmacro")[0]
