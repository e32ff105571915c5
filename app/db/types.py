"""Column types used in every feature: aware UTC times, texts per language, states, public ids."""

import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from sqlalchemy import JSON, DateTime, Dialect, Enum, String
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware, stored and returned in UTC. SQLite would return naive ones by itself."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: give an aware one")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def state_column(states: type[StrEnum], name: str) -> Enum:
    """Return a text column that holds the values of `states`, with a CHECK of that name."""
    return Enum(
        states,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=32,
        values_callable=lambda enum: [member.value for member in enum],
    )


def new_public_id() -> str:
    """Return a random id for the outside (96 bits, URL-safe); row ids never leave the house.

    It begins with a letter or digit: on a command line a dash would begin an option.
    """
    while not (made := secrets.token_urlsafe(12))[0].isalnum():
        pass
    return made


LocalText = dict[str, str]
"""A text per language, like {"en": "Dinner", "sv": "Middag"}; every language of the event."""

Id = Annotated[int, mapped_column(primary_key=True)]
PublicId = Annotated[str, mapped_column(String(32), unique=True, default=new_public_id)]
Texts = Annotated[LocalText, mapped_column(JSON)]
Moment = Annotated[datetime, mapped_column(UtcDateTime)]
OptionalMoment = Annotated[datetime | None, mapped_column(UtcDateTime)]
Name = Annotated[str, mapped_column(String(200))]
"""A short human text: a name, a title, an organisation."""
EmailAddress = Annotated[str, mapped_column(String(320))]
"""An address as its owner writes it; the folded form for comparison stands beside it."""
