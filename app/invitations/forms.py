"""The forms that send: each carries which plan the organiser saw."""

import hashlib
from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import HiddenField

from app.invitations.plans import Addressee


class SendForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    shown = HiddenField()
    """What `seal` made of the addressees on the page."""


def seal(addressees: Iterable[Addressee]) -> str:
    """Return the number of those who get mail, with a digest of whom, where and in which language.

    Equal seals: what is sent is what was shown.
    """
    lines = sorted(f"{to.guest.public_id} {to.guest.email} {to.language}" for to in addressees)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    return f"{len(lines)}-{digest}"
