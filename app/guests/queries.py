"""Questions about the guest list."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.guests.models import Guest, GuestListEntry, GuestListVersion, GuestStatus


def list_guests(session: Session, event_id: int) -> Sequence[Guest]:
    """Return every guest: the list in its order, then the reserve by rank."""
    return session.scalars(
        select(Guest)
        .where(Guest.event_id == event_id)
        .order_by(Guest.rank.is_not(None), Guest.rank, Guest.position, Guest.id)
    ).all()


def find_guest(session: Session, event_id: int, public_id: str) -> Guest | None:
    return session.scalars(
        select(Guest).where(Guest.event_id == event_id, Guest.public_id == public_id)
    ).one_or_none()


def next_on_reserve(session: Session, event_id: int) -> Guest | None:
    """Return the first on the reserve, whom a free place is offered to."""
    return session.scalars(
        select(Guest)
        .where(Guest.event_id == event_id, Guest.status == GuestStatus.RESERVE)
        .order_by(Guest.rank)
        .limit(1)
    ).one_or_none()


def count_by_status(session: Session, event_id: int) -> dict[GuestStatus, int]:
    """Return how many guests have each status; every status is there, empty ones as 0."""
    counted = dict(
        session.execute(
            select(Guest.status, func.count())
            .where(Guest.event_id == event_id)
            .group_by(Guest.status)
        ).all()
    )
    return {status: counted.get(status, 0) for status in GuestStatus}


def has_proposals(session: Session, event_id: int) -> bool:
    """Whether any name, or change of one, waits for the approvers."""
    waits = or_(Guest.status == GuestStatus.PROPOSED, Guest.proposed_change.is_not(None))
    query = select(Guest.id).where(Guest.event_id == event_id, waits).limit(1)
    return session.scalar(query) is not None


def latest_version(session: Session, event_id: int) -> GuestListVersion | None:
    """Return the newest approved version of the list."""
    return session.scalars(
        select(GuestListVersion)
        .where(GuestListVersion.event_id == event_id)
        .order_by(GuestListVersion.number.desc())
        .limit(1)
    ).one_or_none()


def versions_since(session: Session, event_id: int, since: datetime) -> Sequence[GuestListVersion]:
    """Return the versions approved after that moment."""
    return session.scalars(
        select(GuestListVersion).where(
            GuestListVersion.event_id == event_id, GuestListVersion.approved_at > since
        )
    ).all()


def once_on_reserve(session: Session, event_id: int) -> frozenset[int]:
    """Return the row ids of the guests whom some version of the list ranks on the reserve."""
    return frozenset(
        session.scalars(
            select(GuestListEntry.guest_id)
            .join(GuestListVersion, GuestListEntry.version_id == GuestListVersion.id)
            .where(GuestListVersion.event_id == event_id, GuestListEntry.rank.is_not(None))
        )
    )


def approved_entries(session: Session, event_id: int) -> dict[int, GuestListEntry]:
    """Return, by guest id, the entries of the newest version that are approved for a place."""
    version = latest_version(session, event_id)
    if version is None:
        return {}
    rows = session.scalars(
        select(GuestListEntry).where(
            GuestListEntry.version_id == version.id, GuestListEntry.rank.is_(None)
        )
    )
    return {entry.guest_id: entry for entry in rows}
