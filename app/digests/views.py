"""The digests of an event, each as it was stored; and the recipient's way out of them."""

from flask import Blueprint, Response, abort, g, redirect, render_template, url_for
from werkzeug.wrappers import Response as Answer

from app.digests.archive import find_digest, list_digests
from app.digests.models import Digest
from app.digests.subscriptions import Subscriber, read_subscriber, subscribe, unsubscribe
from app.events.models import Event
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.web.access import organiser_required, public
from app.web.framed import mail_in_frame, page_with_frame
from app.web.transaction import db

blueprint = Blueprint("digests", __name__)
unsubscribing = Blueprint("unsubscribing", __name__, url_prefix="/unsubscribe")
"""A link in the mail shows a button, a press on it acts (RFC 8058)."""


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


@unsubscribing.get("/<token>")
@public
def ask(token: str) -> str:
    return _way_out(_subscriber(token))


@unsubscribing.post("/<token>")
@public
def leave(token: str) -> str:
    """Unsubscribe, and answer at once: mail programs follow no redirect (RFC 8058 3.1)."""
    subscriber = _subscriber(token)
    unsubscribe(db(), subscriber.event, subscriber.address, now=parts().clock())
    return _way_out(_subscriber(token))


@unsubscribing.post("/<token>/again")
@public
def come_back(token: str) -> Answer:
    subscriber = _subscriber(token)
    subscribe(db(), subscriber.event, subscriber.address)
    return redirect(url_for("unsubscribing.ask", token=token), 303)


def _subscriber(token: str) -> Subscriber:
    """Return whose link it is. Raises a LinkError where it is not good."""
    subscriber = read_subscriber(db(), parts().signers.unsubscribe.read(token))
    g.event, g.guest_language = subscriber.event, subscriber.event.default_language
    return subscriber


def _way_out(subscriber: Subscriber) -> str:
    return render_template(
        "digests/unsubscribe.html", subscriber=subscriber, event=subscriber.event
    )
