"""A representative takes a guest's place: on the list, in the ledger, and by an own link."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app.decisions.queries import list_decisions
from app.delegates.models import Delegate
from app.delegates.queries import read_bearer
from app.deliveries.models import Delivery, DeliveryKind
from app.guests.models import Guest, GuestListVersion, GuestStatus
from app.guests.queries import approved_entries, latest_version, list_guests
from app.invitations.models import Invitation, InvitationState
from app.invitations.queries import find_of_guest, place_ledger
from app.programme.models import NamedGuest
from app.programme.queries import named_guest_ids
from app.programme.services import name_guests
from app.requests.asking import RequestRefusedError, Why
from app.requests.models import RequestState
from app.requests.representatives import approve, is_listed, propose, reply_by_for
from app.requests.services import refuse
from app.rsvp.changes import AnswerWish
from app.rsvp.models import Answer, AnswerChannel
from app.rsvp.services import PlacesTakenError, record_answer
from app.tokens import Claim, Revoked, make_signers
from tests.factories import NOW, make_event, make_guest, make_invitation, make_item

LATE = datetime(2026, 11, 25, 9, tzinfo=UTC)
MARTA = {
    "salutation": "Ms",
    "first_name": "Marta",
    "last_name": "Kowalska",
    "title": "Deputy Director",
    "organisation": "Ministry of Digital Affairs",
    "email": "marta.kowalska@example.org",
    "language": "sv",
}


@pytest.fixture
def event(session):
    return make_event(session, place_limit=2)


@pytest.fixture
def invitation(session, event):
    return make_invitation(session, event, last_name="Strøm-Łęcka", email="zofia@example.org")


def proposed(session, invitation, **person):
    facts = {"channel": AnswerChannel.GUEST, "actor": "", "words": "", "now": NOW}
    return propose(session, invitation, {**MARTA, **person}, **facts)


def approved(session, request, now=NOW, **facts) -> Invitation:
    return approve(session, request, by="Astrid", now=now, **facts)


def answer(session, invitation, answer_given) -> None:
    wish = AnswerWish(answer_given)
    facts = {"channel": AnswerChannel.GUEST, "actor": "", "now": NOW}
    record_answer(session, invitation, wish, **facts)


def why(act, *args, **facts) -> Why:
    with pytest.raises(RequestRefusedError) as caught:
        act(*args, **facts)
    return caught.value.why


def ledger(session, event) -> tuple[int, int, int]:
    counted = place_ledger(session, event)
    return counted.accepted, counted.held, counted.free


def test_a_proposal_changes_nothing_yet(session, event, invitation):
    request = proposed(session, invitation)
    assert (request.state, request.person) == (RequestState.WAITING, MARTA)
    assert invitation.state is InvitationState.OPEN
    assert len(list_guests(session, event.id)) == 1


def test_one_proposal_waits_at_a_time(session, invitation):
    proposed(session, invitation)
    assert why(proposed, session, invitation, email="else@example.org") is Why.ONE_WAITS


def test_the_guest_cannot_be_proposed(session, invitation):
    assert why(proposed, session, invitation, email="Zofia@Example.org") is Why.OWN_ADDRESS


@pytest.mark.parametrize("taken", ["other@example.org", "changing@example.org", "New@example.org"])
def test_a_proposal_does_not_betray_who_is_on_the_list(session, event, invitation, taken):
    make_guest(session, event, email="other@example.org")
    change = {"email": "new@example.org"}
    make_guest(session, event, email="changing@example.org", proposed_change=change)
    request = proposed(session, invitation, email=taken)
    assert (request.state, is_listed(session, request)) == (RequestState.WAITING, True)
    assert why(approved, session, request) is Why.LISTED_MEANWHILE


def test_what_is_open_to_the_guest_by_name_is_open_to_the_representative(
    session, event, invitation
):
    item = make_item(session, event, "audience", by_name=True)
    make_item(session, event, "lunch", by_name=True)
    name_guests(session, item, [invitation.guest])
    new = approved(session, proposed(session, invitation))
    session.flush()
    assert named_guest_ids(session, item) == {invitation.guest_id, new.guest_id}
    assert len(session.scalars(select(NamedGuest)).all()) == 2


def test_the_representative_stands_on_the_next_version_in_the_guests_place(
    session, event, invitation
):
    guest = invitation.guest
    guest.host_id = event.hosts[0].id
    new = approved(session, proposed(session, invitation)).guest
    assert (new.full_name, new.status, new.rank) == ("Ms Marta Kowalska", "approved", None)
    assert (new.host_id, new.position, new.country) == (guest.host_id, guest.position, "Poland")
    assert guest.status is GuestStatus.REMOVED
    version = latest_version(session, event.id)
    assert (version.number, version.approved_by) == (2, "Astrid")
    assert approved_entries(session, event.id).keys() == {new.id}


def test_nothing_else_that_is_proposed_is_approved_by_it(session, event, invitation):
    other = make_invitation(session, event).guest
    other.proposed_change = {"title": "Minister"}
    waiting = make_guest(session, event)
    before = {entry.name: entry.position for entry in latest_version(session, event.id).entries}
    approved(session, proposed(session, invitation))
    after = {entry.name: entry.position for entry in latest_version(session, event.id).entries}
    assert after == {other.full_name: before[other.full_name], "Ms Marta Kowalska": 1}
    assert (other.title, other.proposed_change) == ("Director", {"title": "Minister"})
    assert waiting.status is GuestStatus.PROPOSED


def test_the_register_says_who_comes_for_whom(session, event, invitation):
    approved(session, proposed(session, invitation))
    decision = list_decisions(session, event.id)[0]
    assert decision.text == {
        "en": "Guest list version 2: Ms Marta Kowalska comes for Dr Zofia Strøm-Łęcka",
        "sv": "Gästlista version 2: Marta Kowalska kommer i stället för dr Zofia Strøm-Łęcka",
    }
    assert (decision.by, decision.version_id) == ("Astrid", latest_version(session, event.id).id)


@pytest.mark.parametrize("given", [None, Answer.ACCEPTED])
def test_the_place_is_moved_also_when_all_are_taken(session, event, invitation, given):
    if given:
        answer(session, invitation, given)
    make_invitation(session, event)
    assert sum(ledger(session, event)[:2]) == 2
    approved(session, proposed(session, invitation))
    assert ledger(session, event) == (0, 2, 0)


def test_who_has_declined_leaves_a_place_only_while_it_is_free(session, event, invitation):
    answer(session, invitation, Answer.DECLINED)
    for _ in range(2):
        make_invitation(session, event)
    request = proposed(session, invitation)
    with pytest.raises(PlacesTakenError):
        approved(session, request)
    event.place_limit = 3
    approved(session, request)
    assert ledger(session, event) == (0, 3, 0)


def test_the_old_links_are_dead_and_the_new_one_opens(session, invitation):
    facts = {"email": "a@example.org", "email_key": "a@example.org", "added_by": ""}
    delegate = Delegate(invitation=invitation, name="Maria", added_at=NOW, **facts)
    session.add(delegate)
    session.flush()
    signers = make_signers("a secret of the tests, long enough")
    old = signers.rsvp.sign(Claim(invitation.public_id, 1))
    assistants = signers.delegate.sign(Claim(delegate.public_id, 1))
    new = approved(session, proposed(session, invitation))
    session.flush()
    for token in (old, assistants):
        with pytest.raises(Revoked):
            read_bearer(session, signers, token)
    token = signers.rsvp.sign(Claim(new.public_id, 1))
    assert read_bearer(session, signers, token).invitation.guest.last_name == "Kowalska"


def test_both_are_written_to(session, invitation):
    approved(session, proposed(session, invitation))
    mails = {mail.kind: mail for mail in session.scalars(select(Delivery).order_by(Delivery.id))}
    assert mails[DeliveryKind.INVITATION].recipient == "marta.kowalska@example.org"
    assert mails[DeliveryKind.INVITATION].language == "sv"
    assert mails[DeliveryKind.REPRESENTATIVE].recipient == "zofia@example.org"


def test_until_when_the_representative_can_answer(session, event, invitation):
    assert reply_by_for(event, NOW) == date(2026, 11, 20)
    assert reply_by_for(event, LATE) == date(2026, 12, 2)
    assert reply_by_for(event, datetime(2026, 12, 7, 9, tzinfo=UTC)) == event.starts
    request = proposed(session, invitation)
    for useless in (date(2026, 11, 24), date(2026, 12, 10)):
        assert why(approved, session, request, LATE, reply_by=useless) is Why.DATE_NOT_GOOD
    new = approved(session, request, LATE, reply_by=date(2026, 11, 27))
    assert new.reply_by == date(2026, 11, 27)


def test_once_the_event_has_begun_nobody_is_invited(session, invitation):
    begun = datetime(2026, 12, 10, 9, tzinfo=UTC)
    assert why(approved, session, proposed(session, invitation), begun) is Why.EVENT_BEGUN


def test_an_address_that_came_on_the_list_meanwhile_is_refused(session, event, invitation):
    request = proposed(session, invitation)
    make_guest(session, event, email=MARTA["email"])
    assert why(approved, session, request) is Why.LISTED_MEANWHILE
    assert [one.number for one in session.scalars(select(GuestListVersion))] == [1]


def test_a_refusal_leaves_the_guests_link(session, event, invitation):
    request = proposed(session, invitation)
    refuse(session, request, by="Astrid", reply="The invitation is personal.", now=NOW)
    assert (invitation.state, invitation.link_version) == (InvitationState.OPEN, 1)
    assert session.scalars(select(Guest)).all() == [invitation.guest]
    assert find_of_guest(session, invitation.guest_id) is invitation
