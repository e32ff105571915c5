"""Changing an event's brand."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.brand import refusals
from app.brand.cleaning import Crest, clean_crest
from app.brand.models import Brand
from app.brand.queries import find_brand
from app.brand.refusals import BrandRefusedError, CrestRefusedError, Mistake
from app.brand.sheet import properties
from app.events.models import Event

COLOUR = re.compile(r"#?([0-9a-f]{6})")
LONGEST_QUOTED = 40


@dataclass(frozen=True)
class BrandChange:
    """What is to become of the brand; what is None stays as it is."""

    colour: str | None = None
    """`#rrggbb`, or empty for the product's own; so is the metal."""
    metal: str | None = None
    crest: bytes | None = None
    """A file as it came."""
    remove_crest: bool = False


def change_brand(
    session: Session, event: Event, change: BrandChange, *, by: str, now: datetime
) -> Brand:
    """Take all of the change, or raise BrandRefusedError with every mistake in it."""
    mistakes: list[Mistake] = []
    colour = _read_colour("colour", change.colour, mistakes)
    metal = _read_colour("metal", change.metal, mistakes)
    crest = _read_crest(change.crest, mistakes)
    if mistakes:
        raise BrandRefusedError(mistakes)
    # Two who change it at once come one after the other.
    session.get_one(Event, event.id, with_for_update=True)
    brand = find_brand(session, event.id)
    if brand is None:
        brand = Brand(event_id=event.id)
        session.add(brand)
    if change.colour is not None:
        brand.colour = colour
    if change.metal is not None:
        brand.metal = metal
    if crest is not None or change.remove_crest:
        _set_crest(brand, crest)
    seen = properties(brand)
    brand.version = hashlib.sha256(seen.encode()).hexdigest()[:10] if seen else ""
    brand.changed_at, brand.changed_by = now, by
    session.flush()
    session.expire(event, ["brand_version"])
    return brand


def _read_colour(field: str, written: str | None, mistakes: list[Mistake]) -> str | None:
    if not written or not written.strip():
        return None
    found = COLOUR.fullmatch(written.strip().lower())
    if found is None:
        value = written.strip()[:LONGEST_QUOTED]
        mistakes.append(Mistake(field, refusals.COLOUR, {"value": value}))
        return None
    return f"#{found[1]}"


def _read_crest(content: bytes | None, mistakes: list[Mistake]) -> Crest | None:
    if content is None:
        return None
    try:
        return clean_crest(content)
    except CrestRefusedError as refusal:
        mistakes.append(refusal.mistake)
        return None


def _set_crest(brand: Brand, crest: Crest | None) -> None:
    brand.crest = crest.content if crest else None
    brand.crest_type = crest.type if crest else None
    brand.crest_ratio = crest.ratio if crest else None
