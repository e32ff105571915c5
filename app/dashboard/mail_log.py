"""The log of an event's mails as a table: every move, and what was sent at it."""

from collections.abc import Iterator

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.deliveries.models import Delivery, DeliveryCopy, DeliveryKind, DeliveryMove, DeliveryState
from app.events.models import Event
from app.guests.models import Guest
from app.language import in_zone
from app.spreadsheets import Cell

HEADINGS = (
    "id",
    "mail",
    "resend",
    "guest",
    "address",
    "language",
    "time",
    "state",
    "attempt",
    "by",
    "why",
    "server's words",
    "Message-ID",
    "subject",
    "text",
)
AT_A_TIME = 500
KEPT_OUT = DeliveryKind.CONFIRMATION
"""It names diets: health data does not go into a table that is handed on."""
KEPT_WITH = (DeliveryState.SENT, DeliveryState.UNCERTAIN)
"""States on whose line the mail itself stands."""


def log_rows(session: Session, event: Event) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for each move of each mail of the event, in the order of the mails.

    Times are local times of the event's place. What was sent stands beside the line that says so,
    but for confirmations, which name diets.
    """
    rows = session.execute(
        select(Delivery, Guest, DeliveryMove, DeliveryCopy.subject, DeliveryCopy.text)
        .join(DeliveryMove, DeliveryMove.delivery_id == Delivery.id)
        .outerjoin(Guest, Delivery.guest_id == Guest.id)
        .outerjoin(
            DeliveryCopy,
            and_(
                DeliveryCopy.delivery_id == Delivery.id,
                DeliveryCopy.attempt == DeliveryMove.attempt,
                DeliveryMove.state.in_(KEPT_WITH),
            ),
        )
        .where(Delivery.event_id == event.id)
        .order_by(Delivery.id, DeliveryMove.id),
        execution_options={"yield_per": AT_A_TIME},
    )
    for delivery, guest, move, subject, text in rows:
        shown = None if delivery.kind is KEPT_OUT else text
        yield (*_mail(delivery, guest), *_move(move, event.time_zone), delivery.message_id,
               subject, shown)  # fmt: skip


def _mail(delivery: Delivery, guest: Guest | None) -> tuple[Cell, ...]:
    return (
        delivery.public_id,
        delivery.kind,
        "again" if delivery.resend else "",
        guest.full_name if guest else "",
        delivery.recipient,
        delivery.language,
    )


def _move(move: DeliveryMove, zone: str) -> tuple[Cell, ...]:
    return (in_zone(move.at, zone), move.state, move.attempt, move.by, move.reason, move.reply)
