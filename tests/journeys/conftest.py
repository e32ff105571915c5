"""A real browser on the real product."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.product import Product

WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": [
        "violations"
    ],  # of what is well, one example each: the list is long to hand over
}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The sample event, served by the one process, with its mailbox."""
    with Product(tmp_path_factory.mktemp("instance")) as installed:
        installed.run("events", "sample")
        installed.serving = installed.serve()
        yield installed
        assert installed.serving.stop() == 0


def open_page(browser: Browser, width: int, *, scripts: bool = False, **settings) -> Page:
    """Open a page in a browser of its own, JavaScript off: every page must do without."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts, **settings
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    return page


def keep_picture(page: Page, name: str) -> None:
    """Keep a screenshot where PICTURES names a folder, to be looked at."""
    if "PICTURES" in os.environ:
        page.screenshot(path=Path(os.environ["PICTURES"]) / f"{name}.png", full_page=True)


def violations(browser: Browser, page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.2 A and AA on the page, in light and in dark."""
    # axe is a script: it looks at the same page in a context that runs scripts.
    context = browser.new_context(
        viewport=page.viewport_size, storage_state=page.context.storage_state(), bypass_csp=True
    )
    looked_at = context.new_page()
    looked_at.goto(page.url)
    found = []
    for scheme in ("light", "dark"):
        looked_at.emulate_media(color_scheme=scheme)
        results = Axe().run(looked_at, options=WCAG)
        found += [
            f"{scheme}: {violation['id']} {node['target']}"
            for violation in results.response["violations"]
            for node in violation["nodes"]
        ]
    context.close()
    return found
