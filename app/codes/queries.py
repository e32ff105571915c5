"""Questions about codes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.codes.models import Code
from app.delegates.queries import Bearer

MOST_TRIES = 5
"""Five tries at each of five codes an hour: one guess in 40 000 at six digits, and every code is
told to the guest by mail."""


def codes_since(session: Session, bearer: Bearer, since: datetime) -> Sequence[Code]:
    """Return the codes asked for that link after that moment, the newest first."""
    delegate_id = bearer.delegate.id if bearer.delegate else None
    return session.scalars(
        select(Code)
        .where(
            Code.invitation_id == bearer.invitation.id,
            Code.delegate_id.is_(None) if delegate_id is None else Code.delegate_id == delegate_id,
            Code.asked_at > since,
        )
        .order_by(Code.asked_at.desc(), Code.id.desc())
    ).all()


def find_open_code(session: Session, bearer: Bearer, now: datetime) -> Code | None:
    """Return the newest code of that link if it is still good: an older one is over with it."""
    newest = next(iter(codes_since(session, bearer, datetime.min.replace(tzinfo=now.tzinfo))), None)
    if newest is None or newest.used_at is not None or newest.expires_at <= now:
        return None
    return newest if newest.tries < MOST_TRIES else None
