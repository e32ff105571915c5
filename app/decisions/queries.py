"""Questions about the register of decisions."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.decisions.models import Decision


def list_decisions(session: Session, event_id: int) -> Sequence[Decision]:
    """Return the register, the latest decision first."""
    return session.scalars(
        select(Decision)
        .where(Decision.event_id == event_id)
        .order_by(Decision.decided_on.desc(), Decision.id.desc())
    ).all()
