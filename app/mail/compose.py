"""Three files and some facts become the subject, text and HTML of a mail."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import TextWrapper

from css_inline import CSSInliner
from flask_babel import get_translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.language import using

LONGEST_LINE = 78
WRAP_AT = 72
BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class MailContent:
    """What a mail says: its subject on one line, and the same content twice."""

    subject: str
    text: str
    html: str


class Composer:
    """Fills the templates in `folder`: for each kind of mail subject.txt, body.txt and body.html.

    A fact a template names and nobody gave is an error, never a gap. Only HTML is escaped. Texts
    are translated by the application's catalogues, so compose inside an application context.
    """

    def __init__(self, folder: Path, filters: Mapping[str, Callable[..., str]]) -> None:
        self.folder = folder
        self.filters = filters
        self.environments: dict[str, Environment] = {}
        # @media rules cannot be inlined; they must stay for the dark and the narrow look.
        self.inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

    def compose(self, kind: str, *, language: str, facts: Mapping[str, object]) -> MailContent:
        """Return the mail of that kind in that language.

        The templates also get `language`, and the bodies `subject`. Raises jinja2's
        UndefinedError for a missing fact and TemplateNotFound for an unknown kind.
        """
        with using(language):
            known = {**facts, "language": language}
            subject = " ".join(self._render(f"{kind}/subject.txt", known).split())
            known["subject"] = subject
            return MailContent(
                subject=subject,
                text=_wrapped(self._render(f"{kind}/body.txt", known)),
                html=self.inliner.inline(self._render(f"{kind}/body.html", known)),
            )

    def _render(self, name: str, facts: Mapping[str, object]) -> str:
        return self._environment(str(facts["language"])).get_template(name).render(facts)

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
            )
            environment.filters.update(self.filters)
            environment.policies["ext.i18n.trimmed"] = True
            environment.install_gettext_translations(  # type: ignore[attr-defined]
                get_translations(), newstyle=True
            )
            self.environments[language] = environment
        return self.environments[language]


def _wrapped(text: str) -> str:
    """Keep lines as they are written; wrap those too long, which a name or translation made so."""
    lines = [_wrapped_line(line.rstrip()) for line in text.splitlines()]
    return BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n") + "\n"


def _wrapped_line(line: str) -> str:
    if len(line) <= LONGEST_LINE:
        return line
    words = line.lstrip(" ")
    indent = " " * (len(line) - len(words))
    wrapper = TextWrapper(
        WRAP_AT,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,  # a web address stays whole
        break_on_hyphens=False,
    )
    return wrapper.fill(words)
