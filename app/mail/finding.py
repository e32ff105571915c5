"""What a check found out, and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. Where all is well there is nothing to mend."""

    name: str
    outcome: Outcome
    found: str
    mend: str = ""


def ok(name: str, found: str) -> Check:
    return Check(name, Outcome.OK, found)


def warning(name: str, found: str, mend: str) -> Check:
    return Check(name, Outcome.WARNING, found, mend)


def failed(name: str, found: str, mend: str) -> Check:
    return Check(name, Outcome.FAILED, found, mend)


def not_checked(name: str, found: str) -> Check:
    return Check(name, Outcome.NOT_CHECKED, found)
