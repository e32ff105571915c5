"""The steering group's register: decisions, the list's approved versions, the funders."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.budget.models import Funder
from app.decisions.models import Decision
from app.decisions.queries import list_decisions
from app.guests.models import GuestListEntry, GuestListVersion


@dataclass(frozen=True)
class ApprovedVersion:
    version: GuestListVersion
    names: int
    reserve: int


@dataclass(frozen=True)
class Register:
    decisions: Sequence[Decision]
    versions: Sequence[ApprovedVersion]
    funders: Sequence[Funder]


def read_register(session: Session, event_id: int) -> Register:
    """Return the register of one event, the latest first (3 queries)."""
    return Register(
        decisions=list_decisions(session, event_id),
        versions=_list_versions(session, event_id),
        funders=session.scalars(
            select(Funder).where(Funder.event_id == event_id).order_by(Funder.position)
        ).all(),
    )


def _list_versions(session: Session, event_id: int) -> list[ApprovedVersion]:
    rows = session.execute(
        select(GuestListVersion, func.count(GuestListEntry.id), func.count(GuestListEntry.rank))
        .outerjoin(GuestListVersion.entries)
        .where(GuestListVersion.event_id == event_id)
        .group_by(GuestListVersion.id)
        .order_by(GuestListVersion.number.desc())
    )
    return [ApprovedVersion(version, all_of - ranked, ranked) for version, all_of, ranked in rows]
