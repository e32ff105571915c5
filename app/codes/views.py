"""The page on which a browser proves that it belongs to the owner of the link."""

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.codes.queries import find_open_code
from app.codes.services import CodeOverError, TooSoonError, WrongCodeError, ask_code, use_code
from app.delegates.queries import Bearer
from app.language import clock
from app.parts import parts
from app.web.access import guest_required, open_without_code, refuse_other_sites
from app.web.proof import give_proof
from app.web.same_link import back_to
from app.web.transaction import db

blueprint = Blueprint("codes", __name__, url_prefix="/rsvp")
blueprint.before_request(refuse_other_sites)


@blueprint.get("/<token>/code")
@guest_required
@open_without_code
def index(bearer: Bearer) -> str | Response:
    return _page(bearer) if _gains(bearer) else back_to("rsvp.show")


@blueprint.post("/<token>/code/send")
@guest_required
@open_without_code
def send(bearer: Bearer) -> tuple[str, int] | Response:
    """Have a code mailed to the owner of the link, if there is anything it would show."""
    if not _gains(bearer):
        return back_to("rsvp.show")
    try:
        ask_code(db(), bearer, now=parts().clock())
    except TooSoonError as error:
        at = clock(error.at, bearer.invitation.event.time_zone)
        return _page(bearer, _("Another code can be sent from %(time)s on.", time=at)), 422
    return back_to("codes.index")


@blueprint.post("/<token>/code")
@guest_required
@open_without_code
def use(bearer: Bearer) -> str | tuple[str, int] | Response:
    """Take the digits; right ones open everything to this browser."""
    keys = (parts().settings.secret_key, *parts().settings.secret_key_fallbacks)
    typed = request.form.get("code", "")
    try:
        use_code(db(), bearer, typed, keys=keys, now=parts().clock())
    except WrongCodeError as error:
        # Not 422: that would take the try back with the transaction.
        return _page(bearer, _wrong(error.tries_left))
    except CodeOverError:
        return _page(bearer, _("There is no code that is still good: have a new one sent.")), 422
    response = back_to("rsvp.show")
    give_proof(response, bearer)
    return response


def _gains(bearer: Bearer) -> bool:
    """Whether a code would show this browser more; a delegate needs it where it must come first."""
    return bearer.needs_code or not (bearer.sees_all or bearer.delegate)


def _wrong(tries_left: int) -> str:
    text: str = _("That was not the code, and it was the last try: have a new one sent.")
    if tries_left:
        text = ngettext(
            "That is not the code. One try is left.",
            "That is not the code. %(num)s tries are left.",
            tries_left,
        )
    return text


def _page(bearer: Bearer, error: str = "") -> str:
    owner = bearer.delegate.email if bearer.delegate else bearer.invitation.guest.email
    return render_template(
        "codes/index.html",
        event=bearer.invitation.event,
        address=_masked(owner),
        code=find_open_code(db(), bearer, parts().clock()),
        error=error,
    )


def _masked(address: str) -> str:
    """Return 'z…@example.org': who owns it knows it again, nobody else learns it."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"
