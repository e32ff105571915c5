"""What a calendar shows of a programme item: told anew when it changes, kept when it is gone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from app.db.types import LocalText
from app.programme.models import ProgrammeItem


@dataclass(frozen=True)
class Showing:
    """Title, place and time of an item; the moments are aware.

    A change of these is material: a calendar needs a new SEQUENCE for it (RFC 5545 3.8.7.4).
    """

    title: LocalText
    venue: LocalText
    starts: datetime
    ends: datetime

    @classmethod
    def of(cls, item: ProgrammeItem) -> Self:
        return cls(item.title, item.venue, item.starts, item.ends)

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Self:
        """Return what `keep` wrote down."""
        starts, ends = (datetime.fromisoformat(kept[name]) for name in ("starts", "ends"))
        return cls(kept["title"], kept["venue"], starts, ends)

    def keep(self) -> dict[str, Any]:
        """Return the facts as JSON holds them, moments as ISO 8601."""
        return {
            "title": self.title,
            "venue": self.venue,
            "starts": self.starts.isoformat(),
            "ends": self.ends.isoformat(),
        }
