"""What all mails have in common: from a delivery and its content to the message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address

from app.deliveries.models import Delivery
from app.events.models import Event
from app.language import in_language
from app.mail.compose import MailContent
from app.mail.message import CalendarFile, MailMessage, wire_address

HEADERS = {"Auto-Submitted": "auto-generated"}
"""RFC 3834 5: keeps out-of-office replies and other robots from answering."""


@dataclass(frozen=True)
class Senders:
    """Who a mail comes from, and who gets the answer to it."""

    sender: Address
    reply_to: Address | None = None


def make_message(
    delivery: Delivery,
    content: MailContent,
    *,
    to_name: str,
    senders: Senders,
    now: datetime,
    headers: Mapping[str, str] | None = None,
    calendars: Sequence[CalendarFile] = (),
    secret: str = "",
) -> MailMessage:
    """Return the mail of that delivery; at every attempt it has the same Message-ID."""
    message = MailMessage(
        to=address_of(delivery.recipient, to_name),
        sender=senders.sender,
        reply_to=senders.reply_to,
        subject=content.subject,
        text=content.text,
        html=content.html,
        message_id=delivery.message_id or f"{delivery.public_id}@{message_domain(senders.sender)}",
        date=now,
        headers={**HEADERS, **(headers or {})},
        calendars=calendars,
        secret=secret,
    )
    message.text_id = content.text_id
    return message


def senders_of(event: Event, language: str, sender: Address) -> Senders:
    """Return our own address under the name of the event's contact, who gets the answers."""
    name = in_language(event.contact_name, language) or sender.display_name
    return Senders(
        sender=Address(name, sender.username, sender.domain),
        reply_to=address_of(event.contact_email, name),
    )


def address_of(spec: str, name: str = "") -> Address:
    """Return an address with its display name."""
    username, _, domain = spec.rpartition("@")
    return Address(name, username, domain)


def message_domain(sender: Address) -> str:
    """Return the right side of our Message-IDs: the sender's domain, as SMTP takes it."""
    return wire_address(sender).rpartition("@")[2]
