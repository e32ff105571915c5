"""Every mail can be read in light and in dark, and fits the screen of a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.mails.cases import CASES
from tests.mails.composing import html_of

pytestmark = pytest.mark.browser

CONTRAST = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
NARROW = 320


@pytest.fixture
def screen(browser):
    opened = browser.new_page(viewport={"width": NARROW, "height": 600})
    yield opened
    opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(press, screen, scheme):
    screen.emulate_media(color_scheme=scheme)
    faint = []
    for name in CASES:
        screen.set_content(html_of(press.mail(name, "en")))
        found = Axe().run(screen, options=CONTRAST).response["violations"]
        faint += [(name, node["html"]) for violation in found for node in violation["nodes"]]
    assert faint == []


@pytest.mark.parametrize("language", ["en", "sv"])
def test_nothing_is_wider_than_a_narrow_phone(press, screen, language):
    widths = {}
    for name in CASES:
        screen.set_content(html_of(press.mail(name, language)))
        widths[name] = screen.evaluate("document.documentElement.scrollWidth")
    assert {name: width for name, width in widths.items() if width > NARROW} == {}
