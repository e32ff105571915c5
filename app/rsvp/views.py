"""The guest's own page: it shows the invitation, takes the answer, and says what is recorded."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from flask import Blueprint, abort, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.invitations.models import Invitation
from app.language import current_language, local
from app.parts import parts
from app.rsvp.choices import AnswerRefusedError
from app.rsvp.forms import Fields, FieldsRefusedError, Mistake, fill_in, read_fields, read_wish
from app.rsvp.models import AnswerChannel
from app.rsvp.page import DayOnPage, FormPage, ItemOnPage, form_page, recorded_of, refuse_closed
from app.rsvp.services import PlacesTakenError, record_answer
from app.rsvp.wording import FILTERS, mistakes_of
from app.web.access import guest_required
from app.web.transaction import db

blueprint = Blueprint("rsvp", __name__, url_prefix="/rsvp")
for _name, _filter in FILTERS.items():
    blueprint.add_app_template_filter(_filter, _name)


@blueprint.get("/<token>")
@guest_required
def show(invitation: Invitation) -> str:
    """Show the form until the invitation is answered, then the answer; `?change=1` the form."""
    recorded = recorded_of(db(), invitation, now=parts().clock())
    asks_form = "change" in request.args and recorded.can_change
    if asks_form or not recorded.is_answered:
        return _form(form_page(db(), recorded))
    template = "answered" if recorded.accepted else "declined"
    return render_template(f"rsvp/{template}.html", page=recorded, event=recorded.event)


@blueprint.post("/<token>")
@guest_required
def answer(invitation: Invitation) -> tuple[str, int] | Response:
    """Record the answer, then show it; or show again what was typed, and what is wrong with it."""
    _refuse_other_sites()
    now = parts().clock()
    refuse_closed(invitation, now=now)
    typed = read_fields(request.form)
    try:
        wish = read_wish(typed)
        record_answer(db(), invitation, wish, channel=AnswerChannel.GUEST, actor="", now=now)
    except (FieldsRefusedError, AnswerRefusedError, PlacesTakenError) as error:
        page = form_page(db(), recorded_of(db(), invitation, now=now))
        return _form(page, typed, mistakes_of(error, page, typed)), 422
    return redirect(
        url_for("rsvp.show", **request.view_args or {}, lang=request.args.get("lang")), 303
    )


def _form(page: FormPage, typed: Fields | None = None, mistakes: Sequence[Mistake] = ()) -> str:
    fields = fill_in(page, typed)
    errors = {mistake.field: mistake.text for mistake in reversed(mistakes)}
    event = page.recorded.event
    facts = (page.days, page.dinner, event.time_zone, local(event.city))
    untouched = typed is None and page.recorded.rsvp is None
    return render_template(
        "rsvp/form.html",
        page=page,
        event=event,
        fields=fields,
        mistakes=mistakes,
        errors=errors,
        choices=_blank_choices(*facts, fields, current_language())
        if untouched
        else _choices(*facts, fields, errors),
    )


def _choices(
    days: Sequence[DayOnPage],
    dinner: ItemOnPage | None,
    zone: str,
    city: str,
    fields: Fields,
    errors: Mapping[str, str],
) -> Markup:
    """Render the long part of the form: programme and dinner."""
    html = render_template(
        "rsvp/_choices.html",
        days=days,
        dinner=dinner,
        zone=zone,
        city=city,
        fields=fields,
        errors=errors,
    )
    return Markup(html)  # noqa: S704 - the template has escaped it


@lru_cache(maxsize=64)
def _blank_choices(
    days: tuple[DayOnPage, ...],
    dinner: ItemOnPage | None,
    zone: str,
    city: str,
    fields: Fields,
    _language: str,
) -> Markup:
    """Keep what is the same for every guest who has not answered; what is filled in is not kept."""
    return _choices(days, dinner, zone, city, fields, {})


def _refuse_other_sites() -> None:
    """Refuse what a browser says another site has sent; programs and old browsers say nothing."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(400)
