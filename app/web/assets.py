"""Static files under addresses that change with their content, so that browsers may keep them."""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

A_YEAR = 31_536_000
PACKED = {"text/css", "text/javascript"}


def init_app(app: Flask) -> None:
    app.after_request(_send_small_and_keep_for_long)
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """Return the address of a file in static/, with the version of its content."""
    return url_for("static", filename=name, v=_version(_path(name)))


def _path(name: str) -> Path:
    return Path(current_app.static_folder or "", name)


@lru_cache(maxsize=256)
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


@lru_cache(maxsize=16)
def _packed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


def _send_small_and_keep_for_long(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == 200:  # noqa: PLR2004
        if "v" in request.args:
            _keep_for_long(response)
        # Static text alone, the same for everybody: a page's length must not tell its text. Fonts
        # are packed already.
        if response.mimetype in PACKED:
            _pack(response)
    return response


def _keep_for_long(response: Response) -> None:
    response.cache_control.no_cache = None
    response.cache_control.public = True
    response.cache_control.max_age = A_YEAR
    response.cache_control.immutable = True


def _pack(response: Response) -> None:
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"]:
        return
    response.close()  # the file itself is not read
    response.direct_passthrough = False
    response.set_data(_packed(_path(str((request.view_args or {})["filename"]))))
    response.content_encoding = "gzip"
    response.set_etag(str(response.get_etag()[0]), weak=True)
