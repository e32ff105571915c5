"""What organisers do with a guest's page: look at it, and record an answer that came otherwise."""

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.dashboard.one_guest import OneGuest, find_one_guest
from app.delegates.queries import Bearer
from app.events.models import Event
from app.guests.forms import RecordForm
from app.guests.views import guest_page
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.rsvp.changes import AnswerWish
from app.rsvp.choices import AnswerRefusedError
from app.rsvp.forms import Fields, FieldsRefusedError, Mistake, read_fields, read_wish
from app.rsvp.models import AnswerChannel
from app.rsvp.services import (
    InvitationClosedError,
    Outcome,
    PlacesTakenError,
    record_answer,
)
from app.rsvp.views import page_of
from app.rsvp.wording import mistake_of
from app.tokens import Revoked
from app.web.access import organiser_required
from app.web.read_only import read_only
from app.web.transaction import db

blueprint = Blueprint("rsvp_desk", __name__)


@blueprint.post("/organiser/<slug>/guests/<public_id>/answer")
@organiser_required(Role.ORGANISER)
def answer(organiser: Organiser, event: Event, public_id: str) -> tuple[str, int] | Response:
    one = find_one_guest(db(), event.id, public_id) or abort(404)
    form, fields = RecordForm(), read_fields(request.form)
    mistakes = [*form.mistakes(), *_understood(fields)]
    if not mistakes:
        mistakes = _record(one, event, form, read_wish(fields), actor=organiser.name)
    if mistakes:
        return guest_page(event, one, form, fields, mistakes), 422
    return redirect(url_for("guests.show", slug=event.slug, public_id=public_id), 303)


@blueprint.get("/organiser/<slug>/guests/<public_id>/preview")
@organiser_required(Role.ORGANISER)
def preview(organiser: Organiser, event: Event, public_id: str) -> str:
    """Show what the guest would see now, in the guest's language, as a page that does nothing."""
    one = find_one_guest(db(), event.id, public_id) or abort(404)
    if one.invitation is None or not one.recordable:
        abort(404)
    g.guest_language = one.guest.language
    # The guest's link is not made here: where the templates build addresses, this stands in it.
    request.view_args = {"token": "preview"}
    try:
        page = page_of(Bearer(one.invitation, proven=True))
    except InvitationClosedError:
        page = render_template("errors/closed.html", event=event, reply_by=one.invitation.reply_by)
    with force_locale(organiser.language):
        banner = render_template("rsvp/_preview.html", event=event, guest=one.guest)
    return read_only(page, Markup(banner))  # noqa: S704 - the template has escaped it


def _understood(fields: Fields) -> Sequence[Mistake]:
    """Return what in the fields makes no sense."""
    try:
        read_wish(fields)
    except FieldsRefusedError as refused:
        return refused.mistakes
    return ()


def _record(
    one: OneGuest, event: Event, form: RecordForm, wish: AnswerWish, *, actor: str
) -> list[Mistake]:
    """Record the answer and say so; return what stands against it, if anything does."""
    if one.invitation is None:
        return [_not_invited()]
    try:
        outcome = record_answer(
            db(),
            one.invitation,
            replace(wish, note=form.said.data),
            channel=AnswerChannel(form.channel.data),
            actor=actor,
            now=parts().clock(),
            confirm=form.confirm.data,
        )
    except AnswerRefusedError as refused:
        return [mistake_of(refusal, event) for refusal in refused.refusals]
    except PlacesTakenError:
        return [_places_taken(event)]
    except Revoked:
        return [_not_invited()]
    unchanged = outcome is Outcome.UNCHANGED
    flash(_("This is what is recorded already.") if unchanged else _("The answer is recorded."))
    return []


def _not_invited() -> Mistake:
    return Mistake("answer-accepted", _("There is no invitation that could be answered."))


def _places_taken(event: Event) -> Mistake:
    text = _(
        "All %(places)s places are accepted or held by others: a place must become free first.",
        places=event.place_limit,
    )
    return Mistake("answer-accepted", text)
