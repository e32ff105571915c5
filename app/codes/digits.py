"""Six digits, derived from a code's id and the secret key: they lie in no database."""

import hashlib
import hmac
from collections.abc import Sequence

DIGITS = 6
PURPOSE = b"code-v1:"


def digits_of(public_id: str, key: str) -> str:
    """Return the code's digits under that key (dynamic truncation, RFC 4226 5.3)."""
    digest = hmac.new(key.encode(), PURPOSE + public_id.encode(), hashlib.sha256).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def are_right(typed: str, public_id: str, keys: Sequence[str]) -> bool:
    """Whether the digits are those of the code, under any key still in force; in constant time."""
    written = "".join(typed.split()).encode()
    return any(hmac.compare_digest(written, digits_of(public_id, key).encode()) for key in keys)
