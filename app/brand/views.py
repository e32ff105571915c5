"""The page that brands an event, and the stylesheet that its guests get."""

from collections.abc import Sequence

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from app.brand.forms import BrandForm
from app.brand.models import Brand
from app.brand.queries import find_brand, version_of
from app.brand.refusals import BrandRefusedError, Mistake
from app.brand.services import change_brand
from app.brand.sheet import properties
from app.events.models import Event
from app.events.queries import get_event
from app.language import translated
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.web import assets
from app.web.access import organiser_required, public
from app.web.transaction import db

blueprint = Blueprint("brand", __name__)
STYLESHEET = "couvert.css"


@blueprint.get("/organiser/<slug>/brand")
@organiser_required(Role.VIEWER)
def show(_organiser: Organiser, event: Event) -> str:
    brand = find_brand(db(), event.id)
    return _page(event, brand, BrandForm(obj=brand))


@blueprint.post("/organiser/<slug>/brand")
@organiser_required(Role.ORGANISER)
def change(organiser: Organiser, event: Event) -> tuple[str, int] | Answer:
    form = BrandForm()
    try:
        change_brand(db(), event, form.change(), by=organiser.name, now=parts().clock())
    except BrandRefusedError as refusal:
        return _page(event, find_brand(db(), event.id), form, refusal.mistakes), 422
    flash(_("The brand is saved. This is how guests see it from now on."))
    return redirect(url_for("brand.show", slug=event.slug), 303)


@blueprint.get("/brand/<slug>/<version>.css")
@public
def sheet(slug: str, version: str) -> Response:
    """Answer with all the styles of a guest's page in one file, kept by browsers for a year.

    A version other than today's, as of a page that lay open, gets what there is now, not to be
    kept under that name.
    """
    event = get_event(db(), slug)
    brand = find_brand(db(), event.id)
    text = assets.text_of(STYLESHEET) + (properties(brand) if brand else "")
    response = make_response(text)
    response.mimetype = "text/css"
    current = _version(brand.version if brand else "")
    response.set_etag(current)
    if version == current:
        assets.keep_for_long(response)
    else:
        response.cache_control.no_cache = True
    assets.pack_text(response)
    response.make_conditional(request)
    return response


@blueprint.app_template_global()
def stylesheet(event: Event) -> str:
    """Return the address of the event's own stylesheet; of the product's where it has none."""
    version = version_of(event)
    if version is None:
        return assets.asset(STYLESHEET)
    return url_for("brand.sheet", slug=event.slug, version=_version(version))


def _version(of_brand: str) -> str:
    return f"{assets.version_of(STYLESHEET)}-{of_brand}"


def _page(
    event: Event, brand: Brand | None, form: BrandForm, mistakes: Sequence[Mistake] = ()
) -> str:
    return render_template(
        "brand/show.html",
        event=event,
        brand=brand,
        form=form,
        may_change=g.role == Role.ORGANISER,
        errors={mistake.field: translated(mistake.text) % mistake.facts for mistake in mistakes},
    )
