"""Every mail of an event and its fate."""

from flask import Blueprint, abort, render_template, request

from app.dashboard.outbox import find_mail, list_mails
from app.deliveries.models import DeliveryState
from app.events.models import Event
from app.organisers.models import Organiser, Role
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("deliveries", __name__)


@blueprint.get("/organiser/<slug>/deliveries")
@organiser_required(Role.ORGANISER)
def index(_organiser: Organiser, event: Event) -> str:
    state = request.args.get("state", type=DeliveryState)
    page = request.args.get("page", 1, type=int)
    outbox = list_mails(db(), event.id, state=state, page=page)
    return render_template("deliveries/index.html", event=event, outbox=outbox, state=state)


@blueprint.get("/organiser/<slug>/deliveries/<public_id>")
@organiser_required(Role.ORGANISER)
def show(_organiser: Organiser, event: Event, public_id: str) -> str:
    """Show one mail as it was sent; a confirmation names diets, so that only organisers see it."""
    mail, guest = find_mail(db(), event.id, public_id) or abort(404)
    return render_template("deliveries/show.html", event=event, mail=mail, guest=guest)
