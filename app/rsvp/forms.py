"""The fields of an answer: read as typed, checked, and turned into what is to be recorded."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest
from typing import NamedTuple
from unicodedata import category, normalize

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from app.guests.headings import UNSEEN
from app.guests.rows import NEEDED, WIDE_SPACE
from app.programme.models import ProgrammeItem
from app.rsvp.changes import AnswerWish, CompanionWish, DietWish
from app.rsvp.models import Answer, ChoiceAnswer, Diet, Rsvp
from app.rsvp.page import FormPage
from app.rsvp.services import Seen

LONGEST_LINE = 100
LONGEST_NEEDS = 500
LONGEST_MESSAGE = 2000
MOST_FIELDS = 300
"""More than any programme fills; each costs time while the event is locked for this answer."""


@dataclass(frozen=True)
class CompanionFields:
    name: str = ""
    diet: str = ""
    words: str = ""


@dataclass(frozen=True)
class Fields:
    """What stands in the form: as typed, or as recorded."""

    answer: str = ""
    items: frozenset[str] = frozenset()
    diet: str = Diet.NONE
    words: str = ""
    """Allergies and the like (`diet_words`)."""
    companions: tuple[CompanionFields, ...] = ()
    access_needs: str = ""
    message: str = ""
    keeps_health: bool = False
    """Sent by a page that does not show diets and access needs: they stay as they are."""

    @property
    def says_more(self) -> bool:
        """Whether more than the answer alone was filled in."""
        filled = (self.items, self.words, self.access_needs, self.message)
        diets = {self.diet, *(companion.diet for companion in self.companions)}
        beside = (companion.name or companion.words for companion in self.companions)
        return any(filled) or any(beside) or not diets <= {"", Diet.NONE}


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
        form.getlist("companion_name"),
        form.getlist("companion_diet"),
        form.getlist("companion_diet_words"),
        fillvalue="",
    )
    return Fields(
        answer=form.get("answer", ""),
        items=frozenset(form.getlist("items")),
        diet=form.get("diet", ""),
        words=form.get("diet_words", ""),
        companions=tuple(CompanionFields(*fields) for fields in companions),
        access_needs=form.get("access_needs", ""),
        message=form.get("message", ""),
        keeps_health="keeps_health" in form,
    )


def read_seen(form: MultiDict[str, str]) -> Seen:
    """Return what stood on the page; a program that does not say so has seen everything."""
    return Seen(form.get("version", type=int), form.get("programme", type=_moment))


def _moment(typed: str) -> datetime:
    moment = datetime.fromisoformat(typed)
    if moment.tzinfo is None:
        raise ValueError(typed)
    return moment


def recorded_fields(rsvp: Rsvp, items: Sequence[ProgrammeItem]) -> Fields:
    """Return the form as it would have been filled in for what is recorded."""
    chosen = {choice.item_id for choice in rsvp.choices if choice.answer is not ChoiceAnswer.NO}
    return Fields(
        answer=rsvp.answer,
        items=frozenset(item.slug for item in items if item.id in chosen),
        diet=rsvp.diet,
        words=rsvp.diet_words,
        companions=tuple(
            CompanionFields(companion.name, companion.diet, companion.diet_words)
            for companion in rsvp.companions
        ),
        access_needs=rsvp.access_needs,
        message=rsvp.message,
    )


def fill_in(page: FormPage, typed: Fields | None = None, *, sees_all: bool = True) -> Fields:
    """Return what the form shows: what was typed, else what is recorded.

    Locked parts are not sent by a browser: they always show what is recorded. Who does not see all
    is shown neither diets nor access needs nor the message.
    """
    recorded = _recorded_on(page)
    if not sees_all:
        recorded = _without_health(recorded)
    shown = typed or recorded
    if page.dinner and page.dinner.part.locked:
        shown = replace(
            shown, diet=recorded.diet, words=recorded.words, companions=recorded.companions
        )
    locked = {part.item.slug for part in page.recorded.parts if part.locked}
    blank = (CompanionFields(),) * (
        page.recorded.event.companions_per_guest - len(shown.companions)
    )
    return replace(
        shown,
        items=(shown.items - locked) | (recorded.items & locked),
        companions=shown.companions + blank,
    )


def _without_health(fields: Fields) -> Fields:
    companions = tuple(CompanionFields(companion.name) for companion in fields.companions)
    return Fields(fields.answer, fields.items, companions=companions, keeps_health=True)


def _recorded_on(page: FormPage) -> Fields:
    rsvp = page.recorded.rsvp
    items = [part.item for part in page.recorded.parts]
    if rsvp is None:
        return Fields()
    recorded = recorded_fields(rsvp, items)
    return replace(recorded, items=recorded.items | page.recorded.once_chosen)


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
            diet=checker.diet("diet", fields.diet, fields.words),
            companions=checker.companions(fields.companions),
            access_needs=checker.access_needs(fields.access_needs),
        )
        if fields.keeps_health:
            wish = _keeping_health(wish)
    message = checker.message(fields.message)
    # A page that does not show the recorded message sends an empty one.
    wish = replace(wish, message=None if fields.keeps_health and not message else message)
    if checker.mistakes:
        raise FieldsRefusedError(checker.mistakes)
    return wish


def read_first(fields: Fields) -> AnswerWish:
    """Return the answer alone, as the first press says it; raise FieldsRefusedError."""
    checker = _Checker()
    answer = checker.answer(fields.answer)
    if checker.mistakes:
        raise FieldsRefusedError(checker.mistakes)
    return AnswerWish.alone(answer)


def _keeping_health(wish: AnswerWish) -> AnswerWish:
    """Leave as it is what the page did not show."""
    companions = tuple(replace(companion, diet=None) for companion in wish.companions or ())
    return replace(wish, diet=None, access_needs=None, companions=companions)


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
        message = self.lines("message", typed)
        if len(message) > LONGEST_MESSAGE:
            text = _("Shorten your message to %(most)s characters.", most=LONGEST_MESSAGE)
            self.refuse("message", text)
        return message

    def access_needs(self, typed: str) -> str:
        needs = self.lines("access_needs", typed)
        if len(needs) > LONGEST_NEEDS:
            self.refuse(
                "access_needs", _("Shorten this to %(most)s characters.", most=LONGEST_NEEDS)
            )
        return needs

    def lines(self, field: str, typed: str) -> str:
        """Read a text of several lines."""
        text = re.sub(r"\r\n?", "\n", typed).strip()
        if any(category(letter) in {"Cc", "Cs"} and letter not in "\n\t" for letter in text):
            self.refuse(field, _("There is a control character in this: please type it again."))
        return text

    def diet(self, field: str, typed: str, words: str = "") -> DietWish:
        """Read a diet of the list and own words beside it; own words may stand in its place."""
        own = self.line(words_id(field), words)
        named = diet_named(typed)
        if named is None:
            return DietWish(Diet.OTHER, own or self.line(field, typed))
        if own and named is Diet.NONE:
            # Not to be counted as "no special diet" in the kitchen.
            return DietWish(Diet.OTHER, own)
        return DietWish(named, own)

    def companions(self, typed: Sequence[CompanionFields]) -> tuple[CompanionWish, ...]:
        wishes = []
        for place, companion in enumerate(typed):
            name = self.line(control_id("companion_name", place), companion.name)
            diet_id = control_id("companion_diet", place)
            diet = self.diet(diet_id, companion.diet, companion.words)
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


def words_id(diet_id: str) -> str:
    """Return the id of the control for own words beside that of a diet: `diet_words-2`."""
    name, dash, number = diet_id.partition("-")
    return f"{name}_words{dash}{number}"


def control_id(name: str, place: int) -> str:
    """Return the id of the control of a field that can stand in the form several times."""
    return f"{name}-{place + 1}" if place else name
