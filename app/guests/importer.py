"""Reads a guest file (CSV or XLSX) as people really have them: every row, or all that is wrong."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from app.guests.headings import (
    GuestFileError,
    Headings,
    RowProblem,
    count_known,
    read_headings,
    show,
)
from app.guests.rows import GuestRow, RowReader, RowsRead

__all__ = ["GuestFile", "GuestFileError", "GuestRow", "RowProblem", "read_guest_file"]

MOST_BYTES = 50 * 1024 * 1024
MOST_UNPACKED_BYTES = 400 * 1024 * 1024
# Calamine lays a sheet out as a full rectangle: one stray cell far down takes gigabytes.
MOST_CELLS = 5_000_000

SEPARATORS = (",", ";", "\t")
SEPARATOR_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?[\r\n]*', re.IGNORECASE)
ENCODING_NAMES = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
}
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF_8_LETTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
CONTROL_BYTE = re.compile(rb"[\x00-\x08\x0e-\x1f]")
SAMPLE_BYTES = 8192
HEADING_BYTES = 64

ZIP_MARK = b"PK\x03\x04"
OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
CELL_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["']""")
CHUNK_BYTES = 1 << 20
LONGEST_REFERENCE = 32

WORKBOOK = "Excel workbook"
# What the archive and workbook readers raise on broken or encrypted parts.
DAMAGED = (CalamineError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError)

SAVE_AS_XLSX = "Save it as an Excel workbook (.xlsx) or as CSV."
SAVE_AS_UTF_8 = 'Save the file again as "CSV UTF-8", or as an Excel workbook (.xlsx).'

Record = tuple[int, list[str]]
"""The line on which a row begins, and its cells."""


@dataclass(frozen=True)
class GuestFile:
    """A file that is in order, and what is worth showing of how it was read."""

    rows: list[GuestRow]
    columns: dict[str, str]
    """Our field -> the heading as written."""
    ignored: list[str]
    """Headings of columns that are not ours, and names of sheets that were not read."""
    encoding: str
    separator: str
    """Empty for a workbook."""
    same_name: list[tuple[int, int]]
    """Lines with the same name and organisation at different addresses."""


@dataclass(frozen=True)
class _Table:
    records: Iterator[Record]
    encoding: str
    separator: str = ""
    other_sheets: Sequence[str] = ()


def read_guest_file(path: Path, *, languages: Sequence[str], hosts: Sequence[str]) -> GuestFile:
    """Read all guests of a CSV or XLSX file.

    `languages` are the event's, the default first; `hosts` the accepted spellings of its hosts.
    A line is where a row begins in the text file, or the row's number in a workbook's first
    visible sheet.

    Raises:
        GuestFileError: the file cannot be read, or anything in it is wrong; it has all problems.
    """
    table = _open_table(_read_bytes(path))
    line, cells = _find_headings(table.records)
    headings, problems = read_headings(cells, line=line)
    if problems:
        raise GuestFileError(problems)
    reader = RowReader(columns=headings.columns, languages=languages, hosts=hosts)
    reading = _read_rows(table, headings, reader)
    if reading.problems:
        raise GuestFileError(reading.problems, more=reading.more)
    if not reading.rows:
        raise _refuse("no guest stands below the headings", "Write one guest a line.", line=line)
    return GuestFile(
        rows=reading.rows,
        columns=headings.columns,
        ignored=[*headings.ignored, *table.other_sheets],
        encoding=table.encoding,
        separator=table.separator,
        same_name=reading.same_name,
    )


def _refuse(message: str, mend: str, *, line: int | None = None, value: str = "") -> GuestFileError:
    return GuestFileError([RowProblem(line, "", show(value), message, mend)])


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise _refuse("there is no such file", "Check the path.", value=str(path)) from error
    except IsADirectoryError as error:
        raise _refuse("this is a folder", "Name the file in it.", value=str(path)) from error
    except OSError as error:
        reason = f"the file cannot be read ({error.strerror})"
        raise _refuse(reason, "Check who may read it.", value=str(path)) from error
    if len(data) > MOST_BYTES:
        raise _refuse("the file is larger than 50 MB", "Split it.", value=str(path))
    return data


def _open_table(data: bytes) -> _Table:
    if data.startswith(ZIP_MARK):
        return _open_workbook(data)
    if data.startswith(OLE_MARK):
        raise _old_workbook(data)
    return _open_text(data)


def _find_headings(records: Iterator[Record]) -> Record:
    for line, cells in records:
        if _has_text(cells):
            return line, cells
    raise _refuse("the file is empty", "Write headings on the first line, then one guest a line.")


def _has_text(cells: Iterable[str]) -> bool:
    return any(cell and not cell.isspace() for cell in cells)


def _read_rows(table: _Table, headings: Headings, reader: RowReader) -> RowsRead:
    reading = RowsRead(headings.columns)
    try:
        for line, cells in table.records:
            if not _has_text(cells):
                continue
            if _is_too_wide(cells, headings):
                reading.note_problems([_too_wide(line, cells, headings, table)])
            else:
                row, problems = reader.read(line, _by_field(cells, headings))
                reading.note_problems(problems)
                reading.note_row(row)
    except GuestFileError as unreadable:
        reading.note_problems(unreadable.problems)
    return reading


def _by_field(cells: Sequence[str], headings: Headings) -> dict[str, str]:
    width = len(cells)
    return {
        name: cells[position] if position < width else ""
        for name, position in headings.positions.items()
    }


def _is_too_wide(cells: Sequence[str], headings: Headings) -> bool:
    # An empty cell too many counts: an unquoted separator has moved the cells before it.
    return len(cells) > headings.width or _has_text(cells[headings.named_width :])


def _too_wide(line: int, cells: Sequence[str], headings: Headings, table: _Table) -> RowProblem:
    message = f"the row has {len(cells)} cells, the headings are {headings.named_width}"
    mend = "Give every column a heading, or empty the cells beyond the last one."
    if table.separator:
        sign = "tab" if table.separator == "\t" else f'"{table.separator}"'
        mend = f"Put a text that has a {sign} in it between quotation marks."
    beyond = next(filter(str.strip, cells[headings.named_width :]), "")
    return RowProblem(line, "", show(beyond), message, mend)


def _open_text(data: bytes) -> _Table:
    encoding = _find_encoding(data)
    first = _open_lines(data, encoding).readline()
    marked = SEPARATOR_LINE.fullmatch(first)
    separator = marked[1] if marked else _find_separator(data, encoding)
    lines = _open_lines(data, encoding)
    if marked:
        lines.readline()
    records = _read_records(lines, separator=separator, above=1 if marked else 0)
    return _Table(records, ENCODING_NAMES[encoding], separator)


def _open_lines(data: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")


def _find_encoding(data: bytes) -> str:
    encoding = _utf_16(data)
    if encoding is None:
        _check_is_text(data)
        encoding = "utf-8-sig" if UTF_8_LETTER.search(data) or data.isascii() else "cp1252"
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(error, encoding) from error
    return encoding


def _utf_16(data: bytes) -> str | None:
    if data.startswith(UTF_16_MARKS):
        return "utf-16"
    # Without a mark: headings are mostly ASCII, so every other byte is zero.
    even, odd = data[:HEADING_BYTES:2], data[1:HEADING_BYTES:2]
    if odd.count(0) * 2 > len(odd) and not even.count(0):
        return "utf-16-le"
    if even.count(0) * 2 > len(even) and not odd.count(0):
        return "utf-16-be"
    return None


def _check_is_text(data: bytes) -> None:
    sample = data[:SAMPLE_BYTES]
    if len(CONTROL_BYTE.findall(sample)) * 20 > len(sample):
        raise _refuse("this is neither a text file nor an Excel workbook", SAVE_AS_XLSX)


def _undecodable(error: UnicodeDecodeError, encoding: str) -> GuestFileError:
    # A file with UTF-8 letters is UTF-8 that was damaged: read as Windows-1252, which takes almost
    # any byte, all its other letters would turn into nonsense unnoticed.
    before = error.object[: error.start].decode(encoding, "replace")
    line = 1 + len(re.findall(r"\r\n|\r|\n", before))
    byte = f"0x{error.object[error.start]:02X}"
    message = f"the byte {byte} does not belong in a {ENCODING_NAMES[encoding]} file"
    return _refuse(message, SAVE_AS_UTF_8, line=line)


def _find_separator(data: bytes, encoding: str) -> str:
    def rate(separator: str) -> tuple[int, int]:
        with suppress(GuestFileError):
            records = _read_records(_open_lines(data, encoding), separator=separator)
            _, cells = _find_headings(records)
            return count_known(cells), len(cells)
        return 0, 0

    return max(SEPARATORS, key=rate)


def _read_records(lines: Iterable[str], *, separator: str, above: int = 0) -> Iterator[Record]:
    reader = csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)
    while True:
        line = above + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _misquoted(line) from error
        yield line, cells


def _misquoted(line: int) -> GuestFileError:
    return _refuse(
        'a quotation mark (") in this row has no partner, or stands inside a quoted cell; '
        "the rows below could not be read",
        'Write "" for a quotation mark inside a quoted cell, and close each quoted cell.',
        line=line,
    )


def _old_workbook(data: bytes) -> GuestFileError:
    if ENCRYPTED_PACKAGE in data:
        return _refuse("the workbook is protected by a password", "Save it without one.")
    return _refuse("this is an old Office file", SAVE_AS_XLSX)


def _open_workbook(data: bytes) -> _Table:
    try:
        _check_archive(data)
        sheets = _visible_sheets(CalamineWorkbook.from_filelike(io.BytesIO(data)))
    except DAMAGED as error:
        raise _refuse("the workbook is damaged", "Open it in Excel and save it again.") from error
    records = _sheet_records(sheets[0]) if sheets else iter(())
    others = [f'sheet "{show(sheet.name)}"' for sheet in sheets[1:]]
    return _Table(records, WORKBOOK, other_sheets=others)


def _check_archive(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if "xl/workbook.xml" not in archive.namelist():
            raise _refuse("this is neither a text file nor an Excel workbook", SAVE_AS_XLSX)
        if sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
            raise _refuse("the workbook unpacks to more than 400 MB", "Split it.")
        for part in parts:
            if part.filename.startswith("xl/") and part.filename.endswith(".xml"):
                with archive.open(part) as file:
                    _check_extent(file)


def _check_extent(file: IO[bytes]) -> None:
    columns, rows = {b"A"}, 1
    for found in _cell_references(file):
        columns.update(column.upper() for column, _ in found)
        rows = max(rows, *(int(row) for _, row in found))
    last_column = max(columns, key=_column_number)
    if rows * _column_number(last_column) > MOST_CELLS:
        raise _refuse(
            f"the sheet reaches as far as column {last_column.decode()} and row {rows}",
            "Delete the empty rows and columns around the list.",
        )


def _cell_references(file: IO[bytes]) -> Iterator[list[tuple[bytes, bytes]]]:
    tail = b""
    while chunk := file.read(CHUNK_BYTES):
        if found := CELL_REFERENCE.findall(tail + chunk):
            yield found
        tail = chunk[-LONGEST_REFERENCE:]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _visible_sheets(workbook: CalamineWorkbook) -> list[CalamineSheet]:
    sheets = (
        workbook.get_sheet_by_name(sheet.name)
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    )
    return [sheet for sheet in sheets if sheet.height]


def _sheet_records(sheet: CalamineSheet) -> Iterator[Record]:
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        yield line, [cell if isinstance(cell, str) else _write_out(cell) for cell in cells]


def _write_out(cell: object) -> str:
    # Calamine gives whole numbers as floats.
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
