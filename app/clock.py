"""The only place in the product that asks what time it is."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC. Called at the edges only; elsewhere pass `now`."""
    return datetime.now(UTC)
