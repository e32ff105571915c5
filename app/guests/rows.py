"""One row of a guest file: each cell judged, each bad one told with its place and its mend."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import category, normalize

from app.addresses import AddressRefusedError, email_key, fold, read_address
from app.guests.headings import HEADINGS, LONGEST, UNSEEN, RowProblem, listed, show, spell_out
from app.language_facts import LANGUAGE_FACTS

REPEATED = frozenset({"salutation", "title", "organisation", "country", "language", "host"})
LANGUAGE_NAMES = {name: code for code, facts in LANGUAGE_FACTS.items() for name in facts.called}
LANGUAGE_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*")
RANK = re.compile(r"0*([1-9][0-9]{0,5})")

MOST_PROBLEMS = 200
GIVE_OWN_ADDRESS = "Keep one of the two lines, or give each guest an own address."
GIVE_OWN_RANK = "Give each guest an own rank."
TYPE_AGAIN = "Type the text again by hand."

WIDE_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
LINE_BREAKS = "\n\r\x0b\x0c\x85\u2028\u2029"
NOTE_BREAKS = str.maketrans("", "", "\n\t")


def _letters(*blocks: range) -> str:
    characters = (chr(code) for block in blocks for code in block)
    return "".join(character for character in characters if category(character)[0] in "LM")


JOINED_LETTERS = _letters(
    range(0x0600, 0x0700),  # Arabic
    range(0x0750, 0x0780),  # Arabic Supplement
    range(0x08A0, 0x0900),  # Arabic Extended-A
    range(0x0900, 0x0E00),  # Devanagari to Sinhala
)
# Unseen characters that spelling needs: joiners inside Persian and Indic words, the variants of
# Japanese and Chinese name signs, the picture form of a symbol.
NEEDED = re.compile(
    f"(?<=[{JOINED_LETTERS}])[\u200c\u200d](?=[{JOINED_LETTERS}])"
    "|(?<=[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\ufe00-\ufe02\U000e0100-\U000e01ef]"
    "|(?<=[\u2000-\u2bff\U0001f000-\U0001faff])[\ufe0e\ufe0f]"
)


class CellRefused(Exception):
    def __init__(self, message: str, mend: str) -> None:
        self.message = message
        self.mend = mend
        super().__init__(message, mend)


@dataclass(frozen=True, slots=True)
class GuestRow:
    """One guest as the file has it; a field without a column or a value is empty."""

    line: int
    salutation: str
    first_name: str
    last_name: str
    title: str
    organisation: str
    country: str
    email: str
    language: str
    host: str
    rank: int | None
    note: str


@dataclass(frozen=True)
class RowReader:
    """Reads rows by the rules of one event; `columns` is our field -> heading as written."""

    columns: Mapping[str, str]
    languages: Sequence[str]
    hosts: Sequence[str]
    _known: dict[tuple[str, str], str] = field(default_factory=dict)

    def read(self, line: int, cells: Mapping[str, str]) -> tuple[GuestRow, list[RowProblem]]:
        """Return the row, with refused cells left empty, and what is wrong with it."""
        texts = dict.fromkeys(LONGEST, "")
        problems = list(self._fill(texts, line, cells))
        texts["language"] = texts["language"] or self.languages[0]
        rank = texts.pop("rank")
        return GuestRow(line=line, rank=int(rank) if rank else None, **texts), problems

    def _fill(
        self, texts: dict[str, str], line: int, cells: Mapping[str, str]
    ) -> Iterator[RowProblem]:
        for name, cell in cells.items():
            try:
                if cell or name == "email":
                    texts[name] = self._recall(name, cell)
            except CellRefused as refusal:
                yield self._problem(line, name, cell, refusal)
        if not cells["first_name"].strip() and not cells["last_name"].strip():
            nameless = CellRefused("the name is missing", "Write at least the last name.")
            yield self._problem(line, "last_name", "", nameless)

    def _problem(self, line: int, name: str, cell: str, refusal: CellRefused) -> RowProblem:
        shown = show(cell.strip(" "))
        return RowProblem(line, self.columns[name], shown, refusal.message, refusal.mend)

    def _recall(self, name: str, cell: str) -> str:
        # Countries, titles and the like come again and again: judged and kept in memory once.
        if name not in REPEATED:
            return self._read_cell(name, cell)
        text = self._known.get((name, cell))
        if text is None:
            text = self._known[name, cell] = self._read_cell(name, cell)
        return text

    def _read_cell(self, name: str, cell: str) -> str:
        if name == "note":
            return read_note(cell)
        text = read_text(cell, longest=LONGEST[name])
        if name == "email":
            return _read_email(text)
        return self._read_choice(name, text) if text else ""

    def _read_choice(self, name: str, text: str) -> str:
        match name:
            case "first_name" | "last_name":
                return read_name(text)
            case "language":
                return read_language(text, languages=self.languages)
            case "host":
                return read_host(text, hosts=self.hosts)
            case "rank":
                return read_rank(text)
            case _:
                return text


@dataclass
class RowsRead:
    """The rows read so far (kept while all is well), all problems, and who stood on which line."""

    columns: Mapping[str, str]
    rows: list[GuestRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    more: int = 0
    same_name: list[tuple[int, int]] = field(default_factory=list)
    _lines: dict[tuple[str, str | int], int] = field(default_factory=dict)

    def note_problems(self, problems: Iterable[RowProblem]) -> None:
        for problem in problems:
            if len(self.problems) < MOST_PROBLEMS:
                self.problems.append(problem)
            else:
                self.more += 1

    def note_row(self, row: GuestRow) -> None:
        """Keep the row, unless an earlier one has its address or rank."""
        self._compare(row, "email", email_key(row.email), GIVE_OWN_ADDRESS)
        self._compare(row, "rank", row.rank, GIVE_OWN_RANK)
        if not self.problems:
            self._note_name(row)
            self.rows.append(row)

    def _compare(self, row: GuestRow, name: str, key: str | int | None, mend: str) -> None:
        line = self._lines.setdefault((name, key), row.line) if key else row.line
        if line != row.line:
            message = f"line {line} has the same {HEADINGS[name][0]}"
            shown = show(str(getattr(row, name)))
            problem = RowProblem(row.line, self.columns[name], shown, message, mend)
            self.note_problems([problem])

    def _note_name(self, row: GuestRow) -> None:
        words = fold(f"{row.first_name}\n{row.last_name}\n{row.organisation}")
        line = self._lines.setdefault(("name", words), row.line)
        if line != row.line:
            self.same_name.append((line, row.line))


def read_text(cell: str, *, longest: int) -> str:
    """Return the cell's text in NFC, with no spaces around it.

    Raises:
        CellRefused: something in it cannot be seen, breaks the line, or is too much.
    """
    text = _settle(cell)
    _refuse_unseen(text)
    if len(text) > longest:
        raise CellRefused(
            f"the text has {len(text)} characters; at most {longest} fit", "Shorten it."
        )
    return text


def read_note(cell: str) -> str:
    """Return the note's text; unlike other cells it may have several lines."""
    text = _settle(cell.replace("\r\n", "\n").replace("\r", "\n")).strip(" \n\t")
    read_text(text.translate(NOTE_BREAKS), longest=LONGEST["note"])
    return text


def _settle(cell: str) -> str:
    if cell.isascii():
        return cell.strip(" ")
    # A no-break space is what Word and Excel write for a space typed by hand.
    return WIDE_SPACE.sub(" ", normalize("NFC", cell)).strip(" ")


def _refuse_unseen(text: str) -> None:
    if text.isascii() and text.isprintable():
        return
    if not text.isprintable() or UNSEEN.search(text):
        for character in NEEDED.sub("", text):
            if not character.isprintable() or UNSEEN.match(character):
                raise _unseen(character)
    if category(text[0]).startswith("M"):
        raise CellRefused("the text begins with an accent that has no letter", TYPE_AGAIN)


def _unseen(character: str) -> CellRefused:
    shown = spell_out(character)
    if character in LINE_BREAKS:
        return CellRefused("there is a line break in the cell", "Write it on one line.")
    if character == "\t":
        return CellRefused("there is a tab in the cell", "Write a space instead.")
    if character == "\ufffd":
        return CellRefused("a letter was lost when the file was saved", "Type the letter again.")
    match category(character):
        case "Cc":
            kind = "a control character"
        case "Co" | "Cn" | "Cs":
            kind = "an unknown character"
        case _:
            kind = "an invisible character"
    return CellRefused(f"there is {kind} in the cell ({shown})", TYPE_AGAIN)


def read_name(text: str) -> str:
    if text[0] in "=+@":
        raise CellRefused(f'a name does not begin with "{text[0]}"', "Write the name itself.")
    # Excel takes some names for dates; a placeholder such as "-" is the organiser's own business.
    if re.search(r"\d", text) and not re.search(r"[^\W\d_]", text):
        raise CellRefused(
            "this is a number or a date, not a name",
            "Write the name; in Excel, set the cell's format to text first.",
        )
    return text


def read_language(text: str, *, languages: Sequence[str]) -> str:
    folded = text.casefold()
    tag = LANGUAGE_TAG.fullmatch(folded)
    language = LANGUAGE_NAMES.get(folded) or (tag[1] if tag else folded)
    if language not in languages:
        raise CellRefused(
            "this is not a language of the event",
            f'Write one of {listed(languages)}, or leave the cell empty for "{languages[0]}".',
        )
    return language


def read_host(text: str, *, hosts: Sequence[str]) -> str:
    folded = text.casefold()
    for host in hosts:
        if normalize("NFC", host).casefold() == folded:
            return host
    if not hosts:
        raise CellRefused("the event has no hosts", "Leave the cell empty.")
    raise CellRefused(
        "this is not a host of the event",
        f"Write one of {listed(hosts)}, or leave the cell empty.",
    )


def _read_email(text: str) -> str:
    try:
        return read_address(text)
    except AddressRefusedError as refusal:
        raise CellRefused(refusal.message, refusal.mend) from refusal


def read_rank(text: str) -> str:
    rank = RANK.fullmatch(text)
    if not rank:
        raise CellRefused(
            "the rank is not a whole number from 1",
            "Write 1, 2, 3 … for the reserve, or leave the cell empty for the list.",
        )
    return rank[1]
