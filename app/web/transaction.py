"""One transaction per request: read only for GET and HEAD, committed once at the end of a POST."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from app.db.engine import set_read_only
from app.parts import parts

READING_METHODS = ("GET", "HEAD", "OPTIONS")
View = TypeVar("View", bound=Callable[..., Any])


def init_app(app: Flask) -> None:
    app.before_request(_choose_mode)
    app.after_request(_finish)
    app.teardown_appcontext(_close)


def db() -> Session:
    """Return this request's session; the first query begins its transaction."""
    if "session" not in g:
        g.session = parts().sessions()
    session: Session = g.session
    return session


def reads_only(view: View) -> View:
    """Let a POST change nothing: it asks about more than an address can hold; below the guard."""
    view.reads_only = True  # type: ignore[attr-defined]
    return view


def _choose_mode() -> None:
    # Per request, not per view: a guard's SELECT begins the transaction before the view runs.
    view = current_app.view_functions.get(request.endpoint or "")
    asks = request.method in READING_METHODS or getattr(view, "reads_only", False)
    set_read_only(read_only=asks)


def _finish(response: Response) -> Response:
    """Commit what succeeded before the answer leaves; an answer with an error keeps nothing."""
    session = g.get("session")
    if session is None:
        return response
    if response.status_code < 400 and request.method not in READING_METHODS:  # noqa: PLR2004
        session.commit()
    else:
        session.rollback()
    return response


def _close(_error: BaseException | None) -> None:
    session = g.pop("session", None)
    if session is not None:
        session.close()
    set_read_only(read_only=False)
