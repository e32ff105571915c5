"""Changing an item of the programme: typed, seen with its effect, then saved."""

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.amendments.forms import TypedItem, TypedWrongError, typed_from
from app.amendments.queries import Effect, effect_of
from app.amendments.services import Amended, amend, refuse
from app.amendments.wishes import (
    AmendedMeanwhileError,
    AmendmentRefusedError,
    InTheWay,
    ItemWish,
)
from app.deliveries.batches import kind_of, number_of
from app.events.models import Event
from app.events.notes import NoteMissingError, NoteTooLongError
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.programme.models import ProgrammeItem
from app.programme.queries import find_item
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("amendments", __name__, url_prefix="/organiser/<slug>/programme")

Page = tuple[str, int]
Refusals = TypedWrongError, AmendmentRefusedError, NoteMissingError, NoteTooLongError


@blueprint.get("/<item_slug>/change")
@organiser_required(Role.ORGANISER)
def edit(_organiser: Organiser, event: Event, item_slug: str) -> str:
    item = _item(event, item_slug)
    return _page(event, item, TypedItem.of(ItemWish.of(item), event))


@blueprint.post("/<item_slug>/change")
@organiser_required(Role.ORGANISER)
def change(organiser: Organiser, event: Event, item_slug: str) -> Page | str | Response:
    """Show what the change would do; save it once that was seen."""
    item, now = _item(event, item_slug), parts().clock()
    typed = typed_from(request.form, event)
    try:
        wish, note = typed.wish(event), typed.note(event)
        if request.form.get("seen") != wish.seal:
            return _preview(event, item, typed, wish, now)
        done = amend(
            db(), item, wish, by=organiser.name, note=note, seal=request.form.get("seal"), now=now
        )
    except AmendedMeanwhileError:
        return _page(event, item, typed, meanwhile=True), 409
    except Refusals as refusal:
        return _page(event, item, typed, errors=_errors(event, refusal)), 422
    return _to_what_was_done(event, done)


def _preview(
    event: Event, item: ProgrammeItem, typed: TypedItem, wish: ItemWish, now: datetime
) -> str:
    """Show the effect; raise what saving would raise."""
    effect = effect_of(db(), event, item, wish, now=now)
    refuse(event, effect, typed.note(event))
    return _page(event, item, typed, effect=effect)


def _to_what_was_done(event: Event, done: Amended) -> Response:
    if done.moved_up:
        flash(
            ngettext(
                "One guest has moved up from the reserve.",
                "%(num)s guests have moved up from the reserve.",
                done.moved_up,
            )
        )
    if done.batch is None:
        flash(_("The change is saved."))
        return redirect(url_for("programme.index", slug=event.slug), 303)
    kind, number = kind_of(done.batch), number_of(done.batch)
    return redirect(url_for("deliveries.sending", slug=event.slug, kind=kind, number=number), 303)


def _page(
    event: Event,
    item: ProgrammeItem,
    typed: TypedItem,
    *,
    effect: Effect | None = None,
    errors: dict[str, str] | None = None,
    meanwhile: bool = False,
) -> str:
    return render_template(
        "amendments/edit.html",
        event=event,
        item=item,
        typed=typed.values,
        seal=ItemWish.of(item).seal,
        effect=effect,
        errors=errors or {},
        meanwhile=meanwhile,
    )


def _errors(event: Event, refusal: Exception) -> dict[str, str]:
    """Return what is wrong in words, by the id of the field."""
    first = event.languages[0]
    match refusal:
        case TypedWrongError():
            return {name: _typed_wrong(why) for name, why in refusal.fields.items()}
        case NoteMissingError():
            said = _("Write the explanation in every language of the event, or in none.")
            return {f"note-{language}": said for language in refusal.languages}
        case NoteTooLongError():
            return {f"note-{refusal.language}": _("At most 500 characters.")}
        case AmendmentRefusedError():
            return {
                (f"{each.field}-{first}" if each.field in {"title", "venue"} else each.field): (
                    _in_the_way(each.why, each.needed)
                )
                for each in refusal.obstacles
            }
    return {}


def _typed_wrong(why: str) -> str:
    words: dict[str, str] = {
        "moment": _("Give a date and a time."),
        "clock": _("The clocks change in that hour. Choose a time outside it."),
        "day": _("Give a date."),
        "number": _("Give a whole number."),
        "long": _("At most 200 characters."),
    }
    return words[why]


def _in_the_way(why: InTheWay, needed: int) -> str:
    words: dict[InTheWay, str] = {
        InTheWay.TITLE_MISSING: _("Give the title in every language of the event."),
        InTheWay.VENUE_MISSING: _("Give the venue in every language of the event."),
        InTheWay.ENDS_FIRST: _("The end must come after the start."),
        InTheWay.OUTSIDE_THE_EVENT: _("It would lie outside the days of the event."),
        InTheWay.TOO_FEW_PLACES: ngettext(
            "One place is taken: give at least one.",
            "%(num)s places are taken: give at least so many.",
            needed,
        ),
        InTheWay.DINNER_NEEDS_PLACES: _("The dinner needs a number of places."),
        InTheWay.LOCKS_TOO_LATE: _("The answers cannot lock after the day of the item."),
    }
    return words[why]


def _item(event: Event, slug: str) -> ProgrammeItem:
    return find_item(db(), event.id, slug) or abort(404)
