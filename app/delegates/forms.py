"""The form that names a delegate: read as typed, checked, refused in words."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from app.delegates.services import (
    LONGEST_NAME,
    MOST_AT_A_TIME,
    DelegateProblem,
    DelegateRefusedError,
)
from app.rsvp.forms import Mistake

WORDS = {
    DelegateProblem.IS_THE_GUEST: _(
        "That is the guest’s own address: give the address of who is to answer."
    ),
    DelegateProblem.NAME: _(
        "Give a name of one line, of at most %(most)s characters.", most=LONGEST_NAME
    ),
    DelegateProblem.KNOWN: _("That address is a delegate’s already."),
    DelegateProblem.TOO_MANY: _(
        "%(most)s persons may answer at most: revoke one first.", most=MOST_AT_A_TIME
    ),
}


@dataclass(frozen=True)
class DelegateFields:
    name: str = ""
    email: str = ""


def read_delegate(form: MultiDict[str, str]) -> DelegateFields:
    """Return what was typed, blanks around it left out."""
    return DelegateFields(
        " ".join(form.get("delegate_name", "").split(" ")).strip(),
        form.get("delegate_email", "").strip(),
    )


def refused(error: DelegateRefusedError, typed: DelegateFields) -> Mistake:
    """Put a refusal in words, with the control where it can be mended."""
    if not typed.name:
        return Mistake("delegate_name", str(_("Give the name of who is to answer.")))
    field = "delegate_name" if error.problem is DelegateProblem.NAME else "delegate_email"
    return Mistake(field, str(WORDS[error.problem]))


def no_address() -> Mistake:
    return Mistake("delegate_email", str(_("Write the address as name@domain.")))
