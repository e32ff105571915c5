"""Reminding: by an organiser's hand, and by itself on the days of a wave's cadence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.deliveries import reasons
from app.deliveries.batches import next_reminder_batch, wave_batch
from app.deliveries.models import REMINDING
from app.deliveries.pauses import batch_scope, event_scope, read_pauses
from app.deliveries.services import cancel_waiting
from app.events.local_times import by_day
from app.events.models import Event
from app.events.queries import lock_for_places, refuse_called_off, today_at
from app.guests.models import Guest
from app.guests.queries import list_guests
from app.invitations.asked import Asked, read_asked
from app.invitations.cadence import Cadence, Due, cadence_of, due_on, is_quiet
from app.invitations.models import Invitation, Wave
from app.invitations.plans import Plan, find_named, kind_of_reminder, plan_reminder
from app.invitations.queries import (
    Unanswered,
    find_of_guest,
    find_wave,
    invitations_by_guest,
    list_of_wave,
    list_unanswered,
    list_waves,
    load_invitations,
)
from app.invitations.services import Order, ask


class UnknownWaveError(Exception):
    """The event has no wave of that number."""


@dataclass(frozen=True)
class SentBatch:
    """What one press asked for."""

    batch: str
    plan: Plan


def remind(
    session: Session,
    event: Event,
    *,
    by: str,
    now: datetime,
    emails: Sequence[str] = (),
    at: datetime | None = None,
) -> SentBatch:
    """Ask for a reminder to each guest of `plan_reminder`, in one transaction.

    Raises what plan_reminder raises.
    """
    event = lock_for_places(session, event.id)
    refuse_called_off(event)
    plan = plan_reminder(session, event, now=now, emails=emails, at=at)
    invited = invitations_by_guest(session, event.id)
    reminded = [invited[addressee.guest.id] for addressee in plan.addressees]
    cancel_waiting(
        session,
        REMINDING,
        subject_ids=[invitation.id for invitation in reminded],
        reason=reasons.NEWER_REMINDER,
        now=now,
        by=by,
    )
    order = Order(by, now, at, next_reminder_batch(session, event.id))
    for invitation, addressee in zip(reminded, plan.addressees, strict=True):
        _note_asked(invitation, now)
        number = invitation.reminders
        ask(session, addressee.kind, invitation, addressee.guest, order, version=number)
    return SentBatch(order.batch or "", plan)


def _note_asked(invitation: Invitation, now: datetime) -> None:
    invitation.reminders += 1
    invitation.reminded_at = now


def remind_due(session: Session, event: Event, *, now: datetime) -> int:
    """Ask for the reminders that are due by now; return how many. Under the event's lock.

    By day alone, at the event's place. While a person's stop holds nothing is asked for, and
    afterwards each guest gets one reminder at most, for however many days were missed.
    """
    if event.called_off_at is not None or by_day(now, ZoneInfo(event.time_zone)) > now:
        return 0
    cadences = _cadences_in_force(session, event, now=now)
    if not cadences:
        return 0
    today, asked = today_at(event, now), read_asked(session, event)
    due: dict[int, Due] = {}
    dealt_with: dict[int, date] = {}
    for one in list_unanswered(session, list(cadences), today=today):
        found = _find_due(one, cadences[one.wave_id], asked[one.id], today)
        if found is not None:
            dealt_with[one.id] = found.day
            if not _keeps_still(one, asked[one.id], today):
                due[one.id] = found
    _note_days(session, dealt_with)
    _ask_for(session, event, due, now=now)
    return len(due)


def _cadences_in_force(session: Session, event: Event, *, now: datetime) -> dict[int, Cadence]:
    """Return, by row id, the cadence of each wave that has one and that no stop holds back."""
    stops = read_pauses(session, now)
    if stops.is_stopped(event_scope(event.id)):
        return {}
    return {
        wave.id: cadence_of(wave)
        for wave, _ in list_waves(session, event.id)
        if cadence_of(wave) != Cadence()
        and not stops.is_stopped(batch_scope(wave_batch(event.id, wave.number)))
    }


def _find_due(one: Unanswered, cadence: Cadence, asked: Asked, today: date) -> Due | None:
    went_out = asked.went_out(one.email_key)
    if went_out is None:
        return None
    days = cadence.days(went_out, one.reply_by)
    return due_on(today, days, reply_by=one.reply_by, dealt_with=one.dealt_with)


def _keeps_still(one: Unanswered, asked: Asked, today: date) -> bool:
    """Whether the guest has been reminded just now, or is about to be."""
    asked_at = one.reminded_at
    today_already = asked_at is not None and asked_at.astimezone(asked.zone).date() == today
    return today_already or asked.reminder_waits or is_quiet(today, asked.by_hand)


def _note_days(session: Session, days: Mapping[int, date]) -> None:
    """Deal with each day once, also where no mail goes out on account of it."""
    for invitation in load_invitations(session, days):
        invitation.reminder_day = days[invitation.id]


def _ask_for(session: Session, event: Event, due: Mapping[int, Due], *, now: datetime) -> None:
    if not due:
        return
    order = Order("", now, batch=next_reminder_batch(session, event.id), by_day=True)
    for invitation in load_invitations(session, due):
        _note_asked(invitation, now)
        found = due[invitation.id]
        kind = kind_of_reminder(last=found.last)
        # The day in the key: whatever goes wrong, no second mail is asked for on account of it.
        day = found.day.isoformat()
        ask(session, kind, invitation, invitation.guest, order, version=day)


def change_cadence(
    session: Session, event: Event, number: int, cadence: Cadence, *, now: datetime
) -> Wave:
    """Let a wave's guests be reminded on other days from today on; days past stay past.

    Raises UnknownWaveError.
    """
    event = lock_for_places(session, event.id)
    wave = find_wave(session, event.id, number)
    if wave is None:
        raise UnknownWaveError(f"The event has no wave {number}.")
    if cadence != cadence_of(wave):
        wave.remind_after, wave.remind_before = list(cadence.after), list(cadence.before)
        _leave_out_past(list_of_wave(session, wave.id), today_at(event, now))
    return wave


def set_do_not_remind(
    session: Session, event: Event, *, email: str, do_not: bool, by: str, now: datetime
) -> Guest:
    """Let no reminder go to a guest, also none that waits; or take that back for days to come.

    Raises UnknownAddressError.
    """
    event = lock_for_places(session, event.id)
    guest = find_named(list_guests(session, event.id), [email])[0]
    invitation = find_of_guest(session, guest.id)
    if guest.do_not_remind and not do_not and invitation is not None:
        _leave_out_past([invitation], today_at(event, now))
    guest.do_not_remind = do_not
    if do_not and invitation is not None:
        cancel_waiting(
            session,
            REMINDING,
            subject_ids=[invitation.id],
            reason=reasons.DO_NOT_REMIND,
            now=now,
            by=by,
        )
    return guest


def _leave_out_past(invitations: Sequence[Invitation], today: date) -> None:
    """Take the days of a cadence before today for dealt with."""
    yesterday = today - timedelta(days=1)
    for invitation in invitations:
        invitation.reminder_day = max(invitation.reminder_day or yesterday, yesterday)
