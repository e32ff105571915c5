"""`couvert texts`: the organiser's own words of the mails to guests."""

from pathlib import Path

import click
from sqlalchemy.orm import Session

from app.cli import options
from app.cli.printing import print_json, print_table
from app.cli.refusals import CommandGroup, Refused
from app.cli.transaction import changing, looking
from app.events.models import Event
from app.events.queries import get_event
from app.mail.words import Words
from app.parts import parts
from app.texts.kinds import WordedKind, kinds_of
from app.texts.models import EventText
from app.texts.queries import list_versions, newest_texts
from app.texts.services import reset_text, save_text

SUBJECT = "Subject:"
kind_name = click.argument("kind", metavar="KIND")
language_code = click.argument("language", metavar="LANGUAGE")


@click.group("texts", cls=CommandGroup)
def texts() -> None:
    """Write the mails to guests in your own words."""


@texts.command("list")
@options.event_slug
@options.as_json
def list_command(event_slug: str, *, as_json: bool) -> None:
    """List each mail of EVENT in each language, and whose words it has."""
    with looking() as session:
        event = get_event(session, event_slug)
        newest = newest_texts(session, event.id)
        facts = [
            _state(worded.kind, language, newest.get((worded.kind, language)))
            for worded in kinds_of(parts().composer)
            for language in event.languages
        ]
    if as_json:
        print_json(facts)
    else:
        rows = [[row["kind"], row["language"], _told(row), row["by"], row["at"]] for row in facts]
        print_table(["Kind", "Language", "Words", "By", "At"], rows)


def _state(kind: str, language: str, text: EventText | None) -> dict[str, str | int | None]:
    return {
        "kind": kind,
        "language": language,
        "words": "own" if text and text.is_own else "product",
        "version": text.version if text else None,
        "by": text.written_by if text else None,
        "at": text.written_at.isoformat(timespec="seconds") if text else None,
    }


def _told(row: dict[str, str | int | None]) -> str:
    return f"own, version {row['version']}" if row["words"] == "own" else "product's"


@texts.command("show")
@options.event_slug
@kind_name
@language_code
@click.option("--version", "number", type=click.IntRange(1), help="Of that version.")
@click.option("--product", is_flag=True, help="The product's, to begin with.")
@options.as_json
def show(
    event_slug: str,
    kind: str,
    language: str,
    number: int | None,
    *,
    product: bool,
    as_json: bool,
) -> None:
    """Print the words of a mail of EVENT, as `save` takes them."""
    if product and number is not None:
        raise click.UsageError("Give --version or --product, not both.")
    with looking() as session:
        event = get_event(session, event_slug)
        worded = _find(event, kind, language)
        text = None if product else _version(session, event, kind, language, number)
        state = _state(kind, language, text)
        is_own = text is not None and text.is_own
        words = (
            Words(text.subject, text.body) if text and is_own else worded.product_words(language)
        )
    if as_json:
        print_json({**state, "subject": words.subject, "body": words.body})
    else:
        click.echo(f"{SUBJECT} {words.subject}\n\n{words.body}")


@texts.command("save")
@options.event_slug
@kind_name
@language_code
@options.file_path
@options.by
def save(event_slug: str, kind: str, language: str, path: Path, by: str) -> None:
    """Make the words in FILE those of a mail of EVENT: `Subject: …`, an empty line, the text."""
    words = _read(path)
    with changing() as session:
        event = get_event(session, event_slug)
        worded = _find(event, kind, language)
        now = parts().clock()
        saved = save_text(session, event, worded, language, words=words, by=by, now=now)
        told = f"The next mail has version {saved.version}, by {saved.written_by}."
    click.echo(told)


@texts.command("reset")
@options.event_slug
@kind_name
@language_code
@options.by
def reset(event_slug: str, kind: str, language: str, by: str) -> None:
    """Go back to the product's words; the own ones are kept as versions."""
    with changing() as session:
        event = get_event(session, event_slug)
        reset_text(
            session, event, _find(event, kind, language), language, by=by, now=parts().clock()
        )
    click.echo("The next mail has the product's words.")


def _find(event: Event, kind: str, language: str) -> WordedKind:
    known = {str(worded.kind): worded for worded in kinds_of(parts().composer)}
    if kind not in known:
        raise Refused(f'"{kind}" is no mail with own words. There are: {", ".join(known)}.')
    if language not in event.languages:
        raise Refused(f'"{language}" is no language of the event: {", ".join(event.languages)}.')
    return known[kind]


def _version(
    session: Session, event: Event, kind: str, language: str, number: int | None
) -> EventText | None:
    versions = list_versions(session, event.id, kind, language)
    if number is None:
        return versions[0] if versions else None
    found = next((text for text in versions if text.version == number), None)
    if found is None:
        raise Refused(f"There is no version {number} of these words.")
    return found


def _read(path: Path) -> Words:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Refused(f"The file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Refused(f"The file {path} is not a text in UTF-8. Save it as one.") from error
    head, _, body = text.partition("\n")
    if not head.startswith(SUBJECT):
        raise Refused(f'The first line of {path} must be "{SUBJECT} …", the text comes below it.')
    return Words(head.removeprefix(SUBJECT).strip(), body.lstrip("\n"))
