"""The mails that asked each guest of an event, as far as the days of reminders depend on them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.addresses import email_key
from app.deliveries.models import (
    INVITING,
    REMINDING,
    WAITING,
    Delivery,
    DeliveryKind,
    DeliveryState,
)
from app.events.models import Event

ON_THE_WAY = (*WAITING, DeliveryState.SENDING)
NEVER_CAME = (DeliveryState.CANCELLED, DeliveryState.FAILED)


@dataclass(frozen=True)
class AskingMail:
    subject_id: int
    kind: DeliveryKind
    state: DeliveryState
    recipient: str
    by_day: bool
    due_at: datetime
    sent_at: datetime | None


@dataclass
class Asked:
    """What one guest was sent so far."""

    zone: ZoneInfo
    inviting: AskingMail | None = None
    """The newest mail with the invitation that was not cancelled."""
    by_hand: date | None = None
    """The day of the last reminder an organiser asked for."""
    reminder_waits: bool = False

    def went_out(self, email: str) -> date | None:
        """Return the day the invitation really went out to that folded address, if it did."""
        mail = self.inviting
        if mail is None or mail.sent_at is None or mail.state is not DeliveryState.SENT:
            return None
        return self._day(mail.sent_at) if email_key(mail.recipient) == email else None

    def take(self, mail: AskingMail) -> None:
        """Take in one more mail, in the order in which they were asked for."""
        if mail.kind in INVITING:
            if mail.state is not DeliveryState.CANCELLED:
                self.inviting = mail
            return
        self.reminder_waits |= mail.state in ON_THE_WAY
        if not mail.by_day and mail.state not in NEVER_CAME:
            self.by_hand = self._day(mail.sent_at or mail.due_at)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


def read_asked(session: Session, event: Event) -> dict[int, Asked]:
    """Return what the event's guests were sent, by the invitation's row id (1 query)."""
    zone = ZoneInfo(event.time_zone)
    rows = session.execute(
        select(
            Delivery.subject_id,
            Delivery.kind,
            Delivery.state,
            Delivery.recipient,
            Delivery.by_day,
            Delivery.due_at,
            Delivery.sent_at,
        )
        .where(Delivery.event_id == event.id, Delivery.kind.in_((*INVITING, *REMINDING)))
        .order_by(Delivery.id)
    )
    asked: dict[int, Asked] = defaultdict(lambda: Asked(zone))
    for row in rows:
        asked[row.subject_id].take(AskingMail(*row))
    return asked
