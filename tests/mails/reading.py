"""What a mail's HTML says to a reader: its words in order, its links, its tables."""

import re
from html.parser import HTMLParser

HIDDEN = {"head", "style", "title"}
BLOCKS = {"p", "h1", "h2", "h3", "td", "th", "tr", "table", "div", "li", "br"}
SIGNATURE = re.compile(r"\n(?:With kind regards|Med vänlig hälsning)\n")
SENTENCE = re.compile(r"[^\W_].{20,}[.!?]")
WRAPPED = 55
"""Shorter lines end where they were meant to."""
VOID = {"br", "meta", "hr", "img", "link", "input", "base", "wbr"}


class Page(HTMLParser):
    """A mail's HTML as a reader meets it; the hidden words for the list of mails left out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.links: list[tuple[str, str]] = []
        """(address, words)"""
        self.buttons: list[str] = []
        """Addresses."""
        self.preheader = ""
        self.empty = 0
        """Paragraphs and heads that say nothing."""
        self.bare_tables = 0
        """Tables that are neither presentation nor have heads with a scope."""
        self.lines: list[str] = [""]
        self._open: list[tuple[str, str, bool]] = []
        """Tag, class, and whether a reader sees what is in it."""
        self._tables: list[bool] = []
        self.feed(html)
        self.close()

    @property
    def words(self) -> str:
        """All that is read, one block a line."""
        lines = (" ".join(line.split()) for line in self.lines)
        return "\n".join(line for line in lines if line)

    def tags(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.elements.append((tag, given))
        if tag in BLOCKS:
            self.lines.append("")
        if tag in VOID:
            return
        hides = tag in HIDDEN or "display: none" in (given.get("style") or "")
        hidden = hides or bool(self._open and self._open[-1][2])
        self._open.append((tag, given.get("class") or "", hidden))
        if tag == "a":
            self._open_link(given.get("href") or "")
        if tag == "table":
            self._tables.append(given.get("role") == "presentation")
        if tag == "th" and given.get("scope") in {"col", "row"}:
            self._tables[-1] = True

    def _open_link(self, address: str) -> None:
        self.links.append((address, ""))
        if self._open[-2][1] == "button":
            self.buttons.append(address)

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag in {"p", "h1", "h2", "h3"}:
            self.empty += not self.lines[-1].strip()
        if tag == "table":
            self.bare_tables += not self._tables.pop()
        if tag in BLOCKS:
            self.lines.append("")

    def handle_data(self, data):
        tag, name, hidden = self._open[-1] if self._open else ("", "", True)
        if name == "preheader":
            self.preheader += data.strip()
        if hidden:
            return
        self.lines[-1] += data
        if tag == "a":
            address, words = self.links[-1]
            self.links[-1] = (address, words + data)


def sentences(text: str) -> list[str]:
    """Return the whole sentences of a text: not what is laid out by spaces, nor the signature."""
    letter = SIGNATURE.split(text)[0]
    found = []
    for paragraph in re.split(r"\n\s*\n", letter):
        if not paragraph.startswith(" "):
            found += [
                one for part in _joined(paragraph) for one in re.split(r"(?<=[.!?])\s+", part)
            ]
    return [one for one in found if SENTENCE.fullmatch(one)]


def _joined(paragraph: str) -> list[str]:
    """Return what belongs together: a line goes on in the next where it was too long."""
    parts = [""]
    for line in paragraph.splitlines():
        parts[-1] += f"{line} "
        if len(line) < WRAPPED:
            parts.append("")
    return [part.strip() for part in parts]
