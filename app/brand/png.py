"""A PNG crest taken apart and put together anew: the picture, and nothing beside it."""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from app.brand import refusals
from app.brand.refusals import CrestRefusedError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 2000
"""Along one side."""
HEAD = struct.Struct(">I4s")
CRC = struct.Struct(">I")
HEADER = struct.Struct(">IIBBBBB")
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
"""Bits per channel that go with each colour type (PNG specification, 11.2.1)."""
PALETTE = 3
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2))  # fmt: skip
"""Where each pass of an interlaced picture begins and how it steps: x, y, dx, dy."""
KEPT = (b"PLTE", b"tRNS")
LARGEST_PALETTE = 3 * 256
BLOCK = 65_536


class Picture(NamedTuple):
    content: bytes
    width: int
    height: int


class Header(NamedTuple):
    width: int
    height: int
    depth: int
    colour: int
    packing: int
    filtering: int
    interlaced: int


def clean_png(content: bytes) -> Picture:
    """Return the picture without anything beside it; raise CrestRefusedError.

    Texts, profiles, EXIF and animation are left out; each chunk is checked by its CRC, and the
    pixels are unpacked to see that they are there, all of them, and nothing behind them.
    """
    chunks = list(_chunks(content))
    if [chunks[0][0], chunks[-1][0]] != [b"IHDR", b"IEND"]:
        raise _broken("IHDR")
    header = _header(chunks[0][1])
    known = {b"IHDR", b"IEND", b"IDAT", *KEPT}
    for name, _ in chunks:
        if name not in known and not name[:1].islower():  # a capital: critical, and unknown to us
            raise _broken(name.decode("ascii", "replace"))
    pixels = _repack(b"".join(body for name, body in chunks if name == b"IDAT"), header)
    kept = [(name, body) for name, body in chunks if name in KEPT]
    names = [name for name, _ in kept]
    if len(set(names)) != len(names) or any(len(body) > LARGEST_PALETTE for _, body in kept):
        raise _broken("PLTE")
    if header.colour == PALETTE and names[:1] != [b"PLTE"]:
        raise _broken("PLTE")
    whole = [(b"IHDR", chunks[0][1]), *kept, (b"IDAT", pixels), (b"IEND", b"")]
    written = SIGNATURE + b"".join(_chunk(name, body) for name, body in whole)
    return Picture(written, header.width, header.height)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and body of each chunk up to the end, at which the file must end, too."""
    at, name = len(SIGNATURE), b""
    while name != b"IEND":
        if len(content) < at + HEAD.size:
            raise _broken("IEND")
        length, name = HEAD.unpack_from(content, at)
        ends = at + HEAD.size + length
        if len(content) < ends + CRC.size:
            raise _broken(name.decode("ascii", "replace"))
        body = content[at + HEAD.size : ends]
        if CRC.unpack_from(content, ends)[0] != zlib.crc32(name + body):
            raise _broken(name.decode("ascii", "replace"))
        yield name, body
        at = ends + CRC.size
    if at != len(content):
        raise CrestRefusedError(refusals.PNG_TAIL)


def _chunk(name: bytes, body: bytes) -> bytes:
    return HEAD.pack(len(body), name) + body + CRC.pack(zlib.crc32(name + body))


def _header(body: bytes) -> Header:
    if len(body) != HEADER.size:
        raise _broken("IHDR")
    header = Header(*HEADER.unpack(body))
    if max(header.width, header.height) > MOST_PIXELS:
        raise CrestRefusedError(refusals.PNG_WIDE, most=MOST_PIXELS)
    good = header.depth in DEPTHS.get(header.colour, ()) and header.interlaced in {0, 1}
    if not good or header.packing or header.filtering or not header.width or not header.height:
        raise _broken("IHDR")
    return header


def _unpacked_size(header: Header) -> int:
    """Return how many bytes the pixels have: each row with the byte of its filter."""
    bits = header.depth * CHANNELS[header.colour]
    passes = ADAM7 if header.interlaced else ((0, 0, 1, 1),)
    size = 0
    for x, y, dx, dy in passes:
        columns = max(0, -(-(header.width - x) // dx))
        rows = max(0, -(-(header.height - y) // dy))
        size += rows * (1 + -(-columns * bits // 8)) if columns else 0
    return size


def _repack(packed: bytes, header: Header) -> bytes:
    """Return the pixels packed as small as zlib can; nothing is unpacked past the known size."""
    due, size = _unpacked_size(header), 0
    unpacking, packing = zlib.decompressobj(), zlib.compressobj(9)
    written = []
    try:
        while not unpacking.eof and size <= due:
            block = unpacking.decompress(packed, BLOCK)
            if not block and not unpacking.eof:
                raise _broken("IDAT")
            packed, size = unpacking.unconsumed_tail, size + len(block)
            written.append(packing.compress(block))
    except zlib.error as error:
        raise _broken("IDAT") from error
    if size != due or unpacking.unused_data:
        raise _broken("IDAT")
    return b"".join(written) + packing.flush()


def _broken(where: str) -> CrestRefusedError:
    return CrestRefusedError(refusals.PNG_BROKEN, where=where)
