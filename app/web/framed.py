"""Stored mail shown inside a page: framed, without scripts, cut off from everything of ours."""

from flask import Response, make_response

from app.web.headers import POLICY

WITH_FRAME = f"{POLICY}; frame-src 'self'"
"""The policy of a page of ours that shows a frame."""
WITH_MAIL = WITH_FRAME.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")

MAIL = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
LINKS_OPEN_ELSEWHERE = "allow-popups allow-popups-to-escape-sandbox"


def page_with_frame(page: str) -> Response:
    """Answer with a page that may show a frame from our own host."""
    response = make_response(page)
    response.headers["Content-Security-Policy"] = WITH_FRAME
    return response


def page_with_mail(page: str) -> Response:
    """Answer with a page that shows a mail nobody has stored, in a sandboxed frame of its own text.

    Such a frame has the policy of its page, which must let the mail's own styles in.
    """
    response = make_response(page)
    response.headers["Content-Security-Policy"] = WITH_MAIL
    return response


def mail_in_frame(html: str, *, links: bool = False) -> Response:
    """Answer with a mail's HTML: its own styles only, no script, no picture from elsewhere."""
    response = make_response(html)
    policy = f"{MAIL} {LINKS_OPEN_ELSEWHERE}" if links else MAIL
    response.headers["Content-Security-Policy"] = policy
    return response
