"""Questions about an event's brand."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.brand.models import Brand
from app.events.models import Event


def find_brand(session: Session, event_id: int) -> Brand | None:
    return session.scalars(select(Brand).where(Brand.event_id == event_id)).one_or_none()


def version_of(event: Event) -> str | None:
    """Return the version of the event's brand, if it has one that shows."""
    return event.brand_version or None  # type: ignore[attr-defined]  # app/brand/models.py adds it
