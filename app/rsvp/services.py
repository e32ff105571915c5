"""Recording an answer: one service for every channel, decided under the event's lock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from app.events.models import Event
from app.events.queries import today_at
from app.invitations.models import Invitation, InvitationState
from app.invitations.queries import lock_with_places, place_ledger
from app.invitations.services import mark_answered
from app.programme.models import ProgrammeItem
from app.programme.queries import closed_item_ids, find_dinner, list_items
from app.rsvp.changes import (
    AnswerWish,
    Change,
    companions_of,
    completed,
    diet_of,
    is_recorded,
    take_over,
)
from app.rsvp.choices import (
    AnswerRefusedError,
    Openness,
    Party,
    Refusal,
    RefusalReason,
    choose,
)
from app.rsvp.edition import read_edition
from app.rsvp.models import Answer, AnswerChannel, ChoiceAnswer, Diet, Rsvp
from app.rsvp.noting import begin_version, note, tell, write_lines
from app.rsvp.queries import find_rsvp, item_counts
from app.rsvp.reserve import fill_from_reserve, locked_items, may_move_the_reserve
from app.tokens import Revoked

GUEST_CHANNELS = (AnswerChannel.GUEST, AnswerChannel.DELEGATE, AnswerChannel.CALENDAR)
"""Channels on which the locks hold; what a person of the organiser's notes down is not bound."""


class Outcome(StrEnum):
    RECORDED = "recorded"
    UNCHANGED = "unchanged"
    WISH_NOTED = "wish noted"
    """Every place is taken; the wish to come is noted, the answer stays as it was."""


@dataclass(frozen=True)
class Seen:
    """What stood on the page when the guest began to answer."""

    version: int | None = None
    """Of the answer (Rsvp.version); 0 where there was none, no value where it is not known."""
    programme: datetime | None = None
    """When the newest change of an item had been made."""


class AnswerMovedOnError(Exception):
    """The answer was changed after the guest's page was opened; nothing was recorded."""


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
    granted: bool = False,
    seen: Seen = Seen(),
) -> Outcome:
    """Record an answer as wished, note every changed part, and ask for a confirmation mail.

    Decided under the event's lock. Locks do not bind what the organiser notes down, or `granted`.
    Raises CalledOffError, Revoked, InvitationClosedError, AnswerMovedOnError, PlacesTakenError,
    AnswerRefusedError (all its refusals at once); nothing is changed then.
    """
    event = lock_with_places(session, invitation)
    free_hand = granted or channel not in GUEST_CHANNELS
    _refuse_closed(event, invitation, now=now, free_hand=free_hand)
    rsvp = find_rsvp(session, invitation.id) if invitation.answered_at else None
    _refuse_moved_on(session, event, rsvp, wish, seen)
    if wish.answer is Answer.ACCEPTED and not _finds_place(session, event, invitation):
        if rsvp is None or free_hand:
            raise PlacesTakenError(event.place_limit)
        _note_wish(session, rsvp, channel=channel, actor=actor, now=now)
        return Outcome.WISH_NOTED
    _refuse_late_answer(event, invitation, rsvp, wish, now=now, free_hand=free_hand)
    openness = _openness(session, event, invitation, seen, now=now, free_hand=free_hand)
    recorded = rsvp or _new_rsvp(invitation, wish, now=now)
    changes = _change(session, event, recorded, wish, openness=openness, now=now)
    if not changes:
        return Outcome.UNCHANGED
    _put_on_record(session, invitation, recorded, channel=channel, now=now)
    tell(session, invitation, recorded, changes, openness.items, confirm=confirm, now=now)
    write_lines(session, recorded, changes, channel=channel, actor=actor)
    if any(map(may_move_the_reserve, changes)):
        fill_from_reserve(session, event, now=now)
    return Outcome.RECORDED


def _put_on_record(
    session: Session,
    invitation: Invitation,
    rsvp: Rsvp,
    *,
    channel: AnswerChannel,
    now: datetime,
) -> None:
    """Count the press, and note it in the ledger."""
    session.add(rsvp)
    begin_version(rsvp, now)
    by_link, comes = channel in GUEST_CHANNELS, rsvp.answer is Answer.ACCEPTED
    mark_answered(session, invitation, takes_place=comes, by_link=by_link, now=now)


def _refuse_moved_on(
    session: Session, event: Event, rsvp: Rsvp | None, wish: AnswerWish, seen: Seen
) -> None:
    """Refuse to overwrite an answer the guest has not seen; the same answer twice is no matter."""
    if rsvp is None or seen.version in {None, rsvp.version}:
        return
    if not is_recorded(rsvp, wish, list_items(session, event.id)):
        raise AnswerMovedOnError


def _openness(
    session: Session,
    event: Event,
    invitation: Invitation,
    seen: Seen,
    *,
    now: datetime,
    free_hand: bool,
) -> Openness:
    items, newest = read_edition(session, event).items, seen.programme
    return Openness(
        items=items,
        locked=locked_items(event, items, now=now, free_hand=free_hand),
        closed=closed_item_ids(session, items, invitation.guest_id),
        unseen=frozenset(item.id for item in items if newest and item.changed_at > newest),
    )


def _change(
    session: Session,
    event: Event,
    rsvp: Rsvp,
    wish: AnswerWish,
    *,
    openness: Openness,
    now: datetime,
) -> list[Change]:
    """Decide every part and bring the row in line; return what changed."""
    items = openness.items
    wish = wish.without_health() if event.health_erased_at else wish
    wish = _keep_locked_dinner(rsvp, wish, items, openness.locked)
    answers = _choose_items(session, event, rsvp, wish, openness)
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
    if wish.companions and completed(wish, rsvp, dines=True).companions != kept:
        raise AnswerRefusedError([Refusal(RefusalReason.ITEM_LOCKED, "companion_name", dinner)])
    return replace(wish, diet=diet_of(rsvp), companions=kept)


def _choose_items(
    session: Session,
    event: Event,
    rsvp: Rsvp,
    wish: AnswerWish,
    openness: Openness,
) -> dict[int, ChoiceAnswer]:
    """Return the answer each item gets; a decline answers no to all of them."""
    items = openness.items
    if wish.answer is Answer.DECLINED:
        return {item.id: ChoiceAnswer.NO for item in items}
    before = {choice.item_id: choice.answer for choice in rsvp.choices}
    if wish.items is None:
        return {item.id: before.get(item.id, ChoiceAnswer.NO) for item in items}
    companions = rsvp.companions if wish.companions is None else wish.companions
    return choose(
        openness,
        wished=wish.items,
        before=before,
        counts=item_counts(session, event.id),
        party=Party(
            companions_before=len(rsvp.companions),
            companions=len(companions),
            companions_allowed=event.companions_per_guest,
            words=wish.diet is not None and bool(wish.diet.words),
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
        access_needs="",
        message="",
        recorded_at=now,
        changed_at=now,
        choices=[],
        companions=[],
    )


def _note_wish(
    session: Session, rsvp: Rsvp, *, channel: AnswerChannel, actor: str, now: datetime
) -> None:
    """Keep that the guest would come after all; the answer and the ledger stay as they are."""
    if rsvp.wishes_place_since is None:
        rsvp.wishes_place_since = now
        wish = [Change("wish", "", Answer.ACCEPTED)]
        note(session, rsvp, wish, channel=channel, actor=actor, now=now)


def give_back(
    session: Session,
    invitation: Invitation,
    slug: str,
    *,
    channel: AnswerChannel,
    actor: str,
    now: datetime,
) -> Outcome:
    """Answer no to one programme item and leave the rest as it is; the reserve moves up.

    With the dinner its companions and diets go. Raises what record_answer raises; a locked item is
    refused, one that is not held is left as it is.
    """
    event = lock_with_places(session, invitation)
    rsvp = find_rsvp(session, invitation.id)
    if rsvp is None or rsvp.answer is Answer.DECLINED:
        return Outcome.UNCHANGED
    items = list_items(session, event.id)
    given = next((item for item in items if item.slug == slug), None)
    held = {choice.item_id for choice in rsvp.choices if choice.answer is not ChoiceAnswer.NO}
    if given is None or given.id not in held:
        return Outcome.UNCHANGED
    if given.id in locked_items(event, items, now=now, free_hand=False):
        raise AnswerRefusedError([Refusal(RefusalReason.ITEM_LOCKED, "items", given)])
    kept = frozenset(item.slug for item in items if item.id in held) - {slug}
    companions = () if given.is_dinner else None
    wish = replace(AnswerWish.alone(Answer.ACCEPTED), items=kept, companions=companions)
    return record_answer(session, invitation, wish, channel=channel, actor=actor, now=now)
