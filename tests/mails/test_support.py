"""Every mail is made of what the mail programs we promise can show, or reads well without it."""

from html.parser import HTMLParser

import pytest

from tests.mails.caniemail import CLIENTS, features
from tests.mails.composing import html_of
from tests.mails.features import features_of
from tests.mails.press import EVERY

SHEET_IN_HEAD = (
    "Gmail with an account of another house reads no style sheet, others none in the body: ours is"
    " in the head, and every rule but those for dark and narrow is inlined"
)
CELLS = "Outlook for Windows knows it in cells and tables alone, where ours are (see below)"
FALLS_BACK = {
    "!important keyword": "stands in the style sheet alone, in lower case and after a space",
    "<body> element": "made a <div> or left out: the outermost table has the same background",
    "<style> element": SHEET_IN_HEAD,
    "@media": "not nested and about no height; without it the narrow look has wider margins",
    "@media (prefers-color-scheme)": "without it the mail stays light, or is darkened by itself",
    "Class selector": SHEET_IN_HEAD,
    "Descendant combinator": SHEET_IN_HEAD,
    "Grouping selectors": SHEET_IN_HEAD,
    "Type selector": SHEET_IN_HEAD,
    "HTML5 doctype": "changes nothing where it is not known",
    "align attribute": "tables are centred by it, which is known; none floats left or right",
    "border": CELLS,
    "border-radius": "corners are square",
    "color-scheme meta tag": "the programs that know it not have their own way to darken",
    "display": "a button is inline: its cell gets the space by mso-padding-alt",
    "display:none": "of the words for the list of mails, which have no table in them",
    "font-size": "in px alone",
    "font-weight": "bold and normal alone",
    "height property": CELLS,
    "letter-spacing": "in px, and wider; without it the digits stand closer",
    "line-height": "taken as the least height; bars have mso-line-height-rule",
    "margin": "none is negative; tables are centred by the align attribute, and body needs none",
    "max-width": "of a table alone; the conditional table holds 600 px in Outlook for Windows",
    "padding": CELLS,
    "text-align": "left, right and center alone",
    "text-decoration": "one value; without it the words on a button are underlined",
    "white-space": "without it a time or the words on a button may take two lines",
    "width attribute": "of tables and cells; no picture has any",
    "width property": CELLS,
    "word-break": "an address is broken anywhere, which is what is asked",
}
"""What some program does not know wholly, and why the mail reads well there."""
OLD = "part of HTML since 2.0 or 3.2, known to every program that shows HTML at all"
WITHOUT_DATA = {
    **dict.fromkeys((f"<{tag}> element" for tag in ("html", "head", "title", "meta", "a")), OLD),
    **dict.fromkeys((f"<{tag}> element" for tag in ("br", "tbody", "tr", "th", "td")), OLD),
    **dict.fromkeys((f"{name} attribute" for name in ("href", "colspan", "content", "name")), OLD),
    "charset attribute": "the header of the part says the same",
    "class attribute": "names what the style sheet is about; see there",
    "scope attribute": "for screen readers; without it they guess the heads of the columns",
    "color": "CSS 1; known to every program that knows any CSS",
    "font-family": "CSS 1; the face of the program is as good",
    "font-style": "CSS 1; upright words read as well",
    "mso-hide": "Outlook for Windows alone knows it",
    "mso-line-height-rule": "Outlook for Windows alone knows it",
    "mso-padding-alt": "Outlook for Windows alone knows it",
}
SPACED = {"td", "th", "table"}
"""Where Outlook for Windows knows padding, borders, widths and heights."""


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_every_feature_is_known_to_every_program_or_falls_back(press, name, language):
    used = features_of(html_of(press.mail(name, language)))
    lacking = {
        title: features()[title].lacking() if title in features() else ["no data"] for title in used
    }
    explained = FALLS_BACK.keys() | WITHOUT_DATA.keys()
    assert {one: where for one, where in lacking.items() if where and one not in explained} == {}


def test_nothing_is_explained_that_is_not_so(press):
    used = set().union(*(features_of(html_of(press.mail(*one))) for one in EVERY))
    known = features()
    lacking = {title for title in used & known.keys() if known[title].lacking()}
    assert set(FALLS_BACK) == lacking
    assert set(WITHOUT_DATA) == used - known.keys()


class Styles(HTMLParser):
    """What has padding, a border, a width or a height: (tag, property, value)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str, str]] = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        for declaration in (dict(attrs).get("style") or "").split(";"):
            name, _, value = (part.strip() for part in declaration.partition(":"))
            if name.split("-")[0] in {"padding", "border", "width", "height"} and value != "0":
                self.found.add((tag, name, value))


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_space_and_borders_are_those_of_cells(press, name, language):
    found = Styles(html_of(press.mail(name, language))).found
    button = {("a", "padding", "14px 28px"), ("a", "border", "1px solid #0d3b66")}
    button.add(("a", "border-radius", "3px"))
    assert {style for style in found if style[0] not in SPACED} <= button


def test_a_feature_that_breaks_is_found():
    html = '<style>@media (max-width: 9px) { .a > p { gap: 2em } }</style><p style="color: RED">'
    used = features_of(html + '<div style="display: flex; border-left-width: 1px"><a href="#x">')
    assert {"@media", "Child combinator", "gap", "em unit", "border", "Local anchors"} <= used
    assert features()["Child combinator"].lacking() == [
        "gmail.android", "gmail.ios", "outlook.windows"
    ]  # fmt: skip


def test_a_style_sheet_that_cannot_be_read_is_no_quiet_pass():
    with pytest.raises(ValueError, match="@supports"):
        features_of("<style>@supports (display: grid) { p { color: red } }</style>")


def test_the_data_names_every_program_we_promise():
    tried = set().union(*(feature.support for feature in features().values()))
    assert tried == set(CLIENTS)
