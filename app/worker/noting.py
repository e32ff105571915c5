"""What became of mails, noted: the move of each, its copy, and what it says of the others."""

import logging
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from app.deliveries import moves, reasons
from app.deliveries.claiming import Holder
from app.deliveries.models import Pause, PauseKind
from app.deliveries.moves import Note
from app.deliveries.pauses import ALL, Pauses, domain_scope, note_trouble, note_well
from app.deliveries.retries import is_given_up, retry_after
from app.mail.transport import Deferred, Paused, Reach, Refused, Sent, Uncertain
from app.worker.connections import Answered

log = logging.getLogger(__name__)


def note_answers(
    session: Session, answered: Sequence[Answered], holder: Holder, pauses: Pauses
) -> bool:
    """Note each answer in the caller's transaction; return whether pauses may have changed.

    It may be called again for the same answers, where nobody knows if the first time was kept.
    """
    if not answered:
        return False
    moved = set(_note_sent(session, answered, holder))
    for answer in answered:
        if not isinstance(answer.outcome, Sent):
            moved |= set(_note_one(session, answer, holder))
    _say_what_is_too_late(answered, moved)
    return _learn(session, answered, pauses)


def _note_sent(session: Session, answered: Iterable[Answered], holder: Holder) -> list[int]:
    notes = {
        answer.handed.delivery_id: Note(answer.at, holder.name, reply=answer.outcome.reply)
        for answer in answered
        if isinstance(answer.outcome, Sent)
    }
    return moves.mark_sent(session, notes, lease=holder.lease)


def _note_one(session: Session, answer: Answered, holder: Holder) -> list[int]:
    outcome, row, lease = answer.outcome, answer.handed.delivery_id, holder.lease
    reason = getattr(outcome, "reason", "")
    note = Note(answer.at, holder.name, reason, outcome.reply)
    match outcome:
        case Refused():
            return moves.mark_failed(session, row, lease=lease, note=note)
        case Uncertain():
            return moves.mark_uncertain(session, row, lease=lease, note=note)
        case Deferred() if not _is_queue_trouble(answer) and is_given_up(session, row, answer.at):
            given_up = Note(answer.at, holder.name, reasons.GIVEN_UP, outcome.reply or reason)
            return moves.mark_failed(session, row, lease=lease, note=given_up)
    due_at = answer.at + retry_after(answer.handed.attempt)
    return moves.mark_deferred(session, row, lease=lease, due_at=due_at, note=note)


def _say_what_is_too_late(answered: Iterable[Answered], moved: set[int]) -> None:
    for answer in answered:
        if answer.handed.delivery_id not in moved:
            log.warning(
                "delivery %d: too late to note %s", answer.handed.delivery_id, answer.outcome
            )


def _learn(session: Session, answered: Sequence[Answered], pauses: Pauses) -> bool:
    """Draw from each answer what it says of other mails; return whether pauses may have changed."""
    well = {answer.handed.domain for answer in answered if _is_well(answer)}
    talks = any(not _is_queue_trouble(answer) for answer in answered)
    ended = note_well(session, pauses, whole_queue=talks, domains=well)
    for pause in ended:
        log.info("%s: mail goes again", pause.scope)
    troubles = [answer for answer in answered if _note_trouble(session, answer)]
    return bool(ended or troubles)


def _is_well(answer: Answered) -> bool:
    """Whether the recipient's provider was asked, and gave an answer for good."""
    outcome = answer.outcome
    return isinstance(outcome, Sent) or (isinstance(outcome, Refused) and outcome.asked)


def _is_queue_trouble(answer: Answered) -> bool:
    outcome = answer.outcome
    return isinstance(outcome, Paused) or (
        isinstance(outcome, Deferred) and outcome.reach is Reach.QUEUE
    )


def _note_trouble(session: Session, answer: Answered) -> bool:
    outcome, domain = answer.outcome, answer.handed.domain
    match outcome:
        case Paused():
            new = _hold_back(session, ALL, PauseKind.SETTINGS, answer)
        case Deferred(reach=Reach.QUEUE):
            new = _hold_back(session, ALL, PauseKind.SERVER, answer)
        case Deferred(reach=Reach.DOMAIN):
            new = _hold_back(session, domain_scope(domain), PauseKind.DOMAIN, answer)
        case _:
            return False
    if new is not None and new.scope == ALL:
        log.error("no mail can go; trying again at %s: %s", new.until, outcome)
    return True


def _hold_back(session: Session, scope: str, kind: PauseKind, answer: Answered) -> Pause | None:
    outcome = answer.outcome
    if not isinstance(outcome, Paused | Deferred):
        return None
    return note_trouble(
        session,
        scope,
        kind,
        reason=outcome.reason,
        reply=outcome.reply,
        began=answer.handed.began,
        now=answer.at,
    )
