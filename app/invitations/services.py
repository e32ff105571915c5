"""Inviting, reminding, withdrawing, expiring: all that opens and closes an invitation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.addresses import email_key
from app.deliveries.models import DeliveryKind
from app.deliveries.services import cancel_waiting, queue_delivery
from app.events.models import Event
from app.events.queries import lock_for_places, today_at
from app.guests.models import Guest, GuestListEntry, GuestStatus
from app.guests.queries import approved_entries, list_guests
from app.invitations.models import Invitation, InvitationState, Wave
from app.invitations.queries import (
    invitations_by_guest,
    list_open,
    next_wave_number,
    place_ledger,
)

NO_PLACE = "no place is free"
ASKING = (DeliveryKind.INVITATION, DeliveryKind.REMINDER)


@dataclass(frozen=True)
class Addressee:
    """A guest who is written to, and how."""

    guest: Guest
    language: str
    again: bool = False
    """The invitation is open already: this sends the link once more."""


@dataclass(frozen=True)
class Skipped:
    guest: Guest
    reason: str


@dataclass(frozen=True)
class WavePlan:
    """Who gets what, in which language, and who is skipped and why."""

    addressees: tuple[Addressee, ...]
    skipped: tuple[Skipped, ...]


class UnknownAddressError(Exception):
    """An address was named that no guest of the event has."""


class NotApprovedError(Exception):
    """A guest was named whom no approved version of the list holds."""


class ReplyByPassedError(Exception):
    """The event's reply-by date is over: an invitation now could not be answered."""


class NoPlaceFreeError(Exception):
    """More guests were named than there are free places."""


class NotOpenError(Exception):
    """The guest has no invitation that could be withdrawn or sent again."""


def plan_wave(
    session: Session, event: Event, *, now: datetime, emails: Sequence[str] = ()
) -> WavePlan:
    """Return what `send_wave` would do now; changes nothing.

    Without `emails`: every approved guest not yet invited, in the list's order, as far as free
    places reach. With `emails`: exactly those; an open invitation among them is sent once more.
    Raises UnknownAddressError, NotApprovedError, ReplyByPassedError.
    """
    if today_at(event, now) > event.reply_by:
        raise ReplyByPassedError(
            f"The reply-by date, {event.reply_by.isoformat()}, has passed. Set a later one in the"
            " event file and load it again."
        )
    entries = approved_entries(session, event.id)
    invited = invitations_by_guest(session, event.id)
    guests = list_guests(session, event.id)
    chosen = _named(guests, emails) if emails else guests
    free = place_ledger(session, event).free
    addressees: list[Addressee] = []
    skipped: list[Skipped] = []
    for guest in chosen:
        invitation = invited.get(guest.id)
        reason = _why_not(guest, entries, invitation, by_name=bool(emails))
        if reason is None and invitation is None:
            free -= 1
            reason = NO_PLACE if free < 0 else None
        if reason is None:
            addressees.append(Addressee(guest, guest.language, again=invitation is not None))
        else:
            skipped.append(Skipped(guest, reason))
    return WavePlan(tuple(addressees), tuple(skipped))


def _named(guests: Sequence[Guest], emails: Sequence[str]) -> list[Guest]:
    wanted = {email_key(email): email for email in emails}
    found = [guest for guest in guests if guest.email_key in wanted]
    unknown = wanted.keys() - {guest.email_key for guest in found}
    if unknown:
        names = ", ".join(sorted(wanted[key] for key in unknown))
        raise UnknownAddressError(f"No guest of this event has the address {names}.")
    return found


def _why_not(
    guest: Guest,
    entries: dict[int, GuestListEntry],
    invitation: Invitation | None,
    *,
    by_name: bool,
) -> str | None:
    """Return why this guest is not written to, or None; raise if they were named unapproved."""
    if guest.id not in entries or guest.status is not GuestStatus.APPROVED:
        reason = _NOT_APPROVED[guest.status]
        if by_name:
            raise NotApprovedError(f"{guest.full_name} <{guest.email}> {reason}; nothing was sent.")
        return reason
    if invitation is None:
        return None
    if invitation.state is InvitationState.OPEN:
        return None if by_name else "is invited already"
    return {
        InvitationState.ANSWERED: "has answered",
        InvitationState.EXPIRED: "did not answer by the reply-by date",
        InvitationState.WITHDRAWN: "had the invitation withdrawn",
    }[invitation.state]


_NOT_APPROVED = {
    GuestStatus.PROPOSED: "is proposed, not on an approved version of the list",
    GuestStatus.APPROVED: "is not on the newest approved version of the list",
    GuestStatus.RESERVE: "stands on the reserve",
    GuestStatus.REMOVED: "was removed from the list",
}


@dataclass(frozen=True)
class SentWave:
    wave: Wave | None
    """None where only open invitations were sent once more."""
    plan: WavePlan


def send_wave(
    session: Session, event: Event, *, by: str, now: datetime, emails: Sequence[str] = ()
) -> SentWave:
    """Invite: hold a place and ask for a mail for each guest of `plan_wave`, in one transaction.

    Takes the event's lock, so that accepted + held never pass the limit.
    Raises what plan_wave raises, and NoPlaceFreeError where named guests find no place.
    """
    event = lock_for_places(session, event.id)
    plan = plan_wave(session, event, now=now, emails=emails)
    without_place = [skip.guest.full_name for skip in plan.skipped if skip.reason == NO_PLACE]
    if emails and without_place:
        raise NoPlaceFreeError(
            f"No place is free for {', '.join(without_place)}; nothing was sent."
        )
    entries = approved_entries(session, event.id)
    invited = invitations_by_guest(session, event.id)
    fresh = [addressee.guest for addressee in plan.addressees if not addressee.again]
    wave = _new_wave(session, event, by=by, now=now) if fresh else None
    if wave is not None:
        _open_invitations(session, event, wave, fresh, entries, now=now)
    for addressee in plan.addressees:
        if addressee.again:
            send_again(session, invited[addressee.guest.id], addressee.guest, now=now)
    return SentWave(wave, plan)


def _new_wave(session: Session, event: Event, *, by: str, now: datetime) -> Wave:
    number = next_wave_number(session, event.id)
    wave = Wave(event_id=event.id, number=number, sent_at=now, sent_by=by)
    session.add(wave)
    session.flush()
    return wave


def _open_invitations(
    session: Session,
    event: Event,
    wave: Wave,
    guests: Sequence[Guest],
    entries: dict[int, GuestListEntry],
    *,
    now: datetime,
) -> None:
    invitations = [
        Invitation(
            event_id=event.id,
            guest_id=guest.id,
            entry_id=entries[guest.id].id,
            wave_id=wave.id,
            state=InvitationState.OPEN,
            holds_place=True,
            reply_by=event.reply_by,
            opened_at=now,
            sendings=1,
        )
        for guest in guests
    ]
    session.add_all(invitations)
    session.flush()
    for invitation, guest in zip(invitations, guests, strict=True):
        _ask(session, DeliveryKind.INVITATION, invitation, guest, version=1, now=now)


def _ask(
    session: Session,
    kind: DeliveryKind,
    invitation: Invitation,
    guest: Guest,
    *,
    version: int,
    now: datetime,
) -> None:
    queue_delivery(
        session,
        kind,
        key=f"{kind}:{invitation.id}:{version}",
        subject_id=invitation.id,
        recipient=guest.email,
        language=guest.language,
        event_id=invitation.event_id,
        guest_id=guest.id,
        now=now,
    )


def send_again(session: Session, invitation: Invitation, guest: Guest, *, now: datetime) -> None:
    """Send an open invitation's link once more; what still waited is replaced."""
    if invitation.state is not InvitationState.OPEN:
        raise NotOpenError(f"The invitation of {guest.full_name} is {invitation.state}, not open.")
    cancel_waiting(
        session, ASKING, subject_ids=[invitation.id], reason="Replaced by a newer sending."
    )
    invitation.sendings += 1
    _ask(session, DeliveryKind.INVITATION, invitation, guest, version=invitation.sendings, now=now)


def remind(session: Session, event: Event, *, now: datetime) -> list[Addressee]:
    """Ask for a reminder to every guest with an open invitation, and to nobody else."""
    lock_for_places(session, event.id)
    invitations = list_open(session, event.id)
    cancel_waiting(
        session,
        (DeliveryKind.REMINDER,),
        subject_ids=[invitation.id for invitation in invitations],
        reason="Replaced by a newer reminder.",
    )
    for invitation in invitations:
        invitation.reminders += 1
        _ask(
            session,
            DeliveryKind.REMINDER,
            invitation,
            invitation.guest,
            version=invitation.reminders,
            now=now,
        )
    return [
        Addressee(invitation.guest, invitation.guest.language, again=True)
        for invitation in invitations
    ]


def withdraw(session: Session, event: Event, *, email: str, now: datetime) -> Invitation:
    """Withdraw a guest's invitation: its link is dead at once, its place free.

    Raises UnknownAddressError, NotOpenError.
    """
    lock_for_places(session, event.id)
    guest = _named(list_guests(session, event.id), [email])[0]
    invitation = invitations_by_guest(session, event.id).get(guest.id)
    if invitation is None or invitation.state is InvitationState.WITHDRAWN:
        state = "is not invited" if invitation is None else "has no invitation any more"
        raise NotOpenError(f"{guest.full_name} {state}; nothing was changed.")
    close(session, invitation, InvitationState.WITHDRAWN, now=now)
    return invitation


def close(
    session: Session, invitation: Invitation, state: InvitationState, *, now: datetime
) -> None:
    """Expire or withdraw: frees the place and cancels what waits; withdrawing kills the link."""
    invitation.state = state
    invitation.holds_place = False
    invitation.closed_at = now
    kinds: tuple[DeliveryKind, ...] = ASKING
    if state is InvitationState.WITHDRAWN:
        invitation.link_version += 1
        kinds = (*ASKING, DeliveryKind.CONFIRMATION)
    cancel_waiting(
        session, kinds, subject_ids=[invitation.id], reason=f"The invitation was {state} meanwhile."
    )


def renew_link(session: Session, invitation: Invitation) -> None:
    """Kill the old link, because the guest's address changed; what waits goes nowhere."""
    invitation.link_version += 1
    cancel_waiting(
        session,
        (*ASKING, DeliveryKind.CONFIRMATION),
        subject_ids=[invitation.id],
        reason="The guest's address was changed meanwhile.",
    )


def mark_answered(
    session: Session, invitation: Invitation, *, takes_place: bool, now: datetime
) -> None:
    """Note the guest's answer to the event in the ledger; nothing that asks is sent any more.

    A place must be free for one that takes it anew (`PlaceLedger.free` under the lock).
    """
    invitation.state = InvitationState.ANSWERED
    invitation.holds_place = takes_place
    invitation.answered_at = now
    invitation.closed_at = None
    cancel_waiting(
        session, ASKING, subject_ids=[invitation.id], reason="The guest answered meanwhile."
    )


def expire_due(session: Session, event: Event, *, now: datetime) -> int:
    """Expire open invitations whose reply-by day is over at the event's place; free places."""
    event = lock_for_places(session, event.id)
    today = today_at(event, now)
    due = [invitation for invitation in list_open(session, event.id) if invitation.reply_by < today]
    for invitation in due:
        close(session, invitation, InvitationState.EXPIRED, now=now)
    return len(due)
