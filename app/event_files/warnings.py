"""What an organiser should know after an event file was loaded: it went in, but touches guests."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.event_files.differences import count, names
from app.events.models import Event
from app.guests.models import Guest, GuestStatus
from app.invitations.queries import spent_guest_ids
from app.language import in_language
from app.programme.models import ProgrammeItem
from app.programme.overlaps import overlapping_pairs
from app.programme.queries import list_items
from app.rsvp.models import ChoiceAnswer, Rsvp
from app.rsvp.queries import rsvps_by_invitation


def find_warnings(session: Session, event: Event) -> list[str]:
    """Return where the event as it stands now is at odds with what guests were told."""
    rsvps = [
        rsvp
        for rsvp in rsvps_by_invitation(session, event.id).values()
        if rsvp.invitation.holds_place
    ]
    return [
        *_overlaps(event, list_items(session, event.id), rsvps),
        *_companions(event, rsvps),
        *_quotas(session, event),
    ]


def _overlaps(event: Event, items: Sequence[ProgrammeItem], rsvps: Sequence[Rsvp]) -> Iterator[str]:
    for one, other in overlapping_pairs(items):
        holders = [rsvp.invitation.guest for rsvp in rsvps if {one.id, other.id} <= _held(rsvp)]
        if holders:
            titles = [in_language(item.title, event.default_language) for item in (one, other)]
            yield (
                f'"{titles[0]}" and "{titles[1]}" overlap now, and'
                f" {count(len(holders), 'guest')} said yes to both: {names(holders)}."
            )


def _held(rsvp: Rsvp) -> set[int]:
    return {choice.item_id for choice in rsvp.choices if choice.answer is ChoiceAnswer.YES}


def _companions(event: Event, rsvps: Sequence[Rsvp]) -> Iterator[str]:
    allowed = event.companions_per_guest
    guests = [rsvp.invitation.guest for rsvp in rsvps if len(rsvp.companions) > allowed]
    if guests:
        yield (
            f"{count(allowed, 'companion')} per guest may come now;"
            f" {count(len(guests), 'guest')} answered with more: {names(guests)}."
        )


def _quotas(session: Session, event: Event) -> Iterator[str]:
    approved = session.scalars(
        select(Guest).where(Guest.event_id == event.id, Guest.status == GuestStatus.APPROVED)
    )
    # A quota is of places: who no longer claims one does not count.
    spent = spent_guest_ids(session, event.id)
    names_of = Counter(guest.host_id for guest in approved if guest.id not in spent)
    for host in event.hosts:
        if host.quota is not None and names_of[host.id] > host.quota:
            yield (
                f"{in_language(host.name, event.default_language)}: the quota is {host.quota},"
                f" and {count(names_of[host.id], 'name is', 'names are')} approved."
            )
