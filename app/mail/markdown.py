"""The Markdown of own words, as the HTML and as the text of a mail, both from one reading."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode as Node
from markupsafe import Markup, escape

from app.mail.words import LINK, PLACEHOLDER, VALUES, Facts

SCHEMES = ("https", "mailto", "tel")
"""What a link may begin with; any other is left out, and its words stay."""
MAIN_HEADINGS = {"h1", "h2"}


def as_html(body: str, facts: Facts) -> list[Markup | None]:
    """Return the body as HTML; in place of each `{link}` that stands alone there is a None.

    Placeholders are filled after the Markdown is read: what a fact holds is written literally.
    """
    return [None if is_button(node) else Markup(_html(node, facts)) for node in read(body)]  # noqa: S704 - each text in it is escaped


def as_text(body: str, facts: Facts) -> str:
    """Return the body as plain text: links with their address, lists with dashes."""
    return "\n\n".join(_text(node, facts) for node in read(body))


def is_button(node: Node) -> bool:
    """Whether the block is a `{link}` by itself, at which the button stands."""
    if node.type != "paragraph":
        return False
    words = node.children[0].children
    return [(word.type, word.content) for word in words] == [("placeholder", LINK)]


def address_of(link: Node) -> str:
    """Return where a link of the Markdown leads, as it was written."""
    return unquote(str(link.attrs.get("href", "")))


def is_guests_link(link: Node) -> bool:
    """Whether a link of the Markdown, `[Answer here]({link})`, leads to the guest's own page."""
    return address_of(link) == f"{{{LINK}}}"


def scheme_of(address: str) -> str:
    """Return what the address begins with; nothing where it cannot be read."""
    try:
        return urlsplit(address).scheme.lower()
    except ValueError:
        return ""


@lru_cache(maxsize=64)
def read(body: str) -> Sequence[Node]:
    """Return the blocks of the Markdown."""
    return Node(_READER.parse(body)).children


def _read_placeholder(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - as markdown-it calls it
    found = PLACEHOLDER.match(state.src, state.pos)
    if found is None or found[1] not in VALUES:
        return False
    if not silent:
        state.push("placeholder", "", 0).content = found[1]
    state.pos = found.end()
    return True


def _make_reader() -> MarkdownIt:
    """Read what is listed here, and nothing else: no HTML, no pictures, no code.

    Every link is read, so that what is wrong with one can be said; `_address` leaves it out.
    """
    reader = MarkdownIt("zero", {"breaks": True})
    reader.enable(["heading", "list", "newline", "escape", "emphasis", "link", "autolink"])
    reader.inline.ruler.before("text", "placeholder", _read_placeholder)
    reader.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005
    return reader


_READER = _make_reader()


def _html(node: Node, facts: Facts) -> str:
    inner = "".join(_html(child, facts) for child in node.children)
    write = _HTML.get(node.type)
    return write(node, inner, facts) if write else inner


def _wrapped_in(tag: str) -> "Write":
    return lambda node, inner, _facts: inner if node.hidden else f"<{tag}>{inner}</{tag}>"


def _html_heading(node: Node, inner: str, _facts: Facts) -> str:
    tag = "h2" if node.tag in MAIN_HEADINGS else "h3"
    return f"<{tag}>{inner}</{tag}>"


def _html_value(node: Node, _inner: str, facts: Facts) -> str:
    value = escape(VALUES[node.content](facts))
    if node.content == LINK and not _stands_in_a_link(node):
        return f'<a class="break" href="{value}">{value}</a>'
    return str(value)


def _stands_in_a_link(node: Node) -> bool:
    above = node.parent
    return above is not None and (above.type == "link" or _stands_in_a_link(above))


def _html_link(node: Node, inner: str, facts: Facts) -> str:
    address = _address(node, facts)
    return f'<a href="{escape(address)}">{inner}</a>' if address else inner


def _address(link: Node, facts: Facts) -> str:
    """Return where the link leads; nothing where it may not lead there."""
    if is_guests_link(link):
        return VALUES[LINK](facts)
    address = str(link.attrs.get("href", ""))
    return address if scheme_of(address) in SCHEMES else ""


Write = Callable[[Node, str, Facts], str]
"""Writes a node: itself, what is inside it already written, and the facts of the mail."""

_HTML: Mapping[str, Write] = {
    "text": lambda node, _inner, _facts: str(escape(node.content)),
    "placeholder": _html_value,
    "softbreak": lambda _node, _inner, _facts: "<br>\n",
    "hardbreak": lambda _node, _inner, _facts: "<br>\n",
    "link": _html_link,
    "strong": _wrapped_in("strong"),
    "em": _wrapped_in("em"),
    "paragraph": _wrapped_in("p"),
    "heading": _html_heading,
    "bullet_list": _wrapped_in("ul"),
    "ordered_list": lambda node, inner, _facts: f'<ol start="{_first(node)}">{inner}</ol>',
    "list_item": _wrapped_in("li"),
}


def _text(node: Node, facts: Facts) -> str:
    parts = [_text(child, facts) for child in node.children]
    if node.type == "list_item":
        return "\n".join(parts)
    if node.type == "bullet_list":
        return _text_list(["- "] * len(parts), parts)
    if node.type == "ordered_list":
        return _text_list([f"{_first(node) + place}. " for place in range(len(parts))], parts)
    write = _TEXT.get(node.type)
    inner = "".join(parts)
    return write(node, inner, facts) if write else inner


def _text_list(marks: Sequence[str], items: Sequence[str]) -> str:
    """Return the items under each other, the further lines of each below its first word."""
    return "\n".join(
        mark + item.replace("\n", "\n" + " " * len(mark))
        for mark, item in zip(marks, items, strict=True)
    )


def _text_link(node: Node, words: str, facts: Facts) -> str:
    """Return 'Travel: https://…'; an address that is its own words stands once."""
    address = _address(node, facts)
    shown = address.removeprefix("mailto:").removeprefix("tel:")
    return f"{words}: {shown}" if address and words not in {address, shown} else words


_TEXT: Mapping[str, Write] = {
    "text": lambda node, _inner, _facts: node.content,
    "placeholder": lambda node, _inner, facts: VALUES[node.content](facts),
    "softbreak": lambda _node, _inner, _facts: "\n",
    "hardbreak": lambda _node, _inner, _facts: "\n",
    "link": _text_link,
}


def _first(node: Node) -> int:
    return int(node.attrs.get("start", 1))
