"""What the reader of the guest list asks for."""

from flask import request

from app.dashboard.roster import RosterFilter, Standing

LONGEST_SEARCH = 100


def read_filter() -> RosterFilter:
    """Return what the address asks for; what makes no sense there asks for nothing."""
    asked = request.args
    return RosterFilter(
        standing=asked.get("state", type=Standing),
        words=asked.get("q", "").strip()[:LONGEST_SEARCH],
        country=asked.get("country", ""),
        language=asked.get("language", ""),
        page=asked.get("page", 1, type=int),
    )
