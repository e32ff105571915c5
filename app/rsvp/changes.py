"""What a guest wishes to have recorded, and how the row is brought in line with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.programme.models import ProgrammeItem
from app.programme.queries import find_dinner
from app.rsvp.models import Answer, Choice, ChoiceAnswer, Companion, Diet, Rsvp


@dataclass(frozen=True)
class DietWish:
    diet: Diet = Diet.NONE
    words: str = ""
    """The guest's own words; only with Diet.OTHER."""

    def __str__(self) -> str:
        return f"{self.diet}: {self.words}" if self.words else str(self.diet)


@dataclass(frozen=True)
class CompanionWish:
    name: str
    diet: DietWish = DietWish()


@dataclass(frozen=True)
class AnswerWish:
    """What a guest asks to have recorded: the whole answer, not a difference."""

    answer: Answer
    items: frozenset[str] = frozenset()
    """Slugs of the programme items ticked; the dinner is one of them."""
    diet: DietWish = DietWish()
    companions: tuple[CompanionWish, ...] = ()
    message: str = ""
    note: str = ""
    """What the organiser noted down with it; kept in the history only."""


@dataclass(frozen=True)
class Change:
    part: str
    before: str
    after: str


def diet_of(rsvp: Rsvp) -> DietWish:
    """Return the guest's diet as recorded."""
    return DietWish(rsvp.diet, rsvp.diet_words)


def companions_of(rsvp: Rsvp) -> tuple[CompanionWish, ...]:
    """Return the companions as recorded."""
    return tuple(
        CompanionWish(companion.name, DietWish(companion.diet, companion.diet_words))
        for companion in rsvp.companions
    )


def take_over(
    rsvp: Rsvp,
    wish: AnswerWish,
    items: Sequence[ProgrammeItem],
    answers: dict[int, ChoiceAnswer],
    *,
    now: datetime,
) -> list[Change]:
    """Bring the row in line with the wish and return what changed, part by part."""
    dinner = find_dinner(items)
    dines = dinner is not None and answers.get(dinner.id) is not ChoiceAnswer.NO
    changes = [
        Change("event", rsvp.answer if rsvp.version else "", wish.answer),
        *_take_choices(rsvp, items, answers, now=now),
        *_take_diet(rsvp, wish.diet if dines else DietWish()),
        *_take_companions(rsvp, wish.companions if dines else ()),
        Change("message", rsvp.message, wish.message),
        Change("note", "", wish.note),
    ]
    rsvp.answer, rsvp.message = wish.answer, wish.message
    rsvp.wishes_place_since = None
    return [change for change in changes if change.before != change.after]


def _take_choices(
    rsvp: Rsvp,
    items: Sequence[ProgrammeItem],
    answers: dict[int, ChoiceAnswer],
    *,
    now: datetime,
) -> list[Change]:
    kept = {choice.item_id: choice for choice in rsvp.choices}
    changes = []
    for item in items:
        choice, after = kept.get(item.id), answers[item.id]
        before = choice.answer if choice else ChoiceAnswer.NO
        if before is after:
            continue
        if choice is None:
            choice = Choice(item_id=item.id)
            rsvp.choices.append(choice)
        choice.answer = after
        choice.reserve_since = now if after is ChoiceAnswer.RESERVE else None
        changes.append(Change(f"item:{item.slug}", before, after))
    return changes


def _take_diet(rsvp: Rsvp, wish: DietWish) -> list[Change]:
    before = diet_of(rsvp)
    rsvp.diet, rsvp.diet_words = wish.diet, wish.words
    return [Change("diet", str(before), str(wish))]


def _take_companions(rsvp: Rsvp, wishes: Sequence[CompanionWish]) -> list[Change]:
    changes = []
    for place in range(max(len(rsvp.companions), len(wishes))):
        before = rsvp.companions[place] if place < len(rsvp.companions) else None
        after = wishes[place] if place < len(wishes) else None
        changes += _companion_changes(before, after)
    for companion, wish in zip(rsvp.companions, wishes, strict=False):
        companion.name, companion.diet = wish.name, wish.diet.diet
        companion.diet_words = wish.diet.words
    del rsvp.companions[len(wishes) :]
    for position in range(len(rsvp.companions), len(wishes)):
        wish = wishes[position]
        rsvp.companions.append(
            Companion(
                position=position,
                name=wish.name,
                diet=wish.diet.diet,
                diet_words=wish.diet.words,
            )
        )
    return changes


def _companion_changes(before: Companion | None, after: CompanionWish | None) -> list[Change]:
    diet_before = str(DietWish(before.diet, before.diet_words)) if before else ""
    return [
        Change("companion", before.name if before else "", after.name if after else ""),
        Change("companion-diet", diet_before, str(after.diet) if after else ""),
    ]
