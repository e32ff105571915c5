"""A line to all guests of an event, in each of the languages they are written to."""

from collections.abc import Mapping, Sequence

from app.db.types import LocalText
from app.events.models import Event

LONGEST_NOTE = 500


class NoteMissingError(Exception):
    """A note to the guests is written in some languages of the event, and not in all."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = tuple(languages)
        super().__init__(
            f"The note is missing in {', '.join(languages)}: guests are written to in that"
            " language, too. Write it in every language of the event, or in none."
        )


class NoteTooLongError(Exception):
    """A note to the guests is longer than LONGEST_NOTE."""

    def __init__(self, language: str) -> None:
        self.language = language
        super().__init__(f"The note in {language} is longer than {LONGEST_NOTE} characters.")


def complete_note(event: Event, note: Mapping[str, str] | None) -> LocalText | None:
    """Return the note on one line in every language of the event; None for an empty one.

    Raises NoteMissingError, NoteTooLongError.
    """
    written = {language: " ".join(text.split()) for language, text in (note or {}).items()}
    if not any(written.values()):
        return None
    missing = [language for language in event.languages if not written.get(language)]
    if missing:
        raise NoteMissingError(missing)
    for language in event.languages:
        if len(written[language]) > LONGEST_NOTE:
            raise NoteTooLongError(language)
    return {language: written[language] for language in event.languages}
