"""Who may answer for a guest, at the organiser's desk."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.delegates.forms import read_delegate
from app.delegates.models import Delegate
from app.delegates.queries import list_delegates
from app.delegates.services import revoke_delegate
from app.delegates.views import add_typed
from app.events.models import Event
from app.guests.models import Guest
from app.guests.queries import find_guest
from app.invitations.models import Invitation
from app.invitations.queries import find_of_guest
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("delegates_desk", __name__)


@blueprint.post("/organiser/<slug>/guests/<public_id>/delegates")
@organiser_required(Role.ORGANISER)
def add(organiser: Organiser, event: Event, public_id: str) -> Response:
    """Add a delegate at the guest's wish; what stands against it is said above the page."""
    guest, invitation = _invited(event, public_id)
    typed = read_delegate(request.form)
    mistakes = add_typed(invitation, typed, by=organiser.name)
    for mistake in mistakes:
        flash(mistake.text)
    if not mistakes:
        flash(_("%(name)s may answer now; the link goes out by mail.", name=typed.name))
    return _to_guest(event, guest)


@blueprint.post("/organiser/<slug>/guests/<public_id>/delegates/<delegate>/revoke")
@organiser_required(Role.ORGANISER)
def revoke(organiser: Organiser, event: Event, public_id: str, delegate: str) -> Response:
    guest, invitation = _invited(event, public_id)
    found = _standing(invitation, delegate)
    if found is not None:
        revoke_delegate(db(), found, by=organiser.name, now=parts().clock())
        flash(_("%(name)s may no longer answer; the link is dead.", name=found.name))
    return _to_guest(event, guest)


def _invited(event: Event, public_id: str) -> tuple[Guest, Invitation]:
    guest = find_guest(db(), event.id, public_id) or abort(404)
    return guest, find_of_guest(db(), guest.id) or abort(404)


def _standing(invitation: Invitation, public_id: str) -> Delegate | None:
    standing = list_delegates(db(), invitation.id)
    return next((one for one in standing if one.public_id == public_id), None)


def _to_guest(event: Event, guest: Guest) -> Response:
    page = url_for("guests.show", slug=event.slug, public_id=guest.public_id)
    return redirect(f"{page}#delegates", 303)
