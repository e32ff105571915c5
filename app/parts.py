"""The parts that web, worker and command share, made once by create_app."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from app.config import Settings
from app.db.engine import SessionFactory
from app.mail.compose import Composer
from app.mail.dkim import DkimSigner
from app.mail.transport import SafeMail
from app.tokens import Claim, Signers


@dataclass(frozen=True)
class Links:
    """The addresses that stand in mails; the only place that knows the outside's URLs."""

    base_url: str
    signers: Signers

    def rsvp(self, public_id: str, version: int) -> str:
        return f"{self.base_url}/rsvp/{self.signers.rsvp.sign(Claim(public_id, version))}"

    def delegate(self, public_id: str, version: int) -> str:
        """Return a delegate's own link to the page of the guest."""
        return f"{self.base_url}/rsvp/{self.signers.delegate.sign(Claim(public_id, version))}"

    def sign_in(self, public_id: str) -> str:
        return f"{self.base_url}/sign-in/{self.signers.sign_in.sign(Claim(public_id, 1))}"

    def unsubscribe(self, public_id: str) -> str:
        """Return where the recipient of that delivery, a digest, ends them."""
        return f"{self.base_url}/unsubscribe/{self.signers.unsubscribe.sign(Claim(public_id, 1))}"

    @property
    def unsubscribe_masked(self) -> str:
        """What stands in a stored digest, which has many recipients, for the link of each."""
        return f"{self.base_url}/unsubscribe/…"

    def feed(self, public_id: str, version: int) -> str:
        """Return the address of a guest's own calendar feed."""
        return f"{self.base_url}/calendars/{self.signers.feed.sign(Claim(public_id, version))}"

    def event_feed(self, slug: str, version: int) -> str:
        """Return the address of the organiser's calendar feed of an event."""
        token = self.signers.event_feed.sign(Claim(slug, version))
        return f"{self.base_url}/calendars/event/{token}"

    def request(self, event_slug: str, public_id: str) -> str:
        """Return where the organiser decides a guest's request."""
        return f"{self.base_url}/organiser/{event_slug}/requests/{public_id}"

    def guests(self, event_slug: str) -> str:
        """Return where the guest list is read."""
        return f"{self.base_url}/organiser/{event_slug}/guests"

    def organiser(self, event_slug: str) -> str:
        return f"{self.base_url}/organiser/{event_slug}/"


@dataclass(frozen=True)
class Parts:
    settings: Settings
    sessions: SessionFactory
    signers: Signers
    links: Links
    composer: Composer
    mail: SafeMail
    dkim: DkimSigner | None
    clock: Callable[[], datetime]


def parts() -> Parts:
    """Return the parts of the running application."""
    made: Parts = current_app.extensions["couvert"]
    return made
