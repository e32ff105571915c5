"""The lines of an event file on which its tables and keys stand; tomllib does not tell them."""

import re
from collections.abc import Iterator

from app.event_files.mistakes import KeyPath

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_KEY = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_STATEMENT = re.compile(
    rf"[ \t]*(?:(?P<bracket>\[\[?)[ \t]*(?P<header>{_KEY})[ \t]*\]\]?|(?P<key>{_KEY})[ \t]*=)"
)
_PIECE = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}|\'{3}.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*|.''',
    re.DOTALL,
)


def find_lines(source: str) -> dict[KeyPath, int]:
    """Return the line of each table header and key of a valid TOML source."""
    lines: dict[KeyPath, int] = {}
    last_index: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for statement, line in _statements(source):
        if statement["header"]:
            table = _open_table(statement, last_index)
            path = table
        else:
            path = table + _parts(statement["key"])
        for length in range(1, len(path) + 1):
            lines.setdefault(path[:length], line)
    return lines


def _statements(source: str) -> Iterator[tuple[re.Match[str], int]]:
    position, line = 0, 1
    while position < len(source):
        statement = _STATEMENT.match(source, position)
        if statement:
            yield statement, line
        end = _end_of_statement(source, statement.end() if statement else position)
        line += source.count("\n", position, end)
        position = end


def _end_of_statement(source: str, position: int) -> int:
    """Return where the next statement begins: strings and brackets may run over several lines."""
    depth = 0
    for piece in _PIECE.finditer(source, position):
        mark = piece[0]
        depth += (mark in "[{") - (mark in "]}")
        if mark == "\n" and depth == 0:
            return piece.end()
    return len(source)


def _open_table(statement: re.Match[str], last_index: dict[KeyPath, int]) -> KeyPath:
    *around, name = _parts(statement["header"])
    path: KeyPath = ()
    for part in around:
        path = _with_index((*path, part), last_index)
    path = (*path, name)
    if statement["bracket"] == "[[":
        last_index[path] = last_index.get(path, -1) + 1
    return _with_index(path, last_index)


def _with_index(path: KeyPath, last_index: dict[KeyPath, int]) -> KeyPath:
    return (*path, last_index[path]) if path in last_index else path


def _parts(key: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in re.findall(_PART, key))
