"""Every route carries exactly one guard, and lets in whom the table says, nobody else."""

import inspect
from collections.abc import Callable

import pytest

from app.deliveries.copies import copy_of, keep_copies
from app.deliveries.queries import list_deliveries
from app.digests.models import Digest
from app.organisers.models import Role
from app.requests.disowning import disown
from app.requests.queries import list_of_invitation
from tests.desk import Desk
from tests.factories import NOW, make_event, make_invitation, make_item, make_organiser
from tests.mail.conftest import make_message

EVERYBODY = (Role.ORGANISER, Role.APPROVER, Role.VIEWER, Role.DOOR)
READERS = (Role.ORGANISER, Role.APPROVER, Role.VIEWER)
ORGANISERS = (Role.ORGANISER,)

OPEN = {
    "calendars.event",
    "calendars.guest",
    "static",
    "brand.sheet",
    "health.healthz",
    "health.readyz",
    "unsubscribing.ask",
    "unsubscribing.leave",
    "unsubscribing.come_back",
    "organisers.sign_in",
    "organisers.ask_for_link",
    "organisers.confirm_sign_in",
    "organisers.use_link",
    "mailbox.index",
    "mailbox.show",
    "mailbox.html",
    "mailbox.source",
    "mailbox.download",
}
"""Routes that ask for nobody."""

DESK = {
    "organisers.index": ("GET", "/organiser/", EVERYBODY),
    "organisers.confirm_sign_out": ("GET", "/sign-out", EVERYBODY),
    "organisers.sign_out": ("POST", "/sign-out", EVERYBODY),
    "organisers.sign_out_everywhere": ("POST", "/sign-out/everywhere", EVERYBODY),
    "dashboard.overview": ("GET", "", READERS),
    "guests.index": ("GET", "guests", READERS),
    "guests.show": ("GET", "guests/{guest}", READERS),
    "programme.index": ("GET", "programme", READERS),
    "programme.guests": ("GET", "programme/visit/guests", READERS),
    "programme.name": ("POST", "programme/visit/guests", ORGANISERS),
    "amendments.edit": ("GET", "programme/visit/change", ORGANISERS),
    "amendments.change": ("POST", "programme/visit/change", ORGANISERS),
    "calendars_desk.renew": ("POST", "calendars", ORGANISERS),
    "calendars_desk.renew_for_guest": ("POST", "calendars/{guest}", ORGANISERS),
    "events_desk.confirm": ("GET", "call-off", ORGANISERS),
    "events_desk.carry_out": ("POST", "call-off", ORGANISERS),
    "decisions.index": ("GET", "decisions", READERS),
    "decisions.ask": ("POST", "decisions/ask-approval", ORGANISERS),
    "digests.index": ("GET", "digests", READERS),
    "digests.show": ("GET", "digests/2026-W45", READERS),
    "digests.mail": ("GET", "digests/2026-W45/mail", READERS),
    "brand.show": ("GET", "brand", READERS),
    "brand.change": ("POST", "brand", ORGANISERS),
    "rsvp_desk.answer": ("POST", "guests/{guest}/answer", ORGANISERS),
    "rsvp_desk.preview": ("GET", "guests/{guest}/preview", ORGANISERS),
    "delegates_desk.add": ("POST", "guests/{guest}/delegates", ORGANISERS),
    "delegates_desk.revoke": ("POST", "guests/{guest}/delegates/x/revoke", ORGANISERS),
    "requests.index": ("GET", "requests", READERS),
    "requests.show": ("GET", "requests/{request}", READERS),
    "requests.grant_one": ("POST", "requests/{request}/grant", ORGANISERS),
    "requests.refuse_one": ("POST", "requests/{request}/refuse", ORGANISERS),
    "requests.wrong_address": ("POST", "requests/{request}/wrong-address", ORGANISERS),
    "invitations.prepare": ("GET", "invitations", ORGANISERS),
    "invitations.send": ("POST", "invitations", ORGANISERS),
    "invitations.prepare_reminder": ("GET", "invitations/remind", ORGANISERS),
    "invitations.send_reminder": ("POST", "invitations/remind", ORGANISERS),
    "invitations_desk.cadence": ("GET", "invitations/waves/1", ORGANISERS),
    "invitations_desk.set_cadence": ("POST", "invitations/waves/1", ORGANISERS),
    "invitations_desk.set_quiet": ("POST", "invitations/{guest}/do-not-remind", ORGANISERS),
    "invitations_desk.prepare_thanks": ("GET", "invitations/thank", ORGANISERS),
    "invitations_desk.send_thanks": ("POST", "invitations/thank", ORGANISERS),
    "invitations.send_to_one": ("POST", "invitations/{guest}/send", ORGANISERS),
    "invitations.confirm_withdrawal": ("GET", "invitations/{guest}/withdraw", ORGANISERS),
    "invitations.withdraw_one": ("POST", "invitations/{guest}/withdraw", ORGANISERS),
    "deliveries.index": ("GET", "deliveries", ORGANISERS),
    "invitations.send_test_mail": ("POST", "invitations/test", ORGANISERS),
    "deliveries.show": ("GET", "deliveries/{delivery}", ORGANISERS),
    "deliveries.mail": ("GET", "deliveries/{delivery}/mail/1", ORGANISERS),
    "deliveries.settle": ("POST", "deliveries/{delivery}/arrived", ORGANISERS),
    "deliveries.sending": ("GET", "deliveries/sending/wave/1", ORGANISERS),
    "deliveries.hold_batch": ("POST", "deliveries/sending/wave/1/stop", ORGANISERS),
    "deliveries.cancel_batch": ("POST", "deliveries/sending/wave/1/cancel", ORGANISERS),
    "deliveries.send_failed_again": ("POST", "deliveries/sending/wave/1/again", ORGANISERS),
    "deliveries.hold_event": ("POST", "deliveries/stop", ORGANISERS),
    "deliveries.retry": ("POST", "deliveries/retry", ORGANISERS),
    "deliveries.export": ("GET", "deliveries/log.csv", ORGANISERS),
    "texts.index": ("GET", "texts", READERS),
    "texts.show": ("GET", "texts/invitation/en", READERS),
    "texts.check_words": ("POST", "texts/invitation/en/check", READERS),
    "texts.save": ("POST", "texts/invitation/en", ORGANISERS),
    "texts.reset": ("POST", "texts/invitation/en/reset", ORGANISERS),
}
"""Routes of the organiser's side: how, where, and which roles get in."""

GUARDS = ("@public", "@guest_required", "@signed_in", "@organiser_required(")
REFUSED = {302, 404}
"""To the sign-in page, or as if there were no such page."""


def count_guards(view: Callable[..., object]) -> int:
    """Count them where they are written: a guard on top of another would hide it at run time."""
    lines = inspect.getsource(inspect.unwrap(view)).splitlines()
    return sum(line.startswith(GUARDS) for line in lines)


def test_every_route_carries_exactly_one_guard(app):
    views = {name: view for name, view in app.view_functions.items() if name != "static"}
    assert {name: count_guards(view) for name, view in views.items()} == dict.fromkeys(views, 1)


def test_every_route_stands_in_the_table(app):
    guards = {name: getattr(view, "guard", "public") for name, view in app.view_functions.items()}
    guests = {name for name, guard in guards.items() if guard == "guest"}
    assert {name for name, guard in guards.items() if guard == "public"} == OPEN
    assert guards.keys() - OPEN - guests == DESK.keys()


@pytest.fixture
def event(session):
    return make_event(session)


@pytest.fixture
def routes(session, event):
    """Each route of the table with an address that is there, of an event with everything in it."""
    make_item(session, event, "visit", by_name=True)
    invitation = make_invitation(session, event)
    guest = invitation.guest
    disown(session, invitation, now=NOW)
    request = list_of_invitation(session, invitation.id)[0]
    delivery = list_deliveries(session, event.id)[0]
    facts = {"text": "", "html": "", "numbers": {}}
    session.add(Digest(event_id=event.id, slot="2026-W45", made_at=NOW, subject="x", **facts))
    copy = copy_of(make_message())
    keep_copies(session, {(delivery.id, 1): copy})
    session.commit()
    names = {"guest": guest.public_id, "delivery": delivery.public_id, "request": request.public_id}
    return {name: (method, path.format(**names)) for name, (method, path, _) in DESK.items()}


def lets_in(desk: Desk, method: str, path: str) -> bool:
    response = desk.get(path) if method == "GET" else desk.post(path)
    return response.status_code not in REFUSED


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_in_where_the_table_says(app, session, event, routes, role):
    organiser = make_organiser(session, event, role)
    session.commit()
    admitted = {
        name
        for name, (method, path) in routes.items()
        if lets_in(Desk(app).sign_in(organiser), method, path)
    }
    assert admitted == {name for name, (_, _, roles) in DESK.items() if role in roles}


def test_nobody_gets_in_without_signing_in(app, routes):
    admitted = {name for name, route in routes.items() if lets_in(Desk(app), *route)}
    assert admitted == set()


def test_a_role_on_another_event_opens_nothing_here(app, session, routes):
    organiser = make_organiser(session, make_event(session, slug="other"))
    session.commit()
    of_the_event = {name: at for name, at in routes.items() if not at[1].startswith("/")}
    admitted = {
        name
        for name, route in of_the_event.items()
        if lets_in(Desk(app).sign_in(organiser), *route)
    }
    assert admitted == set()
