"""Requests on the organiser's side: what waits, one of them, and deciding it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.dashboard.roster import Standing, standing_of
from app.deliveries.models import DeliveryKind
from app.events.models import Event
from app.events.queries import today_at
from app.invitations.queries import place_ledger
from app.language import sentence
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.programme.models import ProgrammeItem
from app.programme.queries import list_items
from app.requests.asking import RequestRefusedError, Why
from app.requests.disowning import (
    address_was_wrong,
    is_right_after_all,
    is_thought_wrong,
    withdraw_disowned,
)
from app.requests.forms import DecisionForm
from app.requests.models import Request, RequestKind
from app.requests.queries import find_request, list_requests, waits
from app.requests.representatives import approve, is_listed, needs_date, reply_by_for
from app.requests.services import EVENT_PART, grant, refuse
from app.rsvp.changes import ITEM
from app.rsvp.choices import AnswerRefusedError
from app.rsvp.forms import Mistake
from app.rsvp.models import ChoiceAnswer
from app.rsvp.queries import ItemCount, count_of, find_rsvp, item_counts
from app.rsvp.services import PlacesTakenError
from app.rsvp.wording import mistake_of
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("requests", __name__)

Act = Callable[[Request, DecisionForm, str, datetime], None]

FIELD_OF = {Why.REPLY_MISSING: "reply", Why.WORDS_TOO_LONG: "reply", Why.DATE_NOT_GOOD: "reply_by"}
"""The control where a refusal can be mended."""


@dataclass(frozen=True)
class RequestOnPage:
    """One request with what is recorded of its part, and how full that part is."""

    request: Request
    waits: bool
    thought_wrong: bool
    listed: bool
    """Whether a representative has the address of a guest already."""
    standing: Standing
    item: ProgrammeItem | None
    answer: ChoiceAnswer
    count: ItemCount
    free: int
    today: date
    reply_by: date | None
    """Where a representative needs a date of their own: the one that is proposed."""

    @property
    def is_full(self) -> bool:
        places = self.item.places if self.item else None
        return places is not None and self.count.taken >= places


@blueprint.get("/organiser/<slug>/requests")
@organiser_required(Role.VIEWER)
def index(_organiser: Organiser, event: Event) -> str:
    found = list_requests(db(), event.id)
    waiting = [one for one in found if waits(one)]
    decided = found[len(waiting) :]
    shown = {"": found, "waiting": waiting, "decided": decided}
    wanted = request.args.get("state", "")
    titles = {f"{ITEM}{item.slug}": item.title for item in list_items(db(), event.id)}
    return render_template(
        "requests/index.html",
        event=event,
        wanted=wanted if wanted in shown else "",
        requests=shown.get(wanted, found),
        counts={name: len(some) for name, some in shown.items()},
        titles={EVENT_PART: event.name, **titles},
    )


@blueprint.get("/organiser/<slug>/requests/<public_id>")
@organiser_required(Role.VIEWER)
def show(_organiser: Organiser, event: Event, public_id: str) -> str:
    found = find_request(db(), event.id, public_id) or abort(404)
    return _page(event, found, DecisionForm())


@blueprint.post("/organiser/<slug>/requests/<public_id>/grant")
@organiser_required(Role.ORGANISER)
def grant_one(organiser: Organiser, event: Event, public_id: str) -> tuple[str, int] | Response:
    """Grant it, approve the representative, or withdraw what reached the wrong person."""
    return _decide(organiser, event, public_id, _granted)


@blueprint.post("/organiser/<slug>/requests/<public_id>/refuse")
@organiser_required(Role.ORGANISER)
def refuse_one(organiser: Organiser, event: Event, public_id: str) -> tuple[str, int] | Response:
    """Refuse it; of a link in wrong hands: it is right after all."""
    return _decide(organiser, event, public_id, _refused)


@blueprint.post("/organiser/<slug>/requests/<public_id>/wrong-address")
@organiser_required(Role.ORGANISER)
def wrong_address(organiser: Organiser, event: Event, public_id: str) -> tuple[str, int] | Response:
    """Take the address for wrong: the link is dead until a corrected one is approved."""
    return _decide(organiser, event, public_id, _thought_wrong)


def _decide(
    organiser: Organiser, event: Event, public_id: str, act: Act
) -> tuple[str, int] | Response:
    """Do it and say so; or show the page again with what stands against it."""
    found = find_request(db(), event.id, public_id) or abort(404)
    form = DecisionForm()
    if mistakes := form.mistakes() or _against(found, event, form, act, by=organiser.name):
        db().rollback()
        found = find_request(db(), event.id, public_id) or abort(404)
        return _page(event, found, form, mistakes), 422
    return redirect(url_for("requests.show", slug=event.slug, public_id=public_id), 303)


def _against(
    found: Request, event: Event, form: DecisionForm, act: Act, *, by: str
) -> list[Mistake]:
    try:
        act(found, form, by, parts().clock())
    except RequestRefusedError as refusal:
        return [Mistake(FIELD_OF.get(refusal.why, "main"), sentence(refusal.why))]
    except AnswerRefusedError as refusal:
        return [Mistake("main", mistake_of(one, event).text) for one in refusal.refusals]
    except PlacesTakenError:
        text = _("All %(places)s places are accepted or held by others.", places=event.place_limit)
        return [Mistake("main", text)]
    return []


def _granted(found: Request, form: DecisionForm, by: str, now: datetime) -> None:
    reply = form.reply.data
    match found.kind:
        case RequestKind.LATE_CHANGE:
            grant(db(), found, by=by, reply=reply, now=now)
            flash(_("The request is granted; the guest is told by mail."))
        case RequestKind.REPRESENTATIVE:
            day = form.reply_by.data
            approve(db(), found, by=by, reply=reply, reply_by=day, now=now)
            flash(_("The representative is invited; the guest is told by mail."))
        case RequestKind.NOT_ME:
            withdraw_disowned(db(), found, by=by, reply=reply, now=now)
            flash(_("The invitation is withdrawn: its link is dead, and the place is free."))


def _refused(found: Request, form: DecisionForm, by: str, now: datetime) -> None:
    if found.kind is RequestKind.NOT_ME:
        mail = is_right_after_all(db(), found, by=by, reply=form.reply.data, now=now)
        flash(_("The invitation stands as before."))
        if mail is DeliveryKind.INVITATION:
            address = found.invitation.guest.email
            flash(_("The invitation is on its way to %(address)s.", address=address))
    else:
        refuse(db(), found, by=by, reply=form.reply.data, now=now)
        flash(_("The request is refused; the guest is told by mail."))


def _thought_wrong(found: Request, form: DecisionForm, by: str, now: datetime) -> None:
    address_was_wrong(db(), found, by=by, reply=form.reply.data, now=now)
    flash(_("The old link is dead. Correct the address in the guest file and have it approved."))


def _page(
    event: Event, found: Request, form: DecisionForm, mistakes: list[Mistake] | None = None
) -> str:
    return render_template(
        "requests/show.html",
        event=event,
        asked=_on_page(event, found),
        form=form,
        mistakes=mistakes or [],
        errors={mistake.field: mistake.text for mistake in mistakes or []},
        is_organiser=g.role is Role.ORGANISER,
    )


def _on_page(event: Event, found: Request) -> RequestOnPage:
    now, invitation = parts().clock(), found.invitation
    items = {f"{ITEM}{item.slug}": item for item in list_items(db(), event.id)}
    item, rsvp = items.get(found.part), find_rsvp(db(), invitation.id)
    choices = {choice.item_id: choice.answer for choice in rsvp.choices} if rsvp else {}
    dated = found.kind is RequestKind.REPRESENTATIVE and needs_date(event, now)
    return RequestOnPage(
        request=found,
        waits=waits(found),
        thought_wrong=is_thought_wrong(db(), found),
        listed=waits(found) and is_listed(db(), found),
        standing=standing_of(
            invitation.guest.status, invitation.state, holds_place=invitation.holds_place
        ),
        item=item,
        answer=choices.get(item.id, ChoiceAnswer.NO) if item else ChoiceAnswer.NO,
        count=count_of(item, item_counts(db(), event.id)) if item else ItemCount(),
        free=place_ledger(db(), event).free,
        today=today_at(event, now),
        reply_by=reply_by_for(event, now) if dated else None,
    )
