"""Groups of commands that end a refusal with its plain words and exit status 1."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click
from alembic.util import CommandError
from flask.cli import AppGroup
from sqlalchemy.exc import IntegrityError, OperationalError

from app.addresses import AddressRefusedError
from app.amendments.wishes import AmendmentRefusedError
from app.brand.refusals import BrandRefusedError
from app.config import SettingsError
from app.db.migrate import BrokenReferencesError
from app.decisions.asking import NoApproverError, NothingProposedError
from app.delegates.services import DelegateRefusedError
from app.deliveries.services import NotPossibleError
from app.event_files.mistakes import EventFileError
from app.event_files.refusals import EventFileRefusedError
from app.events.local_times import ClockChangeError
from app.events.notes import NoteMissingError, NoteTooLongError
from app.events.queries import CalledOffError, UnknownEventError
from app.guests.importer import GuestFileError
from app.guests.services import AddressTakenError, NothingToApproveError, QuotaExceededError
from app.invitations.cadence import CadenceError
from app.invitations.plans import (
    NotApprovedError,
    NotInTimeError,
    ReplyByPassedError,
    UnknownAddressError,
)
from app.invitations.reminding import UnknownWaveError
from app.invitations.services import (
    NobodyListedError,
    NoPlaceFreeError,
    NotOpenError,
    UnknownLanguageError,
)
from app.invitations.thanking import TooEarlyError
from app.programme.queries import UnknownItemError
from app.programme.services import NotByNameError
from app.requests.asking import RequestRefusedError
from app.rsvp.services import PlacesTakenError
from app.spreadsheets import UnknownFormatError
from app.texts.services import TextRefusedError

REFUSALS = (
    SettingsError,
    AddressRefusedError,
    BrandRefusedError,
    BrokenReferencesError,
    CommandError,
    UnknownEventError,
    EventFileError,
    EventFileRefusedError,
    GuestFileError,
    AddressTakenError,
    NothingToApproveError,
    QuotaExceededError,
    UnknownAddressError,
    UnknownItemError,
    NotByNameError,
    NotApprovedError,
    ClockChangeError,
    NobodyListedError,
    UnknownFormatError,
    UnknownLanguageError,
    NotInTimeError,
    NotPossibleError,
    ReplyByPassedError,
    NoPlaceFreeError,
    NotOpenError,
    DelegateRefusedError,
    RequestRefusedError,
    PlacesTakenError,
    AmendmentRefusedError,
    CalledOffError,
    NoteMissingError,
    NoteTooLongError,
    CadenceError,
    UnknownWaveError,
    TooEarlyError,
    NoApproverError,
    NothingProposedError,
    TextRefusedError,
)
"""What a service says no with: the text is written for the person who typed the command."""


class Refused(click.ClickException):
    """The command could not be carried out, and nothing was changed."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=True)


class CommandGroup(AppGroup):
    """Commands of the product; none of them ends in a traceback for what a person can mend."""

    def invoke(self, ctx: click.Context) -> object:
        with _plain_words():
            return super().invoke(ctx)


@contextmanager
def _plain_words() -> Iterator[None]:
    try:
        yield
    except REFUSALS as refusal:
        raise Refused(str(refusal)) from refusal
    except OperationalError as error:
        raise Refused(f"The database cannot be used: {_first_line(error)}") from error
    except IntegrityError as error:
        raise Refused(
            f"The database refused the change: {_first_line(error)}. Somebody may have changed the"
            " same at this moment; try again."
        ) from error


def _first_line(error: OperationalError | IntegrityError) -> str:
    return str(error.orig).strip().partition("\n")[0]
