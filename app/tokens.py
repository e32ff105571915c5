"""Signed links: one signer per purpose, and three ways in which a link is no longer good."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

LONGEST_TOKEN = 300  # a longer one is not ours; it is refused before anything is unpacked


class LinkError(Exception):
    """A link is not good; nothing in it says whether a guest exists."""


class Invalid(LinkError):
    """The link is damaged, foreign, or signed for another purpose."""


class Expired(LinkError):
    """The link was good once; its time is over."""


class Revoked(LinkError):
    """The link was good once; it has been withdrawn or replaced by a newer one."""


@dataclass(frozen=True)
class Claim:
    """What a link says: whom it belongs to (a random public id), and its version."""

    public_id: str
    version: int


class Signer:
    """Signs and reads the links of one purpose.

    The token holds a random public id and a version, no personal data. Keys: the first signs; the
    others (SECRET_KEY_FALLBACKS) still verify. Never compare or store a token: itsdangerous
    accepts several spellings of one signature; compare the claim.
    """

    def __init__(
        self, keys: tuple[str, ...], *, purpose: str, max_age: timedelta | None = None
    ) -> None:
        self.max_age = int(max_age.total_seconds()) if max_age else None
        self.serializer = URLSafeTimedSerializer(
            list(reversed(keys)),
            salt=purpose,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def sign(self, claim: Claim) -> str:
        token = self.serializer.dumps([claim.public_id, claim.version])
        return token if isinstance(token, str) else token.decode("ascii")

    def read(self, token: str) -> Claim:
        """Return the claim of a good token; raise Expired or Invalid."""
        if len(token) > LONGEST_TOKEN:
            raise Invalid
        try:
            content = self.serializer.loads(token, max_age=self.max_age)
        except SignatureExpired as error:
            raise Expired from error
        except BadData as error:
            raise Invalid from error
        match content:
            case [str(public_id), int(version)]:
                return Claim(public_id, version)
        raise Invalid


@dataclass(frozen=True)
class Signers:
    """One signer for each purpose a link can have."""

    rsvp: Signer
    delegate: Signer
    proof: Signer
    """Of a browser that may see more than a bearer of the link: it gave the answer, or the code."""
    sign_in: Signer
    unsubscribe: Signer
    feed: Signer
    """Of a guest's own calendar feed."""
    event_feed: Signer
    """Of the organiser's calendar feed; its claim names the event's slug."""


def make_signers(secret_key: str, fallbacks: tuple[str, ...] = ()) -> Signers:
    keys = (secret_key, *fallbacks)
    return Signers(
        rsvp=Signer(keys, purpose="rsvp-v1"),
        delegate=Signer(keys, purpose="delegate-v1"),
        proof=Signer(keys, purpose="proof-v1", max_age=timedelta(days=30)),
        sign_in=Signer(keys, purpose="sign-in-v1", max_age=timedelta(minutes=15)),
        unsubscribe=Signer(keys, purpose="unsubscribe-v1"),
        feed=Signer(keys, purpose="feed-v1"),
        event_feed=Signer(keys, purpose="event-feed-v1"),
    )
