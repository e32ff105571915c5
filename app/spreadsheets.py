"""Tables for Excel and LibreOffice: written row by row, and never taken for formulas."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

Cell = str | int | datetime | None
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_CELL = 32_767
"""Characters a cell of a workbook may have."""
CSV, XLSX = ".csv", ".xlsx"
ENDINGS = (CSV, XLSX)


class UnknownFormatError(Exception):
    """The file is to be of a kind that is not written."""


def write_table(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write the table as its file name asks, `.csv` or `.xlsx`; return how many rows it has.

    Times are aware: a workbook shows them as local times of their zone, CSV with their offset.
    Raises UnknownFormatError, OSError.
    """
    if path.suffix.lower() not in ENDINGS:
        raise UnknownFormatError(
            f"{path.name}: give a name that ends in {' or '.join(ENDINGS)}; nothing was written."
        )
    write = _write_csv if path.suffix.lower() == CSV else _write_xlsx
    counted = _Counting(rows)
    write(path, headings, counted)
    return counted.number


class _Counting:
    def __init__(self, rows: Iterable[Sequence[Cell]]) -> None:
        self.rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for row in self.rows:
            self.number += 1
            yield row


def _write_csv(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    # The mark at the start tells Excel that it is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows([_plain(cell) for cell in row] for row in rows)


def _plain(cell: Cell) -> str | int:
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return "" if cell is None else cell


def _write_xlsx(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(str(path), options) as workbook:
        sheet = workbook.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, headings, workbook.add_format({"bold": True}))
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.set_column(0, len(headings) - 1, 22)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                _write_cell(sheet, number, column, cell, moment)


def _write_cell(sheet: Worksheet, row: int, column: int, cell: Cell, moment: object) -> None:
    if isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell.replace(tzinfo=None), moment)
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell)
    elif cell:
        sheet.write_string(row, column, cell[:LONGEST_CELL])
