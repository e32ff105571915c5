"""What goes with every change of an answer: its history, the calendar, and the mail that tells."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.calendars.models import CalendarEntry
from app.calendars.services import switch_entries, thread_of, tie
from app.deliveries import reasons
from app.deliveries.models import Delivery, DeliveryKind
from app.deliveries.services import cancel_waiting, queue_delivery
from app.invitations.models import Invitation
from app.programme.models import ProgrammeItem
from app.rsvp.changes import ITEM, Change, is_half_way
from app.rsvp.models import AnswerChannel, ChoiceAnswer, Rsvp, RsvpChange

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


def follow(
    session: Session,
    invitation: Invitation,
    changes: Sequence[Change],
    items: Sequence[ProgrammeItem],
    *,
    now: datetime,
) -> list[CalendarEntry]:
    """Bring the guest's calendar in line with what changed; return the entries to be told of."""
    slugs = {item.slug: item for item in items}
    chosen = [
        (slugs[change.part.removeprefix(ITEM)], change)
        for change in changes
        if change.part.startswith(ITEM) and ChoiceAnswer.YES in {change.before, change.after}
    ]
    if not chosen:
        return []
    return switch_entries(
        session,
        invitation_id=invitation.id,
        invitation_public_id=invitation.public_id,
        on=[item for item, change in chosen if change.after == ChoiceAnswer.YES],
        off=[item for item, change in chosen if change.before == ChoiceAnswer.YES],
        now=now,
    )


def tell(
    session: Session,
    invitation: Invitation,
    rsvp: Rsvp,
    changes: Sequence[Change],
    items: Sequence[ProgrammeItem],
    *,
    confirm: bool,
    now: datetime,
) -> None:
    """Let the calendar follow, and ask for the confirmation; else the next mail tells it."""
    follow(session, invitation, changes, items, now=now)
    if confirm:
        queue_confirmation(session, invitation, rsvp, now=now)


def queue_confirmation(
    session: Session,
    invitation: Invitation,
    rsvp: Rsvp,
    *,
    now: datetime,
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
    due_at = now + PATIENCE if is_half_way(rsvp) else None
    _ask(session, DeliveryKind.CONFIRMATION, invitation, rsvp, due_at=due_at, now=now)


def queue_moved_up(
    session: Session,
    invitation: Invitation,
    rsvp: Rsvp,
    entries: Sequence[CalendarEntry],
    *,
    now: datetime,
) -> None:
    """Ask for a mail that tells of places from the reserve; one still waiting is replaced."""
    cancel_waiting(
        session,
        (DeliveryKind.MOVED_UP,),
        subject_ids=[invitation.id],
        reason=reasons.NEWER_PLACE,
        now=now,
    )
    asked = _ask(session, DeliveryKind.MOVED_UP, invitation, rsvp, due_at=None, now=now)
    tie(session, asked, entries)


def _ask(
    session: Session,
    kind: DeliveryKind,
    invitation: Invitation,
    rsvp: Rsvp,
    *,
    due_at: datetime | None,
    now: datetime,
) -> Delivery:
    return queue_delivery(
        session,
        kind,
        key=f"{kind}:{invitation.id}:{rsvp.version}",
        subject_id=invitation.id,
        recipient=invitation.guest.email,
        language=invitation.guest.language,
        event_id=invitation.event_id,
        guest_id=invitation.guest_id,
        thread=thread_of(invitation.id),
        due_at=due_at,
        now=now,
    )
