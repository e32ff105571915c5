"""The organiser's calendar feed: the programme with its numbers, and what surrounds it."""

import hashlib

from sqlalchemy.orm import Session

from app.calendars.messages import setting_of
from app.calendars.objects import EntryFacts, feed
from app.db.types import LocalText
from app.events.models import Event
from app.events.queries import find_event
from app.language import N_, in_language, translated, using
from app.programme.models import FixedPoint, ProgrammeItem
from app.programme.queries import list_fixed_points, list_items
from app.rsvp.queries import ItemCount, programme_counts
from app.tokens import Claim, Revoked

COMING = N_("%(yes)s coming, %(companions)s companions, %(reserve)s on the reserve")


def read_event_feed_claim(session: Session, claim: Claim) -> Event:
    """Return the event whose feed that is; raise Revoked where it has another address by now."""
    event = find_event(session, claim.public_id)
    if event is None or event.feed_version != claim.version:
        raise Revoked
    return event


def event_feed(session: Session, event: Event) -> bytes:
    """Return the programme as a calendar, in the event's language; numbers, never names.

    A calendar program keeps what it has read with whoever runs it: no guest is named here.
    """
    language = event.default_language
    counted = programme_counts(session, event.id, list_items(session, event.id))
    with using(language):
        facts = [_item_facts(event, item, count, language) for item, count in counted]
    points = list_fixed_points(session, event.id)
    facts += [_point_facts(event, point, language) for point in points]
    newest = max((each.changed_at for each in facts), default=event.created_at)
    name = in_language(event.name, language)
    facts.sort(key=lambda each: (each.starts, each.uid))
    return feed(name, facts, setting_of(event, language, now=newest))


def _item_facts(event: Event, item: ProgrammeItem, count: ItemCount, language: str) -> EntryFacts:
    coming = translated(COMING) % {
        "yes": count.yes,
        "companions": count.companions,
        "reserve": count.reserve,
    }
    return EntryFacts(
        uid=f"{item.public_id}@couvert",
        sequence=item.sequence + (event.called_off_at is not None),
        is_on=event.called_off_at is None,
        starts=item.starts,
        ends=item.ends,
        summary=in_language(item.title, language),
        location=in_language(item.venue, language),
        description="\n".join(filter(None, [coming, _dress(item.dress_code, language)])),
        changed_at=item.changed_at,
    )


def _dress(dress_code: LocalText | None, language: str) -> str:
    return in_language(dress_code or {}, language)


def _point_facts(event: Event, point: FixedPoint, language: str) -> EntryFacts:
    said = f"{event.slug}|{sorted(point.title.items())}|{point.starts.isoformat()}"
    return EntryFacts(
        uid=f"{hashlib.sha256(said.encode()).hexdigest()[:24]}@couvert",
        sequence=0,
        is_on=True,
        starts=point.starts,
        ends=point.ends,
        summary=in_language(point.title, language),
        location=in_language(point.venue, language),
        description="",
        changed_at=event.created_at,
    )
