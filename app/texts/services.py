"""Saving own words, and going back to the product's: each a version that stays."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.deliveries.services import recall
from app.events.models import Event
from app.events.queries import lock_for_places
from app.mail.words import Words
from app.texts.checks import Finding, check
from app.texts.kinds import WordedKind
from app.texts.models import EventText
from app.texts.queries import list_versions


class TextRefusedError(Exception):
    """Something in the words must be mended first; nothing was saved."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = findings
        super().__init__("\n".join(map(str, findings)))


class TextMovedOnError(Exception):
    """Somebody else has saved other words since the form was shown; nothing was saved."""

    def __init__(self, newest: EventText) -> None:
        self.newest = newest
        super().__init__(f"Version {newest.version} was saved meanwhile by {newest.written_by}.")


def save_text(
    session: Session,
    event: Event,
    worded: WordedKind,
    language: str,
    *,
    words: Words,
    by: str,
    now: datetime,
    written_from: int | None = None,
) -> EventText:
    """Make these the words of that kind of mail in that language, from its next mail on.

    The words that hold already make no new version. `written_from` is the version the writer had
    before them, 0 for none; without it nothing is compared. Raises TextRefusedError and
    TextMovedOnError.
    """
    subject, body = words.subject.strip(), as_written(words.body)
    findings = check(worded, subject, body)
    if findings:
        raise TextRefusedError(findings)
    newest = _newest_locked(session, event, worded, language)
    if newest is not None and (newest.subject, newest.body) == (subject, body):
        return newest
    _refuse_moved_on(newest, written_from)
    text = EventText(subject=subject, body=body, written_at=now, written_by=by)
    return _add(session, event, worded, language, text, after=newest)


def reset_text(
    session: Session,
    event: Event,
    worded: WordedKind,
    language: str,
    *,
    by: str,
    now: datetime,
    written_from: int | None = None,
) -> EventText | None:
    """Go back to the product's words; nothing happens where they hold. Raises TextMovedOnError."""
    newest = _newest_locked(session, event, worded, language)
    if newest is None or not newest.is_own:
        return newest
    _refuse_moved_on(newest, written_from)
    text = EventText(subject="", body="", written_at=now, written_by=by)
    return _add(session, event, worded, language, text, after=newest)


def as_written(body: str) -> str:
    """Return the body as it is kept: a browser sends other line ends than a file has."""
    return body.replace("\r\n", "\n").replace("\r", "\n").rstrip()


def _newest_locked(
    session: Session, event: Event, worded: WordedKind, language: str
) -> EventText | None:
    """Read under the event's lock: two who save at once come one after the other."""
    lock_for_places(session, event.id)
    versions = list_versions(session, event.id, worded.kind, language)
    return versions[0] if versions else None


def _refuse_moved_on(newest: EventText | None, written_from: int | None) -> None:
    if newest is not None and written_from is not None and newest.version != written_from:
        raise TextMovedOnError(newest)


def _add(
    session: Session,
    event: Event,
    worded: WordedKind,
    language: str,
    text: EventText,
    *,
    after: EventText | None,
) -> EventText:
    """Write the next version. All words change here, and nowhere else."""
    text.event_id, text.kind, text.language = event.id, worded.kind, language
    text.version = after.version + 1 if after else 1
    session.add(text)
    session.flush()
    recall(session, event.id)
    return text
