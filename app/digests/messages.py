"""The mail of a digest: what was stored when it was made, with the recipient's own way out."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.deliveries import reasons
from app.deliveries.messages import make_message, senders_of
from app.deliveries.models import Delivery
from app.deliveries.services import ObsoleteError
from app.digests.models import Digest
from app.digests.subscriptions import list_unsubscribed
from app.invitations.messages import occasion_of
from app.mail.compose import MailContent
from app.mail.message import MailMessage
from app.parts import Parts


def compose_digest(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the digest as stored; raise ObsoleteError if it is gone, or wanted no more."""
    digest = session.get(Digest, delivery.subject_id)
    if digest is None:
        raise ObsoleteError(reasons.GONE)
    if delivery.recipient in list_unsubscribed(session, digest.event_id, [delivery.recipient]):
        raise ObsoleteError(reasons.UNSUBSCRIBED)
    event = occasion_of(session, digest.event_id).event
    return make_message(
        delivery,
        _with_own_link(digest, delivery, parts),
        to_name="",
        senders=senders_of(event, delivery.language, parts.settings.mail.sender),
        now=now,
        headers=_one_click(delivery, parts),
    )


def _one_click(delivery: Delivery, parts: Parts) -> dict[str, str]:
    """Return the headers by which a mail program ends the digests with one press (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{parts.links.unsubscribe(delivery.public_id)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _with_own_link(digest: Digest, delivery: Delivery, parts: Parts) -> MailContent:
    masked, own = parts.links.unsubscribe_masked, parts.links.unsubscribe(delivery.public_id)
    return MailContent(
        digest.subject, digest.text.replace(masked, own), digest.html.replace(masked, own)
    )
