"""An SVG crest taken apart and written anew: shapes, paints, and what points inside itself."""

import re
from collections import Counter, defaultdict
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from app.brand import refusals
from app.brand.refusals import CrestRefusedError

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
SHAPES = """
    svg g defs symbol use path rect circle ellipse line polyline polygon
    linearGradient radialGradient stop clipPath mask
"""
LOOKS = """
    fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin
    stroke-miterlimit stroke-dasharray stroke-dashoffset opacity color display visibility
    clip-path clip-rule mask mask-type stop-color stop-opacity paint-order vector-effect
"""
PLACES = """
    d points x y width height cx cy r rx ry x1 y1 x2 y2 fx fy fr offset transform viewBox
    preserveAspectRatio gradientUnits gradientTransform spreadMethod
    clipPathUnits maskUnits maskContentUnits
"""
ELEMENTS = frozenset(SHAPES.split())
PRESENTATION = frozenset(LOOKS.split())
ATTRIBUTES = PRESENTATION | frozenset(PLACES.split())
LEFT_OUT = frozenset({"metadata", "title", "desc"})
"""Left out with all they hold, as everything of a drawing program's own is: nobody sees it."""
REFUSED = {
    "text": refusals.SVG_TEXT,
    "tspan": refusals.SVG_TEXT,
    "image": refusals.SVG_PICTURE,
    "style": refusals.SVG_STYLE,
}
ID = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
INSIDE = re.compile(r"url\(\s*(['\"]?)#([A-Za-z_][\w.-]*)\1\s*\)", re.ASCII)
PLAIN = re.compile(r"[A-Za-z0-9\s.,#%()+-]*", re.ASCII)
LENGTH = re.compile(r"([0-9]*\.?[0-9]+)(?:px|pt|mm|cm|in)?", re.ASCII)
DEEPEST, MOST_DRAWN = 40, 20_000
HUGE = 1e6
LONGEST_QUOTED = 40


class Drawing(NamedTuple):
    content: bytes
    width: float
    height: float


def clean_svg(content: bytes) -> Drawing:
    """Return the drawing as this module writes it; raise CrestRefusedError.

    Nothing is copied: each element, attribute and value that is let in is written anew, in UTF-8,
    whatever encoding, prefix or quoting the file used.
    """
    writer = _Writer()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse_entities
    parser.StartElementHandler = writer.start
    parser.EndElementHandler = writer.end
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat's own: this is all of it
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise CrestRefusedError(refusals.SVG_BROKEN, line=parser.CurrentLineNumber) from error
    return writer.finished()


def _refuse_entities(_name: str, _system: str | None, _public: str | None, subset: int) -> None:
    # The bare DOCTYPE of SVG 1.1 is harmless: what it points at is never fetched.
    if subset:
        raise CrestRefusedError(refusals.SVG_DOCTYPE)


class _Writer:
    """Writes what the parser reads, element by element."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.owners: list[str] = []
        """Of each open element its id, or nothing."""
        self.skipped = 0
        self.childless = False
        self.width = self.height = 0.0
        self.parts = Counter[str]()
        self.points: defaultdict[str, list[str]] = defaultdict(list)
        """What each id holds, and points at; under the empty one the whole drawing."""

    def start(self, name: str, given: dict[str, str]) -> None:
        local = name.removeprefix(f"{SVG} ")
        if self.skipped or " " in local or local in LEFT_OUT:
            self.skipped += 1
            return
        if not self.owners and local != "svg":
            raise CrestRefusedError(refusals.SVG_ROOT, what=_short(local))
        if local not in ELEMENTS:
            text = REFUSED.get(local, refusals.SVG_ELEMENT)
            raise CrestRefusedError(text, what=_short(local))
        if len(self.owners) >= DEEPEST:
            raise CrestRefusedError(refusals.SVG_TANGLED)
        kept = self._kept(local, given)
        if not self.owners:
            kept = {"xmlns": SVG, **kept, **self._size(given)}
        self.owners.append(kept.get("id", ""))
        self._count(kept)
        words = "".join(f" {key}={_quoted(value)}" for key, value in kept.items())
        self.written.append(f"<{local}{words}>")
        self.childless = True

    def end(self, name: str) -> None:
        if self.skipped:
            self.skipped -= 1
            return
        self.owners.pop()
        if self.childless:
            self.written[-1] = f"{self.written[-1][:-1]}/>"
        else:
            self.written.append(f"</{name.removeprefix(f'{SVG} ')}>")
        self.childless = False

    def finished(self) -> Drawing:
        if not self.written:
            raise CrestRefusedError(refusals.SVG_ROOT, what="")
        if self._drawn("", {}, 0) > MOST_DRAWN:
            raise CrestRefusedError(refusals.SVG_TANGLED)
        return Drawing("".join(self.written).encode(), self.width, self.height)

    def _kept(self, local: str, given: dict[str, str]) -> dict[str, str]:
        kept = {}
        for key, value in [*given.items(), *_declarations(given.get("style", ""))]:
            if key in ATTRIBUTES:
                kept[key] = _good(value)
            elif key == "id" and ID.fullmatch(value):
                kept["id"] = value
            elif key in {"href", f"{XLINK} href"}:
                kept["href"] = _inside(local, value)
        return kept

    def _size(self, given: dict[str, str]) -> dict[str, str]:
        """Return the view box, and width and height after it."""
        written = re.split(r"[\s,]+", given.get("viewBox", "").strip())
        try:
            box = [float(number) for number in written]
        except ValueError:
            sizes = [LENGTH.fullmatch(given.get(key, "").strip()) for key in ("width", "height")]
            box = [0.0, 0.0, *(float(size[1]) for size in sizes if size)]
        sane = len(box) == len("xywh") and all(abs(number) < HUGE for number in box)
        if not sane or min(box[2:]) <= 0:
            raise CrestRefusedError(refusals.SVG_NO_SIZE)
        self.width, self.height = box[2:]
        sides = {"width": f"{self.width:g}", "height": f"{self.height:g}"}
        return {**sides, "viewBox": " ".join(f"{number:g}" for number in box)}

    def _count(self, kept: dict[str, str]) -> None:
        pointed = [found[2] for value in kept.values() for found in INSIDE.finditer(value)]
        if "href" in kept:
            pointed.append(kept["href"][1:])
        for owner in {"", *self.owners}:
            self.parts[owner] += 1
            self.points[owner] += pointed

    def _drawn(self, owner: str, known: dict[str, int], deep: int) -> int:
        """Return how many elements are drawn in the end: one that is used ten times counts ten."""
        if deep > DEEPEST:  # a circle, too
            raise CrestRefusedError(refusals.SVG_TANGLED)
        if owner not in known:
            pointed = sum(self._drawn(name, known, deep + 1) for name in self.points.get(owner, ()))
            known[owner] = self.parts[owner] + pointed
        return known[owner]


def _declarations(style: str) -> list[tuple[str, str]]:
    """Return what a style attribute says of how a shape looks; the rest is left out."""
    pairs = [part.partition(":")[::2] for part in style.split(";")]
    shown = [
        (key.strip().lower(), value.strip().removesuffix("!important")) for key, value in pairs
    ]
    return [(key, value) for key, value in shown if key in PRESENTATION]


def _good(value: str) -> str:
    """Return a value that names nothing outside: numbers, words, colours, `url(#here)`."""
    without = INSIDE.sub("", value)
    if "url" in without.lower():
        raise CrestRefusedError(refusals.SVG_OUTSIDE, what=_short(value))
    if not PLAIN.fullmatch(without):
        raise CrestRefusedError(refusals.SVG_VALUE, what=_short(value))
    return INSIDE.sub(r"url(#\2)", " ".join(value.split()))


def _inside(local: str, value: str) -> str:
    if not value.startswith("#") or not ID.fullmatch(value[1:]):
        raise CrestRefusedError(refusals.SVG_OUTSIDE, what=_short(f"{local} href={value}"))
    return value


def _quoted(value: str) -> str:
    return quoteattr(value).replace('"', "'")


def _short(text: str) -> str:
    cut = "".join(sign for sign in text[:LONGEST_QUOTED] if sign.isprintable())
    return f"{cut}…" if len(text) > LONGEST_QUOTED else cut
