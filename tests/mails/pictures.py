"""Pictures of every mail, to be looked at: `python -m tests.mails.pictures FOLDER [CASE ...]`.

Writes each case in each language as a page, takes it at two widths in light and in dark, and lays
the pictures of a case on one sheet.
"""

import sys
from collections.abc import Iterator
from html import escape
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from app.language import LANGUAGES
from tests.browser import FLAGS, find_chromium
from tests.mails.cases import CASES
from tests.mails.composing import html_of
from tests.mails.press import Press, opened_press

WIDTHS = (600, 375)
SCHEMES = ("light", "dark")
SHEET = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title><style>
body {{ margin: 24px; font: 14px sans-serif; display: flex; gap: 24px; align-items: start; }}
figure {{ margin: 0; }} img {{ border: 1px solid #888; display: block; }}
</style></head><body>{figures}</body></html>"""
FIGURE = '<figure><figcaption>{name}</figcaption><img src="{name}" width="{width}"></figure>'


def _take(browser: Browser, page: Path, width: int, scheme: str) -> Path:
    context = browser.new_context(
        viewport={"width": width, "height": 600}, color_scheme=scheme, java_script_enabled=False
    )
    opened = context.new_page()
    opened.goto(page.as_uri())
    picture = page.with_suffix(f".{width}.{scheme}.png")
    opened.screenshot(path=picture, full_page=True)
    context.close()
    return picture


def _pictures(browser: Browser, press: Press, folder: Path, name: str) -> Iterator[Path]:
    for language in LANGUAGES:
        page = folder / f"{name}.{language}.html"
        page.write_text(html_of(press.mail(name, language)), encoding="utf-8")
        for width, scheme in product(WIDTHS, SCHEMES):
            yield _take(browser, page, width, scheme)


def _lay_out(browser: Browser, folder: Path, name: str, pictures: list[Path]) -> None:
    widths = [int(picture.suffixes[-3].lstrip(".")) for picture in pictures]
    figures = "".join(
        FIGURE.format(name=escape(picture.name), width=width)
        for picture, width in zip(pictures, widths, strict=True)
    )
    page = folder / f"sheet.{name}.html"
    page.write_text(SHEET.format(title=name, figures=figures), encoding="utf-8")
    opened = browser.new_page(viewport={"width": sum(widths) + 24 * (len(widths) + 2), "height": 9})
    opened.goto(page.as_uri())
    opened.screenshot(path=folder / f"sheet.{name}.png", full_page=True)
    opened.close()


def _take_all(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, opened_press() as press:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for name in names:
            _lay_out(browser, folder, name, list(_pictures(browser, press, folder, name)))
        browser.close()


if __name__ == "__main__":
    _take_all(Path(sys.argv[1]).resolve(), sys.argv[2:] or list(CASES))
