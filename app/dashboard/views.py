"""The organiser's overview of one event."""

from functools import partial

from flask import Blueprint, g, render_template

from app.dashboard.overview import changed_kinds, read_overview
from app.events.models import Event
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/organiser/<slug>/")
@organiser_required(Role.VIEWER)
def overview(_organiser: Organiser, event: Event) -> str:
    page = read_overview(db(), event, now=parts().clock())
    return render_template(
        "dashboard/overview.html",
        event=event,
        page=page,
        changed_kinds=partial(changed_kinds, with_health=g.role is Role.ORGANISER),
    )
