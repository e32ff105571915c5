"""Signing in: whom a link is sent to, how often it works, when a session is over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.addresses import AddressRefusedError
from app.deliveries.models import Delivery, DeliveryKind
from app.organisers.models import OrganiserSession, Role, SignInLink
from app.organisers.queries import find_session, role_on_event
from app.organisers.services import (
    SignInLinkExpiredError,
    SignInLinkUnknownError,
    SignInLinkUsedError,
    add_organiser,
    make_sign_in_link,
    open_session,
    request_sign_in,
    revoke_all_sessions,
    revoke_session,
    use_sign_in_link,
)
from tests.factories import NOW, make_event, make_organiser

QUARTER = timedelta(minutes=15)


def add(session, event, role=Role.ORGANISER, email="Astrid@Stockholm.example", **facts):
    return add_organiser(session, email, role, event, language="sv", now=NOW, **facts)


def mails(session):
    return session.scalars(select(Delivery).order_by(Delivery.id)).all()


def test_a_new_organiser_gets_the_role_and_keeps_the_address_as_written(session):
    event = make_event(session)
    organiser = add(session, event, name="Astrid Lindhagen-Rask")
    assert (organiser.email, organiser.email_key) == (
        "Astrid@stockholm.example",
        "astrid@stockholm.example",
    )
    assert (organiser.name, organiser.language) == ("Astrid Lindhagen-Rask", "sv")
    assert role_on_event(session, organiser, event.id) is Role.ORGANISER


def test_adding_the_same_address_again_changes_the_role_of_the_same_person(session):
    event = make_event(session)
    first = add(session, event, name="Astrid")
    second = add(session, event, Role.VIEWER, email="ASTRID@stockholm.example")
    assert second is first
    assert first.name == "Astrid"
    assert role_on_event(session, first, event.id) is Role.VIEWER


def test_an_organiser_without_a_name_is_shown_by_the_address(session):
    organiser = add(session, make_event(session), email="door@stockholm.example")
    assert organiser.name == "door@stockholm.example"


def test_an_address_that_is_none_is_refused(session):
    event = make_event(session)
    with pytest.raises(AddressRefusedError):
        add(session, event, email="astrid at stockholm")


def test_asking_for_a_link_queues_one_mail_to_the_known_address(session):
    organiser = make_organiser(session, make_event(session), language="sv")
    request_sign_in(session, f" {organiser.email.upper()} ", NOW)
    link = session.scalars(select(SignInLink)).one()
    [mail] = mails(session)
    assert (mail.kind, mail.key) == (DeliveryKind.SIGN_IN, f"sign_in:{link.id}:1")
    assert (mail.recipient, mail.language) == (organiser.email, "sv")
    assert (mail.subject_id, mail.event_id, mail.guest_id) == (link.id, None, None)


def test_an_unknown_address_gets_nothing(session):
    make_organiser(session, make_event(session))
    request_sign_in(session, "nobody@stockholm.example", NOW)
    assert mails(session) == []


def test_the_sixth_link_within_a_quarter_of_an_hour_is_not_sent(session):
    organiser = make_organiser(session, make_event(session))
    for minute in range(7):
        request_sign_in(session, organiser.email, NOW + timedelta(minutes=minute))
    assert len(mails(session)) == 5
    request_sign_in(session, organiser.email, NOW + QUARTER)
    assert len(mails(session)) == 6


def test_a_link_signs_in_once(session):
    organiser = make_organiser(session, make_event(session))
    link = make_sign_in_link(session, organiser, NOW)
    assert use_sign_in_link(session, link.public_id, NOW) is organiser
    with pytest.raises(SignInLinkUsedError):
        use_sign_in_link(session, link.public_id, NOW)


def test_a_link_lasts_a_quarter_of_an_hour(session):
    organiser = make_organiser(session, make_event(session))
    link = make_sign_in_link(session, organiser, NOW)
    with pytest.raises(SignInLinkExpiredError):
        use_sign_in_link(session, link.public_id, NOW + QUARTER)
    last_moment = NOW + QUARTER - timedelta(seconds=1)
    assert use_sign_in_link(session, link.public_id, last_moment) is organiser


def test_a_link_that_was_never_made_is_unknown(session):
    with pytest.raises(SignInLinkUnknownError):
        use_sign_in_link(session, "never-made", NOW)


def test_of_many_uses_at_once_one_wins(session, sessions):
    organiser = make_organiser(session, make_event(session))
    public_id = make_sign_in_link(session, organiser, NOW).public_id
    session.commit()

    def press(_):
        try:
            with sessions.begin() as own:
                use_sign_in_link(own, public_id, NOW)
        except SignInLinkUsedError:
            return "used"
        return "signed in"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(press, range(8)))
    assert outcomes == ["signed in"] + ["used"] * 7


def test_a_session_lasts_twelve_hours_and_its_key_is_not_stored(session):
    organiser = make_organiser(session, make_event(session))
    key = open_session(session, organiser, NOW)
    session.flush()
    assert find_session(session, key, now=NOW + timedelta(hours=11)).organiser is organiser
    assert find_session(session, key, now=NOW + timedelta(hours=12)) is None
    assert key not in session.scalars(select(OrganiserSession.key_digest)).one()


def test_signing_out_ends_this_session_alone(session):
    organiser = make_organiser(session, make_event(session))
    here, there = (open_session(session, organiser, NOW) for _ in range(2))
    session.flush()
    revoke_session(session, here, NOW)
    assert find_session(session, here, now=NOW) is None
    assert find_session(session, there, now=NOW).organiser is organiser


def test_every_session_can_be_ended_at_once(session):
    event = make_event(session)
    organiser, other = make_organiser(session, event), make_organiser(session, event)
    keys = [open_session(session, organiser, NOW) for _ in range(3)]
    others = open_session(session, other, NOW)
    session.flush()
    assert revoke_all_sessions(session, organiser, NOW) == 3
    assert [find_session(session, key, now=NOW) for key in keys] == [None] * 3
    assert find_session(session, others, now=NOW).organiser is other
