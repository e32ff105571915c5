"""Stored mail shown inside a page: framed, without scripts, cut off from everything of ours."""

from flask import Response, make_response

from app.web.headers import POLICY

WITH_FRAME = f"{POLICY}; frame-src 'self'"
"""The policy of a page of ours that shows a frame."""

MAIL = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
LINKS_OPEN_ELSEWHERE = "allow-popups allow-popups-to-escape-sandbox"


def page_with_frame(page: str) -> Response:
    """Answer with a page that may show a frame from our own host."""
    response = make_response(page)
    response.headers["Content-Security-Policy"] = WITH_FRAME
    return response


def mail_in_frame(html: str, *, links: bool = False) -> Response:
    """Answer with a mail's HTML: its own styles only, no script, no picture from elsewhere."""
    response = make_response(html)
    policy = f"{MAIL} {LINKS_OPEN_ELSEWHERE}" if links else MAIL
    response.headers["Content-Security-Policy"] = policy
    return response
