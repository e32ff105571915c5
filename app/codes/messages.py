"""The mail with a code."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.codes.digits import digits_of
from app.codes.models import Code
from app.delegates.models import Delegate
from app.deliveries import reasons
from app.deliveries.messages import make_message, senders_of
from app.deliveries.models import Delivery
from app.deliveries.services import ObsoleteError
from app.invitations.messages import event_facts, guest_facts, occasion_in, refuse_wrong_address
from app.invitations.models import Invitation, InvitationState
from app.language import greeting_by_name
from app.mail.message import MailMessage
from app.parts import Parts


def _refuse_dead(invitation: Invitation, delegate: Delegate | None, delivery: Delivery) -> None:
    """Raise ObsoleteError where the link is dead by now, or belongs to another address."""
    if invitation.state is InvitationState.WITHDRAWN:
        raise ObsoleteError(reasons.WITHDRAWN)
    if delegate is None:
        refuse_wrong_address(invitation, delivery)
    elif delegate.revoked_at is not None:
        raise ObsoleteError(reasons.REVOKED)


def compose_code(session: Session, delivery: Delivery, parts: Parts, now: datetime) -> MailMessage:
    """Return the mail with the digits; raise ObsoleteError once they are good for nothing.

    They stand in the body alone: a subject is shown on the locked screen of a phone.
    """
    code = session.get(Code, delivery.subject_id)
    if code is None:
        raise ObsoleteError(reasons.GONE)
    if code.used_at is not None or code.expires_at <= now:
        raise ObsoleteError(reasons.CODE_OVER)
    invitation = session.get_one(Invitation, code.invitation_id)
    delegate = session.get(Delegate, code.delegate_id) if code.delegate_id else None
    _refuse_dead(invitation, delegate, delivery)
    language = delivery.language
    event = occasion_in(session, invitation.event_id, language, with_programme=False).event
    digits = digits_of(code.public_id, parts.settings.secret_key)
    facts = {
        **event_facts(event, language),
        **guest_facts(invitation.guest, language),
        "digits": digits,
        "expires_at": code.expires_at,
        "zone": event.time_zone,
    }
    if delegate is not None:
        facts["greeting"] = greeting_by_name(delegate.name, language)
    return make_message(
        delivery,
        parts.composer.compose(delivery.kind, language=language, facts=facts),
        to_name=delegate.name if delegate else invitation.guest.name,
        senders=senders_of(event, language, parts.settings.mail.sender),
        now=now,
        secret=digits,
    )
