"""Asking for a code and using it: what a browser must do to see more than a bearer may."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.codes.digits import are_right
from app.codes.models import Code
from app.codes.queries import MOST_TRIES, codes_since, find_open_code
from app.delegates.queries import Bearer
from app.deliveries import reasons
from app.deliveries.models import DeliveryKind
from app.deliveries.services import cancel_waiting, queue_delivery
from app.invitations.queries import lock_with_places

LASTS = timedelta(minutes=10)
PAUSE = timedelta(minutes=1)
"""Between two codes for one link."""
MOST_IN_AN_HOUR = 5
HOUR = timedelta(hours=1)


class TooSoonError(Exception):
    """Another code cannot be sent yet; `at` is when it can."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        super().__init__("another code cannot be sent yet")


class WrongCodeError(Exception):
    """The digits are not those of the code."""

    def __init__(self, tries_left: int) -> None:
        self.tries_left = tries_left
        super().__init__(f"wrong code, {tries_left} tries left")


class CodeOverError(Exception):
    """There is no code that is still good: it was used, it expired, or it was tried too often."""


def ask_code(session: Session, bearer: Bearer, *, now: datetime) -> Code:
    """Have a code mailed to the owner of the link; an older one is over. Raises TooSoonError."""
    invitation = bearer.invitation
    lock_with_places(session, invitation)
    recent = codes_since(session, bearer, now - HOUR)
    if recent and recent[0].asked_at > now - PAUSE:
        raise TooSoonError(recent[0].asked_at + PAUSE)
    if len(recent) >= MOST_IN_AN_HOUR:
        raise TooSoonError(recent[MOST_IN_AN_HOUR - 1].asked_at + HOUR)
    cancel_waiting(
        session,
        (DeliveryKind.CODE,),
        subject_ids=[code.id for code in recent],
        reason=reasons.NEWER_CODE,
        now=now,
    )
    code = Code(
        invitation_id=invitation.id,
        delegate_id=bearer.delegate.id if bearer.delegate else None,
        asked_at=now,
        expires_at=now + LASTS,
    )
    session.add(code)
    session.flush()
    queue_delivery(
        session,
        DeliveryKind.CODE,
        key=f"{DeliveryKind.CODE}:{code.id}",
        subject_id=code.id,
        recipient=bearer.delegate.email if bearer.delegate else invitation.guest.email,
        language=invitation.guest.language,
        event_id=invitation.event_id,
        guest_id=invitation.guest_id,
        now=now,
    )
    return code


def use_code(
    session: Session, bearer: Bearer, typed: str, *, keys: Sequence[str], now: datetime
) -> None:
    """Take the digits: right ones use the code up. Raises WrongCodeError, CodeOverError.

    Tries are counted under the event's lock, and the caller must keep a wrong one: commit it.
    """
    lock_with_places(session, bearer.invitation)
    code = find_open_code(session, bearer, now)
    if code is None:
        raise CodeOverError
    code.tries += 1
    if not are_right(typed, code.public_id, keys):
        raise WrongCodeError(MOST_TRIES - code.tries)
    code.used_at = now
