"""Local times of an event's place: read as moments, the hour of a clock change refused."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


class ClockChangeError(ValueError):
    """The change to or from summer time leaves that local time out, or repeats it."""

    def __init__(self, local: datetime, *, exists: bool) -> None:
        what = "comes twice" if exists else "does not exist"
        super().__init__(
            f"{local:%H:%M} on {local.day} {local:%B %Y} {what}: the clocks change in that hour."
        )


def moment_at(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, of a local time without an offset. Raises ClockChangeError."""
    there = local.replace(tzinfo=zone)
    if there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset():
        back = there.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        raise ClockChangeError(local, exists=back == local.replace(tzinfo=None))
    return there.astimezone(UTC)
