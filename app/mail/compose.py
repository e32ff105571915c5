"""Three files and some facts become the subject, text and HTML of a mail."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
    Gap,
    Gapped,
    IncomparableError,
    Personal,
    Shared,
    printed,
    with_gaps,
)

LONGEST_LINE = 78
WRAP_AT = 72
DRAFTS = 64  # of about ten kilobytes each
PROBES = ("", "Of The Long Name " * 8)
"""Two made-up people for whom a draft must come out as the templates say."""
BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class MailContent:
    """What a mail says: its subject on one line, and the same content twice."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Draft:
    """A mail rendered but for its personal facts; its text is not wrapped yet."""

    subject: str
    text: Gapped
    html: Gapped

    def filled(self, personal: Mapping[str, str]) -> MailContent:
        safe = {name: escape(fact) for name, fact in personal.items()}
        return MailContent(self.subject, self.text.filled(personal), self.html.filled(safe))


class Composer:
    """Fills the templates in `folder`: for each kind of mail subject.txt, body.txt and body.html.

    A fact a template names and nobody gave is an error, never a gap. Only HTML is escaped. Texts
    are translated by the application's catalogues, so compose inside an application context.

    Mails that differ in facts given as Personal only are filled from one draft, for which the
    templates were rendered and the styles inlined once. It changes no mail: where a template does
    more than print such a fact there is no draft. The newest are kept, and hold no personal fact.
    """

    def __init__(self, folder: Path, filters: Mapping[str, Callable[..., str]]) -> None:
        self.folder = folder
        self.filters = filters
        self.environments: dict[str, Environment] = {}
        # @media rules cannot be inlined; they must stay for the dark and the narrow look.
        self.inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
        self._draft = lru_cache(DRAFTS)(self._make_draft)

    def compose(self, kind: str, *, language: str, facts: Mapping[str, object]) -> MailContent:
        """Return the mail of that kind in that language.

        The templates also get `language`, and the bodies `subject`. Raises jinja2's
        UndefinedError for a missing fact and TemplateNotFound for an unknown kind.
        """
        personal = {name: fact for name, fact in facts.items() if isinstance(fact, Personal)}
        draft = self._find_draft(kind, language, facts) if personal else None
        content = draft.filled(personal) if draft else self._render(kind, language, facts)
        return MailContent(content.subject, _wrapped(content.text), content.html)

    def subject(self, kind: str, *, language: str, facts: Mapping[str, object]) -> str:
        """Return the subject alone of the mail of that kind, with the facts it names."""
        with using(language):
            return self._render_subject(kind, language, facts)

    def _render_subject(self, kind: str, language: str, facts: Mapping[str, object]) -> str:
        template = self._environment(language).get_template(f"{kind}/subject.txt")
        return " ".join(template.render({**facts, "language": language}).split())

    def _find_draft(self, kind: str, language: str, facts: Mapping[str, object]) -> Draft | None:
        try:
            return self._draft(Shared.of(kind, language, facts))
        except IncomparableError:
            return None

    def _make_draft(self, shared: Shared) -> Draft | None:
        names, gaps = shared.names, {name: Gap.of(name) for name in shared.names}
        try:
            content = self._render(shared.kind, shared.language, {**shared.facts, **gaps})
            draft = Draft(content.subject, Gapped(content.text, names), Gapped(content.html, names))
            return draft if all(self._holds(draft, shared, probe) for probe in PROBES) else None
        except Exception:  # noqa: BLE001 - a gap will not do; a mistake will show in the mail itself
            return None

    def _holds(self, draft: Draft, shared: Shared, probe: str) -> bool:
        """Whether the draft says the same of somebody as the templates themselves do."""
        personal = {name: f"{probe}{name}" for name in shared.names}
        facts = {**shared.facts, **personal}
        return draft.filled(personal) == self._render(shared.kind, shared.language, facts)

    def _render(self, kind: str, language: str, facts: Mapping[str, object]) -> MailContent:
        """Return the mail as its templates have it, its text not wrapped yet."""
        with using(language):
            environment = self._environment(language)
            subject = self._render_subject(kind, language, facts)
            known = {**facts, "language": language, "subject": subject}
            text = environment.get_template(f"{kind}/body.txt").render(known)
            html = environment.get_template(f"{kind}/body.html").render(known)
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
    wrapper = TextWrapper(
        WRAP_AT,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapper.fill(words)
