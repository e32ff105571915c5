"""An organiser sends a wave to a slow server, stops it, lets it go on, and reads what went out."""

import re
import sqlite3
import time
from contextlib import closing

import pytest

from tests.faults.smtp_server import Fault, FaultServer, Step
from tests.journeys.conftest import keep_picture, open_page, violations
from tests.product import Product, find_links, wait_until

EVENT = "public-services-summit-2009"
PHONE, DESK = 375, 1440
ASTRID = "astrid@stockholm.example"
SLOWLY = 0.4
"""Seconds the server takes for each mail."""
WORDS = {
    "en": {
        "send": "Send 30 invitations",
        "stop": "Stop the sending",
        "stopped": "Astrid stopped this sending",
        "go on": "Let the sending go on",
        "again": "Look again",
        "text": "As text",
    },
    "sv": {
        "send": "Skicka 30 inbjudningar",
        "stop": "Stoppa utskicket",
        "stopped": "Astrid stoppade utskicket",
        "go on": "Låt utskicket fortsätta",
        "again": "Titta igen",
        "text": "Som text",
    },
}


@pytest.fixture
def server():
    with FaultServer([Fault(Step.DOT, delay=SLOWLY)]) as started:
        yield started


@pytest.fixture
def product(tmp_path, server):
    """The sample event, its mail going to a slow server by one connection."""
    with Product(
        tmp_path, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(server.port), MAIL_CONNECTIONS="1"
    ) as installed:
        installed.run("events", "sample")
        facts = ("--role", "organiser", "--event", EVENT, "--name", "Astrid")
        installed.run("organisers", "add", ASTRID, *facts)
        installed.serving = installed.serve()
        yield installed
        assert installed.serving.stop() == 0


def speak(product, language: str) -> None:
    """Let the organiser read that language; the product itself has no way to choose it yet."""
    with closing(sqlite3.connect(product.folder / "couvert.sqlite3")) as database, database:
        database.execute("UPDATE organiser SET language = ?", [language])


def sign_in(page, product) -> None:
    page.goto(find_links(product.run("organisers", "sign-in-link", ASTRID), "sign-in")[0])
    page.locator("main button").click()


def press(page, words: str) -> None:
    page.get_by_role("button", name=words).click()


def number_sent(page, words, *, live: bool) -> int:
    """Return how many are sent by the page's own count; without a script, ask for it again."""
    again = page.get_by_role("link", name=words["again"])
    if not live and again.count():
        again.click()
    return int(re.match(r"\d+", page.locator("#progress-title").inner_text())[0])


def stands_still(server) -> bool:
    taken = server.taken
    time.sleep(4 * SLOWLY)
    return bool(server.taken == taken)


@pytest.mark.browser
@pytest.mark.parametrize(("language", "live"), [("en", True), ("sv", False)])
def test_a_sending_is_watched_stopped_let_go_on_and_read(browser, product, server, language, live):
    words = WORDS[language]
    speak(product, language)
    page = open_page(browser, DESK if live else PHONE, scripts=live)
    sign_in(page, product)
    page.goto(f"{product.url}/organiser/{EVENT}/invitations")
    press(page, words["send"])
    assert "/deliveries/sending/wave/1" in page.url

    stop = page.get_by_role("button", name=words["stop"])
    stop.focus()
    wait_until(lambda: number_sent(page, words, live=live) >= 2, "the number rising")
    if live:  # what updates itself leaves the focus, and what could be pressed, where they were
        assert stop.evaluate("button => button === document.activeElement")
    keep_picture(page, f"sending-{language}")

    stop.click()
    assert words["stopped"] in page.locator("#progress").inner_text()
    wait_until(lambda: stands_still(server), "the sending standing still")
    assert server.taken < 30
    found = violations(browser, page)

    server.script = []  # quickly now: the rest is only waited for
    press(page, words["go on"])
    wait_until(lambda: number_sent(page, words, live=live) == 30, "the last mail")
    assert (server.taken, stop.count()) == (30, 0)

    page.locator("tbody a").last.click()
    assert page.frame_locator("iframe").locator("h1").count() == 1
    page.get_by_text(words["text"]).click()
    assert "/rsvp/…" in page.locator("pre").first.inner_text()
    keep_picture(page, f"sent-mail-{language}")
    found += violations(browser, page)
    page.goto(f"{product.url}/organiser/{EVENT}/deliveries")
    assert found + violations(browser, page) == []
    page.context.close()
