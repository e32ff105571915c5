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
