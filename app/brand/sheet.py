"""The event's part of a stylesheet: two colours and the crest, as properties the rest refers to."""

from app.brand.cleaning import data_uri
from app.brand.models import Brand


def properties(brand: Brand) -> str:
    """Return the rule that brands a page; empty where the brand says nothing."""
    found: dict[str, str | None] = {"event-colour": brand.colour, "event-metal": brand.metal}
    if brand.crest is not None and brand.crest_type is not None:
        found["crest-ratio"] = f"{brand.crest_ratio:.4g}"
        found["crest-shown"] = '""'
        found["crest"] = f'url("{data_uri(brand.crest_type, brand.crest)}")'
    said = ";".join(f"--{name}:{value}" for name, value in found.items() if value)
    return f":root{{{said}}}" if said else ""
