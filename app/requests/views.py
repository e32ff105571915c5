"""What a guest asks for by the own page: a late change, a representative, or to be left alone."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from app.delegates.queries import Bearer
from app.language import sentence
from app.parts import parts
from app.requests.asking import BOUNDED, RequestRefusedError, Why, take_back
from app.requests.disowning import disown, leave, own_after_all
from app.requests.forms import PERSON, read_person, read_typed, read_wished, typed_person
from app.requests.models import Request, RequestKind
from app.requests.page import asked_of
from app.requests.queries import list_of_invitation
from app.requests.representatives import propose
from app.requests.services import ask_late_change
from app.rsvp.changes import ITEM
from app.rsvp.forms import Mistake
from app.rsvp.models import AnswerChannel
from app.rsvp.page import recorded_of, refuse_closed
from app.rsvp.views import recorded_page
from app.web.access import (
    guest_required,
    may_end_the_link,
    open_though_disowned,
    open_without_code,
    refuse_other_sites,
)
from app.web.same_link import back_to
from app.web.transaction import db

blueprint = Blueprint("rsvp_requests", __name__, url_prefix="/rsvp")
blueprint.before_request(refuse_other_sites)

FIELD_OF = {
    Why.OWN_ADDRESS: "email",
    Why.WORDS_TOO_LONG: "words",
    Why.WORDS_UNREADABLE: "words",
}
"""The control of the form for a representative where a refusal can be mended."""


@blueprint.get("/<token>/requests")
@guest_required
def index(_bearer: Bearer) -> Response:
    """Lead to the page itself, where the requests stand."""
    return _back("rsvp.show")


@blueprint.post("/<token>/requests")
@guest_required
def ask(bearer: Bearer) -> tuple[str, int] | Response:
    """Ask for a change of a locked part; or show again what was typed, and what is wrong."""
    now = parts().clock()
    refuse_closed(bearer.invitation, now=now)
    typed = read_typed()
    try:
        ask_late_change(
            db(),
            bearer.invitation,
            part=typed.part,
            wished=read_wished(typed.wished),
            words=typed.words,
            now=now,
            **_asker(bearer),
        )
    except RequestRefusedError as refusal:
        recorded = recorded_of(db(), bearer.invitation, now=now)
        if not recorded.is_answered:
            return _back("rsvp.show")
        wrong = replace(typed, error=sentence(refusal.why), control=_control(typed.part, refusal))
        return recorded_page(bearer, recorded, wrong), 422
    return _back("rsvp.show")


def _control(part: str, refusal: RequestRefusedError) -> str:
    """Return the id of what can be mended; a part that cannot be asked about has no form."""
    of_words = refusal.why in {
        Why.WORDS_MISSING,
        Why.WORDS_TOO_LONG,
        Why.WORDS_UNREADABLE,
        Why.WISH_MISSING,
    }
    return f"request-{part.removeprefix(ITEM)}" if of_words else "main"


@blueprint.post("/<token>/requests/<public_id>/take-back")
@guest_required
def withdraw(bearer: Bearer, public_id: str) -> Response:
    """Take a request back; decided meanwhile, the page says what was decided.

    Word of a wrong address is taken back by `undo_not_me` alone.
    """
    asked = list_of_invitation(db(), bearer.invitation.id)
    ours = (one for one in asked if one.public_id == public_id and one.kind in BOUNDED)
    found = next(ours, None) or abort(404)
    proposal = found.kind is RequestKind.REPRESENTATIVE
    _take_back(found)
    return _back("rsvp_requests.representative" if proposal else "rsvp.show")


def _take_back(found: Request) -> None:
    try:
        take_back(db(), found, now=parts().clock())
    except RequestRefusedError:
        return


@blueprint.get("/<token>/representative")
@guest_required
def representative(bearer: Bearer) -> str:
    """Show the form, or the proposal that waits or was decided."""
    refuse_closed(bearer.invitation, now=parts().clock())
    return _representative_page(bearer, dict.fromkeys((*PERSON, "words"), ""))


@blueprint.post("/<token>/representative")
@guest_required
def propose_representative(bearer: Bearer) -> tuple[str, int] | Response:
    """File the proposal; or show again what was typed, and what is wrong with it."""
    now = parts().clock()
    refuse_closed(bearer.invitation, now=now)
    typed = typed_person()
    person, mistakes = read_person(typed, bearer.invitation.event.languages)
    if not mistakes:
        mistakes = _propose(bearer, person, typed["words"])
    if mistakes:
        return _representative_page(bearer, typed, mistakes), 422
    return _back("rsvp_requests.representative")


def _propose(bearer: Bearer, person: dict[str, str], words: str) -> list[Mistake]:
    now = parts().clock()
    try:
        propose(db(), bearer.invitation, person, words=words, now=now, **_asker(bearer))
    except RequestRefusedError as refusal:
        return [Mistake(FIELD_OF.get(refusal.why, "main"), sentence(refusal.why))]
    return []


def _representative_page(
    bearer: Bearer, typed: dict[str, str], mistakes: list[Mistake] | None = None
) -> str:
    return render_template(
        "rsvp/representative.html",
        bearer=bearer,
        event=bearer.invitation.event,
        guest=bearer.invitation.guest,
        proposal=asked_of(db(), bearer.invitation).representative,
        typed=typed,
        mistakes=mistakes or [],
        errors={mistake.field: mistake.text for mistake in mistakes or []},
    )


@blueprint.get("/<token>/not-me")
@guest_required
@open_without_code
def not_me(bearer: Bearer) -> str:
    """Explain what it means to say so; nothing is done by opening the page."""
    refuse_closed(bearer.invitation, now=parts().clock())
    return _not_me_page(bearer)


@blueprint.post("/<token>/not-me")
@guest_required
@open_though_disowned
@may_end_the_link
@open_without_code
def say_not_me(bearer: Bearer) -> tuple[str, int] | str | Response:
    """Disown the link; a delegate's is dead by it, and the page stands in for the redirect."""
    now = parts().clock()
    refuse_closed(bearer.invitation, now=now)
    try:
        if bearer.delegate is None:
            disown(db(), bearer.invitation, now=now)
            return _back("rsvp.show")
        leave(db(), bearer.delegate, now=now)
    except RequestRefusedError as refusal:
        return _not_me_page(bearer, sentence(refusal.why)), 422
    return render_template("rsvp/left.html", event=bearer.invitation.event)


def _not_me_page(bearer: Bearer, error: str = "") -> str:
    event = bearer.invitation.event
    return render_template("rsvp/not_me.html", bearer=bearer, event=event, error=error)


@blueprint.post("/<token>/not-me/undo")
@guest_required
@open_though_disowned
@open_without_code
def undo_not_me(bearer: Bearer) -> Response:
    """Take the word back, by the link it was said with; settled meanwhile, the page says so."""
    if bearer.delegate is not None:
        abort(404)
    try:
        own_after_all(db(), bearer.invitation, now=parts().clock())
    except RequestRefusedError:
        return _back("rsvp.show")
    return _back("rsvp.show")


def _asker(bearer: Bearer) -> dict[str, Any]:
    channel = AnswerChannel.DELEGATE if bearer.delegate else AnswerChannel.GUEST
    return {"channel": channel, "actor": bearer.name}


def _back(endpoint: str) -> Response:
    """Send the browser to a page of the same link; who was changing the answer goes on with it."""
    return back_to(endpoint, change=request.args.get("change"))
