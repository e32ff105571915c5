"""The digests of an event as they were stored when they were sent."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from app.digests.models import Digest


def list_digests(session: Session, event_id: int) -> Sequence[Digest]:
    """Return the digests, the latest first, their texts not read."""
    return session.scalars(
        select(Digest)
        .where(Digest.event_id == event_id)
        .options(defer(Digest.text), defer(Digest.html))
        .order_by(Digest.made_at.desc(), Digest.id.desc())
    ).all()


def find_digest(session: Session, event_id: int, slot: str) -> Digest | None:
    return session.scalars(
        select(Digest).where(Digest.event_id == event_id, Digest.slot == slot)
    ).one_or_none()
