"""Recording an answer: one service for every channel, decided under the event's lock."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from app.deliveries import reasons
from app.deliveries.models import DeliveryKind
from app.deliveries.services import cancel_waiting, queue_delivery
from app.events.models import Event
from app.events.queries import lock_for_places, today_at
from app.invitations.models import Invitation, InvitationState
from app.invitations.queries import place_ledger
from app.invitations.services import mark_answered
from app.programme.models import ProgrammeItem
from app.programme.overlaps import overlaps
from app.programme.queries import find_dinner, list_items
from app.rsvp.changes import (
    AnswerWish,
    Change,
    companions_of,
    diet_of,
    take_over,
)
from app.rsvp.choices import (
    AnswerRefusedError,
    Party,
    Refusal,
    RefusalReason,
    choose,
    heads,
)
from app.rsvp.models import (
    Answer,
    AnswerChannel,
    Choice,
    ChoiceAnswer,
    Diet,
    Rsvp,
    RsvpChange,
)
from app.rsvp.queries import count_of, find_rsvp, item_counts, reserve_line
from app.tokens import Revoked

GUEST_CHANNELS = (AnswerChannel.GUEST, AnswerChannel.DELEGATE, AnswerChannel.CALENDAR)
"""Channels on which the locks hold; what a person of the organiser's notes down is not bound."""


class Outcome(StrEnum):
    RECORDED = "recorded"
    UNCHANGED = "unchanged"
    WISH_NOTED = "wish noted"
    """Every place is taken; the wish to come is noted, the answer stays as it was."""


class InvitationClosedError(Exception):
    """The reply-by date is over and the place was released."""


class PlacesTakenError(Exception):
    """Every place is accepted or held by somebody else; nothing was changed."""

    def __init__(self, place_limit: int) -> None:
        self.place_limit = place_limit
        super().__init__(f"No place is free: {place_limit} of {place_limit} are taken.")


def record_answer(
    session: Session,
    invitation: Invitation,
    wish: AnswerWish,
    *,
    channel: AnswerChannel,
    actor: str,
    now: datetime,
    confirm: bool = True,
) -> Outcome:
    """Record an answer as wished, note every changed part, and ask for a confirmation mail.

    Decided under the event's lock: places are counted, and the invitation is read again, after
    everybody before has committed. Raises Revoked, InvitationClosedError, PlacesTakenError,
    AnswerRefusedError (all its refusals at once); on any of them nothing is changed.
    """
    event = lock_for_places(session, invitation.event_id)
    free_hand = channel not in GUEST_CHANNELS
    _refuse_closed(event, invitation, now=now, free_hand=free_hand)
    rsvp = find_rsvp(session, invitation.id)
    if wish.answer is Answer.ACCEPTED and not _finds_place(session, event, invitation):
        if rsvp is None or free_hand:
            raise PlacesTakenError(event.place_limit)
        _note_wish(session, rsvp, channel=channel, actor=actor, now=now)
        return Outcome.WISH_NOTED
    _refuse_late_answer(event, invitation, rsvp, wish, now=now, free_hand=free_hand)
    recorded = rsvp or _new_rsvp(invitation, wish, now=now)
    changes = _change(session, event, recorded, wish, now=now, free_hand=free_hand)
    if not changes:
        return Outcome.UNCHANGED
    session.add(recorded)
    _note(session, recorded, changes, channel=channel, actor=actor, now=now)
    takes_place = wish.answer is Answer.ACCEPTED
    by_link = channel in GUEST_CHANNELS
    mark_answered(session, invitation, takes_place=takes_place, by_link=by_link, now=now)
    if confirm:
        queue_confirmation(session, invitation, recorded, now=now)
    session.flush()
    fill_from_reserve(session, event, now=now)
    return Outcome.RECORDED


def _change(
    session: Session,
    event: Event,
    rsvp: Rsvp,
    wish: AnswerWish,
    *,
    now: datetime,
    free_hand: bool,
) -> list[Change]:
    """Decide every part and bring the row in line; return what changed."""
    items = list_items(session, event.id)
    locked = _locked_items(event, items, now=now, free_hand=free_hand)
    wish = _keep_locked_dinner(rsvp, wish, items, locked)
    answers = _choose_items(session, event, rsvp, wish, items=items, locked=locked)
    return take_over(rsvp, wish, items, answers, now=now)


def _refuse_closed(event: Event, invitation: Invitation, *, now: datetime, free_hand: bool) -> None:
    if invitation.state is InvitationState.WITHDRAWN:
        raise Revoked
    over = today_at(event, now) > invitation.reply_by
    never_answered = invitation.state in {InvitationState.OPEN, InvitationState.EXPIRED}
    if over and never_answered and not free_hand:
        raise InvitationClosedError


def _finds_place(session: Session, event: Event, invitation: Invitation) -> bool:
    return invitation.holds_place or place_ledger(session, event).free > 0


def _locked_items(
    event: Event, items: Sequence[ProgrammeItem], *, now: datetime, free_hand: bool
) -> frozenset[int]:
    today = today_at(event, now)
    return frozenset(item.id for item in items if item.locks < today and not free_hand)


def _refuse_late_answer(
    event: Event,
    invitation: Invitation,
    rsvp: Rsvp | None,
    wish: AnswerWish,
    *,
    now: datetime,
    free_hand: bool,
) -> None:
    changes_event = rsvp is not None and rsvp.answer is not wish.answer
    if changes_event and today_at(event, now) > invitation.reply_by and not free_hand:
        raise AnswerRefusedError([Refusal(RefusalReason.EVENT_LOCKED, "answer")])


def _keep_locked_dinner(
    rsvp: Rsvp, wish: AnswerWish, items: Sequence[ProgrammeItem], locked: frozenset[int]
) -> AnswerWish:
    """Once the dinner is locked its fields are not sent: diet and companions stay as recorded."""
    dinner = find_dinner(items)
    if dinner is None or dinner.id not in locked or wish.answer is Answer.DECLINED:
        return wish
    kept = companions_of(rsvp)
    if wish.companions and wish.companions != kept:
        raise AnswerRefusedError([Refusal(RefusalReason.ITEM_LOCKED, "companion_name", dinner)])
    return replace(wish, diet=diet_of(rsvp), companions=kept)


def _choose_items(
    session: Session,
    event: Event,
    rsvp: Rsvp,
    wish: AnswerWish,
    *,
    items: Sequence[ProgrammeItem],
    locked: frozenset[int],
) -> dict[int, ChoiceAnswer]:
    """Return the answer each item gets; a decline answers no to all of them."""
    if wish.answer is Answer.DECLINED:
        return {item.id: ChoiceAnswer.NO for item in items}
    before = {choice.item_id: choice.answer for choice in rsvp.choices}
    return choose(
        items,
        wished=wish.items,
        before=before,
        counts=item_counts(session, event.id),
        locked=locked,
        party=Party(
            companions_before=len(rsvp.companions),
            companions=len(wish.companions),
            companions_allowed=event.companions_per_guest,
        ),
    )


def _new_rsvp(invitation: Invitation, wish: AnswerWish, *, now: datetime) -> Rsvp:
    """Return an empty answer, not yet in the session: a refusal must leave nothing behind."""
    return Rsvp(
        invitation_id=invitation.id,
        answer=wish.answer,
        version=0,
        diet=Diet.NONE,
        diet_words="",
        message="",
        recorded_at=now,
        changed_at=now,
        choices=[],
        companions=[],
    )


def _note(
    session: Session,
    rsvp: Rsvp,
    changes: Sequence[Change],
    *,
    channel: AnswerChannel | None,
    actor: str,
    now: datetime,
) -> None:
    rsvp.version += 1
    rsvp.changed_at = now
    session.flush()
    session.add_all(
        RsvpChange(
            rsvp_id=rsvp.id,
            version=rsvp.version,
            at=now,
            channel=channel,
            actor=actor,
            part=change.part,
            before=change.before,
            after=change.after,
        )
        for change in changes
    )


def _note_wish(
    session: Session, rsvp: Rsvp, *, channel: AnswerChannel, actor: str, now: datetime
) -> None:
    """Keep that the guest would come after all; the answer and the ledger stay as they are."""
    if rsvp.wishes_place_since is None:
        rsvp.wishes_place_since = now
        wish = [Change("wish", "", Answer.ACCEPTED)]
        _note(session, rsvp, wish, channel=channel, actor=actor, now=now)


def queue_confirmation(
    session: Session, invitation: Invitation, rsvp: Rsvp, *, now: datetime
) -> None:
    """Ask for a mail that says what is recorded; an older one still waiting is replaced."""
    cancel_waiting(
        session,
        (DeliveryKind.CONFIRMATION,),
        subject_ids=[invitation.id],
        reason=reasons.NEWER_CONFIRMATION,
        now=now,
    )
    queue_delivery(
        session,
        DeliveryKind.CONFIRMATION,
        key=f"confirmation:{invitation.id}:{rsvp.version}",
        subject_id=invitation.id,
        recipient=invitation.guest.email,
        language=invitation.guest.language,
        event_id=invitation.event_id,
        guest_id=invitation.guest_id,
        now=now,
    )


def fill_from_reserve(session: Session, event: Event, *, now: datetime) -> int:
    """Give free places of programme items to the first on the reserve who fits; return how many.

    Who holds an overlapping item, or comes with more heads than are free, is passed over and stays
    in line. Locked items are left alone. Runs under the event's lock; each guest moved up is told
    by a confirmation mail.
    """
    items = list_items(session, event.id)
    locked = _locked_items(event, items, now=now, free_hand=False)
    counts = item_counts(session, event.id)
    moved = 0
    for item in items:
        count = count_of(item, counts)
        if not count.reserve or item.id in locked:
            continue
        free = sys.maxsize if item.places is None else item.places - count.taken
        for choice in reserve_line(session, item.id):
            rsvp = session.get_one(Rsvp, choice.rsvp_id)
            wanted = heads(item, len(rsvp.companions))
            if wanted <= free and not _holds_overlapping(rsvp, item, items):
                _move_up(session, rsvp, choice, item, now=now)
                free -= wanted
                moved += 1
    return moved


def _holds_overlapping(rsvp: Rsvp, item: ProgrammeItem, items: Sequence[ProgrammeItem]) -> bool:
    held = {choice.item_id for choice in rsvp.choices if choice.answer is ChoiceAnswer.YES}
    return any(other.id in held and overlaps(item, other) for other in items)


def _move_up(
    session: Session, rsvp: Rsvp, choice: Choice, item: ProgrammeItem, *, now: datetime
) -> None:
    choice.answer, choice.reserve_since = ChoiceAnswer.YES, None
    change = Change(f"item:{item.slug}", ChoiceAnswer.RESERVE, ChoiceAnswer.YES)
    _note(session, rsvp, [change], channel=None, actor="", now=now)
    queue_confirmation(session, rsvp.invitation, rsvp, now=now)
