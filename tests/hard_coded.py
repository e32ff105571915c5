"""Finds the texts in a template that a reader would see and no translator does."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
GETTEXT = {"_", "gettext", "ngettext", "pgettext"}
NEVER_PRINTED = (nodes.Compare, nodes.Extends, nodes.FromImport, nodes.Import, nodes.Include)
HUMAN = {"title", "aria-label", "aria-description", "aria-roledescription", "alt", "placeholder"}
ATTRIBUTE = re.compile(r"[\w-]+=\"[^\"]*\"")
"""Outside a tag: a macro that writes attributes."""
WORD = re.compile(r"[^\W\d_]{2,}")
PHRASE = re.compile(r"[A-ZÅÄÖ][a-zåäö]+.*|\W*[a-zåäö’]+[,.:;]?( [a-zåäö’]+[,.:;]?)+\W*", re.DOTALL)
"""What stands in code and reads like something for people: 'Guest', 'sent again'; no 'is-wide'."""


def hard_coded(path: Path, names: set[str]) -> set[str]:
    """Return the texts outside gettext; `names` are written alike in every language."""
    source = path.read_text(encoding="utf-8")
    written = "".join(_data(source))
    seen = _Page(written).seen if path.suffix == ".html" else written.splitlines()
    found = {text.strip() for text in seen if set(WORD.findall(text)) - names}
    said = _constants(ENVIRONMENT.parse(source))
    return found | {text for text in said if PHRASE.fullmatch(text) and text not in names}


def _data(source: str) -> Iterator[str]:
    """Give the template as written, its code left out; texts of a {% trans %} are translated."""
    inside: list[str] = []
    tag: list[str] | None = None
    for _, kind, value in ENVIRONMENT.lex(source):
        if kind == "block_begin":
            tag = []
        elif kind == "block_end":
            _enter_or_leave(inside, tag or [])
            tag = None
        elif kind == "name" and tag is not None:
            tag.append(value)
        elif kind == "data" and not any(map(_is_no_text, inside)):
            yield value


def _enter_or_leave(inside: list[str], tag: list[str]) -> None:
    if tag[0] in {"block", "macro", "trans"}:
        inside.append(tag[1] if tag[0] != "trans" else "trans")
    elif tag[0] in {"endblock", "endmacro", "endtrans"}:
        inside.pop()


def _is_no_text(name: str) -> bool:
    """Whether a block holds styles, the names of classes, or what is translated as a whole."""
    return name == "trans" or name.endswith(("styles", "_class"))


class _Page(HTMLParser):
    """Keeps what is shown or read aloud: texts, and the attributes that hold one."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        button = tag == "input" and given.get("type") in {"submit", "button"}
        human = HUMAN | {"value"} if button else HUMAN
        self.seen += [value for name, value in attrs if name in human and value]

    def handle_data(self, data):
        if not self.cdata_elem:  # inside <style> or <script>
            self.seen.append(ATTRIBUTE.sub("", data))


def _constants(node: nodes.Node) -> Iterator[str]:
    """Give the strings in the code that may be printed: no keys, nothing that is compared."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for child in _printable(node):
        yield from _constants(child)


def _printable(node: nodes.Node) -> list[nodes.Node]:
    if isinstance(node, NEVER_PRINTED):
        return []
    match node:
        case nodes.Call(node=nodes.Name(name=name)) if name in GETTEXT:
            return list(node.kwargs)
        case nodes.Pair():
            return [node.value]
        case nodes.Getitem() | nodes.Test():
            return [node.node]
        case _:
            return list(node.iter_child_nodes())
