"""The register of decisions, with the approved versions of the list and the funders."""

from flask import Blueprint, render_template

from app.dashboard.register import read_register
from app.events.models import Event
from app.organisers.models import Organiser, Role
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("decisions", __name__)


@blueprint.get("/organiser/<slug>/decisions")
@organiser_required(Role.VIEWER)
def index(_organiser: Organiser, event: Event) -> str:
    register = read_register(db(), event.id)
    return render_template("decisions/index.html", event=event, register=register)
