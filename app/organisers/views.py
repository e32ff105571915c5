"""Signing in and out, and the events an organiser has a role on."""

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.organisers.forms import SignInForm
from app.organisers.models import Organiser, Role
from app.organisers.queries import list_roles
from app.organisers.services import (
    SignInLinkExpiredError,
    SignInLinkUnknownError,
    SignInLinkUsedError,
    check_sign_in_link,
    open_session,
    request_sign_in,
    revoke_all_sessions,
    revoke_session,
    use_sign_in_link,
)
from app.parts import parts
from app.tokens import Expired, LinkError
from app.web.access import MAY, SESSION_KEY, public, signed_in
from app.web.transaction import db

blueprint = Blueprint("organisers", __name__)

Page = tuple[str, int]


@blueprint.get("/sign-in")
@public
def sign_in() -> str:
    return _sign_in_page(SignInForm())


@blueprint.post("/sign-in")
@public
def ask_for_link() -> Page | Response:
    """Answer the same whether the address is known or not."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form), 422
    request_sign_in(db(), form.email.data, parts().clock())
    flash(_("If the address is known, a link is on its way. It works once, for 15 minutes."))
    return redirect(url_for("organisers.sign_in"), 303)


def _sign_in_page(form: SignInForm) -> str:
    local_mail = parts().settings.local_mail
    return render_template("organisers/sign_in.html", form=form, local_mail=local_mail)


@blueprint.get("/sign-in/<token>")
@public
def confirm_sign_in(token: str) -> str:
    """Show a button: mail scanners open links, and must not use this one up."""
    claim = parts().signers.sign_in.read(token)
    check_sign_in_link(db(), claim.public_id, parts().clock())
    return render_template("organisers/confirm.html")


@blueprint.post("/sign-in/<token>")
@public
def use_link(token: str) -> Response:
    now = parts().clock()
    claim = parts().signers.sign_in.read(token)
    organiser = use_sign_in_link(db(), claim.public_id, now)
    session.clear()  # whatever this browser carried before is not taken along (session fixation)
    session[SESSION_KEY] = open_session(db(), organiser, now)
    return redirect(_first_page(organiser), 303)


def _first_page(organiser: Organiser) -> str:
    """Return the address of the only event's dashboard, or else of the list of events."""
    roles = list_roles(db(), organiser)
    if len(roles) == 1 and roles[0][1] in MAY[Role.VIEWER]:
        return url_for("dashboard.overview", slug=roles[0][0].slug)
    return url_for("organisers.index")


@blueprint.get("/organiser/")
@signed_in
def index(organiser: Organiser) -> str:
    roles = list_roles(db(), organiser)
    return render_template("organisers/index.html", roles=roles, may_view=MAY[Role.VIEWER])


@blueprint.get("/sign-out")
@signed_in
def confirm_sign_out(_organiser: Organiser) -> str:
    return render_template("organisers/sign_out.html")


@blueprint.post("/sign-out")
@signed_in
def sign_out(_organiser: Organiser) -> Response:
    revoke_session(db(), session[SESSION_KEY], parts().clock())
    return _signed_out(_("You are signed out."))


@blueprint.post("/sign-out/everywhere")
@signed_in
def sign_out_everywhere(organiser: Organiser) -> Response:
    revoke_all_sessions(db(), organiser, parts().clock())
    return _signed_out(_("You are signed out on every device."))


def _signed_out(notice: str) -> Response:
    session.clear()
    flash(notice)
    return redirect(url_for("organisers.sign_in"), 303)


@blueprint.errorhandler(SignInLinkUsedError)
def link_used(_error: SignInLinkUsedError) -> Page:
    return render_template("organisers/link_over.html", used=True), 410


@blueprint.errorhandler(Expired)
@blueprint.errorhandler(SignInLinkExpiredError)
def link_expired(_error: Exception) -> Page:
    return render_template("organisers/link_over.html", used=False), 410


@blueprint.errorhandler(LinkError)
@blueprint.errorhandler(SignInLinkUnknownError)
def link_unknown(_error: Exception) -> Page:
    return render_template("organisers/link_unknown.html"), 404
