"""The mailbox of a trial run as pages: each mail as a person would see it."""

import io
from pathlib import Path

from flask import Blueprint, Response, abort, render_template, request, send_file

from app.mail.mailbox import NoSuchMail, attachment, list_mails, read_mail
from app.parts import parts
from app.web.access import public
from app.web.framed import mail_in_frame, page_with_frame

blueprint = Blueprint("mailbox", __name__)

PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
LINKS_IN_A_NEW_TAB = '<base target="_blank">'


@blueprint.before_request
def refuse_without_local_mail() -> None:
    """Answer on one's own machine only: the mails hold links that sign in.

    Where mail goes to a real server there is no mailbox; and what comes through a proxy comes from
    elsewhere.
    """
    through_proxy = any(header in request.headers for header in PROXY_HEADERS)
    if through_proxy or not parts().settings.local_mail:
        abort(404)


@blueprint.get("/mailbox")
@public
def index() -> str:
    return render_template("mailbox/index.html", mails=list_mails(_folder()))


@blueprint.get("/mailbox/<mail_id>")
@public
def show(mail_id: str) -> Response:
    mail = read_mail(_folder(), mail_id)
    return page_with_frame(render_template("mailbox/show.html", mail=mail))


@blueprint.get("/mailbox/<mail_id>/html")
@public
def html(mail_id: str) -> Response:
    """Answer with the mail's HTML alone, for the frame on its page."""
    written = read_mail(_folder(), mail_id).html
    return mail_in_frame(written.replace("<head>", f"<head>{LINKS_IN_A_NEW_TAB}", 1), links=True)


@blueprint.get("/mailbox/<mail_id>/source")
@public
def source(mail_id: str) -> Response:
    return Response(read_mail(_folder(), mail_id).source, mimetype="text/plain")


@blueprint.get("/mailbox/<mail_id>/attachments/<int:index>")
@public
def download(mail_id: str, index: int) -> Response:
    file = attachment(_folder(), mail_id, index)
    return send_file(
        io.BytesIO(file.content),
        mimetype=file.content_type,
        as_attachment=True,
        download_name=file.name,
    )


@blueprint.errorhandler(NoSuchMail)
def no_such_mail(_error: NoSuchMail) -> tuple[str, int]:
    return render_template("errors/not_found.html"), 404


def _folder() -> Path:
    return parts().settings.instance_path / "mailbox"
