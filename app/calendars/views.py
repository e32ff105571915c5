"""Calendar feeds: a guest's own and the organiser's, each at an address that is a secret."""

from flask import Blueprint, abort, make_response, request
from werkzeug.wrappers import Response

from app.calendars.feeds import guest_feed
from app.calendars.services import renew_feed_address
from app.dashboard.agenda import event_feed, read_event_feed_claim
from app.delegates.queries import Bearer
from app.invitations.queries import read_feed_claim
from app.parts import parts
from app.web.access import guest_required, public, refuse_other_sites
from app.web.same_link import back_to
from app.web.transaction import db

blueprint = Blueprint("calendars", __name__)
blueprint.before_request(refuse_other_sites)

HOUR = 3600


@blueprint.get("/calendars/<token>")
@public
def guest(token: str) -> Response:
    """Answer with a guest's calendar; a program that has it already gets 304."""
    invitation = read_feed_claim(db(), parts().signers.feed.read(token))
    language = invitation.guest.language
    return _calendar(guest_feed(db(), invitation.event, invitation.id, language))


@blueprint.get("/calendars/event/<token>")
@public
def event(token: str) -> Response:
    """Answer with the programme and its numbers."""
    found = read_event_feed_claim(db(), parts().signers.event_feed.read(token))
    return _calendar(event_feed(db(), found))


@blueprint.post("/rsvp/<token>/calendars")
@guest_required
def renew(bearer: Bearer) -> Response:
    """Let the address of the guest's feed die; the page then shows the new one."""
    if bearer.delegate is not None:
        abort(404)
    renew_feed_address(bearer.invitation)
    return back_to("rsvp.show")


def _calendar(content: bytes) -> Response:
    response = make_response(content)
    response.mimetype = "text/calendar"
    response.headers["Content-Disposition"] = 'inline; filename="couvert.ics"'
    response.cache_control.private = True
    response.cache_control.max_age = HOUR
    response.add_etag()
    response.make_conditional(request)
    return response
