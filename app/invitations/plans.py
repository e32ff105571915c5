"""Who would be written to: every send is planned first, shown, and then carried out as planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.addresses import email_key
from app.deliveries.models import INVITING, DeliveryKind
from app.deliveries.pauses import read_pauses
from app.deliveries.queries import Fates, read_fates
from app.events.models import Event
from app.events.queries import today_at
from app.guests.models import Guest, GuestListEntry, GuestStatus
from app.guests.queries import approved_entries, list_guests, once_on_reserve
from app.invitations.cadence import is_last_by_hand
from app.invitations.models import Invitation, InvitationState
from app.invitations.queries import invitations_by_guest, place_ledger
from app.invitations.texts import Unwritten, find_unwritten
from app.language import N_
from app.programme.queries import list_items

NO_PLACE = N_("no place is free")
NOT_GONE_OUT = N_("has no invitation yet that went out")
DISOWNED = N_("has said that the invitation is not for them")
DO_NOT_REMIND = N_("is not to be reminded")
UNWRITTEN = N_("the event is not wholly written in their language")


@dataclass(frozen=True)
class Addressee:
    """A guest who is written to, and how."""

    guest: Guest
    language: str
    kind: DeliveryKind = DeliveryKind.INVITATION
    """Which mail it is; a guest who has moved up from the reserve gets an offer."""
    again: bool = False
    """The invitation is open already: this sends the link once more."""
    resend: bool = False
    """The guest has, or may have, a mail with it."""


@dataclass(frozen=True)
class Skipped:
    guest: Guest
    reason: str
    """In English; `translated` shows it to a reader."""


@dataclass(frozen=True)
class Plan:
    """Who gets what, in which language, and who is skipped and why."""

    addressees: tuple[Addressee, ...]
    skipped: tuple[Skipped, ...]
    unwritten: tuple[Unwritten, ...] = ()
    """The languages in which nobody can be written to."""


class UnknownAddressError(Exception):
    """An address was named that no guest of the event has."""


class NotApprovedError(Exception):
    """A guest was named whom no approved version of the list holds."""


class ReplyByPassedError(Exception):
    """The event's reply-by date is over: an invitation now could not be answered."""


class NotInTimeError(Exception):
    """A send was scheduled for a moment that has passed, or after which nobody could answer."""


def plan_wave(
    session: Session,
    event: Event,
    *,
    now: datetime,
    emails: Sequence[str] = (),
    at: datetime | None = None,
) -> Plan:
    """Return what `send_wave` would do now; changes nothing.

    Without `emails`: every approved guest not yet invited, in the list's order, as far as free
    places reach, and those whose invitation was cancelled before it was sent. With `emails`:
    exactly those; an open invitation among them is sent once more.
    `at`: the mails go out then. Raises one of the errors above.
    """
    _refuse_untimely(event, now=now, at=at)
    _refuse_closed(event, now=now)
    entries = approved_entries(session, event.id)
    invited = invitations_by_guest(session, event.id)
    guests = list_guests(session, event.id)
    chosen = find_named(guests, emails) if emails else guests
    free = place_ledger(session, event).free
    fates = fates_of_invitations(session, event, now=now)
    unwritten = _find_unwritten(session, event, chosen)
    moved_up = once_on_reserve(session, event.id)
    addressees: list[Addressee] = []
    skipped: list[Skipped] = []
    for guest in chosen:
        invitation = invited.get(guest.id)
        again = bool(emails) or (invitation is not None and fates.never_went(invitation.id))
        reason = _why_not(guest, entries, invitation, by_name=bool(emails), again=again)
        reason = reason or (UNWRITTEN if guest.language in unwritten else None)
        if reason is None and invitation is None:
            free -= 1
            reason = NO_PLACE if free < 0 else None
        if reason is None:
            addressees.append(_invited(guest, invitation, fates, offered=guest.id in moved_up))
        else:
            skipped.append(Skipped(guest, reason))
    return Plan(tuple(addressees), tuple(skipped), _those(unwritten, skipped))


def _invited(
    guest: Guest, invitation: Invitation | None, fates: Fates, *, offered: bool
) -> Addressee:
    """Return how the guest is written to; what is sent once more stays what it was."""
    if invitation is None:
        return Addressee(guest, guest.language, kind_of_invitation(offered=offered))
    was_offer = DeliveryKind.OFFER in fates.kinds[invitation.id]
    return Addressee(
        guest,
        guest.language,
        kind_of_invitation(offered=was_offer),
        again=True,
        resend=fates.went_out(invitation.id),
    )


def kind_of_invitation(*, offered: bool) -> DeliveryKind:
    """Return the mail that invites: an offer, to who has moved up from the reserve."""
    return DeliveryKind.OFFER if offered else DeliveryKind.INVITATION


def _refuse_closed(event: Event, *, now: datetime) -> None:
    if today_at(event, now) > event.reply_by:
        raise ReplyByPassedError(
            f"The reply-by date, {event.reply_by.isoformat()}, has passed. Set a later one in the"
            " event file and load it again."
        )


def find_named(guests: Sequence[Guest], emails: Sequence[str]) -> list[Guest]:
    """Return the guests with those addresses. Raises UnknownAddressError."""
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
    again: bool,
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
        if invitation.disowned_at is not None:
            return DISOWNED
        return None if again else N_("is invited already")
    return CLOSED[invitation.state]


CLOSED = {
    InvitationState.ANSWERED: N_("has answered"),
    InvitationState.EXPIRED: N_("did not answer by the reply-by date"),
    InvitationState.WITHDRAWN: N_("had the invitation withdrawn"),
}

_NOT_APPROVED = {
    GuestStatus.PROPOSED: N_("is proposed, not on an approved version of the list"),
    GuestStatus.APPROVED: N_("is not on the newest approved version of the list"),
    GuestStatus.RESERVE: N_("stands on the reserve"),
    GuestStatus.REMOVED: N_("was removed from the list"),
}


def plan_reminder(
    session: Session,
    event: Event,
    *,
    now: datetime,
    emails: Sequence[str] = (),
    at: datetime | None = None,
) -> Plan:
    """Return what `remind` would do now: every guest who has not answered, and nobody else.

    With `emails`: those alone, also who is not to be reminded. It is the last reminder where fewer
    than three days are left by then. Raises UnknownAddressError, NotInTimeError.
    """
    _refuse_untimely(event, now=now, at=at)
    invited = invitations_by_guest(session, event.id)
    fates = fates_of_invitations(session, event, now=now)
    guests = list_guests(session, event.id)
    day = today_at(event, at or now)
    addressees: list[Addressee] = []
    skipped: list[Skipped] = []
    chosen = find_named(guests, emails) if emails else guests
    unwritten = _find_unwritten(session, event, [one for one in chosen if one.id in invited])
    for guest in chosen:
        invitation = invited.get(guest.id)
        if invitation is None:
            if emails:
                skipped.append(Skipped(guest, NOT_GONE_OUT))
            continue
        reason = _why_not_remind(guest, invitation, fates, named=bool(emails))
        reason = reason or (UNWRITTEN if guest.language in unwritten else None)
        if reason is None:
            kind = kind_of_reminder(last=is_last_by_hand(day, invitation.reply_by))
            addressees.append(Addressee(guest, guest.language, kind))
        else:
            skipped.append(Skipped(guest, reason))
    return Plan(tuple(addressees), tuple(skipped), _those(unwritten, skipped))


def _find_unwritten(
    session: Session, event: Event, guests: Sequence[Guest]
) -> dict[str, Unwritten]:
    """Return, by language, why a mail to those guests would not be wholly in their language."""
    items = list_items(session, event.id)
    languages = dict.fromkeys(guest.language for guest in guests)
    found = (find_unwritten(event, items, language) for language in languages)
    return {unwritten.language: unwritten for unwritten in found if unwritten}


def _those(unwritten: dict[str, Unwritten], skipped: Sequence[Skipped]) -> tuple[Unwritten, ...]:
    """Return those languages for which somebody is skipped."""
    theirs = {skip.guest.language for skip in skipped if skip.reason == UNWRITTEN}
    return tuple(one for language, one in unwritten.items() if language in theirs)


def _why_not_remind(
    guest: Guest, invitation: Invitation, fates: Fates, *, named: bool
) -> str | None:
    if invitation.state is not InvitationState.OPEN:
        return CLOSED[invitation.state]
    if invitation.disowned_at is not None:
        return DISOWNED
    if invitation.id in fates.held or fates.never_went(invitation.id):
        return NOT_GONE_OUT
    return DO_NOT_REMIND if guest.do_not_remind and not named else None


def kind_of_reminder(*, last: bool) -> DeliveryKind:
    return DeliveryKind.LAST_REMINDER if last else DeliveryKind.REMINDER


def fates_of_invitations(session: Session, event: Event, *, now: datetime) -> Fates:
    """Return what became of the event's invitations, by the invitation's row id."""
    stopped = read_pauses(session, now).stopped_batches
    return read_fates(session, event.id, INVITING, now=now, stopped=stopped)


def _refuse_untimely(event: Event, *, now: datetime, at: datetime | None) -> None:
    refuse_past(now=now, at=at)
    if at is not None and today_at(event, at) > event.reply_by:
        raise NotInTimeError(
            f"At that time the reply-by date, {event.reply_by.isoformat()}, has passed. Choose an"
            " earlier time, or set a later date in the event file and load it again."
        )


def refuse_past(*, now: datetime, at: datetime | None) -> None:
    """Raise NotInTimeError where the time to send has passed."""
    if at is not None and at <= now:
        raise NotInTimeError("The time to send has passed already. Choose a later one.")
