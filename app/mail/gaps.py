"""Gaps: what stands in a mail rendered once for many, where a fact about one person will stand."""

import re
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import NoneType
from typing import NoReturn, Self

from jinja2 import pass_context
from jinja2.runtime import Context

OPENS, CLOSES = "\ue000", "\ue001"  # for private use: they mean nothing in a text or in HTML
VALUES = {str, int, bool, NoneType, date}


class Personal(str):
    """A fact about one person. Mails that differ in these alone may share one draft."""

    __slots__ = ()


class PeekedError(Exception):
    """A template does more with a personal fact than print it: it cannot be left open."""


class IncomparableError(Exception):
    """A fact is none of the plain values that could be compared with those of another mail."""


class Gap:
    """Stands for a personal fact: it can be printed; anything else raises PeekedError.

    So no branch, filter or comparison of a template can depend on what is not there yet.
    """

    __slots__ = ("shown",)

    def __init__(self, shown: str) -> None:
        object.__setattr__(self, "shown", shown)

    @classmethod
    def of(cls, name: str) -> Self:
        return cls(f"{OPENS}{name}{CLOSES}")


def _peeked(*_: object) -> NoReturn:
    raise PeekedError


_KEPT = {"__new__", "__init__", "__class__", "__doc__", "__init_subclass__", "__subclasshook__"}
for _name in {*dir(str), *dir(float)} - _KEPT:
    setattr(Gap, _name, _peeked)


def printed(value: object) -> object:
    """Return what a template prints for the value: for a gap what shows where it is."""
    return object.__getattribute__(value, "shown") if type(value) is Gap else value


def with_gaps(translate: Callable[..., str]) -> Callable[..., str | Gap]:
    """Let gettext take gaps among the facts of a text; such a text is a gap itself."""

    @pass_context
    def translated(context: Context, *texts: object, **facts: object) -> str | Gap:
        if all(type(fact) is not Gap for fact in facts.values()):
            return translate(context, *texts, **facts)
        shown = {name: printed(fact) for name, fact in facts.items()}
        return Gap(translate(context, *texts, **shown))

    return translated


@dataclass(frozen=True)
class Shared:
    """What mails with one draft have in common; the facts are compared by their key."""

    kind: str
    language: str
    key: Hashable
    names: tuple[str, ...]
    facts: Mapping[str, object] = field(compare=False)

    @classmethod
    def of(cls, kind: str, language: str, facts: Mapping[str, object]) -> Self:
        """Take the personal facts out; raise IncomparableError for others with no key."""
        names = tuple(name for name, fact in facts.items() if type(fact) is Personal)
        shared = {name: fact for name, fact in facts.items() if type(fact) is not Personal}
        return cls(kind, language, key_of(shared), names, shared)


def key_of(fact: object) -> Hashable:
    """Return a key that is equal only for facts no template could tell apart."""
    kind = type(fact)
    if kind in VALUES:
        return kind, fact  # True equals 1, but is written otherwise
    if kind is datetime:
        return kind, repr(fact)  # one moment in two zones is equal, but has two clocks
    if isinstance(fact, dict) and kind is dict:
        return kind, tuple([(key_of(name), key_of(value)) for name, value in fact.items()])
    if isinstance(fact, list) and kind is list:
        return kind, tuple([key_of(value) for value in fact])
    raise IncomparableError(kind.__name__)


class Gapped:
    """A text with gaps, each filled by the fact of its name."""

    def __init__(self, text: str, names: Collection[str]) -> None:
        any_name = "|".join(map(re.escape, names))
        self.pieces = re.split(f"{OPENS}({any_name}){CLOSES}", text)

    def filled(self, facts: Mapping[str, str]) -> str:
        whole = self.pieces.copy()
        whole[1::2] = [facts[name] for name in self.pieces[1::2]]
        return "".join(whole)
