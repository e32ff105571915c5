"""A PNG crest keeps its pixels and nothing else; what is damaged or hides something is refused."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.brand.cleaning import clean_crest
from app.brand.png import SIGNATURE, clean_png
from app.brand.refusals import CrestRefusedError
from tests.brand.samples import chunk, header, pixels, png

GOOD = png()
END = chunk(b"IEND", b"")


def body(*chunks: bytes) -> bytes:
    return SIGNATURE + b"".join(chunks)


def data(content: bytes) -> bytes:
    return chunk(b"IDAT", zlib.compress(content))


BAD = {
    "nothing behind the signature": (SIGNATURE, "damaged (IEND)"),
    "no header": (body(data(pixels()), END), "damaged (IHDR)"),
    "no end": (body(header(), data(pixels())), "damaged (IEND)"),
    "cut off": (GOOD[:-20], "damaged (IDAT)"),
    "a page behind the end": (GOOD + b"<script>alert(1)</script>", "follows the end"),
    "a second picture behind the end": (GOOD + GOOD, "follows the end"),
    "a bit turned": (GOOD.replace(b"IHDR\0\0\0\x28", b"IHDR\0\0\0\x29"), "damaged (IHDR)"),
    "a length that lies": (body(b"\xff\xff\xff\xffIHDR"), "damaged (IHDR)"),
    "too wide": (body(header(width=2001), data(b""), END), "2000 pixels"),
    "no width": (body(header(width=0), data(b""), END), "damaged (IHDR)"),
    "a depth that is none": (body(header(depth=3), data(b""), END), "damaged (IHDR)"),
    "no palette": (body(header(colour=3), data(b"\0" * 41 * 32), END), "damaged (PLTE)"),
    "two palettes": (png(chunk(b"PLTE", b"abc"), chunk(b"PLTE", b"abc")), "damaged (PLTE)"),
    "a large palette": (png(chunk(b"PLTE", b"abc" * 300)), "damaged (PLTE)"),
    "an unknown critical chunk": (png(chunk(b"EVIL", b"")), "damaged (EVIL)"),
    "too few pixels": (body(header(), data(pixels()[:-1]), END), "damaged (IDAT)"),
    "too many pixels": (body(header(), data(pixels() + b"x"), END), "damaged (IDAT)"),
    "a bomb": (body(header(), data(b"\0" * 50_000_000), END), "damaged (IDAT)"),
    "something behind the pixels": (
        body(header(), chunk(b"IDAT", zlib.compress(pixels()) + b"PK\3\4"), END),
        "damaged (IDAT)",
    ),
    "no pixels": (body(header(), chunk(b"IDAT", b""), END), "damaged (IDAT)"),
    "nonsense for pixels": (body(header(), chunk(b"IDAT", b"nonsense"), END), "damaged (IDAT)"),
}


@pytest.mark.parametrize(("content", "words"), BAD.values(), ids=BAD)
def test_a_file_that_is_not_wholly_a_picture_is_refused_in_words(content, words):
    with pytest.raises(CrestRefusedError) as refused:
        clean_crest(content)
    assert words in str(refused.value)


def test_everything_beside_the_picture_is_left_out():
    beside = [(b"tEXt", b"Author\0Me"), (b"eXIf", b"MM"), (b"iCCP", b"x"), (b"acTL", b"\0" * 8)]
    cleaned = clean_png(png(*(chunk(*one) for one in beside)))
    assert cleaned == clean_png(GOOD)
    assert (cleaned.width, cleaned.height) == (40, 32)


def test_the_pixels_are_the_same():
    cleaned = clean_png(GOOD).content
    at = cleaned.index(b"IDAT")
    assert zlib.decompress(cleaned[at + 4 : -16]) == pixels()


def test_palette_and_transparency_are_kept_in_their_order():
    palette = (chunk(b"PLTE", b"abcdef"), chunk(b"tRNS", b"\0"))
    rows = data(b"\0" * (1 + 5) * 32)
    cleaned = clean_png(body(header(depth=1, colour=3), *palette, rows, END))
    assert palette[0] + palette[1] in cleaned.content


def test_an_interlaced_picture_is_measured_pass_by_pass():
    # 3 x 1 pixels: passes 1, 4 and 6 have one pixel each, in one row each.
    rows = data((b"\0" + b"abc") * 3)
    cleaned = clean_png(body(header(width=3, height=1, last=1), rows, END))
    assert (cleaned.width, cleaned.height) == (3, 1)


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_changed_byte_is_never_let_through(place, change):
    changed = bytearray(GOOD)
    changed[place] ^= change
    with pytest.raises(CrestRefusedError):
        clean_crest(bytes(changed))
