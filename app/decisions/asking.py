"""Asking the approvers to look at the proposed list: once for each proposal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.decisions.proposal import Proposal, read_proposal
from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.deliveries.services import queue_delivery
from app.events.models import Event
from app.events.queries import lock_for_places
from app.organisers.models import Organiser, Role
from app.organisers.queries import list_with_role


class NoApproverError(Exception):
    """Nobody has the role of approver on the event."""


class NothingProposedError(Exception):
    """The list stands as it was approved last."""


@dataclass(frozen=True)
class ApprovalPlan:
    """Who is asked about what; `asked_before` have a mail about this very proposal."""

    proposal: Proposal
    to_ask: Sequence[Organiser]
    asked_before: Sequence[Organiser]


def plan_approval_request(session: Session, event: Event) -> ApprovalPlan:
    """Return what `ask_approval` would do now. Raises NoApproverError, NothingProposedError."""
    proposal = read_proposal(session, event)
    if not proposal.number:
        raise NothingProposedError("Nothing is proposed: the list stands as it was approved last.")
    approvers = list_with_role(session, event.id, Role.APPROVER)
    if not approvers:
        raise NoApproverError(
            "Nobody is an approver of this event. Add one: couvert organisers add EMAIL --role"
            f" approver --event {event.slug}"
        )
    before = {one.id for one in approvers if _was_asked(session, event, one, proposal)}
    return ApprovalPlan(
        proposal,
        [one for one in approvers if one.id not in before],
        [one for one in approvers if one.id in before],
    )


def _was_asked(session: Session, event: Event, approver: Organiser, proposal: Proposal) -> bool:
    """Whether the last request that was not cancelled was about this proposal."""
    sent = [
        key
        for key, state in _requests_to(session, event, approver)
        if state is not DeliveryState.CANCELLED
    ]
    return bool(sent) and sent[-1].endswith(f":{proposal.fingerprint}")


def _requests_to(
    session: Session, event: Event, approver: Organiser
) -> Sequence[tuple[str, DeliveryState]]:
    return session.execute(
        select(Delivery.key, Delivery.state)
        .where(
            Delivery.event_id == event.id,
            Delivery.kind == DeliveryKind.APPROVAL_REQUEST,
            Delivery.subject_id == approver.id,
        )
        .order_by(Delivery.id)
    ).all()


def ask_approval(session: Session, event: Event, *, by: str, now: datetime) -> ApprovalPlan:
    """Ask for a mail to each approver who has none about this proposal, in their language.

    Raises NoApproverError, NothingProposedError.
    """
    event = lock_for_places(session, event.id)
    plan = plan_approval_request(session, event)
    for approver in plan.to_ask:
        number = len(_requests_to(session, event, approver)) + 1
        kind = DeliveryKind.APPROVAL_REQUEST
        queue_delivery(
            session,
            kind,
            key=f"{kind}:{event.id}:{approver.id}:{number}:{plan.proposal.fingerprint}",
            subject_id=approver.id,
            recipient=approver.email,
            language=approver.language,
            event_id=event.id,
            by=by,
            now=now,
        )
    return plan
