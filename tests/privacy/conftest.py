"""A guest who has told of a diet, and everything in which it then stands."""

from datetime import UTC, date, datetime
from zlib import decompress

import pytest

from app.deliveries.copies import copy_of, keep_copies
from app.deliveries.models import DeliveryKind
from app.deliveries.queries import list_deliveries
from app.requests.models import Request, RequestKind, Wished
from app.rsvp.changes import AnswerWish, CompanionWish, DietWish
from app.rsvp.models import Answer, AnswerChannel, Diet
from app.rsvp.services import record_answer
from app.worker.jobs import compose
from tests.event_files.examples import dump
from tests.factories import NOW, make_dinner, make_event, make_invitation, make_item

WORD = "celery-7731"
AFTERWARDS = datetime(2026, 12, 24, 23, 30, tzinfo=UTC)
"""Half an hour into the day after the last on which health data is kept, in Stockholm."""
NOT_YET = datetime(2026, 12, 24, 22, 30, tzinfo=UTC)


@pytest.fixture
def event(session):
    made = make_event(session, erase_health_on=date(2026, 12, 24))
    make_dinner(session, made)
    make_item(session, made, "visit", by_name=True)
    return made


@pytest.fixture
def invitation(app, session, event):
    """Answered in full, confirmed by mail, and asked to be changed late."""
    made = make_invitation(session, event)
    tell(session, made)
    parts = app.extensions["couvert"]
    for delivery in list_deliveries(session, event.id):
        if delivery.kind is DeliveryKind.CONFIRMATION:
            copy = copy_of(compose(session, delivery, parts, NOW))
            keep_copies(session, {(delivery.id, 1): copy})
    session.add(request_of(made))
    session.commit()
    release(session, made)
    return made


def release(session, invitation) -> None:
    """Read again what a test will ask for, and keep nobody waiting afterwards."""
    session.refresh(invitation, ["public_id", "link_version", "guest", "event_id", "event"])
    session.refresh(invitation.guest)
    session.refresh(invitation.event)
    session.commit()


def tell(session, invitation, word: str = WORD, **facts) -> None:
    diet = DietWish(Diet.OTHER, word)
    companions = (CompanionWish("Tomas", diet),)
    items = frozenset({"dinner"})
    wish = AnswerWish(Answer.ACCEPTED, items, diet, companions, access_needs=word)
    given = {"channel": AnswerChannel.GUEST, "actor": "", "now": NOW, **facts}
    record_answer(session, invitation, wish, **given)


def request_of(invitation) -> Request:
    return Request(
        event_id=invitation.event_id,
        invitation_id=invitation.id,
        kind=RequestKind.LATE_CHANGE,
        part="item:dinner",
        wished=Wished.OTHER,
        words=f"No {WORD}, please",
        channel=AnswerChannel.GUEST,
        actor="",
        asked_at=NOW,
    )


def tables_with(session, word: str) -> set[str]:
    """Return the tables in which the word stands anywhere, in packed mails too."""

    def text(cell: object) -> str:
        return decompress(cell).decode() if isinstance(cell, bytes) else str(cell)

    return {
        name
        for name, rows in dump(session).items()
        if any(word in text(cell) for row in rows for cell in row)
    }
