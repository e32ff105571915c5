"""The register: decisions, approved versions, funders."""

from datetime import date
from decimal import Decimal

from app.budget.models import Funder
from app.decisions.models import Decision, Matter
from app.organisers.models import Role
from tests.desk import Desk
from tests.factories import NOW, approve_list, both, make_event, make_guest, make_organiser


def desk_of(app, session, event):
    organiser = make_organiser(session, event, Role.APPROVER)
    session.commit()
    return Desk(app).sign_in(organiser)


def test_the_register_shows_decisions_versions_and_funders(app, session):
    event = make_event(session)
    make_guest(session, event)
    make_guest(session, event, rank=1)
    approve_list(session, event)
    share = {"share": Decimal(300000), "currency": "SEK"}
    session.add(Funder(event_id=event.id, position=0, name=both("STOKAB"), **share))
    facts = {"matter": Matter.THEME, "text": both("Connect to the Future"), "by": "Steering group"}
    session.add(Decision(event_id=event.id, decided_on=date(2026, 10, 1), recorded_at=NOW, **facts))
    page = desk_of(app, session, event).page("decisions")
    assert "Thursday 1 October 2026 Connect to the Future Theme Steering group" in page
    assert "Guest list version 1: 1 on the list, 1 on the reserve" in page
    assert "1 2 Nov, 10:00 Steering group 1 1" in page
    assert "STOKAB 300 000&nbsp;SEK" in page


def test_an_empty_register_says_so(app, session):
    page = desk_of(app, session, make_event(session)).page("decisions")
    assert "No decision is entered yet." in page
    assert "No version has been approved yet." in page


def ask(app, session, event) -> str:
    """Press the button as the organiser; return the page it leads to."""
    organiser = make_organiser(session, event)
    session.commit()
    desk = Desk(app).sign_in(organiser)
    assert desk.post("decisions/ask-approval").location == "/organiser/summit/guests"
    return desk.page("guests")


def test_the_organiser_asks_the_approvers_from_the_guest_list(app, session):
    event = make_event(session)
    make_guest(session, event)
    make_organiser(session, event, Role.APPROVER)
    assert "One approver is asked by mail." in ask(app, session, event)
    assert "asked about this proposal already." in ask(app, session, event)


def test_without_an_approver_or_a_proposal_it_says_so(app, session):
    event = make_event(session)
    make_guest(session, event)
    assert "Nobody is an approver of this event" in ask(app, session, event)
    approve_list(session, event)
    assert "Nothing is proposed" in ask(app, session, event)


def test_only_organisers_are_offered_to_ask_and_only_where_something_waits(app, session):
    event = make_event(session)
    make_guest(session, event)
    assert "Ask for approval" not in desk_of(app, session, event).page("guests")
    organiser = make_organiser(session, event)
    session.commit()
    desk = Desk(app).sign_in(organiser)
    assert "Ask for approval" in desk.page("guests")
    approve_list(session, event)
    session.commit()
    assert "Ask for approval" not in desk.page("guests")
