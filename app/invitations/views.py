"""Sending and reminding, the dry run always shown first; one guest's link again, or withdrawn."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from werkzeug.wrappers import Response

from app.events.models import Event
from app.guests.models import Guest
from app.guests.queries import find_guest
from app.invitations.forms import SendForm, seal
from app.invitations.plans import (
    Addressee,
    NotApprovedError,
    ReplyByPassedError,
    plan_wave,
)
from app.invitations.queries import list_open, list_waves, place_ledger
from app.invitations.services import (
    NoPlaceFreeError,
    NotOpenError,
    SentWave,
    remind,
    send_wave,
    withdraw,
)
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("invitations", __name__)

Page = tuple[str, int]
CONFLICT = 409


@blueprint.get("/organiser/<slug>/invitations")
@organiser_required(Role.ORGANISER)
def prepare(_organiser: Organiser, event: Event) -> str:
    return _wave_page(event)


@blueprint.post("/organiser/<slug>/invitations")
@organiser_required(Role.ORGANISER)
def send(organiser: Organiser, event: Event) -> Page | Response:
    """Send what the page showed; if it would be something else by now, send nothing."""
    form = SendForm()
    try:
        sent = send_wave(db(), event, by=organiser.name, now=parts().clock())
    except ReplyByPassedError:
        return _wave_page(event), CONFLICT
    if form.shown.data != seal(sent.plan.addressees):
        db().rollback()
        return _wave_page(event, changed=True), CONFLICT
    _tell(sent)
    return redirect(url_for("invitations.prepare", slug=event.slug), 303)


def _wave_page(event: Event, *, changed: bool = False) -> str:
    try:
        plan = plan_wave(db(), event, now=parts().clock())
    except ReplyByPassedError:
        plan = None
    return render_template(
        "invitations/prepare.html",
        event=event,
        plan=plan,
        seal=seal(plan.addressees) if plan else "",
        ledger=place_ledger(db(), event),
        waves=list_waves(db(), event.id),
        changed=changed,
    )


def _tell(sent: SentWave) -> None:
    if sent.wave is None:
        flash(_("Nobody was to be invited; nothing was sent."))
        return
    flash(
        ngettext(
            "Wave %(wave)s: one invitation is on its way.",
            "Wave %(wave)s: %(num)s invitations are on their way.",
            len(sent.plan.addressees),
            wave=sent.wave.number,
        )
    )


@blueprint.get("/organiser/<slug>/invitations/remind")
@organiser_required(Role.ORGANISER)
def prepare_reminder(_organiser: Organiser, event: Event) -> str:
    return _reminder_page(event)


@blueprint.post("/organiser/<slug>/invitations/remind")
@organiser_required(Role.ORGANISER)
def send_reminder(organiser: Organiser, event: Event) -> Page | Response:
    """Remind those whom the page showed; if they are others by now, remind nobody."""
    form = SendForm()
    reminded = remind(db(), event, by=organiser.name, now=parts().clock()).plan.addressees
    if form.shown.data != seal(reminded):
        db().rollback()
        return _reminder_page(event, changed=True), CONFLICT
    flash(
        ngettext(
            "One reminder is on its way.", "%(num)s reminders are on their way.", len(reminded)
        )
    )
    return redirect(url_for("invitations.prepare_reminder", slug=event.slug), 303)


def _reminder_page(event: Event, *, changed: bool = False) -> str:
    waiting = list_open(db(), event.id)
    addressees = [Addressee(each.guest, each.guest.language) for each in waiting]
    return render_template(
        "invitations/remind.html",
        event=event,
        invitations=waiting,
        seal=seal(addressees),
        changed=changed,
    )


@blueprint.post("/organiser/<slug>/invitations/<public_id>/send")
@organiser_required(Role.ORGANISER)
def send_to_one(organiser: Organiser, event: Event, public_id: str) -> Response:
    """Invite one guest, or send the link of an open invitation once more."""
    guest = _guest(event, public_id)
    try:
        sent = send_wave(db(), event, by=organiser.name, now=parts().clock(), emails=[guest.email])
    except (NoPlaceFreeError, NotApprovedError, ReplyByPassedError) as refusal:
        flash(str(_REFUSALS[type(refusal)]))
    else:
        _tell_of_one(sent, guest)
    return redirect(url_for("guests.show", slug=event.slug, public_id=public_id), 303)


def _tell_of_one(sent: SentWave, guest: Guest) -> None:
    if sent.plan.addressees:
        flash(_("The invitation is on its way to %(address)s.", address=guest.email))
    else:
        flash(_("%(guest)s has no open invitation; nothing was sent.", guest=guest.full_name))


_REFUSALS = {
    NoPlaceFreeError: lazy_gettext("Every place is taken or held; nothing was sent."),
    NotApprovedError: lazy_gettext(
        "This name is not on an approved version of the list; nothing was sent."
    ),
    ReplyByPassedError: lazy_gettext("The reply-by date has passed; nothing was sent."),
}


@blueprint.get("/organiser/<slug>/invitations/<public_id>/withdraw")
@organiser_required(Role.ORGANISER)
def confirm_withdrawal(_organiser: Organiser, event: Event, public_id: str) -> str:
    guest = _guest(event, public_id)
    return render_template("invitations/withdraw.html", event=event, guest=guest)


@blueprint.post("/organiser/<slug>/invitations/<public_id>/withdraw")
@organiser_required(Role.ORGANISER)
def withdraw_one(_organiser: Organiser, event: Event, public_id: str) -> Response:
    guest = _guest(event, public_id)
    try:
        withdraw(db(), event, email=guest.email, now=parts().clock())
    except NotOpenError:
        flash(_("%(guest)s has no invitation to withdraw.", guest=guest.full_name))
    else:
        flash(_("The invitation is withdrawn: its link is dead, and the place is free."))
    return redirect(url_for("guests.show", slug=event.slug, public_id=public_id), 303)


def _guest(event: Event, public_id: str) -> Guest:
    return find_guest(db(), event.id, public_id) or abort(404)
