"""The register of decisions, with approved versions and funders; and asking for approval."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.dashboard.register import read_register
from app.decisions.asking import NoApproverError, NothingProposedError, ask_approval
from app.events.models import Event
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.web.access import organiser_required
from app.web.transaction import db

blueprint = Blueprint("decisions", __name__)


@blueprint.get("/organiser/<slug>/decisions")
@organiser_required(Role.VIEWER)
def index(_organiser: Organiser, event: Event) -> str:
    register = read_register(db(), event.id)
    return render_template("decisions/index.html", event=event, register=register)


@blueprint.post("/organiser/<slug>/decisions/ask-approval")
@organiser_required(Role.ORGANISER)
def ask(organiser: Organiser, event: Event) -> Response:
    """Ask the approvers by mail to look at what is proposed."""
    try:
        plan = ask_approval(db(), event, by=organiser.name, now=parts().clock())
    except NothingProposedError:
        flash(_("Nothing is proposed: the list stands as it was approved last."))
    except NoApproverError:
        flash(_("Nobody is an approver of this event: give somebody that role first."))
    else:
        flash(_who_is_asked(len(plan.to_ask)))
    return redirect(url_for("guests.index", slug=event.slug), 303)


def _who_is_asked(number: int) -> str:
    if not number:
        return str(_("Every approver has been asked about this proposal already."))
    return str(ngettext("One approver is asked by mail.", "%(num)s approvers are asked.", number))
