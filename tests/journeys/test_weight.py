"""A guest's page is light, and nothing on it moves while it loads: in a real browser, cold."""

import pytest

from app.mail.mailbox import list_mails, read_mail
from tests.brand.samples import png
from tests.journeys.conftest import open_page
from tests.product import find_links, wait_until

EVENT = "public-services-summit-2009"
SLOW = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
PHONE = {**SLOW, "latency": 60, "downloadThroughput": 9_000_000 / 8}
SHIFTS = """() => new Promise(done => new PerformanceObserver(list => {
    done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0));
}).observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 1500))"""
FACES = "[...document.fonts].filter(face => face.status == 'loaded').map(face => face.style)"
WIDEST = "document.documentElement.scrollWidth"


@pytest.fixture(scope="module")
def link(product, tmp_path_factory) -> str:
    """The page of a guest, branded with the heaviest crest there can be."""
    crest = tmp_path_factory.mktemp("crest") / "crest.png"
    crest.write_bytes(png(width=53, height=53, noisy=1))
    product.run("brand", "set", EVENT, "--colour", "#7a1f3d", "--crest", str(crest))
    product.run("invitations", "send", EVENT)
    folder = product.folder / "mailbox"
    wait_until(lambda: len(list_mails(folder, limit=500)) == 30, "mails")
    mail = read_mail(folder, list_mails(folder)[0].id)
    return find_links(mail.html, "rsvp")[0]


def opened(browser, link: str, width: int, network: dict | None = None):
    """Open the page as a browser that was never there; return it with what it received."""
    page = open_page(browser, width, scripts=True)
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    if network:
        line.send("Network.emulateNetworkConditions", network)
    received = []
    line.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto(link)
    page.wait_for_load_state("networkidle")
    return page, [size for size in received if size]


def test_a_cold_page_is_light_with_crest_and_brand(browser, link):
    _, received = opened(browser, link, 375)
    assert len(received) == 5  # the page, its styles with the crest, two faces, a script
    assert sum(received) <= 60_000


@pytest.mark.parametrize("width", [375, 1440])
@pytest.mark.parametrize("network", [SLOW, PHONE], ids=["slow", "phone"])
def test_nothing_moves_while_the_page_loads(browser, link, width, network):
    page, _ = opened(browser, link, width, network)
    assert page.evaluate(SHIFTS) == 0


def test_a_phones_first_visit_shows_the_cards_face(browser, link):
    page, _ = opened(browser, link, 375, PHONE)
    assert sorted(page.evaluate(FACES)) == ["italic", "normal"]


@pytest.mark.parametrize("path", ["", "?lang=sv"])
def test_the_page_fits_the_narrowest_screen_and_a_zoom_of_400_percent(browser, link, path):
    page = open_page(browser, 320)
    page.goto(link + path)
    assert page.evaluate(WIDEST) == 320
