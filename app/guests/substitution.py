"""One guest in the place of another: the next version of the list, and nothing else in it new."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.addresses import email_key
from app.events.models import Event
from app.guests.models import Guest, GuestListEntry, GuestListVersion, GuestStatus
from app.guests.queries import latest_version

COPIED = ("guest_id", "position", "rank", "name", "title", "organisation", "country", "email")


class NotOnListError(Exception):
    """The guest who is to be replaced has no place on the newest approved version."""


def has_address(session: Session, event_id: int, email: str) -> bool:
    """Whether a guest of the event has the address, or will have it with the next approval."""
    key = email_key(email)
    rows = session.execute(
        select(Guest.email_key, Guest.proposed_change).where(Guest.event_id == event_id)
    )
    waiting = ((held, (change or {}).get("email")) for held, change in rows)
    return any(key == held or (new and key == email_key(str(new))) for held, new in waiting)


def substitute(
    session: Session,
    event: Event,
    leaving: Guest,
    person: Mapping[str, str],
    *,
    by: str,
    now: datetime,
) -> tuple[Guest, GuestListVersion]:
    """Freeze the newest version anew with that person where the leaving guest stood.

    Everybody else stands in it word for word as before: what else is proposed is not approved by
    it. Host, country and number on the list are kept. Raises NotOnListError, before anything is
    changed. Called under the event's lock, for an address that no guest has.
    """
    before = latest_version(session, event.id)
    entries = list(before.entries) if before else []
    if before is None or not any(_is_place_of(leaving, entry) for entry in entries):
        raise NotOnListError
    joining = _new_guest(leaving, person, now=now)
    leaving.status, leaving.rank, leaving.proposed_change = GuestStatus.REMOVED, None, None
    session.add(joining)
    session.flush()
    version = GuestListVersion(
        event_id=event.id,
        number=before.number + 1,
        approved_by=by,
        approved_at=now,
        entries=list(_entries(entries, leaving, joining)),
    )
    session.add(version)
    session.flush()
    return joining, version


def _is_place_of(guest: Guest, entry: GuestListEntry) -> bool:
    return entry.guest_id == guest.id and entry.rank is None


def _new_guest(leaving: Guest, person: Mapping[str, str], *, now: datetime) -> Guest:
    return Guest(
        event_id=leaving.event_id,
        position=leaving.position,
        salutation=person.get("salutation", ""),
        first_name=person.get("first_name", ""),
        last_name=person.get("last_name", ""),
        title=person.get("title", ""),
        organisation=person.get("organisation", ""),
        country=leaving.country,
        email=person["email"],
        email_key=email_key(person["email"]),
        language=person["language"],
        host_id=leaving.host_id,
        rank=None,
        note="",
        status=GuestStatus.APPROVED,
        created_at=now,
    )


def _entries(
    before: Iterable[GuestListEntry], leaving: Guest, joining: Guest
) -> Iterable[GuestListEntry]:
    for entry in before:
        if entry.guest_id != leaving.id:
            yield GuestListEntry(**{name: getattr(entry, name) for name in COPIED})
            continue
        yield GuestListEntry(
            guest_id=joining.id,
            position=entry.position,
            rank=None,
            name=joining.full_name,
            title=joining.title,
            organisation=joining.organisation,
            country=joining.country,
            email=joining.email,
        )
