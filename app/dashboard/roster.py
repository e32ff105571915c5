"""The guest list as the organiser reads it: each guest with the invitation and the answer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from unicodedata import combining, normalize

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.addresses import fold
from app.guests.models import Guest, GuestStatus
from app.invitations.models import Invitation, InvitationState
from app.invitations.queries import Reminded, reminded_guests
from app.programme.models import ItemKind, ProgrammeItem
from app.rsvp.models import AnswerChannel, Choice, ChoiceAnswer, Companion, Rsvp, RsvpChange
from app.rsvp.queries import comes_half_way

PAGE = 200
"""Guests on one page of the list."""

STROKED = str.maketrans("øłđħŧı", "oldhti")
"""Letters that Unicode takes for letters of their own, not for ones with an accent."""


class Standing(StrEnum):
    """Where a guest stands, all in all: on the list, with the invitation, with the answer."""

    ACCEPTED = "accepted"
    AWAITING = "awaiting"
    DECLINED = "declined"
    NOT_INVITED = "not-invited"
    RESERVE = "reserve"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    PROPOSED = "proposed"
    REMOVED = "removed"


def standing_of(
    status: GuestStatus, state: InvitationState | None, *, holds_place: bool
) -> Standing:
    """Return the one word for a guest's status and invitation taken together."""
    if status is GuestStatus.REMOVED:
        return Standing.REMOVED
    if state is None:
        return _WITHOUT_INVITATION[status]
    if state is InvitationState.ANSWERED:
        return Standing.ACCEPTED if holds_place else Standing.DECLINED
    return _UNANSWERED[state]


_WITHOUT_INVITATION = {
    GuestStatus.PROPOSED: Standing.PROPOSED,
    GuestStatus.APPROVED: Standing.NOT_INVITED,
    GuestStatus.RESERVE: Standing.RESERVE,
}
_UNANSWERED = {
    InvitationState.OPEN: Standing.AWAITING,
    InvitationState.EXPIRED: Standing.EXPIRED,
    InvitationState.WITHDRAWN: Standing.WITHDRAWN,
}


@dataclass(frozen=True)
class RosterFilter:
    """What the reader asked for; an empty field asks for everything."""

    standing: Standing | None = None
    words: str = ""
    country: str = ""
    language: str = ""
    half_way: bool = False
    """Only who has accepted and not yet chosen."""
    page: int = 1


@dataclass(frozen=True)
class LastChange:
    at: datetime
    channel: AnswerChannel | None


@dataclass(frozen=True)
class RosterRow:
    guest: Guest
    standing: Standing
    items: int | None
    """How many programme items are answered with yes, the dinner not counted; None: no answer."""
    dinner: ChoiceAnswer | None
    companions: int
    last_change: LastChange | None
    half_way: bool = False
    """Whether the guest has accepted, and the parts are open."""
    reminded: Reminded | None = None
    """The reminders that really went out."""


@dataclass(frozen=True)
class Roster:
    rows: Sequence[RosterRow]
    counts: dict[Standing, int]
    """Of the whole list, whatever the filter."""
    found: int
    """How many guests fit the filter, on all pages together."""
    page: int
    pages: int
    countries: Sequence[str]
    languages: Sequence[str]
    half_way: int
    """How many of the whole list have accepted and not yet chosen."""

    @property
    def total(self) -> int:
        """Everybody but the removed."""
        return sum(self.counts.values()) - self.counts[Standing.REMOVED]


@dataclass(frozen=True)
class _Line:
    """As much of a guest as searching and counting need."""

    guest_id: int
    standing: Standing
    text: str
    country: str
    language: str
    half_way: bool


def list_roster(session: Session, event_id: int, wanted: RosterFilter) -> Roster:
    """Return one page of the guest list, with counts and what can be filtered by (6 queries)."""
    lines = _read_lines(session, event_id)
    counts = Counter(line.standing for line in lines)
    fitting = [line for line in lines if _fits(line, wanted)]
    pages = max(1, -(-len(fitting) // PAGE))
    page = min(max(1, wanted.page), pages)
    return Roster(
        rows=_read_rows(session, event_id, fitting[(page - 1) * PAGE : page * PAGE]),
        counts={standing: counts[standing] for standing in Standing},
        found=len(fitting),
        page=page,
        pages=pages,
        countries=sorted({line.country for line in lines if line.country}),
        languages=sorted({line.language for line in lines}),
        half_way=sum(line.half_way for line in lines),
    )


def _read_lines(session: Session, event_id: int) -> list[_Line]:
    rows = session.execute(
        select(
            Guest.id,
            Guest.status,
            Invitation.state,
            Invitation.holds_place,
            Guest.country,
            Guest.language,
            comes_half_way(),
            Guest.first_name,
            Guest.last_name,
            Guest.organisation,
            Guest.email,
        )
        .outerjoin(Invitation, Invitation.guest_id == Guest.id)
        .outerjoin(Rsvp, Rsvp.invitation_id == Invitation.id)
        .where(Guest.event_id == event_id)
        .order_by(Guest.rank.is_not(None), Guest.rank, Guest.position, Guest.id)
    )
    return [
        _Line(
            guest_id=guest_id,
            standing=standing_of(status, state, holds_place=bool(holds_place)),
            text=_plain(" ".join(words)),
            country=country,
            language=language,
            half_way=bool(half_way),
        )
        for guest_id, status, state, holds_place, country, language, half_way, *words in rows
    ]


def _fits(line: _Line, wanted: RosterFilter) -> bool:
    if wanted.standing is None and line.standing is Standing.REMOVED:
        return False
    return (
        wanted.standing in {None, line.standing}
        and (line.half_way or not wanted.half_way)
        and wanted.country in {"", line.country}
        and wanted.language in {"", line.language}
        and all(word in line.text for word in _plain(wanted.words).split())
    )


def _plain(text: str) -> str:
    """Return the text as people type it in a hurry: small letters, no accents."""
    if text.isascii():
        return text.lower()
    letters = normalize("NFKD", fold(text).translate(STROKED))
    return "".join(letter for letter in letters if not combining(letter))


def _read_rows(session: Session, event_id: int, lines: Sequence[_Line]) -> list[RosterRow]:
    ids = [line.guest_id for line in lines]
    guests = {
        guest.id: (guest, rsvp)
        for guest, rsvp in session.execute(
            select(Guest, Rsvp)
            .outerjoin(Invitation, Invitation.guest_id == Guest.id)
            .outerjoin(Rsvp, Rsvp.invitation_id == Invitation.id)
            .where(Guest.id.in_(ids))
        )
    }
    rsvp_ids = [rsvp.id for _, rsvp in guests.values() if rsvp is not None]
    details = _read_details(session, rsvp_ids)
    reminded = reminded_guests(session, event_id, guest_ids=ids)
    rows = [details.row(line, *guests[line.guest_id]) for line in lines]
    return [replace(row, reminded=reminded.get(row.guest.id)) for row in rows]


@dataclass(frozen=True)
class _Details:
    """What is known of the answers on a page, by the answer's row id."""

    items: Counter[int]
    dinners: dict[int, ChoiceAnswer]
    companions: dict[int, int]
    last_changes: dict[int, LastChange]

    def row(self, line: _Line, guest: Guest, rsvp: Rsvp | None) -> RosterRow:
        if rsvp is None:
            return RosterRow(guest, line.standing, None, None, 0, None)
        return RosterRow(
            guest=guest,
            standing=line.standing,
            items=self.items[rsvp.id],
            dinner=self.dinners.get(rsvp.id),
            companions=self.companions.get(rsvp.id, 0),
            last_change=self.last_changes.get(rsvp.id),
            half_way=line.half_way,
        )


def _read_details(session: Session, rsvp_ids: Sequence[int]) -> _Details:
    choices = session.execute(
        select(Choice.rsvp_id, ProgrammeItem.kind, Choice.answer)
        .join(Choice.item)
        .where(Choice.rsvp_id.in_(rsvp_ids), Choice.answer != ChoiceAnswer.NO)
    ).all()
    return _Details(
        items=Counter(
            rsvp_id
            for rsvp_id, kind, answer in choices
            if kind is not ItemKind.DINNER and answer is ChoiceAnswer.YES
        ),
        dinners={rsvp_id: answer for rsvp_id, kind, answer in choices if kind is ItemKind.DINNER},
        companions=_companions(session, rsvp_ids),
        last_changes=_last_changes(session, rsvp_ids),
    )


def _companions(session: Session, rsvp_ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(Companion.rsvp_id, func.count())
        .where(Companion.rsvp_id.in_(rsvp_ids))
        .group_by(Companion.rsvp_id)
    )
    return dict(rows.all())


def _last_changes(session: Session, rsvp_ids: Sequence[int]) -> dict[int, LastChange]:
    rows = session.execute(
        select(RsvpChange.rsvp_id, RsvpChange.at, RsvpChange.channel)
        .join(RsvpChange.rsvp)
        .where(RsvpChange.rsvp_id.in_(rsvp_ids), RsvpChange.version == Rsvp.version)
        .distinct()
    )
    return {rsvp_id: LastChange(at, channel) for rsvp_id, at, channel in rows}
