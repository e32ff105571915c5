"""The pages of own words: what each mail says, writing it, and how it will read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from app.dashboard.previews import preview_mail
from app.events.models import Event
from app.guests.models import Guest
from app.guests.queries import list_guests
from app.mail.compose import MailContent
from app.mail.words import Words
from app.organisers.models import Organiser, Role
from app.parts import parts
from app.texts.checks import Finding, check
from app.texts.forms import TextForm
from app.texts.kinds import WordedKind, kinds_of
from app.texts.models import EventText
from app.texts.queries import list_versions, newest_texts
from app.texts.services import (
    TextMovedOnError,
    TextRefusedError,
    as_written,
    reset_text,
    save_text,
)
from app.web.access import organiser_required
from app.web.framed import page_with_mail
from app.web.transaction import db, reads_only

blueprint = Blueprint("texts", __name__, url_prefix="/organiser/<slug>/texts")

CONFLICT = 409
UNPROCESSABLE = 422
Page = tuple[Response, int]


@dataclass(frozen=True)
class Desk:
    """One text on its page: what holds, what held, and what stands in the form."""

    worded: WordedKind
    language: str
    versions: Sequence[EventText]
    words: Words
    """What stands in the form; it need not be saved."""
    base: int
    """The version that held when the form was shown; 0 for none."""
    findings: Sequence[Finding] = ()
    moved_on: EventText | None = None
    """What somebody else has saved since the form was shown."""

    @property
    def newest(self) -> EventText | None:
        return self.versions[0] if self.versions else None

    @property
    def version(self) -> int:
        return self.newest.version if self.newest else 0

    @property
    def is_own(self) -> bool:
        return self.newest is not None and self.newest.is_own


@blueprint.get("")
@organiser_required(Role.VIEWER)
def index(_organiser: Organiser, event: Event) -> str:
    return render_template(
        "texts/index.html",
        event=event,
        kinds=kinds_of(parts().composer),
        newest=newest_texts(db(), event.id),
    )


@blueprint.get("/<kind>/<language>")
@organiser_required(Role.VIEWER)
def show(_organiser: Organiser, event: Event, kind: str, language: str) -> Response:
    """Show one text; `?take=N` puts the words of that version into the form again."""
    desk = _desk(event, kind, language)
    return _page(event, _with_version(desk, request.args.get("take", type=int)))


@blueprint.post("/<kind>/<language>/check")
@organiser_required(Role.VIEWER)
@reads_only
def check_words(_organiser: Organiser, event: Event, kind: str, language: str) -> Response:
    """Say what must be mended in words that are still being written; nothing is saved."""
    desk = _desk(event, kind, language, TextForm())
    findings = check(desk.worded, desk.words.subject.strip(), as_written(desk.words.body))
    checked = replace(desk, findings=findings)
    if request.headers.get("HX-Request"):
        return page_with_mail(render_template("texts/_checked.html", **_shown(event, checked)))
    return _page(event, checked)


@blueprint.post("/<kind>/<language>")
@organiser_required(Role.ORGANISER)
def save(organiser: Organiser, event: Event, kind: str, language: str) -> Page | Answer:
    form = TextForm()
    desk = _desk(event, kind, language, form)
    try:
        saved = save_text(
            db(),
            event,
            desk.worded,
            language,
            words=desk.words,
            by=organiser.name,
            now=parts().clock(),
            written_from=form.base,
        )
    except TextRefusedError as refusal:
        return _page(event, replace(desk, findings=refusal.findings)), UNPROCESSABLE
    except TextMovedOnError as moved:
        return _moved_on(event, desk, moved)
    flash(_("Version %(number)s is saved. The next mail says it.", number=saved.version))
    return _to(event, kind, language)


@blueprint.post("/<kind>/<language>/reset")
@organiser_required(Role.ORGANISER)
def reset(organiser: Organiser, event: Event, kind: str, language: str) -> Page | Answer:
    """Go back to the product's words; the own ones stay among the versions."""
    desk = _desk(event, kind, language)
    try:
        reset_text(
            db(),
            event,
            desk.worded,
            language,
            by=organiser.name,
            now=parts().clock(),
            written_from=TextForm().base,
        )
    except TextMovedOnError as moved:
        return _moved_on(event, desk, moved)
    flash(_("The next mail has Couvert’s words again."))
    return _to(event, kind, language)


def _desk(event: Event, kind: str, language: str, form: TextForm | None = None) -> Desk:
    """Return the text of the address, 404 where there is none, with what stands in its form."""
    worded = next((each for each in kinds_of(parts().composer) if each.kind == kind), None)
    if worded is None or language not in event.languages:
        abort(404)
    versions = list_versions(db(), event.id, kind, language)
    newest = versions[0] if versions else None
    if form is not None:
        return Desk(worded, language, versions, form.words, form.base)
    words = _words_of(worded, language, newest)
    return Desk(worded, language, versions, words, newest.version if newest else 0)


def _words_of(worded: WordedKind, language: str, text: EventText | None) -> Words:
    """Return the words of a version; of the product's those to begin with."""
    if text is None or not text.is_own:
        return worded.product_words(language)
    return Words(text.subject, text.body, text.id)


def _with_version(desk: Desk, number: int | None) -> Desk:
    taken = next((each for each in desk.versions if each.version == number), None)
    return replace(desk, words=_words_of(desk.worded, desk.language, taken)) if taken else desk


def _moved_on(event: Event, desk: Desk, moved: TextMovedOnError) -> Page:
    """Show both: what holds now and what was written, which can now be saved upon it."""
    newest = moved.newest
    return _page(event, replace(desk, base=newest.version, moved_on=newest)), CONFLICT


def _page(event: Event, desk: Desk) -> Response:
    return page_with_mail(render_template("texts/show.html", **_shown(event, desk)))


def _shown(event: Event, desk: Desk) -> dict[str, object]:
    guests = list_guests(db(), event.id)
    guest = _guest(guests, desk.language)
    return {
        "event": event,
        "desk": desk,
        "guests": guests,
        "guest": guest,
        "as_text": _choice("shown") == "text",
        "mail": _mail(event, desk, guest) if guest and not desk.findings else None,
        "in_own_words": _in_own_words(desk),
        "may_change": g.role is Role.ORGANISER,
    }


def _in_own_words(desk: Desk) -> bool:
    """Whether the preview is of what stands in the form: not while nothing is written."""
    return desk.is_own or request.method == "POST" or "take" in request.args


def _mail(event: Event, desk: Desk, guest: Guest) -> MailContent:
    return preview_mail(
        db(),
        event,
        guest,
        desk.worded.kind,
        language=desk.language,
        words=desk.words if _in_own_words(desk) else None,
        parts=parts(),
        now=parts().clock(),
    )


def _guest(guests: Sequence[Guest], language: str) -> Guest | None:
    """Return the guest asked for, or the first who reads that language."""
    asked = _choice("guest")
    chosen = next((guest for guest in guests if guest.public_id == asked), None)
    readers = (guest for guest in guests if guest.language == language)
    return chosen or next(readers, None) or next(iter(guests), None)


def _choice(name: str) -> str:
    given: MultiDict[str, str] = request.form if request.method == "POST" else request.args
    return given.get(name, "")


def _to(event: Event, kind: str, language: str) -> Answer:
    page = url_for("texts.show", slug=event.slug, kind=kind, language=language)
    return redirect(page, 303)
