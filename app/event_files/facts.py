"""What an event file says of each row, in the words of its columns."""

from app.event_files.entries import (
    DecisionEntry,
    EventFile,
    FixedPointEntry,
    FunderEntry,
    HostEntry,
    ProgrammeEntry,
)
from app.programme.models import ItemKind

Facts = dict[str, object]
"""Column -> value."""


def event_facts(file: EventFile) -> Facts:
    return {
        "name": file.name,
        "theme": file.theme,
        "starts": file.starts,
        "ends": file.ends,
        "time_zone": file.time_zone,
        "city": file.city,
        "place_limit": file.place_limit,
        "reply_by": file.reply_by,
        "companions_per_guest": file.companions_per_guest,
        "languages": list(file.languages),
        "code_first": file.code_first,
        "erase_health_on": file.erase_health_on,
        "contact_name": file.contact.name,
        "contact_email": file.contact.email,
        "contact_phone": file.contact.phone,
        "remind_after": list(file.reminders.days_after),
        "remind_before": list(file.reminders.days_before),
        "digest_weekday": file.digest.weekday,
        "digest_time": file.digest.time,
        "digest_recipients": list(file.digest.recipients),
    }


def host_facts(entry: HostEntry) -> Facts:
    return {"name": entry.name, "quota": entry.quota}


def item_facts(entry: ProgrammeEntry, file: EventFile) -> Facts:
    """Return an item's columns; it locks on the reply-by date where the file gives no other."""
    return {
        "kind": ItemKind(entry.kind),
        "title": entry.title,
        "starts": entry.starts,
        "ends": entry.ends,
        "venue": entry.venue,
        "places": entry.places,
        "arrival": entry.arrival,
        "dress_code": entry.dress_code or None,
        "transfer_minutes": entry.transfer_minutes,
        "locks": entry.locks or file.reply_by,
        "by_name": entry.by_name,
    }


def fixed_point_facts(entry: FixedPointEntry) -> Facts:
    return {
        "title": entry.title,
        "starts": entry.starts,
        "ends": entry.ends,
        "venue": entry.venue,
    }


def decision_facts(entry: DecisionEntry) -> Facts:
    return {"text": entry.text, "by": entry.by}


def funder_facts(entry: FunderEntry) -> Facts:
    return {"name": entry.name, "share": entry.share, "currency": entry.currency}
