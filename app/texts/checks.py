"""What is wrong with own words, each with its line and its mend."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from markdown_it.tree import SyntaxTreeNode as Node

from app.language import N_
from app.mail.markdown import SCHEMES, address_of, is_guests_link, read, scheme_of
from app.mail.words import LINK, VALUES
from app.texts.kinds import WordedKind

LONGEST_SUBJECT = 150
LONGEST_BODY = 8000
LONGEST_QUOTED = 40

EMPTY_SUBJECT = N_("The subject is empty. Write one, in a few words.")
LONG_SUBJECT = N_("The subject has %(size)s characters; at most %(most)s are read. Shorten it.")
LINES_IN_SUBJECT = N_("The subject has more than one line. Write it on one.")
EMPTY_BODY = N_("The text is empty. Write it, or go back to Couvert’s words.")
LONG_BODY = N_("The text has %(size)s characters; at most %(most)s are kept. Shorten it.")
CONTROL = N_("There is a character here that cannot be seen (%(what)s). Take it out.")
UNKNOWN = N_("“%(what)s” is no placeholder. Use one of these: %(known)s.")
MISSPELT = N_("“%(what)s” is no placeholder. Do you mean %(meant)s?")
NOT_HERE = N_("%(what)s means nothing in this mail. Take it out.")
NOT_IN_SUBJECT = N_("%(what)s belongs into the text, not into the subject. Take it out.")
UNCLOSED = N_("The brace { has no end. Write a placeholder like {name}, or take it out.")
UNOPENED = N_("The brace } has no beginning. Write a placeholder like {name}, or take it out.")
NO_LINK = N_(
    "{link} is missing: without it nobody can answer. Put it on a line of its own, with an empty"
    " line before and after: the button stands there."
)
HTML = N_("“%(what)s” is HTML, which is off. Write **bold**, *italic*, or - for a list.")
PICTURE = N_("Pictures are off: nothing in a mail is loaded from anywhere. Take it out.")
LINK_EMPTY = N_("The link “%(what)s” has no address. Write [words](https://…).")
LINK_ELSEWHERE = N_("The link to “%(what)s” does not begin with https:, mailto: or tel:. Mend it.")
LINK_PLACEHOLDER = N_("An address cannot hold a placeholder: “%(what)s”. Only {link} can be one.")

BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]*>?|[!?][^<>]*>?)")
AUTOMATIC_LINK = re.compile(r"<(?:[a-zA-Z][a-zA-Z0-9+.-]+:[^\s<>]*|[^\s<>@]+@[^\s<>@]+)>")
UNSEEN = {"Cc", "Cs", "Co", "Zl", "Zp"}
BREAKS = {"softbreak", "hardbreak"}


@dataclass(frozen=True)
class Finding:
    """Something to mend, in English as it stands in the catalogues."""

    where: str
    """`subject` or `body`."""
    text: str
    facts: Mapping[str, object] = field(default_factory=dict)
    line: int = 0
    """From 1; 0 where it is about no line."""

    @property
    def said(self) -> str:
        return self.text % self.facts if self.facts else self.text

    def __str__(self) -> str:
        place = f"text, line {self.line}" if self.line else self.where.replace("body", "text")
        return f"{place}: {self.said}"


def check(worded: WordedKind, subject: str, body: str) -> list[Finding]:
    """Return what must be mended before these words can be saved; those of the subject first."""
    return [*_check_subject(worded, subject), *_check_body(worded, body)]


def _check_subject(worded: WordedKind, subject: str) -> Iterator[Finding]:
    if not subject.strip():
        yield Finding("subject", EMPTY_SUBJECT)
    if len(subject) > LONGEST_SUBJECT:
        facts = {"size": len(subject), "most": LONGEST_SUBJECT}
        yield Finding("subject", LONG_SUBJECT, facts)
    if len(subject.splitlines()) > 1:
        yield Finding("subject", LINES_IN_SUBJECT)
        return
    yield from _unseen("subject", subject)
    yield from _braces("subject", subject, worded.in_subject)


def _check_body(worded: WordedKind, body: str) -> Iterator[Finding]:
    if not body.strip():
        yield Finding("body", EMPTY_BODY)
        return
    if len(body) > LONGEST_BODY:
        yield Finding("body", LONG_BODY, {"size": len(body), "most": LONGEST_BODY})
        return
    if worded.asks and not _has_link(body):
        yield Finding("body", NO_LINK)
    by_line: list[Finding] = list(_links(body))
    for number, line in enumerate(body.split("\n"), 1):
        by_line += _unseen("body", line, number)
        by_line += _braces("body", line, worded.placeholders, number)
        by_line += _forbidden(line, number)
    yield from sorted(by_line, key=lambda finding: finding.line)


def _unseen(where: str, line: str, number: int = 0) -> Iterator[Finding]:
    for sign in dict.fromkeys(line):
        if unicodedata.category(sign) in UNSEEN and sign != "\t":
            yield Finding(where, CONTROL, {"what": f"U+{ord(sign):04X}"}, number)


def _braces(where: str, line: str, known: Sequence[str], number: int = 0) -> Iterator[Finding]:
    for found in BRACES.finditer(line):
        if found[1] is None:
            yield Finding(where, UNCLOSED if found[0] == "{" else UNOPENED, line=number)
        elif found[1] not in known:
            text, facts = _no_placeholder(found[0], found[1], known, where)
            yield Finding(where, text, facts, number)


def _no_placeholder(
    written: str, name: str, known: Sequence[str], where: str
) -> tuple[str, dict[str, str]]:
    what = _quoted(written)
    if name in VALUES:
        return (NOT_IN_SUBJECT if where == "subject" else NOT_HERE), {"what": what}
    near = get_close_matches(name.strip().lower().replace(" ", "_"), known, n=1)
    if near:
        return MISSPELT, {"what": what, "meant": f"{{{near[0]}}}"}
    return UNKNOWN, {"what": what, "known": ", ".join(f"{{{each}}}" for each in known)}


def _forbidden(line: str, number: int) -> Iterator[Finding]:
    for found in TAG.finditer(AUTOMATIC_LINK.sub("", line)):
        yield Finding("body", HTML, {"what": _quoted(found[0])}, number)
    if "![" in line:
        yield Finding("body", PICTURE, line=number)


def _has_link(body: str) -> bool:
    return any(
        (node.type == "placeholder" and node.content == LINK)
        or (node.type == "link" and is_guests_link(node))
        for block in read(body)
        for node in block.walk()
    )


def _links(body: str) -> Iterator[Finding]:
    for line, link in _each_link(body):
        address, guests_own = address_of(link), is_guests_link(link)
        if not address:
            words = "".join(node.content for node in link.walk() if node.type == "text")
            yield Finding("body", LINK_EMPTY, {"what": _quoted(words)}, line)
        elif "{" in address and not guests_own:
            yield Finding("body", LINK_PLACEHOLDER, {"what": _quoted(address)}, line)
        elif not guests_own and scheme_of(address) not in SCHEMES:
            yield Finding("body", LINK_ELSEWHERE, {"what": _quoted(address)}, line)


def _each_link(body: str) -> Iterator[tuple[int, Node]]:
    """Yield every link with the line on which it stands."""
    for block in read(body):
        for inline in (node for node in block.walk() if node.type == "inline"):
            line = inline.map[0] + 1 if inline.map else 0
            for node in inline.walk():
                line += node.type in BREAKS
                if node.type == "link":
                    yield line, node


def _quoted(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTED else f"{text[:LONGEST_QUOTED]}…"
