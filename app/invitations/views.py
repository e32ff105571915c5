"""Sending and reminding, the dry run always shown first; one guest's link again, or withdrawn."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.deliveries.batches import number_of
from app.deliveries.models import DeliveryKind
from app.events.local_times import ClockChangeError
from app.events.models import Event
from app.events.queries import today_at
from app.guests.models import Guest
from app.guests.queries import find_guest
from app.invitations.cadence import FURTHEST, MOST_DAYS, Cadence, CadenceError, cadence_of
from app.invitations.forms import SendForm, read_cadence, seal, written_days
from app.invitations.messages import subject_of
from app.invitations.plans import (
    NotApprovedError,
    NotInTimeError,
    Plan,
    ReplyByPassedError,
    plan_reminder,
    plan_wave,
)
from app.invitations.queries import list_waves, place_ledger, reminded_guests
from app.invitations.reminding import remind
from app.invitations.services import (
    NobodyListedError,
    NoPlaceFreeError,
    NotOpenError,
    SentWave,
    send_tests,
    send_wave,
)
from app.invitations.withdrawing import withdraw
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("invitations", __name__)

Page = tuple[str, int]
CONFLICT = 409
UNPROCESSABLE = 422


@blueprint.get("/organiser/<slug>/invitations")
@organiser_required(Role.ORGANISER)
def prepare(_organiser: Organiser, event: Event) -> str | Page:
    """Show the next wave, its reminders on the days the address names or on the event's."""
    try:
        read_cadence(request.args, cadence_of(event))
    except CadenceError:
        return _wave_page(event, wrong_days=wrong_days()), UNPROCESSABLE
    return _wave_page(event)


@blueprint.post("/organiser/<slug>/invitations")
@organiser_required(Role.ORGANISER)
def send(organiser: Organiser, event: Event) -> Page | Response:
    """Send what the page showed; if it would be something else by now, send nothing."""
    form, now = SendForm(), parts().clock()
    try:
        cadence = read_cadence(request.form, cadence_of(event))
        at = form.moment(event)
    except CadenceError:
        return _wave_page(event, wrong_days=wrong_days()), UNPROCESSABLE
    except ValueError as error:
        return _wave_page(event, wrong_time=what_is_wrong(error)), UNPROCESSABLE
    try:
        sent = send_wave(db(), event, by=organiser.name, now=now, at=at, cadence=cadence)
    except ReplyByPassedError:
        return _wave_page(event), CONFLICT
    except NotInTimeError as error:
        return _wave_page(event, wrong_time=what_is_wrong(error)), UNPROCESSABLE
    if form.shown.data != seal(sent.plan.addressees):
        db().rollback()
        return _wave_page(event, changed=True), CONFLICT
    return _to_what_was_sent(event, sent)


def _to_what_was_sent(event: Event, sent: SentWave) -> Response:
    if sent.wave is not None:
        return _to_sending(event, "wave", sent.wave.number)
    if sent.plan.addressees:
        number = len(sent.plan.addressees)
        flash(ngettext("One invitation is sent now.", "%(num)s invitations are sent now.", number))
        return redirect(url_for("deliveries.index", slug=event.slug), 303)
    flash(_("Nobody was to be invited; nothing was sent."))
    return redirect(url_for("invitations.prepare", slug=event.slug), 303)


def _to_sending(event: Event, kind: str, number: int) -> Response:
    return redirect(url_for("deliveries.sending", slug=event.slug, kind=kind, number=number), 303)


def _wave_page(
    event: Event, *, changed: bool = False, wrong_time: str = "", wrong_days: str = ""
) -> str:
    now, usual = parts().clock(), cadence_of(event)
    try:
        plan = plan_wave(db(), event, now=now)
    except ReplyByPassedError:
        plan = None
    cadence = usual if wrong_days else read_cadence(request.values, usual)
    return render_template(
        "invitations/prepare.html",
        event=event,
        plan=plan,
        seal=seal(plan.addressees) if plan else "",
        subjects=subjects_of(event, plan),
        **_typed_days(cadence),
        days=cadence.days(today_at(event, now), event.reply_by),
        wrong_days=wrong_days,
        ledger=place_ledger(db(), event),
        waves=list_waves(db(), event.id),
        changed=changed,
        wrong_time=wrong_time,
        typed_time=request.form.get("at", ""),
    )


def _typed_days(cadence: Cadence) -> dict[str, str]:
    """Return the two fields as they were typed, or as the cadence has them."""
    return {
        "typed_after": request.values.get("after", written_days(cadence.after)),
        "typed_before": request.values.get("before", written_days(cadence.before)),
    }


def wrong_days() -> str:
    return str(
        _(
            "Give at most %(most)s numbers in each field, from 1 to %(furthest)s, like 7, 14.",
            most=MOST_DAYS,
            furthest=FURTHEST,
        )
    )


def subjects_of(event: Event, plan: Plan | None) -> dict[tuple[DeliveryKind, str], str]:
    """Return the subjects the mails have, by kind and language."""
    mails = dict.fromkeys((to.kind, to.language) for to in plan.addressees) if plan else {}
    return {
        (kind, language): subject_of(db(), event, kind, language=language, parts=parts())
        for kind, language in mails
    }


def what_is_wrong(error: Exception) -> str:
    match error:
        case ClockChangeError():
            return str(_("The clocks change in that hour. Choose a time outside it."))
        case NotInTimeError():
            return str(_("Choose a time that lies ahead, and not after the reply-by date."))
    return str(_("Give a date and a time, or leave it empty to send now."))


@blueprint.post("/organiser/<slug>/invitations/test")
@organiser_required(Role.ORGANISER)
def send_test_mail(organiser: Organiser, event: Event) -> Response:
    """Send the organiser alone how the invitation reads, in each language that is in use."""
    try:
        send_tests(db(), event, to=organiser.email, by=organiser.name, now=parts().clock())
    except NobodyListedError:
        flash(_("The list has no guest yet whose invitation could be shown."))
    else:
        flash(_("A test mail is on its way to %(address)s.", address=organiser.email))
    return redirect(url_for("invitations.prepare", slug=event.slug), 303)


@blueprint.get("/organiser/<slug>/invitations/remind")
@organiser_required(Role.ORGANISER)
def prepare_reminder(_organiser: Organiser, event: Event) -> str:
    return _reminder_page(event)


@blueprint.post("/organiser/<slug>/invitations/remind")
@organiser_required(Role.ORGANISER)
def send_reminder(organiser: Organiser, event: Event) -> Page | Response:
    """Remind those whom the page showed; if they are others by now, remind nobody."""
    form, now = SendForm(), parts().clock()
    try:
        at = form.moment(event)
    except ValueError as error:
        return _reminder_page(event, wrong_time=what_is_wrong(error)), UNPROCESSABLE
    try:
        sent = remind(db(), event, by=organiser.name, now=now, at=at)
    except NotInTimeError as error:
        return _reminder_page(event, wrong_time=what_is_wrong(error)), UNPROCESSABLE
    if form.shown.data != seal(sent.plan.addressees):
        db().rollback()
        return _reminder_page(event, changed=True), CONFLICT
    if not sent.plan.addressees:
        flash(_("No invitation is open: there is nobody to remind."))
        return redirect(url_for("invitations.prepare_reminder", slug=event.slug), 303)
    return _to_sending(event, "reminder", number_of(sent.batch))


def _reminder_page(event: Event, *, changed: bool = False, wrong_time: str = "") -> str:
    plan = plan_reminder(db(), event, now=parts().clock())
    return render_template(
        "invitations/remind.html",
        event=event,
        plan=plan,
        reminded=reminded_guests(db(), event.id),
        seal=seal(plan.addressees),
        subjects=subjects_of(event, plan),
        changed=changed,
        wrong_time=wrong_time,
        typed_time=request.form.get("at", ""),
    )


@blueprint.post("/organiser/<slug>/invitations/<public_id>/send")
@organiser_required(Role.ORGANISER)
def send_to_one(organiser: Organiser, event: Event, public_id: str) -> Response:
    """Invite one guest, or send the link of an open invitation once more."""
    guest = _guest(event, public_id)
    try:
        sent = send_wave(db(), event, by=organiser.name, now=parts().clock(), emails=[guest.email])
    except (NoPlaceFreeError, NotApprovedError, ReplyByPassedError) as refusal:
        flash(_refused(refusal))
    else:
        _tell_of_one(sent, guest)
    return redirect(url_for("guests.show", slug=event.slug, public_id=public_id), 303)


def _tell_of_one(sent: SentWave, guest: Guest) -> None:
    if sent.plan.addressees:
        flash(_("The invitation is on its way to %(address)s.", address=guest.email))
    elif sent.plan.unwritten:
        flash(_("The event is not wholly written in the guest’s language; nothing was sent."))
    else:
        flash(_("%(guest)s has no open invitation; nothing was sent.", guest=guest.full_name))


def _refused(refusal: Exception) -> str:
    match refusal:
        case NoPlaceFreeError():
            return str(_("Every place is taken or held; nothing was sent."))
        case NotApprovedError():
            return str(_("This name is not on an approved version of the list; nothing was sent."))
    return str(_("The reply-by date has passed; nothing was sent."))


@blueprint.get("/organiser/<slug>/invitations/<public_id>/withdraw")
@organiser_required(Role.ORGANISER)
def confirm_withdrawal(_organiser: Organiser, event: Event, public_id: str) -> str:
    guest = _guest(event, public_id)
    return render_template("invitations/withdraw.html", event=event, guest=guest)


@blueprint.post("/organiser/<slug>/invitations/<public_id>/withdraw")
@organiser_required(Role.ORGANISER)
def withdraw_one(organiser: Organiser, event: Event, public_id: str) -> Response:
    guest = _guest(event, public_id)
    try:
        withdraw(db(), event, email=guest.email, by=organiser.name, now=parts().clock())
    except NotOpenError:
        flash(_("%(guest)s has no invitation to withdraw.", guest=guest.full_name))
    else:
        flash(_("The invitation is withdrawn: its link is dead, and the place is free."))
    return redirect(url_for("guests.show", slug=event.slug, public_id=public_id), 303)


def _guest(event: Event, public_id: str) -> Guest:
    return find_guest(db(), event.id, public_id) or abort(404)
