"""The forms that send: each carries which plan the organiser saw, and when it is to go out.

With a wave goes on which days its guests are reminded by themselves.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from app.events.local_times import moment_at
from app.events.models import Event
from app.invitations.cadence import Cadence, CadenceError
from app.invitations.plans import Addressee


class SendForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    shown = HiddenField()
    """What `seal` made of the addressees on the page."""
    at = StringField()
    """A local time of the event's place, like `2026-11-03T08:00`; empty for now."""

    def moment(self, event: Event) -> datetime | None:
        """Return when to send, None for now. Raises ValueError, of which ClockChangeError is one.

        The browser's own field gives no offset; what has one is not from it.
        """
        written = (self.at.data or "").strip()
        if not written:
            return None
        local = datetime.fromisoformat(written)
        if local.tzinfo is not None:
            raise ValueError(written)
        return moment_at(local, ZoneInfo(event.time_zone))


def seal(addressees: Iterable[Addressee]) -> str:
    """Return the number of those who get mail, with a digest of whom, where and which mail.

    Equal seals: what is sent is what was shown.
    """
    lines = sorted(
        f"{to.guest.public_id} {to.guest.email} {to.language} {to.kind}" for to in addressees
    )
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    return f"{len(lines)}-{digest}"


def read_cadence(fields: Mapping[str, str], usual: Cadence) -> Cadence:
    """Return the days that were typed, like `7, 14`; the usual ones where there was no field.

    Raises CadenceError.
    """
    if "after" not in fields and "before" not in fields:
        return usual
    return Cadence.of(_numbers(fields.get("after", "")), _numbers(fields.get("before", "")))


def _numbers(written: str) -> list[int]:
    words = written.replace(",", " ").split()
    if not all(word.isascii() and word.isdigit() for word in words):
        raise CadenceError(written)
    return [int(word) for word in words]


def written_days(days: Iterable[int]) -> str:
    """Return days as they are typed: `7, 14`."""
    return ", ".join(map(str, days))
