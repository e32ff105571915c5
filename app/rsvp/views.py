"""The guest's own page: it shows the invitation, takes the answer, and says what is recorded."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from flask import Blueprint, abort, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.invitations.models import Invitation
from app.language import current_language, local
from app.parts import parts
from app.rsvp.calendar import answer_calendar, calendar_parts
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
        return _page_with_form(form_page(db(), recorded))
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
        return _page_with_form(page, typed, mistakes_of(error, page, typed)), 422
    return redirect(
        url_for("rsvp.show", **request.view_args or {}, lang=request.args.get("lang")), 303
    )


@blueprint.get("/<token>/calendar.ics")
@guest_required
def calendar(invitation: Invitation) -> Response:
    """Answer with the parts said yes to, for the guest's own calendar; 404 where there is none."""
    now = parts().clock()
    recorded = recorded_of(db(), invitation, now=now)
    if recorded.rsvp is None or not recorded.attends_something:
        abort(404)
    content = answer_calendar(
        recorded.event,
        calendar_parts(recorded.rsvp, recorded.edition.items),
        invitation_id=invitation.public_id,
        version=recorded.rsvp.version,
        language=current_language(),
        now=now,
    )
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{recorded.event.slug}.ics")
    response.cache_control.no_store = True
    return response


class FormFacts(NamedTuple):
    """What the form is made of, besides what is filled in."""

    days: tuple[DayOnPage, ...]
    dinner: ItemOnPage | None
    zone: str
    city: str
    reply_by: date
    event_locked: bool
    language: str


def _page_with_form(
    page: FormPage, typed: Fields | None = None, mistakes: Sequence[Mistake] = ()
) -> str:
    recorded, fields = page.recorded, fill_in(page, typed)
    facts = FormFacts(
        days=page.days,
        dinner=page.dinner,
        zone=recorded.event.time_zone,
        city=local(recorded.event.city),
        reply_by=recorded.invitation.reply_by,
        event_locked=recorded.event_locked,
        language=current_language(),
    )
    blank = typed is None and recorded.rsvp is None
    return render_template(
        "rsvp/form.html",
        page=page,
        event=recorded.event,
        mistakes=mistakes,
        form=_blank_form(facts, fields) if blank else _form(facts, fields, mistakes),
    )


def _form(facts: FormFacts, fields: Fields, mistakes: Sequence[Mistake]) -> Markup:
    errors = {mistake.field: mistake.text for mistake in reversed(mistakes)}
    html = render_template("rsvp/_form.html", **facts._asdict(), fields=fields, errors=errors)
    return Markup(html)  # noqa: S704 - the template has escaped it


@lru_cache(maxsize=64)
def _blank_form(facts: FormFacts, fields: Fields) -> Markup:
    """Keep the form that is the same for all who have not answered; nobody's answer is kept."""
    return _form(facts, fields, ())


def _refuse_other_sites() -> None:
    """Refuse what a browser says another site has sent; programs and old browsers say nothing."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(400)
