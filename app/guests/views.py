"""The guest list, and all that is known of one guest."""

from flask import Blueprint, render_template

from app.dashboard.roster import list_roster
from app.events.models import Event
from app.guests.forms import read_filter
from app.guests.queries import latest_version
from app.organisers.models import Organiser, Role
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("guests", __name__)


@blueprint.get("/organiser/<slug>/guests")
@organiser_required(Role.VIEWER)
def index(_organiser: Organiser, event: Event) -> str:
    wanted = read_filter()
    return render_template(
        "guests/index.html",
        event=event,
        wanted=wanted,
        roster=list_roster(db(), event.id, wanted),
        version=latest_version(db(), event.id),
    )
