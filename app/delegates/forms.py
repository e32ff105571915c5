"""The form that names a delegate: read as typed, checked, refused in words."""

from dataclasses import dataclass
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from app.delegates.services import MOST_AT_A_TIME, DelegateProblem, DelegateRefusedError

LONGEST_NAME = 100
WORDS = {
    DelegateProblem.IS_THE_GUEST: lazy_gettext(
        "That is the guest’s own address: give the address of who is to answer."
    ),
    DelegateProblem.KNOWN: lazy_gettext("Who has that address may answer already."),
    DelegateProblem.TOO_MANY: lazy_gettext(
        "%(most)s persons may answer at most: revoke one first.", most=MOST_AT_A_TIME
    ),
}


@dataclass(frozen=True)
class DelegateFields:
    name: str = ""
    email: str = ""


class DelegateMistake(NamedTuple):
    """What is wrong, and the id of the control where it can be mended."""

    field: str
    text: str


def read_delegate(form: MultiDict[str, str]) -> DelegateFields:
    """Return what was typed, blanks around it left out."""
    return DelegateFields(
        " ".join(form.get("delegate_name", "").split(" ")).strip(),
        form.get("delegate_email", "").strip(),
    )


def mistakes_in(typed: DelegateFields) -> list[DelegateMistake]:
    """Return what is wrong with the name; the address is judged where it is taken over."""
    if not typed.name:
        return [DelegateMistake("delegate_name", _("Give the name of who is to answer."))]
    if len(typed.name) > LONGEST_NAME or not typed.name.isprintable():
        text = _("Give a name of one line, of at most %(most)s characters.", most=LONGEST_NAME)
        return [DelegateMistake("delegate_name", text)]
    return []


def refused(error: DelegateRefusedError) -> DelegateMistake:
    return DelegateMistake("delegate_email", str(WORDS[error.problem]))


def no_address() -> DelegateMistake:
    return DelegateMistake("delegate_email", _("Write the address as name@domain."))
