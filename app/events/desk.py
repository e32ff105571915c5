"""Calling the event off at the desk: whom it concerns, what they are told, and no way back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.events.models import Event
from app.events.notes import NoteMissingError, NoteTooLongError
from app.invitations.calling_off import call_off, plan_calling_off
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("events_desk", __name__, url_prefix="/organiser/<slug>/call-off")


@blueprint.get("")
@organiser_required(Role.ORGANISER)
def confirm(_organiser: Organiser, event: Event) -> str:
    return _page(event)


@blueprint.post("")
@organiser_required(Role.ORGANISER)
def carry_out(organiser: Organiser, event: Event) -> tuple[str, int] | Response:
    """Call it off where the event's short name was typed: a slip of the finger does nothing."""
    if request.form.get("slug", "").strip() != event.slug:
        return _page(event, {"slug": _("Type the short name exactly as it stands here.")}), 422
    note = {language: request.form.get(f"note-{language}", "") for language in event.languages}
    try:
        call_off(db(), event, by=organiser.name, note=note, now=parts().clock())
    except NoteMissingError as refusal:
        said = _("Write it in every language of the event, or in none.")
        return _page(event, {f"note-{language}": said for language in refusal.languages}), 422
    except NoteTooLongError as refusal:
        return _page(event, {f"note-{refusal.language}": _("At most 500 characters.")}), 422
    flash(_("The event is called off. The guests who may come are told now."))
    return redirect(url_for("dashboard.overview", slug=event.slug), 303)


def _page(event: Event, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "events/call_off.html",
        event=event,
        plan=plan_calling_off(db(), event),
        errors=errors or {},
        typed=request.form,
    )
