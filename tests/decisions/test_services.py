"""Approving the list: the decision is entered, links and mails follow the new version."""

from datetime import date

import pytest
from sqlalchemy import select

from app.decisions.queries import list_decisions
from app.decisions.services import approve_guest_list
from app.deliveries.models import Delivery, DeliveryState
from app.guests.models import Guest, GuestStatus
from app.guests.services import NothingToApproveError
from app.invitations.models import Invitation, InvitationState
from app.invitations.queries import place_ledger, read_claim
from app.invitations.services import send_wave
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from app.tokens import Claim, Revoked
from tests.factories import NOW, make_event, make_guest, make_invitation


def approve(session, event):
    return approve_guest_list(session, event, by="Steering group", now=NOW)


def propose(guest: Guest, **change: object) -> None:
    guest.proposed_change = change


def answer(session, invitation: Invitation, said: Answer) -> None:
    facts = {"channel": AnswerChannel.GUEST, "actor": "", "now": NOW}
    record_answer(session, invitation, AnswerWish(said), **facts)


def mails(session) -> list[tuple[str, DeliveryState, str]]:
    rows = session.scalars(select(Delivery).order_by(Delivery.id))
    return [(row.recipient, row.state, row.error) for row in rows]


def test_an_approval_enters_the_decision_with_its_version(session):
    event = make_event(session)
    make_guest(session, event)
    make_guest(session, event, rank=1)
    frozen = approve(session, event)
    (decision,) = list_decisions(session, event.id)
    assert decision.text == {
        "en": "Guest list version 1: 1 on the list, 1 on the reserve",
        "sv": "Gästlista version 1: 1 på listan, 1 på reservlistan",
    }
    assert (decision.by, decision.decided_on) == ("Steering group", date(2026, 11, 2))
    assert decision.version_id == frozen.version.id


def test_nothing_new_enters_no_decision(session):
    event = make_event(session)
    make_guest(session, event)
    approve(session, event)
    with pytest.raises(NothingToApproveError):
        approve(session, event)
    assert len(list_decisions(session, event.id)) == 1


def test_the_register_shows_the_latest_decision_first(session):
    event = make_event(session)
    for _ in range(2):
        make_guest(session, event)
        approve(session, event)
    texts = [decision.text["en"] for decision in list_decisions(session, event.id)]
    assert [text.split(":")[0] for text in texts] == [
        "Guest list version 2",
        "Guest list version 1",
    ]


def test_a_new_address_kills_the_old_link_and_the_mails_on_their_way(session):
    event = make_event(session)
    invitation = make_invitation(session, event, email="old@example.org")
    propose(invitation.guest, email="new@example.org")
    frozen = approve(session, event)
    assert [guest.email for guest in frozen.readdressed] == ["new@example.org"]
    with pytest.raises(Revoked):
        read_claim(session, Claim(invitation.public_id, 1))
    assert read_claim(session, Claim(invitation.public_id, 2)) is invitation
    reason = "The guest’s address was changed meanwhile"
    assert mails(session) == [("old@example.org", DeliveryState.CANCELLED, reason)]


def test_a_new_address_is_written_to_when_the_invitation_is_sent_again(session):
    event = make_event(session)
    invitation = make_invitation(session, event, email="old@example.org")
    propose(invitation.guest, email="new@example.org")
    approve(session, event)
    send_wave(session, event, by="Organiser", now=NOW, emails=["new@example.org"])
    assert [(mail[0], mail[1]) for mail in mails(session)] == [
        ("old@example.org", DeliveryState.CANCELLED),
        ("new@example.org", DeliveryState.QUEUED),
    ]


def test_an_address_in_other_letters_keeps_the_link(session):
    event = make_event(session)
    invitation = make_invitation(session, event, email="zofia@example.org")
    propose(invitation.guest, email="Zofia@Example.org")
    assert approve(session, event).readdressed == []
    assert read_claim(session, Claim(invitation.public_id, 1)) is invitation


def test_who_is_removed_loses_an_open_invitation(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    propose(invitation.guest, removed=True)
    approve(session, event)
    assert (invitation.state, invitation.holds_place) == (InvitationState.WITHDRAWN, False)
    assert [mail[1] for mail in mails(session)] == [DeliveryState.CANCELLED]
    with pytest.raises(Revoked):
        read_claim(session, Claim(invitation.public_id, invitation.link_version))


@pytest.mark.parametrize("said", [None, Answer.ACCEPTED, Answer.DECLINED])
def test_who_moves_to_the_reserve_loses_the_invitation_and_its_place(session, said):
    event = make_event(session)
    invitation = make_invitation(session, event)
    if said is not None:
        answer(session, invitation, said)
    propose(invitation.guest, rank=1)
    approve(session, event)
    assert invitation.guest.status is GuestStatus.RESERVE
    assert (invitation.state, invitation.holds_place) == (InvitationState.WITHDRAWN, False)
    assert place_ledger(session, event).free == 3
    told = {DeliveryState.QUEUED} if said is Answer.ACCEPTED else set()
    assert {mail[1] for mail in mails(session)} == {DeliveryState.CANCELLED, *told}


def test_a_decline_leaves_room_for_a_name_of_the_next_version(session):
    event = make_event(session, place_limit=1)
    invitation = make_invitation(session, event)
    answer(session, invitation, Answer.DECLINED)
    replacing = make_guest(session, event)
    approve(session, event)
    assert replacing.status is GuestStatus.APPROVED
    assert invitation.guest.status is GuestStatus.APPROVED


def test_an_approval_touches_no_answer(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    answer(session, invitation, Answer.ACCEPTED)
    propose(invitation.guest, title="Minister")
    approve(session, event)
    assert (invitation.state, invitation.holds_place) == (InvitationState.ANSWERED, True)
    assert (invitation.guest.title, invitation.link_version) == ("Minister", 1)
