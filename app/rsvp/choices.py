"""Which answer each programme item gets: rules of places, reserve, overlaps and locks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.programme.models import ProgrammeItem
from app.programme.overlaps import overlapping_pairs
from app.programme.queries import find_dinner
from app.rsvp.models import ChoiceAnswer
from app.rsvp.queries import ItemCount, count_of


class RefusalReason(StrEnum):
    EVENT_LOCKED = "event locked"
    ITEM_LOCKED = "item locked"
    UNKNOWN_ITEM = "unknown item"
    ITEM_NOT_OPEN = "item not open"
    """Open by name only, and the guest is not named for it."""
    ITEM_CHANGED = "item changed"
    """Time, place or title changed after the guest's page was opened."""
    OVERLAP = "overlap"
    DIET_WITHOUT_DINNER = "diet without dinner"
    COMPANION_WITHOUT_DINNER = "companion without dinner"
    TOO_MANY_COMPANIONS = "too many companions"
    NO_PLACE_FOR_COMPANION = "no place for companion"


@dataclass(frozen=True)
class Refusal:
    """Why a part of an answer cannot be recorded; the page puts it in words."""

    reason: RefusalReason
    field: str
    """The form field it is about: `answer`, `items`, `companion_name`."""
    item: ProgrammeItem | None = None
    other: ProgrammeItem | None = None
    slug: str = ""
    number: int = 0


@dataclass(frozen=True)
class Party:
    """How many come to the dinner with the guest: as recorded, and as wished."""

    companions_before: int
    companions: int
    companions_allowed: int
    words: bool = False
    """Whether the guest has told of an allergy in own words."""


@dataclass(frozen=True)
class Openness:
    """What of the programme is open to this guest at this moment."""

    items: Sequence[ProgrammeItem]
    """All of it, in the order of time."""
    locked: frozenset[int] = frozenset()
    closed: frozenset[int] = frozenset()
    """Open by name only, and the guest is not named."""
    unseen: frozenset[int] = frozenset()
    """Changed since the guest's page was opened."""


class AnswerRefusedError(Exception):
    """An answer as a whole is refused; nothing of it is recorded."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(", ".join(refusal.reason for refusal in refusals))


def choose(
    openness: Openness,
    *,
    wished: frozenset[str],
    before: Mapping[int, ChoiceAnswer],
    counts: dict[int, ItemCount],
    party: Party,
) -> dict[int, ChoiceAnswer]:
    """Return the answer of every item by its id; raise AnswerRefusedError with all refusals.

    A full item gives the reserve; so does one that others wait for, or the line would be jumped.
    A locked item keeps its answer. Runs under the event's lock, so that `counts` stay true.
    """
    items = openness.items
    refusals = [*_unknown(items, wished), *_companions_refused(items, wished, party)]
    answers: dict[int, ChoiceAnswer] = {}
    for item in items:
        was = before.get(item.id, ChoiceAnswer.NO)
        if item.id in openness.closed and was is ChoiceAnswer.NO:
            # Nothing else is said of it: neither that it is full nor what it overlaps.
            answers[item.id] = was
            refusals += _newly_ticked(RefusalReason.ITEM_NOT_OPEN, item, was, wished)
        elif item.id in openness.locked:
            answers[item.id] = was
            refusals += _newly_ticked(RefusalReason.ITEM_LOCKED, item, was, wished)
        elif item.slug not in wished:
            answers[item.id] = ChoiceAnswer.NO
        else:
            answers[item.id] = _answer(item, was, count_of(item, counts))
            if item.id in openness.unseen:
                refusals += _newly_ticked(RefusalReason.ITEM_CHANGED, item, was, wished)
            refusals += _companion_without_place(item, was, count_of(item, counts), party)
    refusals += _collisions(items, answers, before)
    if refusals:
        raise AnswerRefusedError(refusals)
    return answers


def _answer(item: ProgrammeItem, was: ChoiceAnswer, count: ItemCount) -> ChoiceAnswer:
    if was is not ChoiceAnswer.NO:
        # Yes stays yes; who stands in line stays there until a place frees (fill_from_reserve).
        return was
    if item.places is None or (count.reserve == 0 and _room(item, count) > 0):
        return ChoiceAnswer.YES
    return ChoiceAnswer.RESERVE


def _room(item: ProgrammeItem, count: ItemCount) -> int:
    return (item.places or 0) - count.taken


def heads(item: ProgrammeItem, companions: int) -> int:
    """Return how many places a guest takes at an item: companions come to the dinner only."""
    return 1 + companions if item.is_dinner else 1


def _companion_without_place(
    item: ProgrammeItem, was: ChoiceAnswer, count: ItemCount, party: Party
) -> list[Refusal]:
    """Refuse a companion for whom no place is left, rather than the guest with him."""
    if not item.is_dinner or _answer(item, was, count) is not ChoiceAnswer.YES:
        return []
    already = heads(item, party.companions_before) if was is ChoiceAnswer.YES else 0
    wanted = heads(item, party.companions) - already
    if wanted <= max(_room(item, count), 0):
        return []
    return [Refusal(RefusalReason.NO_PLACE_FOR_COMPANION, "companion_name", item)]


def _unknown(items: Sequence[ProgrammeItem], wished: frozenset[str]) -> list[Refusal]:
    unknown = wished - {item.slug for item in items}
    return [Refusal(RefusalReason.UNKNOWN_ITEM, "items", slug=slug) for slug in sorted(unknown)]


def _companions_refused(
    items: Sequence[ProgrammeItem], wished: frozenset[str], party: Party
) -> list[Refusal]:
    dinner = find_dinner(items)
    if party.companions > party.companions_allowed:
        number = party.companions_allowed
        return [Refusal(RefusalReason.TOO_MANY_COMPANIONS, "companion_name", number=number)]
    if party.companions and (dinner is None or dinner.slug not in wished):
        return [Refusal(RefusalReason.COMPANION_WITHOUT_DINNER, "companion_name", dinner)]
    if party.words and dinner is not None and dinner.slug not in wished:
        return [Refusal(RefusalReason.DIET_WITHOUT_DINNER, "diet_words", dinner)]
    return []


def _newly_ticked(
    reason: RefusalReason, item: ProgrammeItem, was: ChoiceAnswer, wished: frozenset[str]
) -> list[Refusal]:
    """Refuse what is ticked anew alone: a locked item's box is disabled, and so not sent."""
    if was is ChoiceAnswer.NO and item.slug in wished:
        return [Refusal(reason, "items", item)]
    return []


def _collisions(
    items: Sequence[ProgrammeItem],
    answers: Mapping[int, ChoiceAnswer],
    before: Mapping[int, ChoiceAnswer],
) -> list[Refusal]:
    """Refuse what overlaps, unless both stood so before (the programme moved, not the guest)."""
    chosen = [item for item in items if answers[item.id] is not ChoiceAnswer.NO]

    def is_new(item: ProgrammeItem) -> bool:
        return before.get(item.id, ChoiceAnswer.NO) is ChoiceAnswer.NO

    return [
        Refusal(RefusalReason.OVERLAP, "items", one, other)
        for one, other in overlapping_pairs(chosen)
        if is_new(one) or is_new(other)
    ]
