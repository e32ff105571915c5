"""Deciding: approving the guest list, and keeping the steering group's register."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.db.types import LocalText
from app.decisions.models import Decision, Matter
from app.delegates.services import revoke_added_by_link
from app.events.models import Event
from app.events.queries import lock_for_places, today_at
from app.guests.models import Guest, GuestListVersion
from app.guests.salutations import full_name
from app.guests.services import FrozenList, freeze_list
from app.guests.substitution import substitute
from app.invitations.models import InvitationState
from app.invitations.queries import invitations_by_guest, spent_guest_ids
from app.invitations.services import renew_link
from app.invitations.withdrawing import withdraw_invitation
from app.language import N_, in_each_language

COMES_FOR = N_("Guest list version %(number)s: %(joining)s comes for %(guest)s")
LIST_APPROVED = N_(
    "Guest list version %(number)s: %(names)s on the list, %(reserve)s on the reserve"
)


def approve_guest_list(session: Session, event: Event, *, by: str, now: datetime) -> FrozenList:
    """Freeze the proposed list as its next version and enter the decision, in one transaction.

    Who was removed, or moved to the reserve, loses an invitation that is still running; who got a
    new address gets a new link, and the old one is dead. Raises NothingToApproveError,
    QuotaExceededError.
    """
    event = lock_for_places(session, event.id)
    frozen = freeze_list(session, event, by=by, now=now, spent=spent_guest_ids(session, event.id))
    invitations = invitations_by_guest(session, event.id)
    for guest in (*frozen.removed, *frozen.demoted):
        invitation = invitations.get(guest.id)
        if invitation is not None and invitation.state is not InvitationState.WITHDRAWN:
            withdraw_invitation(session, invitation, by=by, now=now)
    for guest in frozen.readdressed:
        if guest.id in invitations:
            renew_link(session, invitations[guest.id], now=now)
            revoke_added_by_link(session, invitations[guest.id], now=now)
    session.add(_decision(event, frozen.version, _text_of(frozen), by=by, now=now))
    session.flush()
    return frozen


def approve_representative(
    session: Session,
    event: Event,
    guest: Guest,
    person: Mapping[str, str],
    *,
    by: str,
    now: datetime,
) -> Guest:
    """Let a person come for a guest: a new version of the list, and the decision, at once.

    Called under the event's lock. Raises NotOnListError.
    """
    joining, version = substitute(session, event, guest, person, by=by, now=now)
    text = in_each_language(
        COMES_FOR,
        lambda language: {
            "number": version.number,
            "joining": full_name(joining, language),
            "guest": full_name(guest, language),
        },
    )
    session.add(_decision(event, version, text, by=by, now=now))
    session.flush()
    return joining


def _text_of(frozen: FrozenList) -> LocalText:
    facts = {
        "number": frozen.version.number,
        "names": len(frozen.approved),
        "reserve": len(frozen.reserve),
    }
    return in_each_language(LIST_APPROVED, lambda _: facts)


def _decision(
    event: Event, version: GuestListVersion, text: LocalText, *, by: str, now: datetime
) -> Decision:
    return Decision(
        event_id=event.id,
        matter=Matter.LIST,
        text=text,
        decided_on=today_at(event, now),
        by=by,
        recorded_at=now,
        version_id=version.id,
    )
