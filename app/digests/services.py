"""Making a digest: once per week on any number of hosts, and whenever an organiser asks."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.addresses import email_key
from app.db.inserts import INSERTS
from app.deliveries.batches import batch_of
from app.deliveries.models import DeliveryKind
from app.deliveries.services import queue_delivery
from app.digests.models import Digest
from app.digests.queries import DigestFacts, Slot, count_digests, digest_facts, is_made, weekly_slot
from app.digests.subscriptions import list_unsubscribed
from app.events.models import Event
from app.events.queries import end_of_day
from app.guests.models import Guest
from app.guests.salutations import full_name
from app.invitations.messages import event_facts
from app.mail.compose import MailContent
from app.parts import Parts
from app.programme.queries import find_dinner

GOES_ON_FOR = timedelta(days=7)
"""How long after the event digests are still made."""
MOST_LINES = 25
"""How long a list gets before the rest of it is counted: mail programs cut off large mails."""


def due_digest(session: Session, event: Event, now: datetime) -> Slot | None:
    """Return the weekly slot whose digest is to be made now, if there is one.

    Only ever the last slot: after weeks of downtime one digest catches up. A slot that began
    before the event was created, or more than a week after its end, is never due.
    """
    slot = weekly_slot(event, now)
    over = end_of_day(event.ends + GOES_ON_FOR, event.time_zone)
    if slot.begins < event.created_at or slot.begins >= over:
        return None
    return None if is_made(session, event.id, slot.name) else slot


def make_digest(
    session: Session, event: Event, *, slot: str, now: datetime, parts: Parts
) -> Digest | None:
    """Store the digest of that slot as it is sent, and ask for a mail to each recipient.

    Returns None where the slot's digest exists already: another host was quicker.
    """
    facts = digest_facts(session, event, now=now)
    digest = _store(session, facts, _render(facts, parts), slot=slot)
    if digest is not None:
        _queue(session, event, digest, now=now)
    return digest


def render_digest(session: Session, event: Event, *, now: datetime, parts: Parts) -> MailContent:
    """Return the digest as it would be sent now; stores nothing."""
    return _render(digest_facts(session, event, now=now), parts)


def _store(
    session: Session, facts: DigestFacts, content: MailContent, *, slot: str
) -> Digest | None:
    insert = INSERTS[session.get_bind().dialect.name]
    return session.scalars(
        insert(Digest)
        .values(
            event_id=facts.event.id,
            slot=slot,
            made_at=facts.now,
            subject=content.subject,
            text=content.text,
            html=content.html,
            numbers=facts.numbers,
        )
        .on_conflict_do_nothing(index_elements=["event_id", "slot"])
        .returning(Digest)
    ).one_or_none()


def _queue(session: Session, event: Event, digest: Digest, *, now: datetime) -> None:
    """Ask for the mails, but for who unsubscribed; an address named twice gets one."""
    unsubscribed = list_unsubscribed(session, event.id, event.digest_recipients)
    recipients = {
        email_key(recipient): recipient
        for recipient in event.digest_recipients
        if recipient not in unsubscribed
    }
    digest_number = count_digests(session, event.id)
    for number, recipient in enumerate(recipients.values(), start=1):
        queue_delivery(
            session,
            DeliveryKind.DIGEST,
            key=f"{DeliveryKind.DIGEST}:{digest.id}:{number}",
            subject_id=digest.id,
            recipient=recipient,
            language=event.default_language,
            event_id=event.id,
            batch=batch_of(event.id, "digest", digest_number),
            now=now,
        )


def _render(facts: DigestFacts, parts: Parts) -> MailContent:
    event, language = facts.event, facts.event.default_language

    def name(guest: Guest) -> str:
        return full_name(guest, language)

    return parts.composer.compose(
        DeliveryKind.DIGEST,
        language=language,
        facts={
            **event_facts(event, language),
            "event": event,
            "facts": facts,
            "dinner": find_dinner([item for item, _ in facts.status.programme]),
            "name": name,
            "most": MOST_LINES,
            "link": parts.links.organiser(event.slug),
            "unsubscribe": parts.links.unsubscribe_masked,
        },
    )
