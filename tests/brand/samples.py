"""Files that are to be crests, good and bad, made by the tests themselves."""

import random
import struct
import zlib

from app.brand.png import CRC, HEAD, SIGNATURE

CROWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 32">'
    '<path fill="#0d3b66" d="M2 30V8l9 8 9-14 9 14 9-8v22z"/></svg>'
)


def svg(inside: str, head: str = "", root: str = 'viewBox="0 0 40 32"') -> bytes:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{head}<svg {names} {root}>{inside}</svg>".encode()


def chunk(name: bytes, body: bytes) -> bytes:
    return HEAD.pack(len(body), name) + body + CRC.pack(zlib.crc32(name + body))


def header(width: int = 40, height: int = 32, depth: int = 8, colour: int = 2, last: int = 0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, last))


def pixels(width: int = 40, height: int = 32, *, noisy: bool = False) -> bytes:
    """Return the rows of a picture of three colours, plain or past all packing."""
    chance = random.Random(1)  # noqa: S311 - noise
    rows = (
        chance.randbytes(3 * width) if noisy else b"\x0d\x3b\x66" * width for _ in range(height)
    )
    return b"".join(b"\0" + row for row in rows)


def png(*more: bytes, **size: int) -> bytes:
    """Return a good PNG file, with more chunks before its pixels."""
    noisy = bool(size.pop("noisy", 0))
    packed = zlib.compress(pixels(**size, noisy=noisy), 1)
    whole = (header(**size), *more, chunk(b"IDAT", packed), chunk(b"IEND", b""))
    return SIGNATURE + b"".join(whole)
