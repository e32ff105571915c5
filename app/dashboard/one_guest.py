"""All that is known of one guest: the answer part by part, and everything that led to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.dashboard.roster import Standing, standing_of
from app.db.types import LocalText
from app.delegates.models import Delegate
from app.delegates.queries import list_delegates
from app.deliveries.models import Delivery
from app.deliveries.queries import list_of_guest
from app.guests.models import Guest, GuestListEntry, GuestListVersion
from app.guests.queries import find_guest
from app.invitations.models import Invitation, InvitationState
from app.invitations.queries import Reminded, find_of_guest, reminded_guests
from app.programme.models import ProgrammeItem
from app.programme.queries import closed_item_ids, list_items
from app.requests.models import Request
from app.requests.queries import list_of_invitation
from app.rsvp.changes import ITEM, is_half_way
from app.rsvp.edition import numbers_in_line
from app.rsvp.models import Answer, AnswerChannel, ChoiceAnswer, Rsvp, RsvpChange
from app.rsvp.queries import ItemCount, find_rsvp, history, item_counts

HEALTH = frozenset({"diet", "companion-diet", "access", "message", "note"})
"""Parts of an answer that are health data, or free words in which it may stand."""


@dataclass(frozen=True)
class RecordedPart:
    """One programme item and this guest's answer to it."""

    item: ProgrammeItem
    answer: ChoiceAnswer
    in_line: int | None
    """The number on the item's reserve, from 1."""


class Deed(StrEnum):
    """What happened to a guest, beside answers."""

    ANSWERED = "answered"
    MOVED_UP = "moved up"
    INVITED = "invited"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    LISTED = "listed"


@dataclass(frozen=True)
class Happening:
    """One entry of a guest's history; which fields are filled follows from the deed."""

    at: datetime
    deed: Deed
    actor: str = ""
    channel: AnswerChannel | None = None
    changes: tuple[RsvpChange, ...] = ()
    number: int = 0
    """Of the wave, or of the list's version."""
    rank: int | None = None

    def told(self, *, with_health: bool) -> list[RsvpChange]:
        """Return the changed parts that the reader may know of, programme items left out."""
        return [
            change
            for change in self.changes
            if not change.part.startswith(ITEM) and (with_health or change.part not in HEALTH)
        ]

    @property
    def choices(self) -> dict[tuple[str, str], list[str]]:
        """The slugs of the items whose answer changed, by the answers before and after."""
        moved: dict[tuple[str, str], list[str]] = {}
        for change in self.changes:
            if change.part.startswith(ITEM):
                slugs = moved.setdefault((change.before, change.after), [])
                slugs.append(change.part.removeprefix(ITEM))
        return moved


@dataclass(frozen=True)
class OneGuest:
    guest: Guest
    standing: Standing
    invitation: Invitation | None
    rsvp: Rsvp | None
    items: Sequence[ProgrammeItem]
    closed: frozenset[int]
    """Row ids of the items that are open by name only, and not to this guest."""
    counts: dict[int, ItemCount]
    positions: dict[int, int]
    history: Sequence[Happening]
    deliveries: Sequence[Delivery]
    delegates: Sequence[Delegate]
    """Who may answer for the guest."""
    requests: Sequence[Request]
    """Everything that was asked of the organiser, the newest first."""
    reminded: Reminded | None
    """The reminders that really went out."""
    listed_at: int | None
    """The guest's number on the newest approved version that holds the name."""

    @property
    def parts(self) -> list[RecordedPart]:
        """Every programme item with what is recorded; empty where nothing is, or a decline."""
        if self.rsvp is None or self.rsvp.answer is Answer.DECLINED:
            return []
        answers = {choice.item_id: choice.answer for choice in self.rsvp.choices}
        return [
            RecordedPart(item, answers.get(item.id, ChoiceAnswer.NO), self.positions.get(item.id))
            for item in self.items
        ]

    @property
    def open_items(self) -> list[ProgrammeItem]:
        """The items that can be recorded: open to the guest, or chosen already."""
        chosen = {part.item.id for part in self.parts if part.answer is not ChoiceAnswer.NO}
        return [item for item in self.items if item.id not in self.closed or item.id in chosen]

    @property
    def half_way(self) -> bool:
        return self.rsvp is not None and is_half_way(self.rsvp)

    def title_of(self, slug: str) -> LocalText:
        """Return an item's title; an item that is no longer there goes by its slug."""
        titles = {item.slug: item.title for item in self.items}
        return titles.get(slug, {"": slug})

    @property
    def recordable(self) -> bool:
        """Whether an answer can be recorded: there must be an invitation, and not withdrawn."""
        state = self.invitation.state if self.invitation else InvitationState.WITHDRAWN
        return state is not InvitationState.WITHDRAWN


def find_one_guest(session: Session, event_id: int, public_id: str) -> OneGuest | None:
    """Return everything about one guest."""
    guest = find_guest(session, event_id, public_id)
    if guest is None:
        return None
    invitation = find_of_guest(session, guest.id)
    rsvp = find_rsvp(session, invitation.id) if invitation else None
    entries, items = _entries(session, guest.id), list_items(session, event_id)
    return OneGuest(
        guest=guest,
        standing=standing_of(
            guest.status,
            invitation.state if invitation else None,
            holds_place=invitation is not None and invitation.holds_place,
        ),
        invitation=invitation,
        rsvp=rsvp,
        items=items,
        closed=closed_item_ids(session, items, guest.id),
        counts=item_counts(session, event_id),
        positions=numbers_in_line(session, rsvp) if rsvp else {},
        history=_history(session, invitation, rsvp, entries),
        deliveries=list_of_guest(session, guest.id),
        delegates=list_delegates(session, invitation.id) if invitation else (),
        requests=list_of_invitation(session, invitation.id) if invitation else (),
        reminded=reminded_guests(session, event_id, guest_ids=[guest.id]).get(guest.id),
        listed_at=entries[0][0].position if entries else None,
    )


def _entries(session: Session, guest_id: int) -> Sequence[tuple[GuestListEntry, GuestListVersion]]:
    """Return the versions the guest stood on, newest first."""
    return session.execute(
        select(GuestListEntry, GuestListVersion)
        .join(GuestListVersion, GuestListEntry.version_id == GuestListVersion.id)
        .where(GuestListEntry.guest_id == guest_id)
        .order_by(GuestListVersion.number.desc())
    ).all()


def _history(
    session: Session,
    invitation: Invitation | None,
    rsvp: Rsvp | None,
    entries: Sequence[tuple[GuestListEntry, GuestListVersion]],
) -> list[Happening]:
    happenings = [
        *(_answers(history(session, rsvp.id)) if rsvp else ()),
        *(_invitation_deeds(invitation) if invitation else ()),
        *(_listed(entry, version) for entry, version in entries),
    ]
    return sorted(happenings, key=lambda happening: happening.at, reverse=True)


def _answers(changes: Sequence[RsvpChange]) -> Iterator[Happening]:
    """Put together what one press changed."""
    for _, pressed in groupby(changes, key=lambda change: change.version):
        parts = tuple(pressed)
        first = parts[0]
        deed = Deed.ANSWERED if first.channel else Deed.MOVED_UP
        yield Happening(first.at, deed, first.actor, first.channel, changes=parts)


def _invitation_deeds(invitation: Invitation) -> Iterator[Happening]:
    # A closing comes first here: of two deeds at one moment the later one is to stand above.
    if invitation.closed_at is not None:
        expired = invitation.state is InvitationState.EXPIRED
        yield Happening(invitation.closed_at, Deed.EXPIRED if expired else Deed.WITHDRAWN)
    wave = invitation.wave
    yield Happening(invitation.opened_at, Deed.INVITED, wave.sent_by, number=wave.number)


def _listed(entry: GuestListEntry, version: GuestListVersion) -> Happening:
    return Happening(
        version.approved_at,
        Deed.LISTED,
        version.approved_by,
        number=version.number,
        rank=entry.rank,
    )
