"""Copies of what was handed over: made with every personal link masked, kept, and read again."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.db.base import Base
from app.deliveries.models import DeliveryCopy
from app.logs import mask_links
from app.mail.message import MailMessage

_KEEP = insert(Base.metadata.tables[DeliveryCopy.__tablename__])


@dataclass(frozen=True)
class Copy:
    """A mail as it went out, but for its masked links. `html` is packed."""

    headers: str
    subject: str
    text: str
    html: bytes
    calendar: str
    text_id: int | None = None
    """Row id of the organiser's own words it was written in; none for the product's."""

    @property
    def page(self) -> str:
        """The HTML of the mail; empty where it is not known any more."""
        return zlib.decompress(self.html).decode()


def copy_of(message: MailMessage) -> Copy:
    """Make the copy of a mail. No link that signs anybody in, and no secret, is left in it."""
    return Copy(
        headers=mask_links(message.header_lines()),
        subject=str(message.subject),
        text=_masked(str(message.body), message.secret),
        html=zlib.compress(_masked(str(message.alts["html"]), message.secret).encode(), level=1),
        calendar=mask_links(b"".join(file.content for file in message.calendars).decode()),
        text_id=message.text_id,
    )


def _masked(text: str, secret: str) -> str:
    return mask_links(text.replace(secret, "…") if secret else text)


def keep_copies(session: Session, copies: Mapping[tuple[int, int], Copy]) -> None:
    """Keep the copies, by delivery's row id and attempt."""
    if copies:
        session.connection().execute(
            _KEEP,
            [
                {"delivery_id": delivery_id, "attempt": attempt, **vars(copy)}
                for (delivery_id, attempt), copy in copies.items()
            ],
        )


def read_copies(session: Session, delivery_id: int) -> dict[int, Copy]:
    """Return the copies of one delivery by attempt, the newest first."""
    rows = session.scalars(
        select(DeliveryCopy)
        .where(DeliveryCopy.delivery_id == delivery_id)
        .order_by(DeliveryCopy.attempt.desc())
    )
    return {
        row.attempt: Copy(row.headers, row.subject, row.text, row.html, row.calendar, row.text_id)
        for row in rows
    }
