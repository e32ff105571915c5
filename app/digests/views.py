"""The digests of an event, each as it was stored when it was sent."""

from flask import Blueprint, Response, abort, render_template

from app.digests.archive import find_digest, list_digests
from app.digests.models import Digest
from app.events.models import Event
from app.organisers.models import Organiser, Role
from app.web.access import organiser_required
from app.web.framed import mail_in_frame, page_with_frame
from app.web.transaction import db

blueprint = Blueprint("digests", __name__)


@blueprint.get("/organiser/<slug>/digests")
@organiser_required(Role.VIEWER)
def index(_organiser: Organiser, event: Event) -> str:
    digests = list_digests(db(), event.id)
    return render_template("digests/index.html", event=event, digests=digests)


@blueprint.get("/organiser/<slug>/digests/<slot>")
@organiser_required(Role.VIEWER)
def show(_organiser: Organiser, event: Event, slot: str) -> Response:
    digest = _digest(event, slot)
    return page_with_frame(render_template("digests/show.html", event=event, digest=digest))


@blueprint.get("/organiser/<slug>/digests/<slot>/mail")
@organiser_required(Role.VIEWER)
def mail(_organiser: Organiser, event: Event, slot: str) -> Response:
    """Answer with the digest's HTML alone, for the frame on its page."""
    return mail_in_frame(_digest(event, slot).html)


def _digest(event: Event, slot: str) -> Digest:
    return find_digest(db(), event.id, slot) or abort(404)
