"""Static files under addresses that change with their content, so that browsers may keep them."""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request, url_for

A_YEAR = 31_536_000


def init_app(app: Flask) -> None:
    folder = Path(app.static_folder or "")

    @lru_cache(maxsize=256)
    def version(name: str) -> str:
        return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:10]

    def asset(name: str) -> str:
        """Return the address of a file in static/, with the version of its content."""
        return url_for("static", filename=name, v=version(name))

    @lru_cache(maxsize=16)
    def compressed(name: str) -> bytes:
        return gzip.compress((folder / name).read_bytes(), mtime=0)

    @app.after_request
    def send_static(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code == 200:  # noqa: PLR2004
            if "v" in request.args:
                _keep_for_long(response)
            # Fonts are packed already; pages are not, lest their length tell what is in them.
            if response.mimetype == "text/css":
                response.vary.add("Accept-Encoding")
                if request.accept_encodings["gzip"]:
                    _replace(response, compressed(str((request.view_args or {})["filename"])))
        return response

    app.jinja_env.globals["asset"] = asset


def _keep_for_long(response: Response) -> None:
    response.cache_control.no_cache = None
    response.cache_control.public = True
    response.cache_control.max_age = A_YEAR
    response.cache_control.immutable = True


def _replace(response: Response, packed: bytes) -> None:
    response.direct_passthrough = False
    response.set_data(packed)
    response.content_encoding = "gzip"
    response.set_etag(str(response.get_etag()[0]), weak=True)
