"""Rows for tests: each function makes one thing, complete and good, with what the test names."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from sqlalchemy.orm import Session

from app.addresses import email_key
from app.decisions.services import approve_guest_list
from app.events.models import Event, Host
from app.guests.models import Guest, GuestStatus
from app.invitations.models import Invitation
from app.invitations.queries import find_of_guest
from app.invitations.services import send_wave
from app.organisers.models import Organiser, Role, RoleOnEvent
from app.programme.models import FixedPoint, ItemKind, ProgrammeItem

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SECOND_DAY = date(2026, 12, 10)
_numbers = count(1)


def both(text: str, swedish: str | None = None) -> dict[str, str]:
    return {"en": text, "sv": swedish or text}


def make_event(session: Session, **facts: object) -> Event:
    """An event on 9-10 December 2026 in Stockholm, 3 places, reply by 20 November."""
    given: dict[str, object] = {
        "slug": "summit",
        "name": both("Public Services Summit"),
        "theme": both("Connect to the Future", "Möt framtiden"),
        "starts": date(2026, 12, 9),
        "ends": date(2026, 12, 10),
        "time_zone": "Europe/Stockholm",
        "city": both("Stockholm"),
        "place_limit": 3,
        "reply_by": date(2026, 11, 20),
        "companions_per_guest": 1,
        "languages": ["en", "sv"],
        "contact_name": both("City Executive Office", "Stadsledningskontoret"),
        "contact_email": "summit@stockholm.example",
        "contact_phone": "+46 8 465 004 12",
        "digest_weekday": 0,
        "digest_time": time(7),
        "digest_recipients": ["steering-group@stockholm.example"],
        "created_at": NOW,
        **facts,
    }
    event = Event(**given)
    event.hosts.append(
        Host(position=0, name=both("City of Stockholm", "Stockholms stad"), quota=None)
    )
    session.add(event)
    session.flush()
    return event


def make_item(session: Session, event: Event, slug: str, **facts: object) -> ProgrammeItem:
    """A plenary on the second day, 09:00-10:00 UTC, without a limit of places."""
    given: dict[str, object] = {
        "slug": slug,
        "kind": ItemKind.PLENARY,
        "title": both(slug.replace("-", " ").capitalize()),
        "starts": datetime(2026, 12, 10, 9, 0, tzinfo=UTC),
        "ends": datetime(2026, 12, 10, 10, 0, tzinfo=UTC),
        "venue": both("Grand Hôtel"),
        "places": None,
        "arrival": False,
        "dress_code": None,
        "transfer_minutes": 0,
        "locks": date(2026, 12, 1),
        "changed_at": NOW,
        **facts,
    }
    item = ProgrammeItem(event_id=event.id, **given)
    session.add(item)
    session.flush()
    return item


def make_dinner(session: Session, event: Event, places: int = 40, **facts: object) -> ProgrammeItem:
    """A dinner on the first evening, 18:00-21:30 UTC."""
    return make_item(
        session,
        event,
        "dinner",
        **{
            "kind": ItemKind.DINNER,
            "places": places,
            "starts": datetime(2026, 12, 9, 18, 0, tzinfo=UTC),
            "ends": datetime(2026, 12, 9, 21, 30, tzinfo=UTC),
            "dress_code": both("Dark suit", "Mörk kostym"),
            **facts,
        },
    )


def make_fixed_point(session: Session, event: Event, **facts: object) -> FixedPoint:
    given: dict[str, object] = {
        "title": both("Nobel Prize Award Ceremony", "Nobelprisutdelningen"),
        "starts": datetime(2026, 12, 10, 15, 30, tzinfo=UTC),
        "ends": datetime(2026, 12, 10, 17, 0, tzinfo=UTC),
        "venue": both("Stockholm Concert Hall", "Stockholms konserthus"),
        **facts,
    }
    point = FixedPoint(event_id=event.id, **given)
    session.add(point)
    session.flush()
    return point


def make_guest(session: Session, event: Event, **facts: object) -> Guest:
    """A proposed guest of a name of their own, English-speaking."""
    number = next(_numbers)
    given: dict[str, object] = {
        "position": number,
        "salutation": "Dr",
        "first_name": "Zofia",
        "last_name": f"Strøm-Łęcka {number}",
        "title": "Director",
        "organisation": "Ministry of Digital Affairs",
        "country": "Poland",
        "email": f"guest{number}@example.org",
        "language": "en",
        "rank": None,
        "note": "",
        "status": GuestStatus.PROPOSED,
        "created_at": NOW,
        **facts,
    }
    guest = Guest(event_id=event.id, email_key=email_key(str(given["email"])), **given)
    session.add(guest)
    session.flush()
    return guest


def approve_list(session: Session, event: Event) -> None:
    """Approve what is proposed, as the steering group."""
    approve_guest_list(session, event, by="Steering group", now=NOW)


def make_invitation(session: Session, event: Event, **facts: object) -> Invitation:
    """An open invitation of a new guest, on an approved version of the list."""
    guest = make_guest(session, event, **facts)
    approve_list(session, event)
    send_wave(session, event, by="Organiser", now=NOW, emails=[guest.email])
    invitation = find_of_guest(session, guest.id)
    if invitation is None:
        raise LookupError(f"{guest.email} was not invited")
    return invitation


def make_organiser(
    session: Session, event: Event, role: Role = Role.ORGANISER, **facts: object
) -> Organiser:
    email = str(facts.pop("email", f"organiser{next(_numbers)}@stockholm.example"))
    given: dict[str, object] = {
        "email": email,
        "email_key": email_key(email),
        "name": "Astrid Lindhagen-Rask",
        "language": "en",
        "created_at": NOW - timedelta(days=30),
        **facts,
    }
    organiser = Organiser(**given)
    session.add(organiser)
    session.flush()
    session.add(RoleOnEvent(organiser_id=organiser.id, event_id=event.id, role=role))
    session.flush()
    return organiser
