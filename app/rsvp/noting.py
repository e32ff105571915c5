"""What goes with every change of an answer: lines of its history, and the confirmation mail."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.deliveries import reasons
from app.deliveries.models import DeliveryKind
from app.deliveries.services import cancel_waiting, queue_delivery
from app.invitations.models import Invitation
from app.rsvp.changes import Change, is_half_way
from app.rsvp.models import AnswerChannel, Rsvp, RsvpChange

LINES = insert(RsvpChange)
PATIENCE = timedelta(minutes=10)
"""How long the confirmation of a half-way answer waits for the rest."""


def note(
    session: Session,
    rsvp: Rsvp,
    changes: Sequence[Change],
    *,
    channel: AnswerChannel | None,
    actor: str,
    now: datetime,
) -> None:
    """Write what one press changed into the history, as the answer's next version."""
    begin_version(rsvp, now)
    write_lines(session, rsvp, changes, channel=channel, actor=actor)


def begin_version(rsvp: Rsvp, now: datetime) -> None:
    """Count one press more; the lines of the history and the confirmation carry its number."""
    rsvp.version += 1
    rsvp.changed_at = now


def write_lines(
    session: Session,
    rsvp: Rsvp,
    changes: Sequence[Change],
    *,
    channel: AnswerChannel | None,
    actor: str,
) -> None:
    """Write a line of the history for each change of the answer's present version."""
    session.flush()
    pressed = {
        "rsvp_id": rsvp.id,
        "version": rsvp.version,
        "at": rsvp.changed_at,
        "channel": channel,
        "actor": actor,
    }
    session.connection().execute(LINES, [{**pressed, **vars(change)} for change in changes])


def queue_confirmation(
    session: Session, invitation: Invitation, rsvp: Rsvp, *, now: datetime
) -> None:
    """Ask for a mail that says what is recorded; an older one still waiting is replaced.

    Where the parts are still to be answered it waits a little: most guests do so at once.
    """
    if rsvp.version > 1:
        cancel_waiting(
            session,
            (DeliveryKind.CONFIRMATION,),
            subject_ids=[invitation.id],
            reason=reasons.NEWER_CONFIRMATION,
            now=now,
        )
    queue_delivery(
        session,
        DeliveryKind.CONFIRMATION,
        key=f"confirmation:{invitation.id}:{rsvp.version}",
        subject_id=invitation.id,
        recipient=invitation.guest.email,
        language=invitation.guest.language,
        event_id=invitation.event_id,
        guest_id=invitation.guest_id,
        due_at=now + PATIENCE if is_half_way(rsvp) else None,
        now=now,
    )
