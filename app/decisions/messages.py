"""The mail that asks an approver to look at the proposed guest list."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.addresses import email_key
from app.decisions.proposal import ProposedGuest, read_proposal
from app.deliveries import reasons
from app.deliveries.messages import make_message, senders_of
from app.deliveries.models import Delivery
from app.deliveries.services import ObsoleteError
from app.events.models import Event
from app.guests.salutations import full_name
from app.invitations.messages import event_facts, occasion_of
from app.mail.message import MailMessage
from app.organisers.models import Organiser, Role
from app.organisers.queries import find_role
from app.parts import Parts

MOST_NAMES = 40
"""Of more than that the mail gives the number; the page has them all."""


def compose_approval_request(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return what is proposed now; raise ObsoleteError where nothing is, or they approve no more.

    It goes to people of the event, not to guests: notes and diets do not stand in it.
    """
    event = occasion_of(session, delivery.event_id or 0).event
    approver = _find_approver(session, delivery, event)
    proposal = read_proposal(session, event)
    if not proposal.number:
        raise ObsoleteError(reasons.NOTHING_PROPOSED)
    language = delivery.language

    def name(proposed: ProposedGuest) -> str:
        return full_name(proposed.guest, language)

    facts = {
        **event_facts(event, language),
        "proposal": proposal,
        "name": name,
        "most": MOST_NAMES,
        "link": parts.links.guests(event.slug),
    }
    return make_message(
        delivery,
        parts.composer.compose(delivery.kind, language=language, facts=facts),
        to_name=approver.name,
        senders=senders_of(event, language, parts.settings.mail.sender),
        now=now,
    )


def _find_approver(session: Session, delivery: Delivery, event: Event) -> Organiser:
    approver = session.get(Organiser, delivery.subject_id)
    if approver is None:
        raise ObsoleteError(reasons.GONE)
    held = find_role(session, approver.id, event.id)
    if held is None or held.role is not Role.APPROVER:
        raise ObsoleteError(reasons.NOT_APPROVER)
    if email_key(approver.email) != email_key(delivery.recipient):
        raise ObsoleteError(reasons.READDRESSED)
    return approver
