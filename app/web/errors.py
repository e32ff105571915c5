"""Every refusal and mishap as a page, in one place."""

from flask import Flask, g, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from app.events.queries import CalledOffError, UnknownEventError
from app.logs import mask_links
from app.rsvp.services import InvitationClosedError
from app.tokens import LinkError
from app.web.access import CodeNeededError, DisownedError
from app.web.same_link import back_to

Page = tuple[str, int]


def init_app(app: Flask) -> None:
    app.register_error_handler(LinkError, link_not_good)
    app.register_error_handler(InvitationClosedError, invitation_closed)
    app.register_error_handler(CalledOffError, called_off)
    app.register_error_handler(CodeNeededError, code_needed)
    app.register_error_handler(DisownedError, disowned)
    app.register_error_handler(UnknownEventError, not_found)
    app.register_error_handler(CSRFError, form_too_old)
    app.register_error_handler(404, not_found)
    app.register_error_handler(SecurityError, foreign_host)
    app.register_error_handler(HTTPException, refused)

    def failed(error: Exception) -> Page:
        app.logger.error("%s %s failed", request.method, mask_links(request.path), exc_info=error)
        return render_template("errors/failed.html"), 500

    app.register_error_handler(Exception, failed)


def link_not_good(_error: LinkError) -> Page:
    """One page for every link that is not good: it tells nothing about any guest."""
    return render_template("errors/link.html"), 404


def invitation_closed(_error: InvitationClosedError) -> Page:
    return render_template("errors/closed.html", event=g.event, reply_by=g.reply_by), 410


def called_off(_error: CalledOffError) -> Page:
    """Tell a guest so, whatever they wished to do; at the desk the deed is refused."""
    if getattr(g, "role", None) is None:
        return render_template("errors/called_off.html", event=g.event), 410
    refusal = _("The event was called off; nothing was changed.")
    return render_template("errors/refused.html", code=409, description=refusal), 409


def disowned(_error: DisownedError) -> Page:
    """Show nothing of the invitation, and one button that takes the word back."""
    return render_template("errors/disowned.html", event=g.event), 410


def code_needed(_error: CodeNeededError) -> Response:
    """Lead to the page that asks for the code; nothing of what was sent has been recorded."""
    return back_to("codes.index")


def not_found(_error: Exception) -> Page:
    return render_template("errors/not_found.html"), 404


def form_too_old(_error: CSRFError) -> Page:
    return render_template("errors/form_too_old.html"), 400


def foreign_host(_error: SecurityError) -> Page:
    """Answer without a page of ours: under a foreign name it could not even find its stylesheet."""
    return "This address is not served here.\n", 400


def refused(error: HTTPException) -> Page:
    code = error.code or 500
    return render_template("errors/refused.html", code=code, description=error.description), code
