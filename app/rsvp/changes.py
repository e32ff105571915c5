"""What a guest wishes to have recorded, and how the row is brought in line with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from app.programme.models import ProgrammeItem
from app.programme.queries import find_dinner
from app.rsvp.models import Answer, Choice, ChoiceAnswer, Companion, Diet, Rsvp

ITEM = "item:"
"""How a change names a programme item as its part: `item:<slug>`."""


@dataclass(frozen=True)
class DietWish:
    diet: Diet = Diet.NONE
    words: str = ""
    """Allergies and the like, in the guest's own words."""

    def __str__(self) -> str:
        return f"{self.diet}: {self.words}" if self.words else str(self.diet)


@dataclass(frozen=True)
class CompanionWish:
    name: str
    diet: DietWish | None = DietWish()
    """None: as it is recorded for a companion of that name."""


@dataclass(frozen=True)
class AnswerWish:
    """What a guest asks to have recorded. A part that is None stays as it is."""

    answer: Answer
    items: frozenset[str] | None = frozenset()
    """Slugs of the programme items ticked; the dinner is one of them."""
    diet: DietWish | None = DietWish()
    companions: tuple[CompanionWish, ...] | None = ()
    access_needs: str | None = ""
    message: str | None = ""
    note: str = ""
    """What the organiser noted down with it; kept in the history only."""

    @classmethod
    def alone(cls, answer: Answer) -> Self:
        """The first press: accepted or declined, and nothing said of the parts."""
        return cls(answer, None, None, None, None, None)

    def without_health(self) -> Self:
        """The same, once health data is erased: there is to be none again."""
        companions = self.companions and tuple(
            CompanionWish(companion.name) for companion in self.companions
        )
        return replace(self, diet=DietWish(), companions=companions, access_needs="")

    @property
    def answers_the_parts(self) -> bool:
        return self.items is not None


@dataclass(frozen=True)
class Change:
    part: str
    before: str
    after: str


def is_half_way(rsvp: Rsvp) -> bool:
    """Whether the guest has accepted, and not yet answered the parts."""
    return rsvp.answer is Answer.ACCEPTED and rsvp.parts_at is None


def is_recorded(rsvp: Rsvp, wish: AnswerWish, items: Sequence[ProgrammeItem]) -> bool:
    """Whether what is recorded is what the wish asks for already."""
    chosen = {choice.item_id for choice in rsvp.choices if choice.answer is not ChoiceAnswer.NO}
    slugs = frozenset(item.slug for item in items if item.id in chosen)
    comes = wish.answer is Answer.ACCEPTED
    dinner = find_dinner(items)
    whole = completed(wish, rsvp, dines=comes and dinner is not None and dinner.id in chosen)
    return (rsvp.answer, rsvp.message, rsvp.access_needs, diet_of(rsvp), companions_of(rsvp)) == (
        whole.answer,
        whole.message,
        whole.access_needs,
        whole.diet,
        whole.companions,
    ) and (wish.items in {None, slugs} or not comes)


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
    whole = completed(wish, rsvp, dines=dines)
    changes = [
        Change("event", rsvp.answer if rsvp.version else "", wish.answer),
        *_take_choices(rsvp, items, answers, now=now),
        *_take_diet(rsvp, whole.diet or DietWish()),
        *_take_companions(rsvp, whole.companions or ()),
        Change("access", rsvp.access_needs, whole.access_needs or ""),
        Change("message", rsvp.message, whole.message or ""),
        Change("note", "", wish.note),
        Change("wish", _wish_given_up(rsvp, wish), ""),
        *_take_moment_of_parts(rsvp, wish, has_parts=bool(items), now=now),
    ]
    rsvp.answer, rsvp.message = wish.answer, whole.message or ""
    rsvp.access_needs = whole.access_needs or ""
    rsvp.wishes_place_since = None
    return [change for change in changes if change.before != change.after]


def completed(wish: AnswerWish, rsvp: Rsvp, *, dines: bool) -> AnswerWish:
    """Return the wish with what it leaves as it is filled in; who does not dine has no diet."""
    comes = wish.answer is Answer.ACCEPTED
    kept = companions_of(rsvp)
    companions = kept if wish.companions is None else _with_kept_diets(wish.companions, kept)
    diet = diet_of(rsvp) if wish.diet is None else wish.diet
    needs = rsvp.access_needs if wish.access_needs is None else wish.access_needs
    return replace(
        wish,
        diet=diet if dines else DietWish(),
        companions=companions if dines else (),
        access_needs=needs if comes else "",
        message=rsvp.message if wish.message is None else wish.message,
    )


def _wish_given_up(rsvp: Rsvp, wish: AnswerWish) -> str:
    """Return what the guest wished for in vain, where a decline takes that back."""
    waits = rsvp.wishes_place_since is not None and wish.answer is Answer.DECLINED
    return Answer.ACCEPTED if waits else ""


def _with_kept_diets(
    wishes: Sequence[CompanionWish], kept: Sequence[CompanionWish]
) -> tuple[CompanionWish, ...]:
    """Fill in the diets that were left as they are.

    A companion is known again by the name, or, where that was mended, by the place in the form.
    """
    diets = {companion.name: companion.diet for companion in kept}
    named = {wish.name for wish in wishes}
    renamed = [None if companion.name in named else companion.diet for companion in kept]
    at_place = [*renamed, *[None] * len(wishes)]
    return tuple(
        replace(wish, diet=diets.get(wish.name) or at_place[place] or DietWish())
        if wish.diet is None
        else wish
        for place, wish in enumerate(wishes)
    )


def _take_moment_of_parts(
    rsvp: Rsvp, wish: AnswerWish, *, has_parts: bool, now: datetime
) -> list[Change]:
    """Note that the parts are answered; without any there is nothing left to answer."""
    if wish.answer is Answer.DECLINED:
        rsvp.parts_at = None
        return []
    if not wish.answers_the_parts and has_parts:
        return []
    was_half_way = bool(rsvp.version) and rsvp.answer is Answer.ACCEPTED and rsvp.parts_at is None
    rsvp.parts_at = now
    return [Change("parts", "", "answered")] if was_half_way else []


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
        choice.moved_up_at = None
        changes.append(Change(f"{ITEM}{item.slug}", before, after))
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
        diet = wish.diet or DietWish()
        companion.name, companion.diet, companion.diet_words = wish.name, diet.diet, diet.words
    del rsvp.companions[len(wishes) :]
    for position in range(len(rsvp.companions), len(wishes)):
        wish, diet = wishes[position], wishes[position].diet or DietWish()
        rsvp.companions.append(
            Companion(position=position, name=wish.name, diet=diet.diet, diet_words=diet.words)
        )
    return changes


def _companion_changes(before: Companion | None, after: CompanionWish | None) -> list[Change]:
    diet_before = str(DietWish(before.diet, before.diet_words)) if before else ""
    return [
        Change("companion", before.name if before else "", after.name if after else ""),
        Change("companion-diet", diet_before, str(after.diet) if after else ""),
    ]
