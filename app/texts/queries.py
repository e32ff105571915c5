"""Questions about own words: which hold now, and which held before."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from app.deliveries.models import Delivery, DeliveryCopy
from app.mail.words import Words
from app.texts.models import EventText

OwnWords = Mapping[tuple[str, str], Words]
"""By kind and language; where the product's words hold there is nothing."""


def newest_texts(session: Session, event_id: int) -> dict[tuple[str, str], EventText]:
    """Return the newest version of every text of the event, by kind and language."""
    other = aliased(EventText)
    newest = (
        select(func.max(other.version))
        .where(
            other.event_id == EventText.event_id,
            other.kind == EventText.kind,
            other.language == EventText.language,
        )
        .correlate(EventText)
        .scalar_subquery()
    )
    rows = session.scalars(
        select(EventText).where(EventText.event_id == event_id, EventText.version == newest)
    )
    return {(text.kind, text.language): text for text in rows}


def own_words(session: Session, event_id: int) -> OwnWords:
    """Return the words in which the event's mails are written now."""
    return {
        at: Words(text.subject, text.body, text.id)
        for at, text in newest_texts(session, event_id).items()
        if text.is_own
    }


def list_versions(session: Session, event_id: int, kind: str, language: str) -> Sequence[EventText]:
    """Return every version of one text, the newest first."""
    return session.scalars(
        select(EventText)
        .where(
            EventText.event_id == event_id,
            EventText.kind == kind,
            EventText.language == language,
        )
        .order_by(EventText.version.desc())
    ).all()


def texts_by_id(session: Session, ids: Collection[int]) -> dict[int, EventText]:
    """Return those versions, by row id."""
    if not ids:
        return {}
    return {
        text.id: text for text in session.scalars(select(EventText).where(EventText.id.in_(ids)))
    }


def texts_of_deliveries(session: Session, event_id: int) -> dict[int, EventText]:
    """Return the version that each mail of the event went out in last, by the mail's row id.

    A mail in the product's words is left out.
    """
    last = (
        select(DeliveryCopy.delivery_id, func.max(DeliveryCopy.attempt).label("attempt"))
        .join(Delivery, Delivery.id == DeliveryCopy.delivery_id)
        .where(Delivery.event_id == event_id)
        .group_by(DeliveryCopy.delivery_id)
        .subquery()
    )
    rows = session.execute(
        select(DeliveryCopy.delivery_id, EventText)
        .join(
            last,
            and_(
                last.c.delivery_id == DeliveryCopy.delivery_id,
                last.c.attempt == DeliveryCopy.attempt,
            ),
        )
        .join(EventText, EventText.id == DeliveryCopy.text_id)
    )
    return dict(rows.all())
