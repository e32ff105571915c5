"""Mails as the worker makes them, and what stands in them."""

from collections.abc import Mapping
from datetime import datetime

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.deliveries.models import Delivery, DeliveryKind
from app.logs import mask_links
from app.mail.compose import Composer, MailContent
from app.mail.gaps import Personal
from app.mail.message import MailMessage
from app.mail.words import Words
from app.parts import Parts
from app.worker.jobs import compose
from tests.factories import NOW


class Plainly(Composer):
    """Renders every mail by itself: no fact is personal."""

    def compose(
        self,
        kind: str,
        *,
        language: str,
        facts: Mapping[str, object],
        words: Words | None = None,
    ) -> MailContent:
        common = {
            name: str(fact) if isinstance(fact, Personal) else fact for name, fact in facts.items()
        }
        return super().compose(kind, language=language, facts=common, words=words)


def parts_of(app: Flask) -> Parts:
    parts: Parts = app.extensions["couvert"]
    return parts


def newest(session: Session, kind: DeliveryKind) -> Delivery:
    query = select(Delivery).where(Delivery.kind == kind).order_by(Delivery.id.desc())
    return session.scalars(query.limit(1)).one()


def make_mail(
    app: Flask, session: Session, kind: DeliveryKind, *, now: datetime = NOW
) -> MailMessage:
    """Make the mail of that kind that was asked for last."""
    session.flush()
    with app.app_context():
        return compose(session, newest(session, kind), parts_of(app), now)


def html_of(mail: MailMessage) -> str:
    return str(mail.alts["html"])


def link_in(mail: MailMessage) -> str:
    """Return the first link of the text."""
    return next(line for line in str(mail.body).splitlines() if line.startswith("http"))


def masked_text(mail: MailMessage) -> str:
    """Return the subject and text, links masked: they are signed at a time."""
    return mask_links(f"{mail.subject}\n\n{mail.body}")
