"""The confirmation: a mail that says exactly what is recorded of a guest's answer."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.deliveries import reasons
from app.deliveries.messages import CalendarFile, make_message, senders_of
from app.deliveries.models import Delivery
from app.deliveries.services import ObsoleteError
from app.invitations.messages import (
    Facts,
    Occasion,
    compose_mail,
    event_facts,
    find_invitation,
    guest_facts,
    occasion_of,
)
from app.invitations.models import Invitation, InvitationState
from app.language import in_language
from app.mail.message import MailMessage
from app.parts import Parts
from app.rsvp.calendar import CalendarParts, answer_calendar, calendar_parts
from app.rsvp.models import ChoiceAnswer, Rsvp, RsvpChange
from app.rsvp.page import Recorded, recorded_of
from app.rsvp.queries import history


def compose_confirmation(
    session: Session, delivery: Delivery, parts: Parts, now: datetime
) -> MailMessage:
    """Return the confirmation; raise ObsoleteError when no answer stands any more.

    With it goes a calendar file, if the guest has or once had a part in the programme.
    """
    invitation = find_invitation(session, delivery)
    occasion = occasion_of(session, invitation.event_id)
    event = occasion.event
    recorded = _recorded(session, invitation, now)
    rsvp = _rsvp_of(recorded)
    changes = history(session, rsvp.id)
    on_calendar = _on_calendar(occasion, rsvp, changes)
    facts: Facts = {
        **answer_facts(recorded, rsvp, on_calendar, delivery.language),
        "freed": _freed(occasion, rsvp, changes, delivery.language),
        "link": parts.links.rsvp(invitation.public_id, invitation.link_version),
    }
    return make_message(
        delivery,
        compose_mail(occasion, delivery.kind, delivery.language, facts, parts),
        to_name=invitation.guest.name,
        senders=senders_of(event, delivery.language, parts.settings.mail.sender),
        now=now,
        calendar=_calendar_file(recorded, rsvp, on_calendar, delivery.language, now),
    )


def answer_facts(
    recorded: Recorded, rsvp: Rsvp, on_calendar: CalendarParts, language: str
) -> Facts:
    """Return what a confirmation says of an answer, but for its link and what has become free."""
    return {
        **event_facts(recorded.event, language),
        **guest_facts(recorded.guest, language),
        "recorded": recorded,
        "rsvp": rsvp,
        "zone": recorded.event.time_zone,
        "calendar": on_calendar,
    }


def _recorded(session: Session, invitation: Invitation, now: datetime) -> Recorded:
    if invitation.state is not InvitationState.ANSWERED:
        raise ObsoleteError(reasons.NO_ANSWER)
    return recorded_of(session, invitation, now=now)


def _rsvp_of(recorded: Recorded) -> Rsvp:
    if recorded.rsvp is None:
        raise ObsoleteError(reasons.NO_ANSWER)
    return recorded.rsvp


def _freed(
    occasion: Occasion, rsvp: Rsvp, changes: Sequence[RsvpChange], language: str
) -> list[str]:
    """Return the titles of the parts that the last change gave from the reserve, if it did.

    One run may give several parts, each as a version of its own; they share their moment.
    """
    given = {
        change.part for change in changes if change.at == rsvp.changed_at and change.channel is None
    }
    return [
        in_language(item.title, language) for item in occasion.items if f"item:{item.slug}" in given
    ]


def _on_calendar(occasion: Occasion, rsvp: Rsvp, changes: Sequence[RsvpChange]) -> CalendarParts:
    once_yes = {
        change.part.removeprefix("item:")
        for change in changes
        if change.part.startswith("item:") and change.after == ChoiceAnswer.YES
    }
    return calendar_parts(rsvp, occasion.items, once_yes=once_yes)


def _calendar_file(
    recorded: Recorded, rsvp: Rsvp, on_calendar: CalendarParts, language: str, now: datetime
) -> CalendarFile | None:
    if not on_calendar:
        return None
    content = answer_calendar(
        recorded.event,
        on_calendar,
        invitation_id=recorded.invitation.public_id,
        version=rsvp.version,
        language=language,
        now=now,
    )
    return CalendarFile(content, f"{recorded.event.slug}.ics")
