"""Every mail of an event and its fate; stopping, going on, and what a person settles."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answer

from app.dashboard.mail_log import HEADINGS, log_rows
from app.dashboard.outbox import OneMail, find_mail, read_outbox
from app.dashboard.sendings import Sending, read_sending
from app.deliveries import services
from app.deliveries.batches import batch_of
from app.deliveries.models import DeliveryState
from app.deliveries.pauses import ALL, batch_scope, event_scope, go_on, stop
from app.deliveries.services import NotPossibleError
from app.events.models import Event
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.spreadsheets import write_table
from app.texts.kinds import WORDED
from app.web.access import organiser_required
from app.web.framed import mail_in_frame, page_with_frame
from app.web.transaction import db

blueprint = Blueprint("deliveries", __name__, url_prefix="/organiser/<slug>/deliveries")

SETTLE: dict[str, Callable[..., None]] = {
    "arrived": services.mark_arrived,
    "send-again": services.send_again,
    "bounced": services.mark_bounced,
    "cancel": services.cancel_one,
}
"""What a person says of one mail."""
SENDING = "/sending/<any(wave, reminder, thanks, digest, change, called_off):kind>/<int:number>"
"""A batch of mails, of one of the kinds there are."""


@blueprint.get("")
@organiser_required(Role.ORGANISER)
def index(_organiser: Organiser, event: Event) -> str:
    state = request.args.get("state", type=DeliveryState)
    page = request.args.get("page", 1, type=int)
    outbox = read_outbox(db(), event, state=state, page=page, now=parts().clock())
    return render_template("deliveries/index.html", event=event, outbox=outbox, state=state)


@blueprint.get("/<public_id>")
@organiser_required(Role.ORGANISER)
def show(_organiser: Organiser, event: Event, public_id: str) -> Response:
    """Show one mail as it was sent; a confirmation names diets, so that only organisers see it."""
    one = _mail(event, public_id)
    page = render_template("deliveries/show.html", event=event, one=one, worded=WORDED)
    return page_with_frame(page)


@blueprint.get("/<public_id>/mail/<int:attempt>")
@organiser_required(Role.ORGANISER)
def mail(_organiser: Organiser, event: Event, public_id: str, attempt: int) -> Response:
    """Answer with the HTML alone that went out at that attempt, for the frame on its page."""
    copy = _mail(event, public_id).copies.get(attempt) or abort(404)
    return mail_in_frame(copy.page)


@blueprint.post("/<public_id>/<any(arrived, 'send-again', bounced, cancel):deed>")
@organiser_required(Role.ORGANISER)
def settle(organiser: Organiser, event: Event, public_id: str, deed: str) -> Answer:
    """Take a person's word for what became of a mail, or what is to become of it."""
    delivery = _mail(event, public_id).mail
    try:
        SETTLE[deed](db(), delivery, by=organiser.name, now=parts().clock())
    except NotPossibleError:
        flash(_("The mail has moved on meanwhile; nothing was changed."))
    else:
        flash(_settled(deed))
    return _to("show", event, public_id=public_id)


def _settled(deed: str) -> str:
    told: dict[str, str] = {
        "arrived": _("It is noted that the mail has arrived."),
        "send-again": _("The mail is queued again, with the same Message-ID."),
        "bounced": _("It is noted that the mail came back."),
        "cancel": _("The mail is cancelled; it will not be sent."),
    }
    return told[deed]


@blueprint.get(SENDING)
@organiser_required(Role.ORGANISER)
def sending(_organiser: Organiser, event: Event, kind: str, number: int) -> str:
    """Show how far a batch has come; the part that moves is asked for again by itself."""
    found = _sending(event, kind, number)
    page = "_moved" if request.headers.get("HX-Request") else "sending"
    return render_template(
        f"deliveries/{page}.html",
        event=event,
        sending=found,
        kind=kind,
        number=number,
        now=parts().clock(),
    )


@blueprint.post(f"{SENDING}/<any(stop, resume):deed>")
@organiser_required(Role.ORGANISER)
def hold_batch(organiser: Organiser, event: Event, kind: str, number: int, deed: str) -> Answer:
    """Stop one batch within one mail, or let it go on."""
    batch = _sending(event, kind, number).name
    _hold(batch_scope(batch), deed, organiser)
    return _to("sending", event, kind=kind, number=number)


@blueprint.post(f"{SENDING}/cancel")
@organiser_required(Role.ORGANISER)
def cancel_batch(organiser: Organiser, event: Event, kind: str, number: int) -> Answer:
    batch = _sending(event, kind, number).name
    cancelled = services.cancel_batch(db(), batch, by=organiser.name, now=parts().clock())
    flash(ngettext("One mail is cancelled.", "%(num)s mails are cancelled.", cancelled))
    return _to("sending", event, kind=kind, number=number)


@blueprint.post(f"{SENDING}/again")
@organiser_required(Role.ORGANISER)
def send_failed_again(organiser: Organiser, event: Event, kind: str, number: int) -> Answer:
    """Send what failed once more, after what refused it is mended."""
    batch = _sending(event, kind, number).name
    again = services.send_failed_again(db(), batch, by=organiser.name, now=parts().clock())
    flash(ngettext("One mail is queued again.", "%(num)s mails are queued again.", again))
    return _to("sending", event, kind=kind, number=number)


@blueprint.post("/<any(stop, resume):deed>")
@organiser_required(Role.ORGANISER)
def hold_event(organiser: Organiser, event: Event, deed: str) -> Answer:
    """Stop every mail of the event within one mail, or let them go on."""
    _hold(event_scope(event.id), deed, organiser)
    return _to("index", event)


@blueprint.post("/retry")
@organiser_required(Role.ORGANISER)
def retry(_organiser: Organiser, event: Event) -> Answer:
    """Try at once, instead of when the pause after a fault is over."""
    go_on(db(), ALL)
    flash(_("It is being tried again now."))
    return _to("index", event)


@blueprint.get("/log<any('.csv', '.xlsx'):ending>")
@organiser_required(Role.ORGANISER)
def export(_organiser: Organiser, event: Event, ending: str) -> Response:
    """Answer with the log of every mail, and what was sent, as a table."""
    name = f"{event.slug}-mails{ending}"
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        write_table(path, HEADINGS, log_rows(db(), event))
        written = BytesIO(path.read_bytes())
    return send_file(written, as_attachment=True, download_name=name)


def _hold(scope: str, deed: str, organiser: Organiser) -> None:
    if deed == "stop":
        stop(db(), scope, by=organiser.name, now=parts().clock())
        flash(_("Stopped: nothing more goes out, and nothing is lost."))
    else:
        go_on(db(), scope)
        flash(_("The sending goes on."))


def _mail(event: Event, public_id: str) -> OneMail:
    return find_mail(db(), event.id, public_id) or abort(404)


def _sending(event: Event, kind: str, number: int) -> Sending:
    batch = batch_of(event.id, kind, number)
    return read_sending(db(), event, batch, now=parts().clock()) or abort(404)


def _to(endpoint: str, event: Event, **more: Any) -> Answer:  # noqa: ANN401 - as url_for takes it
    return redirect(url_for(f"deliveries.{endpoint}", slug=event.slug, **more), 303)
