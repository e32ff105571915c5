"""After a wave: the days of its reminders, who is not to be reminded, and thanks in the end."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.deliveries.batches import number_of
from app.events.models import Event
from app.events.queries import CalledOffError, today_at
from app.guests.queries import find_guest
from app.invitations.cadence import Cadence, CadenceError, cadence_of
from app.invitations.forms import SendForm, read_cadence, seal, written_days
from app.invitations.models import Wave
from app.invitations.plans import NotInTimeError, Plan
from app.invitations.queries import find_wave
from app.invitations.reminding import change_cadence, set_do_not_remind
from app.invitations.thanking import TooEarlyError, plan_thanks, thank
from app.invitations.views import subjects_of, what_is_wrong, wrong_days
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("invitations_desk", __name__)

Page = tuple[str, int]
CONFLICT = 409
UNPROCESSABLE = 422
USUAL_HOUR = time(10)
"""When thanks are proposed to go out, the day after the event."""


@blueprint.get("/organiser/<slug>/invitations/waves/<int:number>")
@organiser_required(Role.ORGANISER)
def cadence(_organiser: Organiser, event: Event, number: int) -> str:
    wave = _wave(event, number)
    return _cadence_page(event, wave, cadence_of(wave))


@blueprint.post("/organiser/<slug>/invitations/waves/<int:number>")
@organiser_required(Role.ORGANISER)
def set_cadence(_organiser: Organiser, event: Event, number: int) -> Page | Response:
    wave = _wave(event, number)
    try:
        wanted = read_cadence(request.form, cadence_of(wave))
    except CadenceError:
        page = _cadence_page(event, wave, cadence_of(wave), wrong_days=wrong_days())
        return page, UNPROCESSABLE
    change_cadence(db(), event, number, wanted, now=parts().clock())
    flash(_("The days are saved. Those before today are left out."))
    return redirect(url_for("invitations_desk.cadence", slug=event.slug, number=number), 303)


def _wave(event: Event, number: int) -> Wave:
    return find_wave(db(), event.id, number) or abort(404)


def _cadence_page(event: Event, wave: Wave, usual: Cadence, *, wrong_days: str = "") -> str:
    went_out = today_at(event, wave.scheduled_for or wave.sent_at)
    return render_template(
        "invitations/cadence.html",
        event=event,
        wave=wave,
        typed_after=request.form.get("after", written_days(usual.after)),
        typed_before=request.form.get("before", written_days(usual.before)),
        days=usual.days(went_out, event.reply_by),
        wrong_days=wrong_days,
    )


@blueprint.post("/organiser/<slug>/invitations/<public_id>/<any('do-not-remind', remind):deed>")
@organiser_required(Role.ORGANISER)
def set_quiet(organiser: Organiser, event: Event, public_id: str, deed: str) -> Response:
    """Let no reminder go to a guest, or take that back."""
    guest = find_guest(db(), event.id, public_id) or abort(404)
    do_not, now = deed == "do-not-remind", parts().clock()
    set_do_not_remind(db(), event, email=guest.email, do_not=do_not, by=organiser.name, now=now)
    if do_not:
        flash(_("No reminder goes to %(guest)s.", guest=guest.full_name))
    else:
        flash(_("%(guest)s is reminded again.", guest=guest.full_name))
    return redirect(url_for("guests.show", slug=event.slug, public_id=public_id), 303)


@blueprint.get("/organiser/<slug>/invitations/thank")
@organiser_required(Role.ORGANISER)
def prepare_thanks(_organiser: Organiser, event: Event) -> str:
    return _thanks_page(event)


@blueprint.post("/organiser/<slug>/invitations/thank")
@organiser_required(Role.ORGANISER)
def send_thanks(organiser: Organiser, event: Event) -> Page | Response:
    """Thank those whom the page showed; if they are others by now, thank nobody."""
    form = SendForm()
    try:
        at = form.moment(event)
        sent = thank(db(), event, by=organiser.name, now=parts().clock(), at=at)
    except CalledOffError:
        return _thanks_page(event), CONFLICT
    except (TooEarlyError, NotInTimeError, ValueError) as error:
        return _thanks_page(event, wrong_time=_why_not_then(error)), UNPROCESSABLE
    if form.shown.data != seal(sent.plan.addressees):
        db().rollback()
        return _thanks_page(event, changed=True), CONFLICT
    if not sent.plan.addressees:
        flash(_("Nobody is to be thanked; nothing was sent."))
        return redirect(url_for("invitations_desk.prepare_thanks", slug=event.slug), 303)
    number = number_of(sent.batch)
    address = url_for("deliveries.sending", slug=event.slug, kind="thanks", number=number)
    return redirect(address, 303)


def _why_not_then(error: Exception) -> str:
    if isinstance(error, TooEarlyError):
        return str(_("Choose a time after the last day of the event."))
    if isinstance(error, NotInTimeError):
        return str(_("Choose a time that lies ahead."))
    return what_is_wrong(error)


def _thanks_page(event: Event, *, changed: bool = False, wrong_time: str = "") -> str:
    plan, proposed = _plan_thanks(event)
    return render_template(
        "invitations/thank.html",
        event=event,
        plan=plan,
        seal=seal(plan.addressees) if plan else "",
        subjects=subjects_of(event, plan),
        changed=changed,
        wrong_time=wrong_time,
        typed_time=request.form.get("at", proposed),
    )


def _plan_thanks(event: Event) -> tuple[Plan | None, str]:
    """Return the plan and when to send it: empty for now, the morning after where it is not over.

    None where the event is called off.
    """
    now = parts().clock()
    morning = datetime.combine(event.ends + timedelta(days=1), USUAL_HOUR)
    try:
        return plan_thanks(db(), event, now=now), ""
    except TooEarlyError:
        at = morning.replace(tzinfo=ZoneInfo(event.time_zone))
        return plan_thanks(db(), event, now=now, at=at), f"{morning:%Y-%m-%dT%H:%M}"
    except CalledOffError:
        return None, ""
