"""Mails about a delegate: the own link, and word to the guest."""

from datetime import datetime

from sqlalchemy.orm import Session, joinedload

from app.delegates.models import Delegate
from app.deliveries import reasons
from app.deliveries.messages import make_message, senders_of
from app.deliveries.models import Delivery
from app.deliveries.services import ObsoleteError
from app.invitations.messages import (
    Facts,
    event_facts,
    guest_facts,
    occasion_in,
    refuse_wrong_address,
)
from app.invitations.models import Invitation, InvitationState
from app.language import greeting_by_name
from app.mail.message import MailMessage
from app.parts import Parts


def compose_delegate(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the mail with the delegate's link; raise ObsoleteError once it opens nothing."""
    delegate = _standing(session, delivery)
    link = parts.links.delegate(delegate.public_id, delegate.link_version)
    facts: Facts = {
        "link": link,
        "greeting": greeting_by_name(delegate.name, delivery.language),
    }
    return _make(session, delivery, delegate, facts, to_name=delegate.name, parts=parts, now=now)


def compose_delegate_added(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the mail that tells the guest who may answer; raise ObsoleteError once nobody may."""
    delegate = _standing(session, delivery)
    invitation = delegate.invitation
    refuse_wrong_address(invitation, delivery)
    facts: Facts = {"link": parts.links.rsvp(invitation.public_id, invitation.link_version)}
    name = invitation.guest.name
    return _make(session, delivery, delegate, facts, to_name=name, parts=parts, now=now)


def _standing(session: Session, delivery: Delivery) -> Delegate:
    with_guest = joinedload(Delegate.invitation).joinedload(Invitation.guest)
    delegate = session.get(Delegate, delivery.subject_id, options=[with_guest])
    if delegate is None:
        raise ObsoleteError(reasons.GONE)
    if delegate.revoked_at is not None:
        raise ObsoleteError(reasons.REVOKED)
    if delegate.invitation.state is InvitationState.WITHDRAWN:
        raise ObsoleteError(reasons.WITHDRAWN)
    return delegate


def _make(
    session: Session,
    delivery: Delivery,
    delegate: Delegate,
    own: Facts,
    *,
    to_name: str,
    parts: Parts,
    now: datetime,
) -> MailMessage:
    invitation = delegate.invitation
    language = delivery.language
    event = occasion_in(session, invitation.event_id, language, with_programme=False).event
    facts = {
        **event_facts(event, language),
        **guest_facts(invitation.guest, language),
        "delegate": delegate.name,
        "delegate_email": delegate.email,
        "by_guest": not delegate.added_by,
        "reply_by": invitation.reply_by,
        **own,
    }
    return make_message(
        delivery,
        parts.composer.compose(delivery.kind, language=language, facts=facts),
        to_name=to_name,
        senders=senders_of(event, language, parts.settings.mail.sender),
        now=now,
    )
