"""The cadence of a wave: the days on which who has not answered is reminded, and what is due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.events.models import Event
from app.invitations.models import Wave

MOST_DAYS = 6
"""So many days a cadence may name after the mail, and as many before the reply-by date."""
FURTHEST = 180
QUIET_DAYS = 2
"""So long after a reminder by an organiser's hand none goes by itself."""
LAST_DAYS = 3
"""With fewer days than these left, a reminder by hand is the last one."""


class CadenceError(ValueError):
    """Numbers of days that are no cadence."""


@dataclass(frozen=True)
class Cadence:
    """Days after the invitation went out, and days before the reply-by date; none: no reminders."""

    after: tuple[int, ...] = ()
    before: tuple[int, ...] = ()

    @classmethod
    def of(cls, after: Iterable[int], before: Iterable[int]) -> "Cadence":
        """Return it in order, no day twice. Raises CadenceError."""
        return cls(_checked(after), _checked(before))

    def days(self, went_out: date, reply_by: date) -> tuple[date, ...]:
        """Return the days of one invitation, all after its mail and before its reply-by date."""
        days = {went_out + timedelta(days=number) for number in self.after}
        days |= {reply_by - timedelta(days=number) for number in self.before}
        return tuple(sorted(day for day in days if went_out < day < reply_by))


def cadence_of(row: Event | Wave) -> Cadence:
    """Return the cadence of a wave, or the one an event's waves begin with."""
    return Cadence(tuple(row.remind_after), tuple(row.remind_before))


def _checked(numbers: Iterable[int]) -> tuple[int, ...]:
    days = tuple(sorted(set(numbers)))
    if len(days) > MOST_DAYS:
        raise CadenceError(f"Give at most {MOST_DAYS} days.")
    if days and not (days[0] >= 1 and days[-1] <= FURTHEST):
        raise CadenceError(f"Give whole days from 1 to {FURTHEST}.")
    return days


@dataclass(frozen=True)
class Due:
    """A reminder that is to go now."""

    day: date
    """The newest day of the cadence it stands for; those before it are dealt with too."""
    last: bool
    """Nothing follows before the reply-by date."""


def due_on(
    today: date, days: Sequence[date], *, reply_by: date, dealt_with: date | None
) -> Due | None:
    """Return what is due, one reminder for however many days were missed.

    On the reply-by date itself, and after it, nothing is.
    """
    if today >= reply_by:
        return None
    missed = [day for day in days if day <= today and (dealt_with is None or day > dealt_with)]
    return Due(missed[-1], last=missed[-1] == days[-1]) if missed else None


def is_quiet(today: date, by_hand: date | None) -> bool:
    """Whether the organiser has reminded so lately that the cadence keeps still."""
    return by_hand is not None and (today - by_hand).days <= QUIET_DAYS


def is_last_by_hand(day: date, reply_by: date) -> bool:
    """Whether a reminder that an organiser asks for that day tells that no other follows."""
    return (reply_by - day).days < LAST_DAYS
