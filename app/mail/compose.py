"""Three files and some facts become the subject, text and HTML of a mail."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from textwrap import TextWrapper
from typing import Any

from css_inline import CSSInliner
from flask_babel import get_translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import escape

from app.language import using
from app.mail.gaps import (
    OPENS,
    Gap,
    Gapped,
    IncomparableError,
    Personal,
    Shared,
    printed,
    with_gaps,
)
from app.mail.markdown import as_html, as_text
from app.mail.words import Facts, Words, one_line, subject_line

LONGEST_LINE = 78
WRAP_AT = 72
DRAFTS = 64  # of about ten kilobytes each
PROBES = ("", "Of The Long Name " * 8)
"""Two made-up people for whom a draft must come out as the templates say."""
BLANK_LINES = re.compile(r"\n{3,}")
EXTENDED = re.compile(r'{% extends "([^"]+)" %}')
LIST_MARK = re.compile(r"- |\d+\. ")


@dataclass(frozen=True)
class MailContent:
    """What a mail says: its subject on one line, and the same content twice."""

    subject: str
    text: str
    html: str
    text_id: int | None = None
    """Row id of the organiser's own words it is written in; none for the product's."""


@dataclass(frozen=True)
class Draft:
    """A mail rendered but for its personal facts; its text is not wrapped yet."""

    subject: Gapped
    text: Gapped
    html: Gapped

    def filled(self, personal: Mapping[str, str]) -> MailContent:
        safe = {name: escape(fact) for name, fact in personal.items()}
        return MailContent(
            one_line(self.subject.filled(personal)),
            self.text.filled(personal),
            self.html.filled(safe),
        )


class Composer:
    """Fills the templates in `folder`: for each kind of mail subject.txt, body.txt and body.html.

    A fact a template names and nobody gave is an error, never a gap. Only HTML is escaped. Texts
    are translated by the application's catalogues, so compose inside an application context.

    Mails that differ in facts given as Personal only are filled from one draft, for which the
    templates were rendered and the styles inlined once. It changes no mail: where a template does
    more than print such a fact there is no draft. The newest are kept, and hold no personal fact.

    Own words take the place of the subject, and in the bodies of what the templates wrap in
    `{% call words() %}` (docs/texts.md).
    """

    def __init__(self, folder: Path, filters: Mapping[str, Callable[..., str]]) -> None:
        self.folder = folder
        self.filters = filters
        self.environments: dict[str, Environment] = {}
        # @media rules cannot be inlined; they must stay for the dark and the narrow look.
        self.inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
        self._draft = lru_cache(DRAFTS)(self._make_draft)

    def compose(
        self, kind: str, *, language: str, facts: Facts, words: Words | None = None
    ) -> MailContent:
        """Return the mail of that kind in that language, in own words where they are given.

        The templates also get `language`, and the bodies `subject`. Raises jinja2's
        UndefinedError for a missing fact and TemplateNotFound for an unknown kind.
        """
        personal = {name: fact for name, fact in facts.items() if isinstance(fact, Personal)}
        draft = self._find_draft(kind, language, facts, words) if personal else None
        content = draft.filled(personal) if draft else self._render(kind, language, facts, words)
        return replace(
            content, text=_wrapped(content.text), text_id=words.text_id if words else None
        )

    def subject(self, kind: str, *, language: str, facts: Facts, words: Words | None = None) -> str:
        """Return the subject alone of the mail of that kind, with the facts it names."""
        with using(language):
            return self._render_subject(kind, language, facts, words)

    def takes_words(self, kind: str) -> bool:
        """Whether both bodies of that kind leave room for own words."""
        bodies = (f"{kind}/body.txt", f"{kind}/body.html")
        return (self.folder / kind).is_dir() and all(map(self._calls_words, bodies))

    def _calls_words(self, name: str) -> bool:
        source = (self.folder / name).read_text(encoding="utf-8")
        extended = [found for found in EXTENDED.findall(source) if not found.startswith("_layout/")]
        return "call words(" in source or any(map(self._calls_words, extended))

    def _render_subject(self, kind: str, language: str, facts: Facts, words: Words | None) -> str:
        if words is not None:
            return subject_line(words.subject, facts)
        template = self._environment(language).get_template(f"{kind}/subject.txt")
        return " ".join(template.render({**facts, "language": language}).split())

    def _find_draft(
        self, kind: str, language: str, facts: Facts, words: Words | None
    ) -> Draft | None:
        try:
            return self._draft(Shared.of(kind, language, facts), words)
        except IncomparableError:
            return None

    def _make_draft(self, shared: Shared, words: Words | None) -> Draft | None:
        names, gaps = shared.names, {name: Gap.of(name) for name in shared.names}
        try:
            content = self._render(shared.kind, shared.language, {**shared.facts, **gaps}, words)
            if words is None and OPENS in content.subject:
                return None  # what a template does with a subject is not ours to know
            rendered = (content.subject, content.text, content.html)
            draft = Draft(*(Gapped(text, names) for text in rendered))
            return draft if self._holds(draft, shared, words) else None
        except Exception:  # noqa: BLE001 - a gap will not do; a mistake will show in the mail itself
            return None

    def _holds(self, draft: Draft, shared: Shared, words: Words | None) -> bool:
        """Whether the draft says the same of somebody as the templates themselves do."""
        for probe in PROBES:
            personal = {name: f"{probe}{name}" for name in shared.names}
            facts = {**shared.facts, **personal}
            plain = self._render(shared.kind, shared.language, facts, words)
            if draft.filled(personal) != plain:
                return False
        return True

    def _render(self, kind: str, language: str, facts: Facts, words: Words | None) -> MailContent:
        """Return the mail as its templates have it, its text not wrapped yet."""
        with using(language):
            environment = self._environment(language)
            subject = self._render_subject(kind, language, facts, words)
            known = {**facts, "language": language, "subject": subject}
            own_text = as_text(words.body, facts) if words else ""
            own_html = as_html(words.body, facts) if words else []
            text = environment.get_template(f"{kind}/body.txt").render(known, own_words=own_text)
            html = environment.get_template(f"{kind}/body.html").render(known, own_words=own_html)
            return MailContent(subject, text, self.inliner.inline(html))

    def _environment(self, language: str) -> Environment:
        """Return the templates of one language, compiled once, its catalogue built in."""
        if language not in self.environments:
            environment = Environment(
                loader=FileSystemLoader(self.folder),
                undefined=StrictUndefined,
                autoescape=select_autoescape(("html",), default=False),
                extensions=["jinja2.ext.i18n"],
                trim_blocks=True,
                lstrip_blocks=True,
                auto_reload=False,
                cache_size=-1,
                finalize=printed,
            )
            environment.filters.update(self.filters)
            environment.policies["ext.i18n.trimmed"] = True
            environment.install_gettext_translations(  # type: ignore[attr-defined]
                get_translations(), newstyle=True
            )
            for name in ("gettext", "ngettext"):
                translate: Any = environment.globals[name]
                environment.globals[name] = with_gaps(translate)
            self.environments[language] = environment
        return self.environments[language]


def _wrapped(text: str) -> str:
    """Keep lines as they are written; wrap those too long, which a name or translation made so."""
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line if len(line) <= LONGEST_LINE else _wrapped_line(line) for line in lines]
    return BLANK_LINES.sub("\n\n", "\n".join(kept)).strip("\n") + "\n"


def _wrapped_line(line: str) -> str:
    words = line.lstrip(" ")
    one_word = " " not in words and "\t" not in words  # a web address stays whole
    return line if one_word else _filled(words, " " * (len(line) - len(words)))


@lru_cache(maxsize=256)
def _filled(words: str, indent: str) -> str:
    mark = LIST_MARK.match(words)
    wrapper = TextWrapper(
        WRAP_AT,
        initial_indent=indent,
        subsequent_indent=indent + " " * (mark.end() if mark else 0),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapper.fill(words)
