"""Asking for approval: each approver once for each proposal, told what is new in it."""

import pytest
from sqlalchemy import select

from app.decisions.asking import (
    NoApproverError,
    NothingProposedError,
    ask_approval,
    plan_approval_request,
)
from app.decisions.messages import MOST_NAMES
from app.decisions.proposal import read_proposal
from app.deliveries.models import Delivery, DeliveryKind
from app.deliveries.services import ObsoleteError
from app.events.models import Host
from app.organisers.models import Role
from app.organisers.queries import find_role
from tests.factories import NOW, approve_list, both, make_event, make_guest, make_organiser
from tests.mails.composing import html_of, make_mail

REQUEST = DeliveryKind.APPROVAL_REQUEST
BY = {"by": "Astrid", "now": NOW}


@pytest.fixture
def event(session):
    made = make_event(session)
    made.hosts[0].quota = 2
    made.hosts.append(Host(position=1, name=both("Cisco Systems"), quota=None))
    return made


@pytest.fixture
def approver(session, event):
    return make_organiser(session, event, Role.APPROVER, email="chair@stockholm.example")


@pytest.fixture
def proposed(session, event):
    """A version of three, and then one name added, one removed, one changed and one moved up."""
    host = event.hosts[0]
    names = ("Ada", "Bo", "Cleo", "Dag")
    ada, bo, _, dag = (
        make_guest(session, event, first_name=name, last_name="Ek", rank=rank, host=host)
        for name, rank in zip(names, (None, None, None, 1), strict=True)
    )
    host.quota = 3
    approve_list(session, event)
    ada.proposed_change = {"removed": True}
    bo.proposed_change = {"organisation": "Ministry of Finance", "note": "Sits by the door"}
    dag.proposed_change = {"rank": None}
    make_guest(session, event, first_name="Eva", last_name="Ek", rank=1, host=event.hosts[1])
    session.flush()
    return event


def asked(session) -> list[str]:
    query = select(Delivery.recipient).where(Delivery.kind == REQUEST).order_by(Delivery.id)
    return list(session.scalars(query))


def first_names(entries) -> list[str]:
    return [entry.guest.first_name for entry in entries]


def test_a_proposal_names_what_an_approval_would_change(session, proposed):
    proposal = read_proposal(session, proposed)
    groups = (proposal.added, proposal.removed, proposal.changed)
    assert [first_names(group) for group in groups] == [["Eva"], ["Ada"], ["Bo", "Dag"]]
    assert (proposal.since, proposal.number) == (1, 4)
    assert [(balance.names, balance.left) for balance in proposal.balances] == [(3, 0), (0, None)]


def test_each_approver_is_asked_in_their_language(session, proposed, approver):
    make_organiser(session, proposed, Role.APPROVER, email="b@stockholm.example", language="sv")
    make_organiser(session, proposed, Role.VIEWER)
    ask_approval(session, proposed, **BY)
    rows = session.execute(select(Delivery.recipient, Delivery.language)).all()
    assert sorted(rows) == [("b@stockholm.example", "sv"), (approver.email, "en")]


def test_nobody_is_asked_twice_about_the_same_proposal(session, proposed, approver):
    ask_approval(session, proposed, **BY)
    again = ask_approval(session, proposed, **BY)
    assert (again.to_ask, again.asked_before) == ([], [approver])
    assert asked(session) == [approver.email]


def test_a_changed_proposal_is_asked_about_anew(session, proposed, approver):
    ask_approval(session, proposed, **BY)
    late = make_guest(session, proposed)
    ask_approval(session, proposed, **BY)
    session.delete(late)
    ask_approval(session, proposed, **BY)
    assert asked(session) == [approver.email] * 3


def test_without_an_approver_it_says_how_to_add_one(session, proposed):
    with pytest.raises(NoApproverError, match="--role approver --event summit"):
        plan_approval_request(session, proposed)


def test_where_nothing_is_proposed_nobody_is_asked(session, event, approver):
    make_guest(session, event)
    approve_list(session, event)
    with pytest.raises(NothingProposedError):
        ask_approval(session, event, **BY)
    assert asked(session) == []


@pytest.mark.parametrize("language", ["en", "sv"])
def test_the_mail_says_what_is_new_and_where_the_list_stands(app, session, proposed, language):
    make_organiser(session, proposed, Role.APPROVER, language=language)
    ask_approval(session, proposed, **BY)
    mail = make_mail(app, session, REQUEST)
    assert "Ministry of Finance" in html_of(mail)
    assert "door" not in f"{mail.body}{html_of(mail)}"


def test_of_a_long_list_the_mail_names_the_first_and_gives_the_number(
    app, session, event, approver
):
    for _ in range(MOST_NAMES + 2):
        make_guest(session, event, host=event.hosts[1])
    ask_approval(session, event, **BY)
    mail = make_mail(app, session, REQUEST)
    assert "42 NAMES ARE ADDED" in mail.body
    assert (mail.body.count("Strøm-Łęcka"), "and 2 more" in mail.body) == (MOST_NAMES, True)


def test_it_is_not_sent_where_nothing_is_proposed_any_more(app, session, proposed, approver):
    ask_approval(session, proposed, **BY)
    approve_list(session, proposed)
    with pytest.raises(ObsoleteError, match="Nothing is proposed any more"):
        make_mail(app, session, REQUEST)


def test_it_is_not_sent_to_who_approves_no_more(app, session, proposed, approver):
    ask_approval(session, proposed, **BY)
    find_role(session, approver.id, proposed.id).role = Role.VIEWER
    with pytest.raises(ObsoleteError, match="not an approver"):
        make_mail(app, session, REQUEST)
