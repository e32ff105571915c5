"""Who may answer for the guest, on the guest's own pages."""

from collections.abc import Sequence

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from app.addresses import AddressRefusedError
from app.delegates.forms import (
    DelegateFields,
    no_address,
    read_delegate,
    refused,
)
from app.delegates.queries import Bearer, list_delegates
from app.delegates.services import DelegateRefusedError, add_delegate, revoke_delegate
from app.invitations.models import Invitation
from app.parts import parts
from app.rsvp.forms import Mistake
from app.rsvp.page import refuse_closed
from app.web.access import guest_required, may_end_the_link, refuse_other_sites
from app.web.same_link import back_to
from app.web.transaction import db

blueprint = Blueprint("delegates", __name__, url_prefix="/rsvp")
blueprint.before_request(refuse_other_sites)


@blueprint.get("/<token>/delegates")
@guest_required
def index(bearer: Bearer) -> str:
    refuse_closed(bearer.invitation, now=parts().clock())
    return _page(bearer, DelegateFields())


@blueprint.post("/<token>/delegates")
@guest_required
def add(bearer: Bearer) -> tuple[str, int] | Response:
    """Let somebody answer for the guest; a delegate cannot pass that on."""
    refuse_closed(bearer.invitation, now=parts().clock())
    if bearer.delegate is not None:
        abort(404)
    typed = read_delegate(request.form)
    mistakes = add_typed(bearer.invitation, typed, by="")
    if mistakes:
        return _page(bearer, typed, mistakes), 422
    return back_to("delegates.index")


@blueprint.post("/<token>/delegates/<public_id>/revoke")
@guest_required
@may_end_the_link
def revoke(bearer: Bearer, public_id: str) -> str | Response:
    """End what a delegate may; a delegate ends the own part alone, and is told of it."""
    standing = list_delegates(db(), bearer.invitation.id)
    found = next((one for one in standing if one.public_id == public_id), None)
    if bearer.delegate is not None and found != bearer.delegate:
        abort(404)
    if found is not None:
        revoke_delegate(db(), found, by=bearer.name, now=parts().clock())
    if bearer.delegate is not None:
        return render_template("delegates/ended.html", event=bearer.invitation.event)
    return back_to("delegates.index")


def add_typed(invitation: Invitation, typed: DelegateFields, *, by: str) -> list[Mistake]:
    """Add the delegate who was typed; return what stands against it, if anything does."""
    now = parts().clock()
    try:
        add_delegate(db(), invitation, name=typed.name, email=typed.email, by=by, now=now)
    except AddressRefusedError:
        return [no_address()]
    except DelegateRefusedError as error:
        return [refused(error, typed)]
    return []


def _page(bearer: Bearer, typed: DelegateFields, mistakes: Sequence[Mistake] = ()) -> str:
    return render_template(
        "delegates/index.html",
        event=bearer.invitation.event,
        guest=bearer.invitation.guest,
        bearer=bearer,
        delegates=list_delegates(db(), bearer.invitation.id),
        typed=typed,
        mistakes=mistakes,
        errors={mistake.field: mistake.text for mistake in mistakes},
    )
