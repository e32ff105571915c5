"""The organiser's hand on calendar feeds: a new address where one is in the wrong hands."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.calendars.services import renew_feed_address
from app.events.models import Event
from app.guests.queries import find_guest
from app.invitations.queries import find_of_guest
from app.organisers.models import Organiser, Role
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("calendars_desk", __name__, url_prefix="/organiser/<slug>/calendars")


@blueprint.post("")
@organiser_required(Role.ORGANISER)
def renew(_organiser: Organiser, event: Event) -> Response:
    """Let the address of the organiser's feed die."""
    renew_feed_address(event)
    flash(_("The calendar has a new address; the old one is dead."))
    return redirect(url_for("programme.index", slug=event.slug), 303)


@blueprint.post("/<public_id>")
@organiser_required(Role.ORGANISER)
def renew_for_guest(_organiser: Organiser, event: Event, public_id: str) -> Response:
    """Let the address of a guest's feed die; the guest finds the new one on the own page."""
    guest = find_guest(db(), event.id, public_id) or abort(404)
    invitation = find_of_guest(db(), guest.id) or abort(404)
    renew_feed_address(invitation)
    flash(_("The guest’s calendar has a new address; the old one is dead."))
    return redirect(url_for("guests.show", slug=event.slug, public_id=public_id), 303)
