"""What stands in the way of an event file: answers, places and guests that are there already."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.event_files.differences import count, names
from app.event_files.entries import EventFile, ProgrammeEntry
from app.event_files.matching import dropped_hosts
from app.events.models import Event, Host
from app.guests.models import Guest, GuestStatus
from app.invitations.models import Invitation
from app.invitations.queries import place_ledger
from app.programme.models import ItemKind, ProgrammeItem
from app.programme.queries import list_items
from app.rsvp.models import Choice, ChoiceAnswer, Rsvp
from app.rsvp.queries import ItemCount, count_of, item_counts


class RefusalReason(StrEnum):
    PLACES_HELD = "places held"
    ITEM_CHOSEN = "item chosen"
    ITEM_PLACES_TAKEN = "item places taken"
    KIND_FIXED = "kind fixed"
    HOST_HAS_GUESTS = "host has guests"
    LANGUAGE_SPOKEN = "language spoken"


@dataclass(frozen=True)
class Refusal:
    reason: RefusalReason
    text: str
    """Where in the file, what stands in its way, and what to do."""


class EventFileRefusedError(Exception):
    """A good event file that does not fit what guests have answered; nothing was changed."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("\n".join(refusal.text for refusal in refusals))


def refuse_conflicts(session: Session, event: Event, file: EventFile) -> None:
    """Raise EventFileRefusedError with everything in the way. Runs under the event's lock."""
    refusals = [
        *_place_limit(session, event, file),
        *_languages(session, event, file),
        *_hosts(session, event, file),
        *_programme(session, event, file),
    ]
    if refusals:
        raise EventFileRefusedError(refusals)


def _place_limit(session: Session, event: Event, file: EventFile) -> Iterator[Refusal]:
    ledger = place_ledger(session, event)
    claimed = ledger.accepted + ledger.held
    if file.place_limit < claimed:
        yield Refusal(
            RefusalReason.PLACES_HELD,
            f"event, place_limit: {file.place_limit} is below the {claimed} places that are"
            f" accepted ({ledger.accepted}) or held ({ledger.held}). Give at least {claimed}.",
        )


def _languages(session: Session, event: Event, file: EventFile) -> Iterator[Refusal]:
    for language in event.languages:
        if language in file.languages:
            continue
        speaks = (Guest.language == language) & (Guest.status != GuestStatus.REMOVED)
        speakers = _guests(session, event, speaks, waiting=("language", {language}))
        if speakers:
            yield Refusal(
                RefusalReason.LANGUAGE_SPOKEN,
                f'event, languages: the file leaves out "{language}", but'
                f" {_are_written_to(speakers)} in it: {names(speakers)}. Keep it, or give"
                " them another language in the guest file first.",
            )


def _are_written_to(guests: Sequence[Guest]) -> str:
    return f"{count(len(guests), 'guest')} {'is' if len(guests) == 1 else 'are'} written to"


def _hosts(session: Session, event: Event, file: EventFile) -> Iterator[Refusal]:
    for host in dropped_hosts(event.hosts, file.hosts):
        guests = _guests(
            session, event, Guest.host_id == host.id, waiting=("host", {*host.name.values()})
        )
        if guests:
            yield Refusal(
                RefusalReason.HOST_HAS_GUESTS,
                f'hosts: the file leaves out "{_first_name(host)}", to which'
                f" {count(len(guests), 'guest')} {'belongs' if len(guests) == 1 else 'belong'}:"
                f" {names(guests)}. Keep it, or give them another host in the guest file first.",
            )


def _first_name(host: Host) -> str:
    return next(iter(host.name.values()))


def _guests(
    session: Session, event: Event, fact: ColumnElement[bool], *, waiting: tuple[str, set[str]]
) -> list[Guest]:
    """Return who has that fact, now or by a change that waits for approval."""
    field, values = waiting
    of_event = select(Guest).where(Guest.event_id == event.id).order_by(Guest.position)
    having = session.scalars(of_event.where(fact)).all()
    changing = session.scalars(of_event.where(Guest.proposed_change.is_not(None))).all()
    proposed = [guest for guest in changing if (guest.proposed_change or {}).get(field) in values]
    return [*having, *(guest for guest in proposed if guest not in having)]


def _programme(session: Session, event: Event, file: EventFile) -> Iterator[Refusal]:
    entries = {entry.slug: entry for entry in file.programme}
    counts = item_counts(session, event.id)
    for item in list_items(session, event.id):
        entry = entries.get(item.slug)
        if entry is None:
            yield from _dropped(session, item)
            continue
        yield from _kind(session, item, entry)
        yield from _item_places(item, entry, count_of(item, counts))


def _dropped(session: Session, item: ProgrammeItem) -> Iterator[Refusal]:
    guests = _who_chose(session, item)
    if guests:
        have = "has" if len(guests) == 1 else "have"
        yield Refusal(
            RefusalReason.ITEM_CHOSEN,
            f'programme "{item.slug}": the file leaves it out, but {count(len(guests), "guest")}'
            f" {have} chosen it: {names(guests)}. Keep it, or have them choose anew first.",
        )


def _kind(session: Session, item: ProgrammeItem, entry: ProgrammeEntry) -> Iterator[Refusal]:
    if item.is_dinner is (entry.kind == ItemKind.DINNER):
        return
    guests = _who_chose(session, item)
    if guests:
        yield Refusal(
            RefusalReason.KIND_FIXED,
            f'programme "{item.slug}", kind: {item.kind} cannot become {entry.kind}, because'
            f" {count(len(guests), 'guest')} chose it: {names(guests)}. Keep the kind.",
        )


def _item_places(item: ProgrammeItem, entry: ProgrammeEntry, taken: ItemCount) -> Iterator[Refusal]:
    if entry.places is None or entry.places >= taken.taken:
        return
    heads = count(taken.yes, "guest")
    if taken.companions:
        heads += f" and {count(taken.companions, 'companion')}"
    yield Refusal(
        RefusalReason.ITEM_PLACES_TAKEN,
        f'programme "{item.slug}", places: {entry.places} is too few for the {heads} who said'
        f" yes. Give at least {taken.taken}.",
    )


def _who_chose(session: Session, item: ProgrammeItem) -> list[Guest]:
    """Return who said yes to the item or stands on its reserve, a withdrawn guest included."""
    return list(
        session.scalars(
            select(Guest)
            .join(Invitation, Invitation.guest_id == Guest.id)
            .join(Rsvp, Rsvp.invitation_id == Invitation.id)
            .join(Choice, Choice.rsvp_id == Rsvp.id)
            .where(Choice.item_id == item.id, Choice.answer != ChoiceAnswer.NO)
            .order_by(Guest.position)
        )
    )
