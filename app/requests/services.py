"""A late change: asked for once its part is locked, granted or refused by the organiser."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.deliveries.models import DeliveryKind
from app.events.models import Event
from app.events.queries import lock_for_places, today_at
from app.invitations.models import Invitation, InvitationState
from app.programme.models import ProgrammeItem
from app.programme.queries import closed_item_ids, list_items
from app.requests.asking import (
    Asker,
    RequestRefusedError,
    Why,
    decide,
    file_request,
    lock_waiting,
    read_words,
    tell_guest,
)
from app.requests.models import Request, RequestKind, RequestState, Wished
from app.requests.queries import find_waiting
from app.rsvp.changes import ITEM, AnswerWish
from app.rsvp.models import Answer, AnswerChannel, ChoiceAnswer, Rsvp, RsvpChange
from app.rsvp.queries import find_rsvp
from app.rsvp.reserve import fill_from_reserve
from app.rsvp.services import Outcome, record_answer
from app.tokens import Revoked

EVENT_PART = "event"
MAILS = {
    RequestKind.LATE_CHANGE: DeliveryKind.LATE_CHANGE,
    RequestKind.REPRESENTATIVE: DeliveryKind.REPRESENTATIVE,
}
"""Which mail tells the guest what became of a request."""


def ask_late_change(
    session: Session,
    invitation: Invitation,
    *,
    part: str,
    wished: Wished | None,
    words: str,
    channel: AnswerChannel,
    actor: str,
    now: datetime,
) -> Request:
    """Ask the organiser to change a locked part (`event`, `item:<slug>`); nothing changes yet.

    One request of a part waits at a time: asking again puts the new wish and words in its place.
    Raises Revoked, RequestRefusedError.
    """
    event = lock_for_places(session, invitation.event_id)
    rsvp = _answered(session, invitation)
    _refuse_unlocked(session, event, invitation, rsvp, part, now=now)
    if wished is None:
        raise RequestRefusedError(Why.WISH_MISSING)
    said = read_words(words, required=wished is Wished.OTHER)
    _refuse_pointless(session, rsvp, part, wished)
    waiting = find_waiting(session, invitation.id, RequestKind.LATE_CHANGE, part)
    if waiting is None:
        asker, kind = Asker(channel, actor), RequestKind.LATE_CHANGE
        facts: dict[str, Any] = {"part": part, "wished": wished, "words": said}
        return file_request(session, invitation, kind, asker, now=now, **facts)
    waiting.wished, waiting.words, waiting.asked_at = wished, said, now
    waiting.channel, waiting.actor = channel, actor
    return waiting


def _answered(session: Session, invitation: Invitation) -> Rsvp:
    if invitation.state is InvitationState.WITHDRAWN:
        raise Revoked
    rsvp = find_rsvp(session, invitation.id)
    if rsvp is None or invitation.state is not InvitationState.ANSWERED:
        raise RequestRefusedError(Why.NOT_ANSWERED)
    return rsvp


def _refuse_unlocked(
    session: Session,
    event: Event,
    invitation: Invitation,
    rsvp: Rsvp,
    part: str,
    *,
    now: datetime,
) -> None:
    """Refuse what the guest can change without asking, and what is no part of theirs."""
    today = today_at(event, now)
    last_day = invitation.reply_by
    if part != EVENT_PART:
        items = list_items(session, event.id)
        closed = closed_item_ids(session, items, invitation.guest_id)
        chosen = _chosen(rsvp, items)
        shown = {item.slug: item for item in items if item.id not in closed or item.slug in chosen}
        if (item := shown.get(part.removeprefix(ITEM))) is None:
            raise RequestRefusedError(Why.UNKNOWN_PART)
        last_day = item.locks
    if today <= last_day:
        raise RequestRefusedError(Why.STILL_OPEN)


def _refuse_pointless(session: Session, rsvp: Rsvp, part: str, wished: Wished) -> None:
    if wished is Wished.OTHER:
        return
    accepted = rsvp.answer is Answer.ACCEPTED
    stands = accepted
    if part != EVENT_PART:
        if not accepted:
            raise RequestRefusedError(Why.NOT_ACCEPTED)
        items = list_items(session, rsvp.invitation.event_id)
        stands = part.removeprefix(ITEM) in _chosen(rsvp, items)
    if stands is (wished is Wished.YES):
        raise RequestRefusedError(Why.RECORDED_ALREADY)


def _chosen(rsvp: Rsvp, items: Sequence[ProgrammeItem]) -> frozenset[str]:
    held = {choice.item_id for choice in rsvp.choices if choice.answer is not ChoiceAnswer.NO}
    return frozenset(item.slug for item in items if item.id in held)


def grant(session: Session, request: Request, *, by: str, reply: str = "", now: datetime) -> None:
    """Grant a late change and record it as the guest's own answer; the history names who granted.

    Places and overlaps still rule; a place that becomes free by it goes to the reserve, although
    the item is locked. What was asked in own words is recorded by hand before, and
    only marked here. The confirmation tells the guest what is recorded; a mail of its own goes out
    with a reply, or where there is nothing to confirm.
    Raises RequestRefusedError, and what record_answer raises; nothing is changed then.
    """
    event = lock_waiting(session, request, RequestKind.LATE_CHANGE)
    said = read_words(reply)
    outcome = Outcome.UNCHANGED
    if request.wished is not Wished.OTHER:
        outcome = _record(session, event, request, by=by, now=now)
    decide(request, RequestState.GRANTED, by=by, reply=said, now=now)
    if said or outcome is Outcome.UNCHANGED:
        tell_guest(session, request, DeliveryKind.LATE_CHANGE, now=now)


def _record(session: Session, event: Event, request: Request, *, by: str, now: datetime) -> Outcome:
    """Record what was wished, and who granted it as a line of the same press."""
    rsvp = _answered(session, request.invitation)
    version, held = rsvp.version + 1, _held(rsvp)
    outcome = record_answer(
        session,
        request.invitation,
        _wish(session, event, request, rsvp),
        channel=request.channel,
        actor=request.actor,
        now=now,
        granted=True,
    )
    if outcome is Outcome.RECORDED:
        press = {"channel": request.channel, "actor": request.actor, "at": now, "before": ""}
        granted = RsvpChange(rsvp_id=rsvp.id, version=version, part="granted", after=by, **press)
        session.add(granted)
        freed = held - _held(rsvp)
        fill_from_reserve(session, event, now=now, although_locked=freed)
    return outcome


def _held(rsvp: Rsvp) -> frozenset[int]:
    """Return, by id, the items at which the guest has a place."""
    return frozenset(one.item_id for one in rsvp.choices if one.answer is ChoiceAnswer.YES)


def _wish(session: Session, event: Event, request: Request, rsvp: Rsvp) -> AnswerWish:
    """Return the answer as it stands with the one part changed."""
    comes = request.wished is Wished.YES
    if request.part == EVENT_PART:
        return AnswerWish.alone(Answer.ACCEPTED if comes else Answer.DECLINED)
    if rsvp.answer is Answer.DECLINED:
        raise RequestRefusedError(Why.NOT_ACCEPTED)
    items = list_items(session, event.id)
    item = next((one for one in items if one.slug == request.part.removeprefix(ITEM)), None)
    if item is None:
        raise RequestRefusedError(Why.UNKNOWN_PART)
    chosen = _chosen(rsvp, items)
    wished = chosen | {item.slug} if comes else chosen - {item.slug}
    companions = () if item.is_dinner and not comes else None
    return replace(AnswerWish.alone(Answer.ACCEPTED), items=wished, companions=companions)


def refuse(session: Session, request: Request, *, by: str, reply: str, now: datetime) -> None:
    """Refuse a late change or a representative; the guest is told by a mail with the reply.

    Raises RequestRefusedError, also where there is no reply.
    """
    lock_waiting(session, request, *MAILS)
    said = read_words(reply)
    if not said:
        raise RequestRefusedError(Why.REPLY_MISSING)
    decide(request, RequestState.REFUSED, by=by, reply=said, now=now)
    tell_guest(session, request, MAILS[request.kind], now=now)
