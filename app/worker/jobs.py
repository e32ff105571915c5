"""What the worker does: which composer makes which mail, and what is due by now."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.amendments.messages import compose_programme_changed
from app.codes.messages import compose_code
from app.decisions.messages import compose_approval_request
from app.delegates.messages import compose_delegate, compose_delegate_added
from app.deliveries.models import Delivery, DeliveryKind
from app.digests.messages import compose_digest
from app.digests.services import due_digest, make_digest
from app.events.models import Event
from app.events.queries import list_events, lock_for_places
from app.invitations.messages import (
    compose_called_off,
    compose_invitation,
    compose_reminder,
    compose_test,
    compose_thanks,
    compose_withdrawn,
)
from app.invitations.models import Invitation
from app.invitations.reminding import remind_due
from app.invitations.services import ANSWERING, ASKING, expire_due
from app.mail.message import MailMessage
from app.organisers.messages import compose_sign_in
from app.parts import Parts
from app.privacy.services import erase_health_due
from app.requests.messages import (
    compose_late_change,
    compose_question,
    compose_representative,
)
from app.rsvp.messages import compose_confirmation, compose_moved_up
from app.rsvp.reserve import fill_from_reserve

log = logging.getLogger(__name__)

Compose = Callable[[Session, Delivery, Parts, datetime], MailMessage]

COMPOSERS: dict[DeliveryKind, Compose] = {
    DeliveryKind.INVITATION: compose_invitation,
    DeliveryKind.OFFER: compose_invitation,
    DeliveryKind.REMINDER: compose_reminder,
    DeliveryKind.LAST_REMINDER: compose_reminder,
    DeliveryKind.CONFIRMATION: compose_confirmation,
    DeliveryKind.MOVED_UP: compose_moved_up,
    DeliveryKind.PROGRAMME_CHANGED: compose_programme_changed,
    DeliveryKind.WITHDRAWN: compose_withdrawn,
    DeliveryKind.CALLED_OFF: compose_called_off,
    DeliveryKind.SIGN_IN: compose_sign_in,
    DeliveryKind.DIGEST: compose_digest,
    DeliveryKind.TEST: compose_test,
    DeliveryKind.DELEGATE: compose_delegate,
    DeliveryKind.DELEGATE_ADDED: compose_delegate_added,
    DeliveryKind.CODE: compose_code,
    DeliveryKind.QUESTION: compose_question,
    DeliveryKind.LATE_CHANGE: compose_late_change,
    DeliveryKind.REPRESENTATIVE: compose_representative,
    DeliveryKind.THANK_YOU: compose_thanks,
    DeliveryKind.APPROVAL_REQUEST: compose_approval_request,
}


ABOUT_INVITATIONS = {*ASKING, *ANSWERING, DeliveryKind.THANK_YOU}


def compose(session: Session, delivery: Delivery, parts: Parts, now: datetime) -> MailMessage:
    """Make the mail from the facts as they are now; raise ObsoleteError if it makes no sense."""
    message = COMPOSERS[delivery.kind](session, delivery, parts, now)
    if parts.dkim is not None:
        message.sign(parts.dkim.sign)
    return message


def load_invitations(session: Session, batch: Sequence[Delivery]) -> Sequence[Invitation]:
    """Read what a batch is about in one go; the composers then find it in the session."""
    about = [delivery.subject_id for delivery in batch if delivery.kind in ABOUT_INVITATIONS]
    return session.scalars(
        select(Invitation).where(Invitation.id.in_(about)).options(joinedload(Invitation.guest))
    ).all()


def list_jobs(session: Session) -> list[tuple[int, str]]:
    """Return every event's row id and slug: each gets its periodic work."""
    return [(event.id, event.slug) for event in list_events(session)]


def run_periodic(session: Session, event_id: int, parts: Parts, now: datetime) -> None:
    """Do what is due for one event: erase, expire, remind, fill from the reserve, digest.

    Once it is called off, nothing but erasing is: a digest would ask for what nobody can do.
    """
    event = lock_for_places(session, event_id)
    if erase_health_due(session, event, now):
        log.info("%s: health data is erased", event.slug)
    if event.called_off_at is not None:
        return
    expired = expire_due(session, event, now=now)
    if expired:
        log.info("%s: %d invitations expired", event.slug, expired)
    reminded = remind_due(session, event, now=now)
    if reminded:
        log.info("%s: %d reminders are asked for", event.slug, reminded)
    fill_from_reserve(session, event, now=now)
    _make_due_digest(session, event, parts, now)


def _make_due_digest(session: Session, event: Event, parts: Parts, now: datetime) -> None:
    slot = due_digest(session, event, now)
    if slot is not None:
        make_digest(session, event, slot=slot.name, now=now, parts=parts)
        log.info("%s: digest %s is made", event.slug, slot.name)
