"""What commands print: plain lines, aligned columns, JSON."""

import json
import unicodedata
from collections.abc import Sequence

import click

GAP = "  "
Cell = str | int | None


def print_json(content: object) -> None:
    """Print JSON in UTF-8, whatever the terminal speaks: a program reads it."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2).encode())


def print_table(headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print rows under headings."""
    print_columns(rows, headings=headings)


def print_columns(
    rows: Sequence[Sequence[Cell]], *, headings: Sequence[str] = (), indent: str = ""
) -> None:
    """Print rows with their columns aligned as a terminal shows them, numbers to the right."""
    lines = [list(headings), *map(list, rows)] if headings else [list(row) for row in rows]
    columns = []
    for place, column in enumerate(zip(*lines, strict=True)):
        numeric = all(isinstance(row[place], int | None) for row in rows)
        columns.append(_align([_one_line(cell) for cell in column], right=numeric))
    aligned = [(indent + GAP.join(row)).rstrip() for row in zip(*columns, strict=True)]
    if aligned:
        click.echo("\n".join(aligned))  # at once: echo flushes every time


def _one_line(cell: Cell) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _align(texts: Sequence[str], *, right: bool) -> list[str]:
    widest = max(map(width, texts))
    blanks = [" " * (widest - width(text)) for text in texts]
    return [
        blank + text if right else text + blank for text, blank in zip(texts, blanks, strict=True)
    ]


def width(text: str) -> int:
    """Return the number of columns a text fills: wide signs fill two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
