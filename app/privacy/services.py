"""Erasing health data: all of an event's at once, when its purpose is over."""

import zlib
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.deliveries.models import DeliveryCopy
from app.events.models import Event
from app.privacy.queries import (
    answer_says_health,
    companion_says_health,
    copy_says_health,
    is_due,
    line_says_health,
    request_says_health,
    rsvp_ids,
)
from app.requests.models import Request
from app.rsvp.models import Companion, Diet, Rsvp, RsvpChange

NOTHING = zlib.compress(b"")


def erase_health_due(session: Session, event: Event, now: datetime) -> bool:
    """Erase the event's health data if its day is over; return whether that was done now.

    Expects the event's lock (`lock_for_places`): no answer slips in between.
    """
    if not is_due(event, now):
        return False
    erase_health(session, event, now=now)
    return True


def erase_health(session: Session, event: Event, *, now: datetime) -> None:
    """Erase diets, access needs, their history, and what mails and requests say of them.

    Lines of the history and mails stay, without what they said. From now on the event neither
    asks for health data nor stores it. Expects the event's lock; done twice it changes nothing.
    """
    answers = rsvp_ids(event)
    none = {"diet": Diet.NONE, "diet_words": ""}
    for statement in (
        update(Rsvp)
        .where(Rsvp.id.in_(answers), answer_says_health())
        .values(**none, access_needs=""),
        update(Companion)
        .where(Companion.rsvp_id.in_(answers), companion_says_health())
        .values(**none),
        update(RsvpChange)
        .where(RsvpChange.rsvp_id.in_(answers), line_says_health())
        .values(before="", after=""),
        update(DeliveryCopy).where(copy_says_health(event)).values(text="", html=NOTHING),
        update(Request).where(request_says_health(event)).values(words=""),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})
    if event.health_erased_at is None:
        event.health_erased_at = now
    session.flush()
    session.expire_all()
