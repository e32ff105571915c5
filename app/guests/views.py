"""The guest list, and all that is known of one guest."""

from collections.abc import Sequence

from flask import Blueprint, abort, g, render_template

from app.dashboard.one_guest import OneGuest, find_one_guest
from app.dashboard.roster import list_roster
from app.events.models import Event
from app.guests.forms import RecordForm, read_filter
from app.guests.queries import has_proposals, latest_version
from app.organisers.models import Organiser, Role
from app.rsvp.forms import Fields, Mistake, recorded_fields
from app.rsvp.wording import diet_options
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("guests", __name__)


@blueprint.get("/organiser/<slug>/guests")
@organiser_required(Role.VIEWER)
def index(_organiser: Organiser, event: Event) -> str:
    wanted = read_filter()
    return render_template(
        "guests/index.html",
        event=event,
        wanted=wanted,
        roster=list_roster(db(), event.id, wanted),
        version=latest_version(db(), event.id),
        may_ask=g.role is Role.ORGANISER and has_proposals(db(), event.id),
    )


@blueprint.get("/organiser/<slug>/guests/<public_id>")
@organiser_required(Role.VIEWER)
def show(_organiser: Organiser, event: Event, public_id: str) -> str:
    one = find_one_guest(db(), event.id, public_id) or abort(404)
    fields = recorded_fields(one.rsvp, one.items) if one.rsvp else Fields()
    return guest_page(event, one, RecordForm(), fields)


def guest_page(
    event: Event,
    one: OneGuest,
    form: RecordForm,
    fields: Fields,
    mistakes: Sequence[Mistake] = (),
) -> str:
    """Return one guest's page, its form filled in with what is recorded or was typed."""
    return render_template(
        "guests/show.html",
        event=event,
        one=one,
        form=form,
        fields=fields,
        errors={mistake.field: mistake.text for mistake in mistakes},
        diet_options=diet_options,
        is_organiser=g.role is Role.ORGANISER,
    )
