"""Every page of the product, registered in one place."""

from flask import Flask
from flask_wtf import CSRFProtect

from app.amendments import views as amendments
from app.brand import views as brand
from app.calendars import desk as calendars_desk
from app.calendars import views as calendars
from app.codes import views as codes
from app.dashboard import views as dashboard
from app.decisions import views as decisions
from app.delegates import desk as delegates_desk
from app.delegates import views as delegates
from app.deliveries import views as deliveries
from app.digests import views as digests
from app.events import desk as events_desk
from app.guests import views as guests
from app.invitations import desk as invitations_desk
from app.invitations import views as invitations
from app.organisers import views as organisers
from app.programme import views as programme
from app.requests import desk as requests
from app.requests import views as rsvp_requests
from app.rsvp import desk as rsvp_desk
from app.rsvp import views as rsvp
from app.texts import views as texts
from app.web import health, mailbox

csrf = CSRFProtect()

GUEST = (rsvp, rsvp_requests, delegates, codes, calendars)
"""The guest's side."""

DESK = (
    organisers,
    dashboard,
    guests,
    rsvp_desk,
    delegates_desk,
    requests,
    programme,
    amendments,
    calendars_desk,
    invitations,
    invitations_desk,
    events_desk,
    deliveries,
    decisions,
    digests,
    texts,
    brand,
)
"""The organiser's side."""


def register(app: Flask) -> None:
    csrf.init_app(app)
    # A guest's POST needs no token: the link is a secret that no other site can guess, no cookie is
    # read, and what a browser marks as sent by another site is refused.
    for of_guests in GUEST:
        csrf.exempt(of_guests.blueprint)
    # Mail programs press the way out of the digests by themselves; its link is a secret, too.
    csrf.exempt(digests.unsubscribing)
    app.register_blueprint(health.blueprint)
    for of_guests in GUEST:
        app.register_blueprint(of_guests.blueprint)
    app.register_blueprint(digests.unsubscribing)
    for feature in DESK:
        app.register_blueprint(feature.blueprint)
    app.register_blueprint(mailbox.blueprint)
