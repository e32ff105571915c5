"""The place ledger, claims of links, and the lists of invitations."""

import pytest

from app.invitations.models import InvitationState
from app.invitations.queries import (
    PlaceLedger,
    find_of_guest,
    invitations_by_guest,
    list_open,
    list_waves,
    place_ledger,
    read_claim,
    spent_guest_ids,
)
from app.invitations.services import close, send_wave
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import record_answer
from app.tokens import Claim, Revoked
from tests.factories import NOW, approve_list, make_event, make_guest, make_invitation


def answer(session, invitation, said: Answer) -> None:
    facts = {"channel": AnswerChannel.GUEST, "actor": "", "now": NOW}
    record_answer(session, invitation, AnswerWish(said), **facts)


def test_the_ledger_counts_every_state_and_leaves_the_rest_free(session):
    event = make_event(session, place_limit=9)
    invitations = [make_invitation(session, event) for _ in range(5)]
    answer(session, invitations[0], Answer.ACCEPTED)
    answer(session, invitations[1], Answer.DECLINED)
    close(session, invitations[2], InvitationState.EXPIRED, now=NOW)
    close(session, invitations[3], InvitationState.WITHDRAWN, now=NOW)
    ledger = place_ledger(session, event)
    assert ledger == PlaceLedger(9, accepted=1, held=1, declined=1, expired=1, withdrawn=1)
    assert ledger.free == 7


def test_the_ledger_counts_one_event_alone(session):
    make_invitation(session, make_event(session, slug="gala"))
    other = make_event(session, slug="summit")
    assert place_ledger(session, other) == PlaceLedger(3, 0, 0, 0, 0, 0)


def test_a_claim_opens_its_own_invitation_with_the_newest_version_only(session):
    invitation = make_invitation(session, make_event(session))
    assert read_claim(session, Claim(invitation.public_id, 1)) is invitation
    for claim in (
        Claim(invitation.public_id, 0),
        Claim(invitation.public_id, 2),
        Claim(invitation.public_id.swapcase(), 1),
        Claim("", 1),
    ):
        with pytest.raises(Revoked):
            read_claim(session, claim)


def test_only_open_invitations_are_listed_as_open_in_the_lists_order(session):
    event = make_event(session)
    last = make_invitation(session, event, position=900)
    first = make_invitation(session, event, position=100)
    declined = make_invitation(session, event)
    answer(session, declined, Answer.DECLINED)
    assert list(list_open(session, event.id)) == [first, last]


def test_who_no_longer_claims_a_place_is_spent(session):
    event = make_event(session)
    accepted, declined, expired = (make_invitation(session, event) for _ in range(3))
    answer(session, accepted, Answer.ACCEPTED)
    answer(session, declined, Answer.DECLINED)
    close(session, expired, InvitationState.EXPIRED, now=NOW)
    assert spent_guest_ids(session, event.id) == {declined.guest_id, expired.guest_id}


def test_an_invitation_is_found_by_its_guest(session):
    event = make_event(session)
    invitation = make_invitation(session, event)
    uninvited = make_guest(session, event)
    assert find_of_guest(session, invitation.guest_id) is invitation
    assert find_of_guest(session, uninvited.id) is None
    assert invitations_by_guest(session, event.id) == {invitation.guest_id: invitation}


def test_waves_are_listed_newest_first_with_their_invitations(session):
    event = make_event(session)
    make_invitation(session, event)
    for _ in range(2):
        make_guest(session, event)
    approve_list(session, event)
    send_wave(session, event, by="Organiser", now=NOW)
    waves = [(wave.number, invitations) for wave, invitations in list_waves(session, event.id)]
    assert waves == [(2, 2), (1, 1)]
