"""The guest's own page: it shows the invitation, takes the answer, and says what is recorded."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from flask import (
    Blueprint,
    abort,
    jsonify,
    make_response,
    render_template,
    request,
)
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.calendars.feeds import guest_feed
from app.delegates.queries import Bearer
from app.language import current_language, local
from app.parts import parts
from app.requests.page import Typed, asked_of
from app.rsvp.choices import AnswerRefusedError
from app.rsvp.forms import (
    Fields,
    FieldsRefusedError,
    Mistake,
    fill_in,
    read_fields,
    read_first,
    read_seen,
    read_wish,
)
from app.rsvp.models import AnswerChannel
from app.rsvp.page import (
    DayOnPage,
    FormPage,
    ItemOnPage,
    Recorded,
    form_page,
    recorded_of,
    refuse_closed,
)
from app.rsvp.services import AnswerMovedOnError, PlacesTakenError, give_back, record_answer
from app.rsvp.wording import FILTERS, RefusedError, mistakes_of, places_left
from app.web.access import guest_required, refuse_other_sites
from app.web.proof import give_proof
from app.web.same_link import back_to
from app.web.transaction import db

blueprint = Blueprint("rsvp", __name__, url_prefix="/rsvp")
blueprint.before_request(refuse_other_sites)
for _name, _filter in FILTERS.items():
    blueprint.add_app_template_filter(_filter, _name)

REFUSALS = (FieldsRefusedError, AnswerRefusedError, PlacesTakenError, AnswerMovedOnError)


@blueprint.get("/<token>")
@guest_required
def show(bearer: Bearer) -> str:
    """Show the form until everything is answered, then the answer; `?change=1` the form again."""
    return page_of(bearer)


def page_of(bearer: Bearer) -> str:
    """Return the page that this bearer sees now; raise InvitationClosedError."""
    recorded = recorded_of(db(), bearer.invitation, now=parts().clock())
    asks_form = "change" in request.args and recorded.can_change
    # Once the reply-by date is over the recorded page has more to offer: asking for a change.
    parts_open = recorded.half_way and not recorded.event_locked
    if asks_form or not recorded.is_answered or parts_open:
        return _page_with_form(bearer, recorded)
    return recorded_page(bearer, recorded)


def recorded_page(bearer: Bearer, recorded: Recorded, typed: Typed | None = None) -> str:
    """Show what is recorded and what was asked about it; `typed`: a request that was refused."""
    template = "answered" if recorded.accepted else "declined"
    return render_template(
        f"rsvp/{template}.html",
        page=recorded,
        bearer=bearer,
        event=recorded.event,
        asking=asked_of(db(), bearer.invitation, typed),
        feed=parts().links.feed(bearer.invitation.public_id, bearer.invitation.feed_version),
    )


@blueprint.post("/<token>")
@guest_required
def answer(bearer: Bearer) -> Response:
    """Record the answer, then show it; or show again what was typed, and what is wrong with it."""
    now = parts().clock()
    refuse_closed(bearer.invitation, now=now)
    typed = replace(
        read_fields(request.form),
        keeps_health="keeps_health" in request.form or bool(bearer.delegate),
    )
    proves = bearer.proven or bearer.invitation.answered_at is None
    try:
        _record(bearer, typed, now)
    except REFUSALS as error:
        return _refused(bearer, typed, error, now, proves=proves)
    return _see_what_is_recorded(bearer, proves=proves)


def _record(bearer: Bearer, typed: Fields, now: datetime) -> None:
    """Record all of the form; of a first press, where nothing else is filled in, the answer."""
    alone = _is_first_press() and not typed.says_more
    record_answer(
        db(),
        bearer.invitation,
        read_first(typed) if alone else read_wish(typed),
        channel=_channel(bearer),
        actor=bearer.name,
        now=now,
        seen=read_seen(request.form),
    )


def _channel(bearer: Bearer) -> AnswerChannel:
    return AnswerChannel.DELEGATE if bearer.delegate else AnswerChannel.GUEST


def _is_first_press() -> bool:
    """Whether it was one of the two buttons that are recorded at once, whatever else is typed."""
    return "first" in request.args


def _refused(
    bearer: Bearer, typed: Fields, error: RefusedError, now: datetime, *, proves: bool
) -> Response:
    """Show what was typed, and what is wrong with it; a first press is recorded all the same."""
    answered = _is_first_press() and typed.says_more and _record_alone(bearer, typed, now)
    recorded = recorded_of(db(), bearer.invitation, now=now)
    seen_by = replace(bearer, proven=bearer.proven or (answered and proves))
    response = make_response(_page_with_form(seen_by, recorded, typed, error))
    if not answered:
        response.status_code = 409 if isinstance(error, AnswerMovedOnError) else 422
    elif proves:
        give_proof(response, bearer)
    return response


def _record_alone(bearer: Bearer, typed: Fields, now: datetime) -> bool:
    """Record accepted or declined by itself; return whether that could be done."""
    try:
        _record(bearer, Fields(answer=typed.answer), now)
    except REFUSALS:
        return False
    return True


def _see_what_is_recorded(bearer: Bearer, *, proves: bool) -> Response:
    """Send the browser to the page; one that could see all before goes on seeing it."""
    response = back_to("rsvp.show")
    if proves:
        give_proof(response, bearer)
    return response


@blueprint.post("/<token>/items/<item>/give-back")
@guest_required
def give_item_back(bearer: Bearer, item: str) -> Response:
    """Give the place at one programme item back; it goes to the next on its reserve."""
    now = parts().clock()
    refuse_closed(bearer.invitation, now=now)
    # Locked meanwhile: the page says so, and how to ask for a change.
    with suppress(AnswerRefusedError):
        give_back(
            db(), bearer.invitation, item, channel=_channel(bearer), actor=bearer.name, now=now
        )
    return _see_what_is_recorded(bearer, proves=False)


@blueprint.get("/<token>/places")
@guest_required
def places(bearer: Bearer) -> Response:
    """Answer with the places left, by item, as the page words them: a script keeps them fresh."""
    recorded = recorded_of(db(), bearer.invitation, now=parts().clock())
    page = form_page(db(), recorded)
    response = jsonify({shown.item.slug: places_left(shown) for shown in page.shown})
    response.cache_control.no_store = True
    return response


@blueprint.get("/<token>/calendar.ics")
@guest_required
def calendar(bearer: Bearer) -> Response:
    """Answer with the parts said yes to, for the guest's own calendar; 404 where there is none."""
    recorded = recorded_of(db(), bearer.invitation, now=parts().clock())
    if recorded.rsvp is None or not recorded.attends_something:
        abort(404)
    event, row_id = recorded.event, bearer.invitation.id
    content = guest_feed(db(), event, row_id, current_language(), only_on=True)
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{event.slug}.ics")
    response.cache_control.no_store = True
    return response


class FormFacts(NamedTuple):
    """What the form is made of, besides what is filled in."""

    days: tuple[DayOnPage, ...]
    dinner: ItemOnPage | None
    zone: str
    city: str
    reply_by: date
    erased_on: date
    """When diets and access needs are erased, or were."""
    erased: bool
    event_locked: bool
    accepted: bool
    """The answer is yes already: what is left are the parts."""
    ticked_again: bool
    """What a decline had taken back is ticked anew, for the guest to save."""
    version: int
    programme_as_of: datetime | None
    sees_all: bool
    is_delegate: bool
    language: str


def _shows_all(bearer: Bearer, recorded: Recorded, typed: Fields | None) -> bool:
    """Whether the form has the fields of diets, access needs and message.

    What this very browser has typed it may see again; what is recorded only if `bearer.sees_all`.
    """
    if bearer.delegate is not None:
        return False
    typed_here = typed is not None and not typed.keeps_health
    return bearer.sees_all or recorded.holds_nothing_private or typed_here


def _form_facts(bearer: Bearer, page: FormPage, *, shows_all: bool) -> FormFacts:
    recorded = page.recorded
    return FormFacts(
        days=page.days,
        dinner=page.dinner,
        zone=recorded.event.time_zone,
        city=local(recorded.event.city),
        reply_by=recorded.invitation.reply_by,
        erased_on=recorded.health_erased or recorded.event.health_erased_on,
        erased=recorded.health_erased is not None,
        event_locked=recorded.event_locked,
        accepted=recorded.is_answered and recorded.accepted,
        ticked_again=bool(recorded.once_chosen),
        version=recorded.version,
        programme_as_of=recorded.programme_as_of,
        sees_all=shows_all,
        is_delegate=bearer.delegate is not None,
        language=current_language(),
    )


def _page_with_form(
    bearer: Bearer,
    recorded: Recorded,
    typed: Fields | None = None,
    error: RefusedError | None = None,
) -> str:
    page = form_page(db(), recorded)
    mistakes = mistakes_of(error, page, typed or Fields()) if error else ()
    facts = _form_facts(bearer, page, shows_all=_shows_all(bearer, recorded, typed))
    fields = fill_in(page, typed, sees_all=bearer.sees_all or recorded.holds_nothing_private)
    blank = typed is None and recorded.rsvp is None
    return render_template(
        "rsvp/form.html",
        page=page,
        bearer=bearer,
        event=recorded.event,
        asking=asked_of(db(), bearer.invitation),
        mistakes=mistakes,
        moved_on=isinstance(error, AnswerMovedOnError),
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
