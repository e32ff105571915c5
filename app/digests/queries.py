"""What a digest says: which week it is for, what happened since the last one, who is awaited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.dashboard.outbox import Mail, list_mails_to_look_at
from app.dashboard.queries import AnswerChange, EventStatus, answers_since, event_status
from app.digests.models import Digest
from app.events.models import Event
from app.events.queries import today_at
from app.guests.models import Guest, GuestListVersion
from app.guests.queries import versions_since
from app.guests.salutations import full_name
from app.invitations.queries import list_open
from app.language import in_zone
from app.rsvp.models import Answer, AnswerChannel

DAYS_IN_WEEK = 7
DINNER_PARTS = {"diet", "companion", "companion-diet", "access"}


@dataclass(frozen=True)
class Slot:
    """One week's digest: named by ISO year and week, and due from then on."""

    name: str
    begins: datetime


def weekly_slot(event: Event, now: datetime) -> Slot:
    """Return the last slot that has begun, by the clock at the event's place."""
    zone = ZoneInfo(event.time_zone)
    today = today_at(event, now)
    day = today - timedelta(days=(today.weekday() - event.digest_weekday) % DAYS_IN_WEEK)
    begins = datetime.combine(day, event.digest_time, tzinfo=zone).astimezone(UTC)
    if begins > now:
        day -= timedelta(days=DAYS_IN_WEEK)
        begins = datetime.combine(day, event.digest_time, tzinfo=zone).astimezone(UTC)
    year, week, _ = day.isocalendar()
    return Slot(f"{year}-W{week:02}", begins)


def latest_digest(session: Session, event_id: int) -> Digest | None:
    """Return the digest made last, weekly or by hand."""
    return session.scalars(
        select(Digest)
        .where(Digest.event_id == event_id)
        .order_by(Digest.made_at.desc(), Digest.id.desc())
        .limit(1)
    ).one_or_none()


def is_made(session: Session, event_id: int, slot: str) -> bool:
    """Whether the digest of that slot exists."""
    query = select(Digest.id).where(Digest.event_id == event_id, Digest.slot == slot)
    return session.scalars(query).one_or_none() is not None


class Deed(StrEnum):
    """What a guest's answer came to. Health data and what was written are never said."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    MOVED_UP = "moved up"
    WISH = "wish"
    PROGRAMME = "programme"
    DINNER = "dinner"
    PROGRAMME_AND_DINNER = "programme and dinner"
    MESSAGE = "message"
    NOTE = "note"


@dataclass(frozen=True)
class Happening:
    """One line of what happened: a guest's deed, or an approved version of the list."""

    at: datetime
    day: date
    name: str = ""
    deed: Deed | None = None
    channel: AnswerChannel | None = None
    version: GuestListVersion | None = None


@dataclass(frozen=True)
class DigestFacts:
    """Everything a digest says, read in one transaction."""

    event: Event
    now: datetime
    status: EventStatus
    previous: Digest | None
    since: date
    happenings: Sequence[Happening]
    """The newest first."""
    awaited: Sequence[Guest]
    """Who has an open invitation."""
    to_look_at: Sequence[Mail]

    @property
    def today(self) -> date:
        return today_at(self.event, self.now)

    @property
    def numbers(self) -> dict[str, int]:
        return numbers_of(self.status)

    @property
    def unchanged(self) -> bool:
        """Whether all is as it was in the last digest."""
        if self.previous is None or self.happenings:
            return False
        return self.previous.numbers == self.numbers


def digest_facts(session: Session, event: Event, *, now: datetime) -> DigestFacts:
    """Return what a digest made now would say."""
    previous = latest_digest(session, event.id)
    since = previous.made_at if previous else event.created_at
    return DigestFacts(
        event=event,
        now=now,
        status=event_status(session, event),
        previous=previous,
        since=in_zone(since, event.time_zone).date(),
        happenings=_happenings_since(session, event, since),
        awaited=[invitation.guest for invitation in list_open(session, event.id)],
        to_look_at=list_mails_to_look_at(session, event.id),
    )


def numbers_of(status: EventStatus) -> dict[str, int]:
    """Return the counts as they are stored with a digest, for the next one to compare with."""
    ledger = status.ledger
    items = {
        f"{answer}:{item.slug}": number
        for item, count in status.programme
        for answer, number in (("yes", count.taken), ("reserve", count.reserve))
    }
    return {
        "limit": ledger.limit,
        "accepted": ledger.accepted,
        "held": ledger.held,
        "free": ledger.free,
        "declined": ledger.declined,
        "expired": ledger.expired,
        "withdrawn": ledger.withdrawn,
        **items,
        **{f"diet:{diet}": number for diet, number in status.dinner.diets.items()},
    }


def deed_of(change: AnswerChange) -> Deed:
    """Return what one press came to, the weightiest part of it."""
    if change.channel is None:
        return Deed.MOVED_UP
    if answer := change.part("event"):
        return Deed.ACCEPTED if answer.after == Answer.ACCEPTED else Deed.DECLINED
    kinds = {part.part.partition(":")[0] for part in change.parts}
    return _deed_of_parts(kinds)


def _deed_of_parts(kinds: set[str]) -> Deed:
    if "wish" in kinds:
        return Deed.WISH
    if kinds & {"item", "parts"}:
        return Deed.PROGRAMME_AND_DINNER if kinds & DINNER_PARTS else Deed.PROGRAMME
    if kinds & DINNER_PARTS:
        return Deed.DINNER
    return Deed.MESSAGE if "message" in kinds else Deed.NOTE


def _happenings_since(session: Session, event: Event, since: datetime) -> list[Happening]:
    answers = [_of_answer(event, change) for change in answers_since(session, event.id, since)]
    versions = [_of_version(event, version) for version in versions_since(session, event.id, since)]
    return sorted([*answers, *versions], key=lambda happening: happening.at, reverse=True)


def _of_answer(event: Event, change: AnswerChange) -> Happening:
    return Happening(
        at=change.at,
        day=in_zone(change.at, event.time_zone).date(),
        name=full_name(change.guest, event.default_language),
        deed=deed_of(change),
        channel=change.channel,
    )


def _of_version(event: Event, version: GuestListVersion) -> Happening:
    day = in_zone(version.approved_at, event.time_zone).date()
    return Happening(at=version.approved_at, day=day, version=version)


def count_digests(session: Session, event_id: int) -> int:
    """Return how many digests of the event have been made: the number of the latest."""
    return session.scalars(select(func.count()).where(Digest.event_id == event_id)).one()
