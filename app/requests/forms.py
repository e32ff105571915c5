"""What guests and organisers type about a request, read and checked."""

from collections.abc import Callable, Mapping, Sequence

from flask import request
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, TextAreaField
from wtforms.validators import Length, Optional

from app.addresses import AddressRefusedError, read_address
from app.guests.headings import LONGEST
from app.guests.rows import CellRefused, read_language, read_name, read_text
from app.requests.asking import LONGEST_WORDS
from app.requests.models import Wished
from app.requests.page import Typed
from app.rsvp.forms import Mistake

PERSON = ("salutation", "first_name", "last_name", "title", "organisation", "email", "language")
"""Columns of a guest file that a representative is proposed with."""

MENDS = {
    "email": _("This is not a mail address. Write it as name@domain."),
    "language": _("Choose one of the languages."),
}


def read_typed() -> Typed:
    """Return what was typed at one part."""
    form = request.form
    return Typed(form.get("part", ""), form.get("wished", ""), form.get("words", ""))


def read_wished(typed: str) -> Wished | None:
    """Return what is wished; none where it cannot be understood."""
    return Wished(typed) if typed in set(Wished) else None


def typed_person() -> dict[str, str]:
    """Return the fields of a representative as they were typed."""
    return {name: request.form.get(name, "") for name in (*PERSON, "words")}


def read_person(
    typed: Mapping[str, str], languages: Sequence[str]
) -> tuple[dict[str, str], list[Mistake]]:
    """Return the person as a row of a guest file has it, and what is wrong, field by field."""
    person, mistakes = {}, []
    for name in PERSON:
        try:
            person[name] = _read(name, typed[name], languages)
        except (CellRefused, AddressRefusedError):
            mistakes.append(Mistake(name, str(_mend(name, typed[name]))))
    if not typed["first_name"].strip() and not typed["last_name"].strip():
        mistakes.insert(0, Mistake("last_name", str(_("Write the name: at least the last name."))))
    return {name: text for name, text in person.items() if text}, mistakes


def _read(name: str, typed: str, languages: Sequence[str]) -> str:
    text = read_text(typed, longest=LONGEST[name])
    if name == "email":
        return read_address(text)
    readers: dict[str, Callable[[str], str]] = {
        "first_name": read_name,
        "last_name": read_name,
        "language": lambda given: read_language(given, languages=languages),
    }
    return readers.get(name, str)(text) if text or name == "language" else ""


def _mend(name: str, typed: str) -> object:
    if name in MENDS:
        return MENDS[name]
    if len(typed) > LONGEST[name]:
        return _("Shorten this to %(most)s characters.", most=LONGEST[name])
    return _("There is something in this that cannot be read as a name: please type it again.")


def _tidied(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


class DecisionForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """The organiser's reply, and of a representative the day until which they may answer."""

    reply = TextAreaField(
        filters=[_tidied],
        validators=[
            Length(max=LONGEST_WORDS, message=_("Shorten the reply to %(max)d characters."))
        ],
    )
    reply_by = DateField(validators=[Optional()])

    def mistakes(self) -> list[Mistake]:
        """Check the fields and return what is wrong, each with the id of its control."""
        self.validate()
        words = {"reply_by": str(_("Write the day as in 2026-12-01."))}
        return [
            Mistake(name, words.get(name, str(errors[0])))
            for name, errors in self.errors.items()
            if name
        ]
