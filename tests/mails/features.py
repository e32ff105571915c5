"""Which features of HTML and CSS a mail uses, by the names that caniemail.com has for them."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from tests.mails.caniemail import features

Attributes = list[tuple[str, str | None]]

SEMANTIC = (
    "article aside details figcaption figure footer header main mark nav section summary time"
)
ELEMENTS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "<h1> to <h6> elements"),
    **dict.fromkeys(("ul", "ol", "dl"), "<ul>, <ol> and <dl>"),
    **dict.fromkeys(SEMANTIC.split(), "HTML5 semantics"),
    "address": "address",
    "base": "<base>",
    "map": "Image maps",
    "svg": "Embedded <svg> image",
}
PAIRS = {
    ("a", "href", "mailto:"): "mailto: links",
    ("a", "href", "#"): "Local anchors",
    ("meta", "name", "color-scheme"): "color-scheme meta tag",
}
"""Elements that count by how an attribute begins."""
SIDES = "top|right|bottom|left"
LONGHANDS = {
    "padding": re.compile(rf"padding-({SIDES})"),
    "margin": re.compile(rf"margin-({SIDES})"),
    "border": re.compile(rf"border-({SIDES}|color|style|width)(-(color|style|width))?"),
    "left, right, top, bottom": re.compile(SIDES),
}
FUNCTIONS = {"calc": "CSS calc() function", "var": "CSS Variables (Custom Properties)"}
COMBINATORS = {
    ">": "Child combinator",
    "+": "Adjacent sibling combinator",
    "~": "General sibling combinator",
}
SIMPLE = {
    ".": "Class selector",
    "#": "ID selector",
    "[": "Attribute selector",
    "*": "Universal selector *",
}
MEDIA = re.compile(r"@media([^{}]*)\{((?:[^{}]*\{[^{}]*\})*\s*)\}")
RULE = re.compile(r"([^{}@;]+)\{([^{}]*)\}")
SIZES = {"min-width", "max-width"}
"""What `@media` itself was tried with."""


def features_of(html: str) -> set[str]:
    """Return the features of a mail, each by the title of its data or else by a name alike.

    Raises ValueError where a style sheet has what is not read here.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.in_style = False

    def handle_decl(self, decl: str) -> None:
        self.found.add("HTML5 doctype" if decl.lower() == "doctype html" else decl)

    def handle_comment(self, _data: str) -> None:
        self.found.add("HTML comments")

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        self.in_style = tag == "style"
        self.found.add(ELEMENTS.get(tag, f"<{tag}> element"))
        for name, value in attrs:
            if name == "style":
                self.found.update(_of_declarations(value or ""))
            else:
                self.found.update(_of_attribute(tag, name, value or ""))

    def handle_endtag(self, _tag: str) -> None:
        self.in_style = False

    def handle_data(self, data: str) -> None:
        if self.in_style:
            self.found.update(_of_sheet(data))


def _of_attribute(tag: str, name: str, value: str) -> Iterator[str]:
    yield "srcset and sizes attributes" if name in {"srcset", "sizes"} else f"{name} attribute"
    for (element, attribute, begins), title in PAIRS.items():
        if (element, attribute) == (tag, name) and value.startswith(begins):
            yield title


def _of_sheet(sheet: str) -> Iterator[str]:
    for condition, rules in MEDIA.findall(sheet):
        yield "@media"
        asked = set(re.findall(r"\(\s*([a-z-]+)", condition)) - SIZES
        yield from (f"@media ({feature})" for feature in asked)
        yield from _of_rules(rules)
    yield from _of_rules(MEDIA.sub("", sheet))


def _of_rules(rules: str) -> Iterator[str]:
    rest = RULE.sub("", rules).strip()
    if rest:
        raise ValueError(f"not read: {rest}")
    for selectors, declarations in RULE.findall(rules):
        yield from _of_declarations(declarations)
        if "," in selectors:
            yield "Grouping selectors"
        for selector in selectors.split(","):
            yield from _of_selector(selector.strip())


def _of_selector(selector: str) -> Iterator[str]:
    for mark, title in (COMBINATORS | SIMPLE).items():
        if mark in selector:
            yield title
    if re.search(r"[\w\])]\s+[\w.#\[*:]", selector):
        yield "Descendant combinator"
    if re.search(r"\.[\w-]+\.", selector):
        yield "Chaining selectors"
    if re.search(r"(^|[\s>+~])[a-z]", selector):
        yield "Type selector"
    yield from re.findall(r"::?[a-z-]+", selector)


def _of_declarations(declarations: str) -> Iterator[str]:
    for declaration in filter(str.strip, declarations.split(";")):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        yield _property(name)
        yield from _of_value(name, value)


def _property(name: str) -> str:
    for title in (name, f"{name} property", f"{name} shorthand", f"{name} CSS property"):
        if title in features():
            return title
    families = (title for title, longhand in LONGHANDS.items() if longhand.fullmatch(name))
    return next(families, name)


def _of_value(name: str, value: str) -> Iterator[str]:
    if "!important" in value:
        yield "!important keyword"
    for function in re.findall(r"([a-z-]+)\(", value):
        yield FUNCTIONS.get(function, f"{function}()")
    for unit in re.findall(r"\d([a-z]+|%)", re.sub(r"#[0-9a-f]+", "", value)):
        yield f"{unit} unit"
    plain = value.replace("!important", "").strip()
    pairs = (f"{name}:{plain}", f"{name}: {plain}")
    yield from (pair for pair in pairs if pair in features())
