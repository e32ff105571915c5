"""Guards: every route carries exactly one, and it passes the person into the view."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from flask import abort, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from app.delegates.queries import Bearer, read_bearer, refuse_dead
from app.events.models import Event
from app.events.queries import get_event, refuse_called_off
from app.organisers.models import Organiser, Role
from app.organisers.queries import find_session, role_on_event
from app.parts import parts
from app.web.proof import has_proof
from app.web.transaction import db

P = ParamSpec("P")
R = TypeVar("R")
SESSION_KEY = "sign_in"

MAY = {
    Role.VIEWER: {Role.ORGANISER, Role.APPROVER, Role.VIEWER},
    Role.ORGANISER: {Role.ORGANISER},
    Role.APPROVER: {Role.ORGANISER, Role.APPROVER},
    Role.DOOR: {Role.ORGANISER, Role.DOOR},
}
"""Which roles pass a guard that asks for the one on the left."""


class CodeNeededError(Exception):
    """The event shows a recorded answer only to a browser that has given a code."""


class DisownedError(Exception):
    """Somebody has said by this link that the invitation is not for them."""


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Open to everybody."""
    return _guarded(view, "public")


def guest_required(view: Callable[Concatenate[Bearer, P], R]) -> Callable[..., R]:
    """Ask for a good personal link, a guest's or a delegate's; passes who bears it.

    Raises a LinkError otherwise; CalledOffError where there is no event any more; DisownedError for
    a guest's link that was disowned, unless the view is `open_though_disowned`; CodeNeededError
    where a code must come first, unless it is `open_without_code`. The page speaks the guest's
    language unless `?lang=` says otherwise.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        bearer = read_bearer(db(), parts().signers, str(kwargs.pop("token")))
        g.guest_language = bearer.invitation.guest.language
        g.event = bearer.invitation.event
        g.reply_by = bearer.invitation.reply_by
        refuse_called_off(bearer.invitation.event)
        disowned = bearer.delegate is None and bearer.invitation.disowned_at is not None
        if disowned and not getattr(view, "open_though_disowned", False):
            raise DisownedError
        bearer = replace(bearer, proven=has_proof(bearer))
        if bearer.needs_code and not getattr(view, "open_without_code", False):
            raise CodeNeededError
        claim = bearer.claim
        answer = view(bearer, *args, **kwargs)
        if request.method == "POST" and not getattr(view, "may_end_the_link", False):
            refuse_dead(db(), bearer, claim)
        return answer

    return _guarded(guarded, "guest")


def may_end_the_link(view: Callable[P, R]) -> Callable[P, R]:
    """Let a view kill the very link it was asked by; stands below the guard."""
    view.may_end_the_link = True  # type: ignore[attr-defined]
    return view


def open_without_code(view: Callable[P, R]) -> Callable[P, R]:
    """Let a browser in that has given no code yet; stands below the guard."""
    view.open_without_code = True  # type: ignore[attr-defined]
    return view


def open_though_disowned(view: Callable[P, R]) -> Callable[P, R]:
    """Let a disowned link in as well; stands below the guard."""
    view.open_though_disowned = True  # type: ignore[attr-defined]
    return view


def refuse_other_sites() -> None:
    """Refuse what a browser says another site has sent; programs and old browsers say nothing."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(400)


def signed_in(view: Callable[Concatenate[Organiser, P], R]) -> Callable[..., R | Response]:
    """Ask for a signed-in organiser, whatever the role; passes the organiser."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        organiser = current_organiser()
        if organiser is None:
            return redirect(url_for("organisers.sign_in"))
        return view(organiser, *args, **kwargs)

    return _guarded(guarded, "signed in")


def organiser_required(
    role: Role,
) -> Callable[[Callable[Concatenate[Organiser, Event, P], R]], Callable[..., R | Response]]:
    """Ask for a signed-in organiser with that role on the event of the URL; passes both.

    Nobody signed in: to the sign-in page. The wrong role, or no such event: 404, which tells
    nothing about other people's events.
    """

    def guard(view: Callable[Concatenate[Organiser, Event, P], R]) -> Callable[..., R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            organiser = current_organiser()
            if organiser is None:
                return redirect(url_for("organisers.sign_in"))
            event = get_event(db(), str(kwargs.pop("slug")))
            held = role_on_event(db(), organiser, event.id)
            if held not in MAY[role]:
                abort(404)
            g.event, g.role = event, held
            return view(organiser, event, *args, **kwargs)

        return _guarded(guarded, f"organiser: {role}")

    return guard


def current_organiser() -> Organiser | None:
    """Return who is signed in on this browser, if the session is neither over nor revoked."""
    if "organiser" not in g:
        key = session.get(SESSION_KEY)
        found = find_session(db(), key, now=parts().clock()) if key else None
        g.organiser = found.organiser if found else None
        g.organiser_language = found.organiser.language if found else None
    organiser: Organiser | None = g.organiser
    return organiser


def _guarded(view: Callable[P, R], name: str) -> Callable[P, R]:
    view.guard = name  # type: ignore[attr-defined]
    return view
