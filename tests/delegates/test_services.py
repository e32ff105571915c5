"""Adding and revoking delegates: bounds, mails, and who is told."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.addresses import AddressRefusedError
from app.delegates.models import Delegate
from app.delegates.services import (
    DelegateProblem,
    DelegateRefusedError,
    add_delegate,
    revoke_delegate,
)
from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.invitations.withdrawing import withdraw
from app.tokens import Revoked
from tests.factories import NOW, approve_list
from tests.faults.racing import race


def add(session, invitation, email: str = "anna@example.org", **facts: str) -> Delegate:
    given = {"name": "Anna Berg", "by": "", **facts}
    return add_delegate(session, invitation, email=email, now=NOW, **given)


def mails(session) -> list[tuple[str, str, str]]:
    kinds = (DeliveryKind.DELEGATE, DeliveryKind.DELEGATE_ADDED)
    rows = session.scalars(select(Delivery).where(Delivery.kind.in_(kinds)).order_by(Delivery.id))
    return [(mail.kind, mail.recipient, mail.state) for mail in rows]


def test_the_delegate_gets_a_link_and_the_guest_is_told(session, invitation):
    add(session, invitation)
    assert mails(session) == [
        ("delegate", "anna@example.org", "queued"),
        ("delegate_added", invitation.guest.email, "queued"),
    ]


@pytest.mark.parametrize("address", ["", "anna", "anna@", "anna@example.org, b@example.org"])
def test_an_address_that_is_none_is_refused(session, invitation, address):
    with pytest.raises(AddressRefusedError):
        add(session, invitation, address)
    assert mails(session) == []


def test_the_guest_is_no_delegate_of_the_own(session, invitation):
    with pytest.raises(DelegateRefusedError) as refusal:
        add(session, invitation, invitation.guest.email.upper())
    assert refusal.value.problem is DelegateProblem.IS_THE_GUEST


def test_one_address_is_one_delegate_however_it_is_written(session, invitation):
    add(session, invitation)
    with pytest.raises(DelegateRefusedError) as refusal:
        add(session, invitation, "Anna@Example.org")
    assert refusal.value.problem is DelegateProblem.KNOWN


def test_three_may_answer_at_a_time(session, invitation):
    delegates = [add(session, invitation, f"a{number}@example.org") for number in range(3)]
    with pytest.raises(DelegateRefusedError, match="There are 3 delegates already"):
        add(session, invitation, "d@example.org")
    revoke_delegate(session, delegates[0], by="Astrid", now=NOW)
    assert add(session, invitation, "d@example.org").revoked_at is None


def test_a_link_in_the_wrong_hands_cannot_have_any_number_of_mails_sent(session, invitation):
    for number in range(10):
        revoke_delegate(session, add(session, invitation, f"a{number}@x.org"), by="", now=NOW)
    with pytest.raises(DelegateRefusedError):
        add(session, invitation, "one.more@example.org")


def test_revoking_cancels_what_waits_and_twice_is_once(session, invitation):
    delegate = add(session, invitation)
    revoke_delegate(session, delegate, by="Astrid", now=NOW)
    revoke_delegate(session, delegate, by="Henrik", now=NOW + timedelta(days=1))
    session.expire_all()
    assert {state for _, _, state in mails(session)} == {DeliveryState.CANCELLED}
    assert (delegate.revoked_by, delegate.revoked_at, delegate.link_version) == ("Astrid", NOW, 2)


def test_with_a_new_address_those_end_whom_the_old_link_has_named(session, event, invitation):
    by_link = add(session, invitation)
    by_organiser = add(session, invitation, "bo@example.org", by="Astrid")
    invitation.guest.proposed_change = {"email": "new@example.org"}
    approve_list(session, event)
    assert (by_link.revoked_at, by_organiser.revoked_at) == (NOW, None)


@pytest.mark.parametrize("name", ["", "x" * 101, "Anna\nBerg", "\ufe0f"])
def test_a_name_is_one_line_of_a_hundred_characters_at_most(session, invitation, name):
    with pytest.raises(DelegateRefusedError) as refusal:
        add(session, invitation, name=name)
    assert refusal.value.problem is DelegateProblem.NAME


def test_for_a_withdrawn_invitation_nobody_answers(session, event, invitation):
    withdraw(session, event, email=invitation.guest.email, now=NOW)
    with pytest.raises(Revoked):
        add(session, invitation)


def test_of_ten_added_at_once_three_stand(session, sessions, invitation):
    row_id = invitation.id
    session.rollback()

    def enter(opened, number: int) -> bool:
        try:
            add(opened, opened.get_one(type(invitation), row_id), f"a{number}@example.org")
        except DelegateRefusedError:
            return False
        return True

    assert sorted(race(sessions, range(10), enter)) == [False] * 7 + [True] * 3
