"""A drawing is written anew: what is let in is harmless, what is not is refused by its name."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.brand.cleaning import clean_crest
from app.brand.refusals import CrestRefusedError
from app.brand.svg import ATTRIBUTES, ELEMENTS, SVG, clean_svg
from tests.brand.samples import CROWN, svg

BOMB = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
FETCH = '<!DOCTYPE svg [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
DOCTYPE = (
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"'
    ' "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
)
NASTY = {
    "a script": (svg("<script>alert(1)</script>"), "“script”"),
    "a script by a prefix": (
        f'<s:svg xmlns:s="{SVG}" viewBox="0 0 1 1"><s:script/></s:svg>'.encode(),
        "“script”",
    ),
    "a script in CDATA": (svg("<script><![CDATA[alert(1)]]></script>"), "“script”"),
    "HTML inside": (svg("<foreignObject/>"), "“foreignObject”"),
    "an animation": (svg('<rect><set attributeName="href" to="x"/></rect>'), "“set”"),
    "a link": (svg('<a xlink:href="javascript:alert(1)"><rect/></a>'), "“a”"),
    "a stylesheet": (svg("<style>@import url(//x)</style>"), "presentation attributes"),
    "a picture": (svg('<image href="https://x.example/y.png"/>'), "a picture"),
    "a filter": (svg("<filter><feImage/></filter>"), "“filter”"),
    "text": (svg("<text>City</text>"), "Turn it into paths"),
    "a reference outside": (svg('<use xlink:href="https://x.example/#a"/>'), "points outside"),
    "a script as reference": (svg('<use href="javascript:alert(1)"/>'), "points outside"),
    "data as reference": (svg('<use href="data:image/svg+xml,x#a"/>'), "points outside"),
    "a style that fetches": (svg('<rect style="fill:url(http://x.example/a)"/>'), "points outside"),
    "a paint that fetches": (svg('<rect fill="URL( //x.example/a )"/>'), "points outside"),
    "an escaped url": (svg(r'<rect fill="\75rl(//x.example)"/>'), "cannot be read"),
    "an entity bomb": (svg("&b;", BOMB), "DOCTYPE"),
    "an entity that fetches": (svg("&secret;", FETCH), "DOCTYPE"),
    "an unknown entity": (svg("&what;"), "line 1"),
    "an unclosed tag": (svg("<g>"), "line 1"),
    "an encoding of its own": (b'<?xml version="1.0" encoding="x-none"?><svg/>', "line 1"),
    "HTML": (b"<html><body/></html>", "“html”"),
    "no size": (svg("<rect/>", root='width="100%"'), "no size"),
    "an endless size": (svg("<rect/>", root='viewBox="0 0 nan inf"'), "no size"),
    "a deep nest": (svg("<g>" * 500 + "</g>" * 500), "too deep"),
    "a circle": (svg('<g id="a"><use href="#a"/></g>'), "too deep"),
}


@pytest.mark.parametrize(("content", "words"), NASTY.values(), ids=NASTY)
def test_a_drawing_that_could_do_harm_is_refused_in_words(content, words):
    with pytest.raises(CrestRefusedError) as refused:
        clean_crest(content)
    assert words in str(refused.value)


def test_a_drawing_that_uses_itself_over_and_over_is_refused():
    twice = "<use href='#a{}'/>" * 2
    doubled = "".join(f"<g id='a{n}'>{twice.format(n - 1, n - 1)}</g>" for n in range(1, 20))
    with pytest.raises(CrestRefusedError, match="too often"):
        clean_svg(svg(f'<rect id="a0"/>{doubled}'))


def test_what_only_a_drawing_program_reads_is_left_out():
    noise = (
        "<title>Crown</title><!-- by me --><?xml-stylesheet href='x.css'?><metadata><b/></metadata>"
        '<n:view xmlns:n="urn:inkscape"><n:script/></n:view>'
        '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>'
    )
    cleaned = clean_svg(svg(f'{noise}<rect onload="x()" class="a" width="2"/>text', DOCTYPE))
    assert cleaned.content.decode() == (
        f"<svg xmlns='{SVG}' viewBox='0 0 40 32' width='40' height='32'><rect width='2'/></svg>"
    )


def test_a_style_becomes_attributes():
    cleaned = clean_svg(
        svg('<rect style="FILL: #fff !important; font-family: Arial; stroke:red"/>')
    )
    assert b"<rect fill='#fff' stroke='red'/>" in cleaned.content


def test_what_points_inside_is_kept():
    gradient = '<linearGradient id="gold"><stop offset="0" stop-color="#a8813c"/></linearGradient>'
    cleaned = clean_svg(svg(f"""{gradient}<rect fill="url('#gold')"/><use xlink:href="#gold"/>"""))
    assert b"fill='url(#gold)'" in cleaned.content
    assert b"<use href='#gold'/>" in cleaned.content
    assert b"</linearGradient>" in cleaned.content


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_the_encoding_changes_nothing(encoding):
    head = "" if encoding != "utf-16-le" else "\ufeff"
    assert clean_crest((head + CROWN).encode(encoding)) == clean_crest(CROWN.encode())


def test_a_script_hidden_by_an_encoding_is_found():
    with pytest.raises(CrestRefusedError, match="script"):
        clean_crest(svg("<script/>").decode().encode("utf-16"))


def test_without_a_view_box_the_sizes_give_it():
    cleaned = clean_svg(svg("<rect/>", root='width="60px" height="30"'))
    assert (cleaned.width, cleaned.height) == (60, 30)
    assert b"viewBox='0 0 60 30'" in cleaned.content


NAMES = st.sampled_from([*sorted(ELEMENTS), "script", "style", "x:y", "title", "foreignObject"])
KEYS = st.sampled_from([*sorted(ATTRIBUTES), "onload", "href", "xlink:href", "style", "id"])
VALUES = st.text("ab0#:;()'/.% url", max_size=12) | st.sampled_from(
    ["url(#a)", "url(http://x)", "javascript:a", "#a", "fill:url(//x)", "<", "\\75rl(a)"]
)
TREES = st.recursive(
    st.just(""),
    lambda inside: st.builds(
        lambda name, given, children: (
            f"<{name}{''.join(f' {k}={quoted(v)}' for k, v in given.items())}>"
            f"{''.join(children)}</{name}>"
        ),
        NAMES,
        st.dictionaries(KEYS, VALUES, max_size=3),
        st.lists(inside, max_size=3),
    ),
    max_leaves=8,
)


def quoted(value: str) -> str:
    return '"' + value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;") + '"'


@given(TREES)
def test_whatever_comes_in_only_what_is_allowed_goes_out(tree):
    try:
        cleaned = clean_svg(svg(tree, root='viewBox="0 0 4 4" xmlns:x="urn:x"'))
    except CrestRefusedError:
        return
    for element in ET.fromstring(cleaned.content).iter():  # noqa: S314 - our own writing
        assert element.tag.removeprefix(f"{{{SVG}}}") in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES | {"id", "href"}
        for value in element.attrib.values():
            assert "url" not in value.replace("url(#", "")
            assert not set(value) & set(":;\\<&")
    assert clean_svg(cleaned.content).content == cleaned.content
