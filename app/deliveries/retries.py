"""When a deferred mail is tried again, and when it is given up."""

import random
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.deliveries.models import DeliveryMove, DeliveryState

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=4)
"""RFC 5321 4.5.4.1: a sender gives up after four to five days."""


def retry_after(attempts: int) -> timedelta:
    """Return the wait before the next attempt: 30 s at first, doubling to an hour, with jitter."""
    doubled: int = 2 ** min(max(attempts - 1, 0), 10)
    jitter = random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing
    return min(LONGEST_RETRY, FIRST_RETRY * doubled) * jitter


def is_given_up(session: Session, delivery_id: int, now: datetime) -> bool:
    """Whether four days have passed since the first attempt after it was last asked for."""
    line = DeliveryMove.delivery_id == delivery_id
    asked = select(func.max(DeliveryMove.id)).where(
        line, DeliveryMove.state == DeliveryState.QUEUED
    )
    first = session.scalar(
        select(func.min(DeliveryMove.at)).where(
            line,
            DeliveryMove.state == DeliveryState.SENDING,
            DeliveryMove.id > asked.scalar_subquery(),
        )
    )
    return first is not None and now - first > GIVE_UP_AFTER
