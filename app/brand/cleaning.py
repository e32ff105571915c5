"""What becomes of a file that is to be a crest: cleaned and bounded, or refused in words."""

import gzip
from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import quote

from app.brand import refusals
from app.brand.models import CrestType
from app.brand.png import SIGNATURE, clean_png
from app.brand.refusals import CrestRefusedError
from app.brand.svg import clean_svg

LARGEST_FILE = 200_000
HEAVIEST = 9_000
"""Bytes a crest may add to the stylesheet of a guest's page, packed."""
LONGEST = 6
"""How many times as wide as high, or as high as wide."""
BEGINS_XML = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
"""A tag, or the byte order mark of UTF-8 and UTF-16."""
SAFE = " /:=,;()'-._~!*+@$&?"


@dataclass(frozen=True)
class Crest:
    type: CrestType
    content: bytes
    ratio: float


def clean_crest(content: bytes) -> Crest:
    """Return the crest in a file, rid of all but its picture; raise CrestRefusedError."""
    if not content:
        raise CrestRefusedError(refusals.EMPTY)
    if len(content) > LARGEST_FILE:
        size, most = _kilobytes(len(content)), LARGEST_FILE // 1000
        raise CrestRefusedError(refusals.TOO_LARGE, size=size, most=most)
    crest = _read(content)
    if not 1 / LONGEST <= crest.ratio <= LONGEST:
        raise CrestRefusedError(refusals.SHAPE)
    weight = len(gzip.compress(data_uri(crest.type, crest.content).encode()))
    if weight > HEAVIEST:
        is_png = crest.type is CrestType.PNG
        text = refusals.TOO_HEAVY_PNG if is_png else refusals.TOO_HEAVY_SVG
        raise CrestRefusedError(text, size=_kilobytes(weight), most=HEAVIEST // 1000)
    return crest


def _read(content: bytes) -> Crest:
    if content.startswith(SIGNATURE):
        picture = clean_png(content)
        return Crest(CrestType.PNG, picture.content, picture.width / picture.height)
    if content.lstrip().startswith(BEGINS_XML):
        drawing = clean_svg(content)
        return Crest(CrestType.SVG, drawing.content, drawing.width / drawing.height)
    raise CrestRefusedError(refusals.NEITHER)


def data_uri(kind: CrestType, content: bytes) -> str:
    """Return the crest as an address that holds it, fit for quotes in a stylesheet."""
    if kind is CrestType.PNG:
        return f"data:image/png;base64,{b64encode(content).decode()}"
    # Not base64: gzip sees through percent signs, and a drawing is a third smaller so.
    return f"data:image/svg+xml,{quote(content, safe=SAFE)}"


def _kilobytes(size: int) -> int:
    return -(-size // 1000)
