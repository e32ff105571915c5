"""Static files under addresses that change with their content, and texts packed on their way."""

import gzip
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from flask import Flask, Response, current_app, request, url_for

A_YEAR = 31_536_000
PACKED = {"text/css", "text/javascript"}
PAGES_OF_A_SECRET_LINK = {"rsvp", "rsvp_requests", "delegates", "codes"}
"""Blueprints whose pages are packed, too. Elsewhere a page's packed length could tell its text to
who can have it asked for with words of their choice (BREACH). Here it cannot: a page is asked for
by a link that is secret itself, no cookie opens it, what other sites send is refused, and who
knows the link can read the page."""
LEVEL_OF_PAGES = 4
"""Measured on the guest's page of 19.2 kB, beside a trivial page (tests/benchmarks/pages.py): level
1 leaves 4.9 kB at a ratio of 0.31, level 4 4.3 kB at 0.31, level 9 4.1 kB at 0.26."""


def init_app(app: Flask) -> None:
    app.after_request(_send_small_and_keep_for_long)
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["icon"] = icon


def asset(name: str) -> str:
    """Return the address of a file in static/, with the version of its content."""
    return url_for("static", filename=name, v=version_of(name))


def icon() -> str:
    """Return the icon as an address that holds it: no request for 200 bytes."""
    return f"data:image/svg+xml,{quote(_text(_path('icon.svg')), safe=' =:/.,')}"


def version_of(name: str) -> str:
    """Return a digest of a file in static/."""
    return _version(_path(name))


def text_of(name: str) -> str:
    """Return a stylesheet in static/ for another address: what it points at is still found."""
    return _folded(_path(name)).replace("url(fonts/", f"url({url_for('static', filename='fonts/')}")


def _path(name: str) -> Path:
    return Path(current_app.static_folder or "", name)


@lru_cache(maxsize=256)
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


@lru_cache(maxsize=16)
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=16)
def _folded(path: Path) -> str:
    """Return a stylesheet without what only its writers read: half a kilobyte, packed."""
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", _text(path), flags=re.DOTALL))


@lru_cache(maxsize=64)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _send_small_and_keep_for_long(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == 200:  # noqa: PLR2004
        if "v" in request.args:
            keep_for_long(response)
        # Static text, the same for everybody. Fonts are packed already.
        if response.mimetype in PACKED:
            response.direct_passthrough = False
            pack_text(response)
    elif request.blueprint in PAGES_OF_A_SECRET_LINK and response.mimetype == "text/html":
        _pack_page(response)
    return response


def keep_for_long(response: Response) -> None:
    """Let browsers keep the answer: its address changes with its content."""
    response.cache_control.no_cache = None
    response.cache_control.public = True
    response.cache_control.max_age = A_YEAR
    response.cache_control.immutable = True


def pack_text(response: Response) -> None:
    """Pack a text that is the same for everybody, if asked for so; it is kept packed."""
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"]:
        _set_packed(response, _packed(response.get_data()))
        response.set_etag(str(response.get_etag()[0]), weak=True)


def _pack_page(response: Response) -> None:
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"]:
        _set_packed(response, gzip.compress(response.get_data(), LEVEL_OF_PAGES, mtime=0))


def _set_packed(response: Response, content: bytes) -> None:
    response.set_data(content)
    response.content_encoding = "gzip"
