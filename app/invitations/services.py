"""Inviting, withdrawing, expiring: all that opens and closes an invitation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from secrets import token_urlsafe

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.addresses import read_address
from app.calendars.services import drop_entries, forget_told
from app.deliveries import reasons
from app.deliveries.batches import wave_batch
from app.deliveries.models import (
    INVITING,
    REMINDING,
    WAITING,
    Delivery,
    DeliveryKind,
    DeliveryState,
)
from app.deliveries.queries import states_about
from app.deliveries.services import cancel_waiting, queue_delivery, settle_by_answer
from app.events.models import Event
from app.events.queries import lock_for_places, refuse_called_off, today_at
from app.guests.models import Guest, GuestListEntry
from app.guests.queries import approved_entries, list_guests, once_on_reserve
from app.invitations.cadence import Cadence, cadence_of
from app.invitations.models import Invitation, InvitationState, Wave
from app.invitations.plans import (
    NO_PLACE,
    Plan,
    find_named,
    kind_of_invitation,
    plan_wave,
)
from app.invitations.queries import invitations_by_guest, list_open, next_wave_number

CLOSED_BY = {
    InvitationState.ANSWERED: reasons.ANSWERED,
    InvitationState.EXPIRED: reasons.EXPIRED,
    InvitationState.WITHDRAWN: reasons.WITHDRAWN,
}
ASKING = (*INVITING, *REMINDING)
ANSWERING = (
    DeliveryKind.CONFIRMATION,
    DeliveryKind.MOVED_UP,
    DeliveryKind.PROGRAMME_CHANGED,
)
"""Mails about an answer: each leads to it by the guest's link."""


class NoPlaceFreeError(Exception):
    """More guests were named than there are free places."""


class NotOpenError(Exception):
    """The guest has no invitation that could be withdrawn or sent again."""


@dataclass(frozen=True)
class Order:
    """Who asks for mails, when, and for when: what every send has in common."""

    by: str
    now: datetime
    at: datetime | None = None
    """Not before that moment, where it is scheduled."""
    batch: str | None = None
    by_day: bool = False
    """Never at night, by the clock of the event's place."""
    cadence: Cadence | None = None
    """When a wave's guests are reminded; None: as the event's waves are."""


class NobodyListedError(Exception):
    """There is no guest whose invitation could be shown."""


class UnknownLanguageError(Exception):
    """The event is not held in that language."""


@dataclass(frozen=True)
class SentWave:
    wave: Wave | None
    """None where only open invitations were sent once more."""
    plan: Plan


def send_wave(
    session: Session,
    event: Event,
    *,
    by: str,
    now: datetime,
    emails: Sequence[str] = (),
    at: datetime | None = None,
    cadence: Cadence | None = None,
) -> SentWave:
    """Invite: hold a place and ask for a mail for each guest of `plan_wave`, in one transaction.

    Takes the event's lock, so that accepted + held never pass the limit. With `at` the mails go out
    then; the places are held from now on. `cadence`: when a new wave's guests are reminded, where
    it is not as the event says.
    Raises what plan_wave raises, and NoPlaceFreeError where named guests find no place.
    """
    event = lock_for_places(session, event.id)
    refuse_called_off(event)
    plan = plan_wave(session, event, now=now, emails=emails, at=at)
    without_place = [skip.guest.full_name for skip in plan.skipped if skip.reason == NO_PLACE]
    if emails and without_place:
        raise NoPlaceFreeError(
            f"No place is free for {', '.join(without_place)}; nothing was sent."
        )
    order = Order(by, now, at, cadence=cadence)
    invited = invitations_by_guest(session, event.id)
    fresh = [addressee.guest for addressee in plan.addressees if not addressee.again]
    wave = _new_wave(session, event, fresh, order) if fresh else None
    for addressee in plan.addressees:
        if addressee.again:
            invitation = invited[addressee.guest.id]
            in_its_wave = replace(order, batch=wave_batch(event.id, invitation.wave.number))
            send_again(session, invitation, addressee.guest, in_its_wave, resend=addressee.resend)
    return SentWave(wave, plan)


def _new_wave(session: Session, event: Event, guests: Sequence[Guest], order: Order) -> Wave:
    number = next_wave_number(session, event.id)
    cadence = order.cadence or cadence_of(event)
    wave = Wave(
        event_id=event.id,
        number=number,
        sent_at=order.now,
        sent_by=order.by,
        scheduled_for=order.at,
        remind_after=list(cadence.after),
        remind_before=list(cadence.before),
    )
    session.add(wave)
    session.flush()
    entries = approved_entries(session, event.id)
    invitations = [_new_invitation(event, wave, guest, entries, order.now) for guest in guests]
    session.add_all(invitations)
    session.flush()
    in_wave = replace(order, batch=wave_batch(event.id, number))
    moved_up = once_on_reserve(session, event.id)
    for invitation, guest in zip(invitations, guests, strict=True):
        kind = kind_of_invitation(offered=guest.id in moved_up)
        ask(session, kind, invitation, guest, in_wave, version=1)
    return wave


def invite_in_place(
    session: Session, event: Event, guest: Guest, *, reply_by: date, by: str, now: datetime
) -> Invitation:
    """Invite one approved guest, with an own reply-by date, in a wave of one.

    Under the event's lock: the place it holds must be free, or have become so just before.
    """
    wave = _new_wave(session, event, [guest], Order(by, now))
    invitation = session.scalars(select(Invitation).where(Invitation.wave_id == wave.id)).one()
    invitation.reply_by = reply_by
    return invitation


def _new_invitation(
    event: Event, wave: Wave, guest: Guest, entries: dict[int, GuestListEntry], now: datetime
) -> Invitation:
    return Invitation(
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


def ask(
    session: Session,
    kind: DeliveryKind,
    invitation: Invitation,
    guest: Guest,
    order: Order,
    *,
    version: int | str,
    resend: bool = False,
) -> None:
    """Ask for a mail about the invitation; the version makes it once for ever."""
    delivery = queue_delivery(
        session,
        kind,
        key=f"{kind}:{invitation.id}:{version}",
        subject_id=invitation.id,
        recipient=guest.email,
        language=guest.language,
        event_id=invitation.event_id,
        guest_id=guest.id,
        batch=order.batch,
        resend=resend,
        by=order.by,
        now=order.now,
        due_at=order.at,
    )
    delivery.by_day = order.by_day


def send_again(
    session: Session, invitation: Invitation, guest: Guest, order: Order, *, resend: bool = True
) -> None:
    """Send an open invitation's link once more; what still waited is replaced.

    `resend`: the guest has, or may have, one already.
    """
    if invitation.state is not InvitationState.OPEN:
        raise NotOpenError(f"The invitation of {guest.full_name} is {invitation.state}, not open.")
    cancel_waiting(
        session,
        ASKING,
        subject_ids=[invitation.id],
        reason=reasons.NEWER_SENDING,
        now=order.now,
        by=order.by,
    )
    invitation.sendings += 1
    offered = bool(states_about(session, (DeliveryKind.OFFER,), invitation.id))
    ask(
        session,
        kind_of_invitation(offered=offered),
        invitation,
        guest,
        order,
        version=invitation.sendings,
        resend=resend,
    )


def send_tests(
    session: Session, event: Event, *, to: str, by: str, now: datetime
) -> list[Delivery]:
    """Ask for a test mail in each language in which guests of the list are written to.

    Raises what send_test raises.
    """
    languages = dict.fromkeys(guest.language for guest in list_guests(session, event.id))
    chosen = [language for language in event.languages if language in languages]
    return [
        send_test(session, event, to=to, language=language, by=by, now=now)
        for language in chosen or event.languages[:1]
    ]


def send_test(
    session: Session,
    event: Event,
    *,
    to: str,
    email: str | None = None,
    language: str | None = None,
    by: str,
    now: datetime,
) -> Delivery:
    """Ask for a mail to `to` that shows how the invitation reads; no guest gets anything.

    It reads as to the guest with that `email`, or the first of the list. Raises
    AddressRefusedError, UnknownAddressError, UnknownLanguageError, NobodyListedError.
    """
    guests = list_guests(session, event.id)
    shown = find_named(guests, [email]) if email else guests[:1]
    if not shown:
        raise NobodyListedError("The list has no guest yet whose invitation could be shown.")
    chosen = language or shown[0].language
    if chosen not in event.languages:
        raise UnknownLanguageError(
            f"{chosen} is no language of the event. Choose one of {', '.join(event.languages)}."
        )
    return queue_delivery(
        session,
        DeliveryKind.TEST,
        key=f"{DeliveryKind.TEST}:{token_urlsafe(12)}",
        subject_id=shown[0].id,
        recipient=read_address(to.strip()),
        language=chosen,
        event_id=event.id,
        by=by,
        now=now,
    )


def close(
    session: Session, invitation: Invitation, state: InvitationState, *, now: datetime
) -> None:
    """Expire or withdraw: frees the place and cancels what waits; withdrawing kills the link.

    Every part is taken out of the guest's calendar; the next mail tells it.
    """
    invitation.state = state
    invitation.holds_place = False
    invitation.closed_at = now
    kinds: tuple[DeliveryKind, ...] = ASKING
    if state is InvitationState.WITHDRAWN:
        invitation.link_version += 1
        kinds = (*ASKING, *ANSWERING)
    cancel_waiting(
        session,
        kinds,
        subject_ids=[invitation.id],
        reason=CLOSED_BY[state],
        now=now,
    )
    drop_entries(session, invitation.id, now=now)


def renew_link(session: Session, invitation: Invitation, *, now: datetime) -> None:
    """Kill the old link, because the guest's address changed; what waits goes nowhere.

    The calendar feed gets a new address, too. Who said at the old address that the invitation is
    not for them has no say in the new one.
    """
    invitation.link_version += 1
    invitation.feed_version += 1
    forget_told(session, invitation.id)
    invitation.disowned_at = None
    cancel_waiting(
        session,
        (*ASKING, *ANSWERING),
        subject_ids=[invitation.id],
        reason=reasons.READDRESSED,
        now=now,
    )


def mark_answered(
    session: Session, invitation: Invitation, *, takes_place: bool, by_link: bool, now: datetime
) -> None:
    """Note the guest's answer to the event in the ledger; nothing that asks is sent any more.

    A place must be free for one that takes it anew (`PlaceLedger.free` under the lock). Who answers
    `by_link` has had a mail: one that was uncertain has arrived.
    """
    invitation.state = InvitationState.ANSWERED
    invitation.holds_place = takes_place
    invitation.answered_at = now
    invitation.closed_at = None
    # Mostly all of them have arrived long ago: then there is nothing to write.
    states = states_about(session, ASKING, invitation.id)
    if states.intersection(WAITING):
        cancel_waiting(
            session,
            ASKING,
            subject_ids=[invitation.id],
            reason=CLOSED_BY[InvitationState.ANSWERED],
            now=now,
        )
    if by_link and DeliveryState.UNCERTAIN in states:
        settle_by_answer(session, ASKING, subject_id=invitation.id, now=now)


def expire_due(session: Session, event: Event, *, now: datetime) -> int:
    """Expire open invitations whose reply-by day is over at the event's place; free places.

    One whose link is in the wrong hands keeps its place until the organiser has settled it.
    """
    event = lock_for_places(session, event.id)
    if event.called_off_at is not None:
        return 0
    today = today_at(event, now)
    due = [
        invitation
        for invitation in list_open(session, event.id)
        if invitation.reply_by < today and invitation.disowned_at is None
    ]
    for invitation in due:
        close(session, invitation, InvitationState.EXPIRED, now=now)
    return len(due)
