"""From one page of a personal link to another of the same link, in the language asked for."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response


def token_of_link() -> str:
    """Return the token of the link by which this page was asked for."""
    return str((request.view_args or {})["token"])


def back_to(endpoint: str, *, change: str | None = None) -> Response:
    """Send the browser to another page of this link; `change` as it stood in the address."""
    lang = request.args.get("lang")
    page = url_for(endpoint, token=token_of_link(), lang=lang, change=change)
    return redirect(page, 303)
