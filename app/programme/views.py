"""The programme as organisers see it, and the guests named for an item."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.dashboard.eligibility import list_for_naming, list_programme
from app.events.models import Event
from app.guests.queries import list_guests
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.programme.models import ProgrammeItem
from app.programme.queries import find_item
from app.programme.services import name_guests, unname_guests
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("programme", __name__, url_prefix="/organiser/<slug>/programme")


@blueprint.get("")
@organiser_required(Role.VIEWER)
def index(_organiser: Organiser, event: Event) -> str:
    return render_template(
        "programme/index.html",
        event=event,
        programme=list_programme(db(), event),
        feed=parts().links.event_feed(event.slug, event.feed_version),
        may_change=g.role == Role.ORGANISER,
    )


@blueprint.get("/<item_slug>/guests")
@organiser_required(Role.VIEWER)
def guests(_organiser: Organiser, event: Event, item_slug: str) -> str:
    item = _item_by_name(event, item_slug)
    host = request.args.get("host", type=int)
    hosts = {host.position: host for host in event.hosts}
    naming = list_for_naming(
        db(),
        item,
        host=hosts[host].id if host in hosts else None,
        page=request.args.get("page", 1, type=int),
    )
    return render_template(
        "programme/guests.html",
        event=event,
        item=item,
        naming=naming,
        host=host if host in hosts else None,
        is_organiser=g.role is Role.ORGANISER,
    )


@blueprint.post("/<item_slug>/guests")
@organiser_required(Role.ORGANISER)
def name(_organiser: Organiser, event: Event, item_slug: str) -> Response:
    """Name who is ticked of the guests that stood on the page, and no longer who is not."""
    item = _item_by_name(event, item_slug)
    shown, ticked = set(request.form.getlist("shown")), set(request.form.getlist("named"))
    on_page = [guest for guest in list_guests(db(), event.id) if guest.public_id in shown]
    name_guests(db(), item, [guest for guest in on_page if guest.public_id in ticked])
    unname_guests(db(), item, [guest for guest in on_page if guest.public_id not in ticked])
    flash(_("It is saved who may come."))
    page = url_for(
        "programme.guests",
        slug=event.slug,
        item_slug=item_slug,
        host=request.args.get("host"),
        page=request.args.get("page"),
    )
    return redirect(page, 303)


def _item_by_name(event: Event, slug: str) -> ProgrammeItem:
    item = find_item(db(), event.id, slug)
    if item is None or not item.by_name:
        abort(404)
    return item
