"""Questions about invitations, waves and the place ledger."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.deliveries.models import REMINDING, Delivery, DeliveryState
from app.events.models import Event
from app.events.queries import lock_for_places, refuse_called_off
from app.guests.models import Guest
from app.invitations.models import Invitation, InvitationState, Wave
from app.tokens import Claim, Revoked

# Built once: it is asked by every page and every answer of a guest.
OF_LINK = (
    select(Invitation)
    .join(Invitation.guest)
    .join(Invitation.event)
    .options(contains_eager(Invitation.guest), contains_eager(Invitation.event))
    .where(Invitation.public_id == bindparam("public_id"))
)


@dataclass(frozen=True)
class PlaceLedger:
    """Place limit = accepted + held by open invitations + free."""

    limit: int
    accepted: int
    held: int
    declined: int
    expired: int
    withdrawn: int

    @property
    def free(self) -> int:
        return self.limit - self.accepted - self.held


def place_ledger(session: Session, event: Event) -> PlaceLedger:
    """Return the ledger as it stands; under the event's lock it stays true until commit."""
    rows = session.execute(
        select(Invitation.state, Invitation.holds_place, func.count())
        .where(Invitation.event_id == event.id)
        .group_by(Invitation.state, Invitation.holds_place)
    )
    counted = {(state, holds): number for state, holds, number in rows}
    return PlaceLedger(
        limit=event.place_limit,
        accepted=counted.get((InvitationState.ANSWERED, True), 0),
        held=counted.get((InvitationState.OPEN, True), 0),
        declined=counted.get((InvitationState.ANSWERED, False), 0),
        expired=counted.get((InvitationState.EXPIRED, False), 0),
        withdrawn=counted.get((InvitationState.WITHDRAWN, False), 0),
    )


def read_claim(session: Session, claim: Claim) -> Invitation:
    """Return the invitation a link's claim belongs to, with guest and event.

    Raises Revoked if there is none, it was withdrawn, or a newer link has replaced this one: the
    three are one answer, so that the page tells nothing.
    """
    invitation = session.scalars(OF_LINK, {"public_id": claim.public_id}).one_or_none()
    if invitation is None or invitation.state is InvitationState.WITHDRAWN:
        raise Revoked
    if invitation.link_version != claim.version:
        raise Revoked
    return invitation


def read_feed_claim(session: Session, claim: Claim) -> Invitation:
    """Return the invitation whose calendar feed that is, with guest and event.

    Raises Revoked if there is none, the feed has another address by now, or the mail it stood in
    is in the wrong hands. The feed of a withdrawn invitation stays: it is what takes the parts out
    of the calendar again.
    """
    invitation = session.scalars(OF_LINK, {"public_id": claim.public_id}).one_or_none()
    if invitation is None or invitation.feed_version != claim.version:
        raise Revoked
    if invitation.disowned_at is not None:
        raise Revoked
    return invitation


def lock_with_places(session: Session, invitation: Invitation) -> Event:
    """Return the event, locked as in lock_for_places; the invitation is read again, with its guest.

    Others may have answered, withdrawn or readdressed it while this one waited. Raises
    CalledOffError where there is nothing left to answer.
    """
    row_id, event_id = invitation.id, invitation.event_id
    event = lock_for_places(session, event_id)
    refuse_called_off(event)
    session.scalars(
        select(Invitation)
        .where(Invitation.id == row_id)
        .options(joinedload(Invitation.guest))
        .execution_options(populate_existing=True)
    ).one()
    return event


def find_of_guest(session: Session, guest_id: int) -> Invitation | None:
    """Return the guest's invitation with its wave."""
    return session.scalars(
        select(Invitation)
        .where(Invitation.guest_id == guest_id)
        .options(joinedload(Invitation.wave))
    ).one_or_none()


def list_open(session: Session, event_id: int) -> Sequence[Invitation]:
    """Return the open invitations with their guests, in the list's order."""
    return session.scalars(
        select(Invitation)
        .join(Invitation.guest)
        .options(contains_eager(Invitation.guest))
        .where(Invitation.event_id == event_id, Invitation.state == InvitationState.OPEN)
        .order_by(Guest.position)
    ).all()


def invitations_by_guest(session: Session, event_id: int) -> dict[int, Invitation]:
    """Return every invitation of the event by its guest's row id."""
    rows = session.scalars(select(Invitation).where(Invitation.event_id == event_id))
    return {invitation.guest_id: invitation for invitation in rows}


def spent_guest_ids(session: Session, event_id: int) -> set[int]:
    """Return the guests whose invitation no longer claims a place."""
    return set(
        session.scalars(
            select(Invitation.guest_id).where(
                and_(Invitation.event_id == event_id, Invitation.holds_place.is_(False))
            )
        )
    )


def next_wave_number(session: Session, event_id: int) -> int:
    highest = session.scalars(select(func.max(Wave.number)).where(Wave.event_id == event_id)).one()
    return (highest or 0) + 1


def list_waves(session: Session, event_id: int) -> Sequence[tuple[Wave, int]]:
    """Return each wave with the number of its invitations, newest first."""
    return session.execute(
        select(Wave, func.count(Invitation.id))
        .outerjoin(Invitation, Invitation.wave_id == Wave.id)
        .where(Wave.event_id == event_id)
        .group_by(Wave.id)
        .order_by(Wave.number.desc())
    ).all()


def find_wave(session: Session, event_id: int, number: int) -> Wave | None:
    return session.scalars(
        select(Wave).where(Wave.event_id == event_id, Wave.number == number)
    ).one_or_none()


@dataclass(frozen=True)
class Unanswered:
    """An open invitation, as far as the days of its reminders ask of it."""

    id: int
    wave_id: int
    reply_by: date
    dealt_with: date | None
    reminded_at: datetime | None
    email_key: str


def list_unanswered(
    session: Session, wave_ids: Sequence[int], *, today: date
) -> Sequence[Unanswered]:
    """Return the open invitations of those waves whose guests may be reminded after today."""
    rows = session.execute(
        select(
            Invitation.id,
            Invitation.wave_id,
            Invitation.reply_by,
            Invitation.reminder_day,
            Invitation.reminded_at,
            Guest.email_key,
        )
        .join(Invitation.guest)
        .where(
            Invitation.wave_id.in_(wave_ids),
            Invitation.state == InvitationState.OPEN,
            Invitation.disowned_at.is_(None),
            Invitation.reply_by > today,
            Guest.do_not_remind.is_(False),
        )
        .order_by(Guest.position, Guest.id)
    )
    return [Unanswered(*row) for row in rows]


def load_invitations(session: Session, ids: Collection[int]) -> Sequence[Invitation]:
    """Return those invitations with their guests, in the list's order."""
    return session.scalars(
        select(Invitation)
        .join(Invitation.guest)
        .options(contains_eager(Invitation.guest))
        .where(Invitation.id.in_(ids))
        .order_by(Guest.position, Guest.id)
    ).all()


def list_of_wave(session: Session, wave_id: int) -> Sequence[Invitation]:
    return session.scalars(select(Invitation).where(Invitation.wave_id == wave_id)).all()


@dataclass(frozen=True)
class Reminded:
    """The reminders to one guest that really went out."""

    times: int
    last_at: datetime


def reminded_guests(
    session: Session, event_id: int, *, guest_ids: Sequence[int] | None = None
) -> dict[int, Reminded]:
    """Return, by guest id, how often and when last each was reminded; of the event, or of some."""
    query = select(Delivery.guest_id, func.count(), func.max(Delivery.sent_at)).where(
        Delivery.event_id == event_id,
        Delivery.kind.in_(REMINDING),
        Delivery.state == DeliveryState.SENT,
        Delivery.guest_id.is_not(None),
    )
    if guest_ids is not None:
        query = query.where(Delivery.guest_id.in_(guest_ids))
    rows = session.execute(query.group_by(Delivery.guest_id))
    return {
        guest_id: Reminded(times, last_at)
        for guest_id, times, last_at in rows
        if guest_id is not None and last_at is not None
    }
