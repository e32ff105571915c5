"""The fields of an answer: read as typed, checked, and turned into what is to be recorded."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import NamedTuple
from unicodedata import category, normalize

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from app.guests.headings import UNSEEN
from app.guests.rows import NEEDED, WIDE_SPACE
from app.programme.models import ProgrammeItem
from app.rsvp.changes import AnswerWish, CompanionWish, DietWish, companions_of, diet_of
from app.rsvp.models import Answer, ChoiceAnswer, Diet, Rsvp
from app.rsvp.page import FormPage

LONGEST_LINE = 100
LONGEST_MESSAGE = 2000
MOST_FIELDS = 300
"""More than any programme fills; each costs time while the event is locked for this answer."""


@dataclass(frozen=True)
class CompanionFields:
    name: str = ""
    diet: str = ""


@dataclass(frozen=True)
class Fields:
    """What stands in the form: as typed, or as recorded."""

    answer: str = ""
    items: frozenset[str] = frozenset()
    diet: str = Diet.NONE
    companions: tuple[CompanionFields, ...] = ()
    message: str = ""


class Mistake(NamedTuple):
    """What is wrong, and the id of the control where it can be mended."""

    field: str
    text: str


class FieldsRefusedError(Exception):
    """Some fields cannot be understood; nothing has been asked to be recorded."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(", ".join(mistake.field for mistake in mistakes))


def read_fields(form: MultiDict[str, str]) -> Fields:
    """Return what was typed, as it was typed; raise RequestEntityTooLarge for a flood of fields."""
    if sum(len(values) for values in form.listvalues()) > MOST_FIELDS:
        raise RequestEntityTooLarge
    companions = zip_longest(
        form.getlist("companion_name"), form.getlist("companion_diet"), fillvalue=""
    )
    return Fields(
        answer=form.get("answer", ""),
        items=frozenset(form.getlist("items")),
        diet=form.get("diet", ""),
        companions=tuple(CompanionFields(name, diet) for name, diet in companions),
        message=form.get("message", ""),
    )


def recorded_fields(rsvp: Rsvp, items: Sequence[ProgrammeItem]) -> Fields:
    """Return the form as it would have been filled in for what is recorded."""
    chosen = {choice.item_id for choice in rsvp.choices if choice.answer is not ChoiceAnswer.NO}
    return Fields(
        answer=rsvp.answer,
        items=frozenset(item.slug for item in items if item.id in chosen),
        diet=_diet_field(diet_of(rsvp)),
        companions=tuple(
            CompanionFields(companion.name, _diet_field(companion.diet))
            for companion in companions_of(rsvp)
        ),
        message=rsvp.message,
    )


def _diet_field(diet: DietWish) -> str:
    return diet.words or diet.diet


def fill_in(page: FormPage, typed: Fields | None = None) -> Fields:
    """Return what the form shows: what was typed, else what is recorded.

    Locked parts are not sent by a browser: they always show what is recorded.
    """
    recorded = _recorded_on(page)
    shown = typed or recorded
    if page.dinner and page.dinner.part.locked:
        shown = replace(shown, diet=recorded.diet, companions=recorded.companions)
    locked = {part.item.slug for part in page.recorded.parts if part.locked}
    blank = (CompanionFields(),) * (
        page.recorded.event.companions_per_guest - len(shown.companions)
    )
    return replace(
        shown,
        items=(shown.items - locked) | (recorded.items & locked),
        companions=shown.companions + blank,
    )


def _recorded_on(page: FormPage) -> Fields:
    rsvp = page.recorded.rsvp
    items = [part.item for part in page.recorded.parts]
    return recorded_fields(rsvp, items) if rsvp else Fields()


def read_wish(fields: Fields) -> AnswerWish:
    """Return what is asked to be recorded; raise FieldsRefusedError with every mistake.

    Of a decline only the message is read: the rest of the form is folded away, and void.
    """
    checker = _Checker()
    answer = checker.answer(fields.answer)
    wish = AnswerWish(answer)
    if answer is Answer.ACCEPTED:
        wish = replace(
            wish,
            items=fields.items,
            diet=checker.diet("diet", fields.diet),
            companions=checker.companions(fields.companions),
        )
    wish = replace(wish, message=checker.message(fields.message))
    if checker.mistakes:
        raise FieldsRefusedError(checker.mistakes)
    return wish


def diet_named(text: str) -> Diet | None:
    """Return the diet a word stands for, whatever its case and spaces; None for own words."""
    folded = re.sub(r"[\s_-]+", "-", text.strip().casefold())
    if not folded:
        return Diet.NONE
    return Diet(folded) if folded in set(Diet) else None


class _Checker:
    """Reads each field, and keeps what is wrong."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def refuse(self, field: str, text: str) -> None:
        self.mistakes.append(Mistake(field, text))

    def answer(self, typed: str) -> Answer:
        if typed in set(Answer):
            return Answer(typed)
        self.refuse("answer-accepted", _("Say whether you accept or decline."))
        # Taken for a yes until it is said: so the rest of the form is checked in the same go.
        return Answer.ACCEPTED

    def message(self, typed: str) -> str:
        message = re.sub(r"\r\n?", "\n", typed).strip()
        if len(message) > LONGEST_MESSAGE:
            text = _("Shorten your message to %(most)s characters.", most=LONGEST_MESSAGE)
            self.refuse("message", text)
        if any(category(letter) in {"Cc", "Cs"} and letter not in "\n\t" for letter in message):
            text = _("Your message has a control character in it: please type it again.")
            self.refuse("message", text)
        return message

    def diet(self, field: str, typed: str) -> DietWish:
        named = diet_named(typed)
        if named is not None:
            return DietWish(named)
        return DietWish(Diet.OTHER, self.line(field, typed))

    def companions(self, typed: Sequence[CompanionFields]) -> tuple[CompanionWish, ...]:
        wishes = []
        for place, companion in enumerate(typed):
            name = self.line(control_id("companion_name", place), companion.name)
            diet = self.diet(control_id("companion_diet", place), companion.diet)
            if name:
                wishes.append(CompanionWish(name, diet))
            elif diet != DietWish():
                self.refuse(
                    control_id("companion_name", place),
                    _("Give your companion’s name, or clear the companion’s diet."),
                )
        return tuple(wishes)

    def line(self, field: str, typed: str) -> str:
        """Read one line of plain text, as a name is."""
        line = WIDE_SPACE.sub(" ", normalize("NFC", typed)).strip(" ")
        if len(line) > LONGEST_LINE:
            self.refuse(field, _("Shorten this to %(most)s characters.", most=LONGEST_LINE))
        shown = NEEDED.sub("", line)
        if not shown.isprintable() or UNSEEN.search(shown):
            text = _("There is a line break or an invisible character in this: type it again.")
            self.refuse(field, text)
        return line


def control_id(name: str, place: int) -> str:
    """Return the id of the control of a field that can stand in the form several times."""
    return f"{name}-{place + 1}" if place else name
