"""What the parts of an answer are called on a page, and refusals in plain words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from app.events.models import Event
from app.guests.models import Guest
from app.guests.salutations import addressed, full_name
from app.language import (
    clock,
    current_language,
    day_date,
    in_zone,
    local,
    long_date,
    long_day,
    time_span,
)
from app.programme.models import ItemKind, ProgrammeItem
from app.programme.overlaps import at_the_same_time
from app.rsvp.choices import AnswerRefusedError, Refusal, RefusalReason
from app.rsvp.forms import Fields, FieldsRefusedError, Mistake, diet_named
from app.rsvp.models import Answer, Diet
from app.rsvp.page import FormPage, ItemOnPage, Recorded
from app.rsvp.services import AnswerMovedOnError, PlacesTakenError

RefusedError = FieldsRefusedError | AnswerRefusedError | PlacesTakenError | AnswerMovedOnError

DIETS: Mapping[Diet, LazyString] = {
    Diet.NONE: _("No special diet"),
    Diet.VEGETARIAN: _("Vegetarian"),
    Diet.VEGAN: _("Vegan"),
    Diet.GLUTEN_FREE: _("Gluten-free"),
    Diet.LACTOSE_FREE: _("Lactose-free"),
    Diet.NUT_ALLERGY: _("Nut allergy"),
    Diet.OTHER: _("Other, in my own words"),
}
KINDS: Mapping[ItemKind, LazyString] = {
    ItemKind.PLENARY: _("Plenary"),
    ItemKind.SPECIALIST_SESSION: _("Specialist session"),
    ItemKind.WORKSHOP: _("Workshop"),
    ItemKind.STUDY_VISIT: _("Study visit"),
    ItemKind.RECEPTION: _("Reception"),
    ItemKind.DINNER: _("Dinner"),
}
PAIRS: Mapping[ItemKind, LazyString] = {
    ItemKind.SPECIALIST_SESSION: _("Two sessions at the same time. Please choose one, or neither."),
    ItemKind.WORKSHOP: _("Two workshops at the same time. Please choose one, or neither."),
    ItemKind.STUDY_VISIT: _("Two study visits at the same time. Please choose one, or neither."),
}


AT_THE_DINNER: Mapping[RefusalReason, LazyString] = {
    RefusalReason.COMPANION_WITHOUT_DINNER: _(
        "A companion comes to the dinner: tick the dinner, or clear the name."
    ),
    RefusalReason.DIET_WITHOUT_DINNER: _(
        "You tell of an allergy: tick the dinner, or clear the words."
    ),
    RefusalReason.NO_PLACE_FOR_COMPANION: _(
        "No place is left for a companion. Clear the name if you come alone."
    ),
}


def capital(text: str) -> str:
    """Begin a line: Swedish weekdays are written small."""
    return text[:1].upper() + text[1:]


def diet_name(diet: Diet, words: str = "") -> str:
    """Return a diet in words, the guest's own beside it: 'Vegetarian; no celery'."""
    if diet is Diet.OTHER and words:
        return words
    return "; ".join(filter(None, (str(DIETS[diet]), words)))


def diet_or_erased(diet: Diet, words: str, erased: date | None) -> str:
    """Return a diet in words, or when it was erased."""
    return (
        str(_("erased on %(date)s", date=long_date(erased))) if erased else diet_name(diet, words)
    )


def diet_options(chosen: str) -> list[tuple[str, str]]:
    """Return what can be chosen; recorded words of one's own stay a choice of their own."""
    options = [(str(diet), str(name)) for diet, name in DIETS.items()]
    own = [] if diet_named(chosen) else [(chosen, chosen)]
    return options + own


def kind_and_venue(item: ProgrammeItem) -> str:
    """Return 'Plenary, Winter Garden', or the venue alone where the title says the kind."""
    kind, venue = str(KINDS[item.kind]), local(item.venue)
    return venue if kind.casefold() in local(item.title).casefold() else f"{kind}, {venue}"


def day_of(moment: datetime, zone: str) -> date:
    """Return the date it is at the event's place."""
    return in_zone(moment, zone).date()


def choose_one(items: Sequence[ProgrammeItem]) -> str:
    """Return the sentence over items that run at exactly the same time."""
    kinds = {item.kind for item in items}
    if len(items) == 2 and len(kinds) == 1 and (pair := PAIRS.get(items[0].kind)):  # noqa: PLR2004
        return str(pair)
    return str(_("These are at the same time. Please choose one of them, or none."))


def _full_name(guest: Guest) -> str:
    return full_name(guest, current_language())


def _addressed(guest: Guest) -> str:
    # Title and name stay on one line.
    return addressed(guest, current_language()).replace(" ", "\u00a0", 1)


def mistakes_of(error: RefusedError, page: FormPage, typed: Fields) -> list[Mistake]:
    """Put a refusal in words, all of it at once: unreadable fields do not hide what overlaps.

    Each names a control that is on the page: who has accepted has no buttons for that any more.
    """
    accepted = page.recorded.is_answered and page.recorded.accepted
    return [
        mistake._replace(field="form")
        if accepted and mistake.field == "answer-accepted"
        else mistake
        for mistake in _in_words(error, page, typed)
    ]


def _in_words(error: RefusedError, page: FormPage, typed: Fields) -> list[Mistake]:
    event = page.recorded.event
    match error:
        case AnswerRefusedError():
            return [mistake_of(refusal, event) for refusal in error.refusals]
        case PlacesTakenError():
            return [_places_taken(event)]
        case AnswerMovedOnError():
            return [Mistake("form", _moved_on(page.recorded))]
    declines = typed.answer == Answer.DECLINED
    clashes = [] if declines else page.clashes(typed.items)
    return [*error.mistakes, *(mistake_of(clash, event) for clash in clashes)]


def _moved_on(recorded: Recorded) -> str:
    """Say what is recorded by now, and when that was."""
    rsvp, zone = recorded.rsvp, recorded.event.time_zone
    if rsvp is None:
        return ""
    when = long_day(rsvp.changed_at, zone), clock(rsvp.changed_at, zone)
    titles = [local(part.item.title) for part in recorded.parts if part.chosen]
    answer = _("accepted") if recorded.accepted else _("declined")
    text = _(
        "While you had this page open, the answer was changed on %(date)s at %(time)s. Recorded is"
        " now: %(answer)s. Send yours once more if it is to stand instead.",
        date=when[0],
        time=when[1],
        answer="; ".join(map(str, (answer, *titles))),
    )
    return str(text)


def places_left(shown: ItemOnPage) -> str:
    """Return '4 of 12 places left', or that it is full; empty where there is no limit."""
    places = shown.item.places
    if places is None:
        return ""
    if shown.left:
        return str(_("%(left)s of %(places)s places left", left=shown.left, places=places))
    taken = shown.count.taken
    return str(_("Full: %(taken)s of %(places)s places taken", taken=taken, places=places))


def _places_taken(event: Event) -> Mistake:
    text = str(
        _("All %(places)s places are taken. Please call or write to us.", places=event.place_limit)
    )
    return Mistake("answer-accepted", text)


def mistake_of(refusal: Refusal, event: Event) -> Mistake:
    """Put a refusal in words, with the control where it can be mended."""
    return Mistake(_control(refusal), str(_words(refusal, event)))


def _control(refusal: Refusal) -> str:
    if refusal.reason is RefusalReason.ITEM_NOT_OPEN:
        return "programme"  # it stands on no page of a guest who is not named
    if refusal.field == "items":
        return f"item-{refusal.item.slug}" if refusal.item else "programme"
    return "answer-accepted" if refusal.field == "answer" else refusal.field


def _words(refusal: Refusal, event: Event) -> LazyString | str:
    if refusal.reason in AT_THE_DINNER:
        return AT_THE_DINNER[refusal.reason]
    if refusal.item is not None:
        return _words_about(refusal.item, refusal, event)
    match refusal.reason:
        case RefusalReason.TOO_MANY_COMPANIONS:
            return _too_many_companions(refusal.number)
        case RefusalReason.UNKNOWN_ITEM:
            return _("The programme has changed. Please look through it and send it once more.")
        case _:
            return _(
                "The reply-by date was %(date)s. Please call or write to us to change your answer.",
                date=long_date(event.reply_by),
            )


def _words_about(item: ProgrammeItem, refusal: Refusal, event: Event) -> LazyString | str:
    match refusal.reason:
        case RefusalReason.OVERLAP if refusal.other:
            return _overlap(item, refusal.other, event.time_zone)
        case RefusalReason.ITEM_NOT_OPEN:
            return _("A part you ticked is open by name only: please call or write to us.")
        case RefusalReason.ITEM_CHANGED:
            return _changed(item, event.time_zone)
        case _:
            return _(
                "%(item)s was locked on %(date)s: please call or write to us.",
                item=local(item.title),
                date=long_date(item.locks),
            )


def _changed(item: ProgrammeItem, zone: str) -> LazyString:
    return _(
        "%(item)s was changed while you had the page open: it is on %(date)s, %(time)s, %(venue)s."
        " Send once more if that suits you.",
        item=local(item.title),
        date=day_date(day_of(item.starts, zone)),
        time=time_span(item.starts, item.ends, zone),
        venue=local(item.venue),
    )


def _too_many_companions(number: int) -> LazyString | str:
    if not number:
        return _("The invitation is for you alone: please clear the companion’s name.")
    text: str = ngettext(
        "One companion is welcome: please clear the other names.",
        "%(num)s companions are welcome: please clear the other names.",
        number,
    )
    return text


def _overlap(one: ProgrammeItem, other: ProgrammeItem, zone: str) -> str:
    facts = {
        "one": local(one.title),
        "one_time": time_span(one.starts, one.ends, zone),
        "other": local(other.title),
        "other_time": time_span(other.starts, other.ends, zone),
    }
    if at_the_same_time(one, [other]):
        words = _(
            "Choose one of the two: %(one)s (%(one_time)s) and %(other)s (%(other_time)s) overlap.",
            **facts,
        )
        return str(words)
    too_close = _(
        "Choose one of the two: %(one)s (%(one_time)s) and %(other)s (%(other_time)s) are too"
        " close to each other.",
        **facts,
    )
    moving = [item for item in (one, other) if item.transfer_minutes]
    return " ".join(map(str, (too_close, *map(_transfer, moving))))


def _transfer(item: ProgrammeItem) -> LazyString | str:
    return _(
        "%(item)s needs %(minutes)s minutes before and after.",
        item=local(item.title),
        minutes=item.transfer_minutes,
    )


FILTERS: Mapping[str, Callable[..., object]] = {
    "addressed": _addressed,
    "capital": capital,
    "choose_one": choose_one,
    "day_of": day_of,
    "diet_name": diet_name,
    "diet_options": diet_options,
    "diet_or_erased": diet_or_erased,
    "full_name": _full_name,
    "kind_and_venue": kind_and_venue,
    "places_left": places_left,
}
"""For the templates."""
