"""The mail of a digest: exactly what was stored when it was made."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.deliveries.messages import make_message, senders_of
from app.deliveries.models import Delivery
from app.deliveries.services import ObsoleteError
from app.digests.models import Digest
from app.invitations.messages import occasion_of
from app.mail.compose import MailContent
from app.mail.message import MailMessage
from app.parts import Parts


def compose_digest(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the digest as stored; raise ObsoleteError if it is gone."""
    digest = session.get(Digest, delivery.subject_id)
    if digest is None:
        raise ObsoleteError("The digest is gone.")
    event = occasion_of(session, digest.event_id).event
    return make_message(
        delivery,
        MailContent(digest.subject, digest.text, digest.html),
        to_name="",
        senders=senders_of(event, delivery.language, parts.settings.mail.sender),
        now=now,
    )
