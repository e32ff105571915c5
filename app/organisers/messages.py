"""The mail with the link that signs an organiser in."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.deliveries import reasons
from app.deliveries.messages import Senders, make_message
from app.deliveries.models import Delivery
from app.deliveries.services import ObsoleteError
from app.language import greeting_by_name
from app.mail.message import MailMessage
from app.organisers.models import Organiser, SignInLink
from app.organisers.services import LINK_LASTS
from app.parts import Parts


def compose_sign_in(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the mail with the link; raise ObsoleteError when the link signs nobody in any more."""
    link = _good_link(session, delivery, now)
    organiser = session.get_one(Organiser, link.organiser_id)
    # Whoever gave no name is listed under the address: no way to greet a person.
    name = "" if organiser.name == organiser.email else organiser.name
    facts = {
        "greeting": greeting_by_name(name, delivery.language) if name else "",
        "link": parts.links.sign_in(link.public_id),
        "minutes": LINK_LASTS // timedelta(minutes=1),
    }
    return make_message(
        delivery,
        parts.composer.compose(delivery.kind, language=delivery.language, facts=facts),
        to_name=organiser.name,
        senders=Senders(parts.settings.mail.sender),
        now=now,
    )


def _good_link(session: Session, delivery: Delivery, now: datetime) -> SignInLink:
    link = session.get(SignInLink, delivery.subject_id)
    if link is None:
        raise ObsoleteError(reasons.GONE)
    if link.used_at is not None:
        raise ObsoleteError(reasons.LINK_USED)
    if link.expires_at <= now:
        raise ObsoleteError(reasons.LINK_EXPIRED)
    return link
