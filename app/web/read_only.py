"""A page made read-only: nothing in it can be sent, pressed or followed."""

from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser

from markupsafe import Markup

CONTROLS = {"button", "input", "select", "textarea", "fieldset"}
LEADING = {"action", "formaction", "href", "method", "formmethod", "ping", "target", "data"}
"""Attributes by which a page leads elsewhere."""
Attributes = Sequence[tuple[str, str | None]]


def read_only(page: str, banner: Markup) -> str:
    """Return the page without addresses, scripts and working controls, the banner on top of it."""
    reader = _Reader(banner)
    reader.feed(page)
    reader.close()
    return "".join(reader.written)


class _Reader(HTMLParser):
    """Writes down again what it reads, less what leads anywhere."""

    def __init__(self, banner: Markup) -> None:
        super().__init__(convert_charrefs=False)
        self.written: list[str] = []
        self.banner = banner

    def handle_decl(self, decl: str) -> None:
        self.written.append(f"<!{decl}>")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"link", "script"}:
            if _is_style_sheet(tag, attrs):
                self.written.append(_tag(tag, attrs))
            return
        kept = [(name, value) for name, value in attrs if not _leads(name)]
        if tag in CONTROLS and ("disabled", None) not in kept:
            kept.append(("disabled", None))
        self.written.append(_tag(tag, kept))
        if tag == "body":
            self.written.append(self.banner)

    def handle_endtag(self, tag: str) -> None:
        if tag != "script":
            self.written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.written.append(data)

    def handle_entityref(self, name: str) -> None:
        self.written.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.written.append(f"&#{name};")


def _is_style_sheet(tag: str, attrs: Attributes) -> bool:
    return tag == "link" and ("rel", "stylesheet") in attrs


def _leads(name: str) -> bool:
    return name in LEADING or name.startswith(("on", "hx-"))


def _tag(tag: str, attrs: Attributes) -> str:
    written = [name if value is None else f'{name}="{escape(value)}"' for name, value in attrs]
    return f"<{' '.join([tag, *written])}>"
