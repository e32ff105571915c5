"""Guest files as people really have them: what is read, and what is refused in which words."""

import codecs
import csv
import io
import zipfile
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from app.guests.importer import GuestFile, GuestFileError, read_guest_file

HOSTS = ["City of Stockholm", "Stockholms stad", "Cisco Systems"]
ENGLISH = "salutation,first name,last name,title,organisation,country,email,language,host,rank,note"
SWEDISH = "Tilltal,Förnamn,Efternamn,Titel,Organisation,Land,E-post,Språk,Värd,Rang,Anteckning"
SHORT = "first name,last name,email"
SEPARATORS = [",", ";", "\t"]


def read(content: bytes | str, folder: Path) -> GuestFile:
    path = folder / "guests.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_guest_file(path, languages=["en", "sv"], hosts=HOSTS)


def refusal(content: bytes | str, folder: Path) -> str:
    with pytest.raises(GuestFileError) as caught:
        read(content, folder)
    return str(caught.value)


def workbook(*rows: list[object], **sheets: list[list[object]]) -> bytes:
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, lines in {"List": list(rows), **sheets}.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(lines):
                sheet.write_row(number, 0, cells)
    return output.getvalue()


def archive(**parts: bytes) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as file:
        for name, data in parts.items():
            file.writestr(name.replace("__", "/") + ".xml", data)
    return output.getvalue()


# What is read


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize(
    ("encoding", "mark", "name"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", codecs.BOM_UTF8, "UTF-8"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "UTF-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "UTF-16"),
        ("utf-16-le", b"", "UTF-16"),
        ("utf-16-be", b"", "UTF-16"),
        ("cp1252", b"", "Windows-1252"),
    ],
)
def test_every_encoding_is_read_with_every_separator(encoding, mark, name, separator, tmp_path):
    row = "Fru,Åsa,Öberg,Direktör,Sjöfartsverket,Sverige,asa@example.org,sv,,3,Allergi: nötter €"
    text = f"{SWEDISH}\r\n{row}\r\n".replace(",", separator)

    file = read(mark + text.encode(encoding), tmp_path)

    facts = row.split(",")[:7]
    assert [astuple(guest) for guest in file.rows] == [
        (2, *facts, "sv", "", 3, "Allergi: nötter €"),
    ]
    assert (file.encoding, file.separator) == (name, separator)


@pytest.mark.parametrize("headings", [ENGLISH, SWEDISH])
def test_each_field_knows_its_heading_as_written(headings, tmp_path):
    file = read(f"{headings}\n,,Berg,,,,b@example.org,,,,\n", tmp_path)

    fields = ENGLISH.replace(" ", "_").split(",")
    assert file.columns == dict(zip(fields, headings.split(","), strict=True))


def test_headings_are_understood_without_case_accents_and_signs(tmp_path):
    file = read("MEJL;fornamn ;EFTER-NAMN;Sprak;e_mobil\nb@example.org;Bo;Ek;;1\n", tmp_path)

    assert list(file.columns) == ["email", "first_name", "last_name", "language"]


def test_extra_columns_and_columns_without_heading_are_named(tmp_path):
    file = read(f"Phone,,{SHORT},Diet,,\n1,x,Bo,Ek,b@example.org,fish,,\n", tmp_path)

    assert file.ignored == ["Phone", "column 2, without a heading", "Diet"]


def test_first_line_of_excel_names_the_separator(tmp_path):
    file = read("sep=|\r\nfirst name|last name|email\r\nBo|Ek, jr|b@example.org\r\n", tmp_path)

    assert (file.separator, file.rows[0].line, file.rows[0].last_name) == ("|", 3, "Ek, jr")


def test_separator_inside_quoted_heading_is_not_counted(tmp_path):
    file = read('"a;b;c;d;e","first name","last name",email\n,Bo,Ek,b@example.org\n', tmp_path)

    assert (file.separator, file.ignored) == (",", ["a;b;c;d;e"])


def test_lines_are_counted_through_quoted_line_breaks(tmp_path):
    note = '"vegetarian\r\n\r\ncomes late"'
    rows = f"\r\nBo,Ek,b@example.org,{note}\r\n,,,\r\nEva,Al,e@example.org,\r\n"

    file = read(f"{SHORT},note\r\n{rows}", tmp_path)

    assert [(guest.line, guest.note) for guest in file.rows] == [
        (3, "vegetarian\n\ncomes late"),
        (7, ""),
    ]


def test_short_rows_are_filled_and_spaces_around_cells_left_out(tmp_path):
    file = read(f"{SHORT},title,note\n\u00a0Bo , Ek\u00a0von\u2009Ä ,b@example.org\n", tmp_path)

    guest = file.rows[0]
    assert (guest.first_name, guest.last_name, guest.title) == ("Bo", "Ek von Ä", "")


def test_text_is_put_into_composed_form(tmp_path):
    file = read(f"{SHORT}\nA\u030asa,O\u0308,a\u030asa@example.org\n", tmp_path)

    guest = file.rows[0]
    assert (guest.first_name, guest.last_name, guest.email) == ("Åsa", "Ö", "åsa@example.org")


def test_same_name_at_two_addresses_is_shown_and_not_refused(tmp_path):
    rows = "Eva,Ek,KTH,e@example.org\nEVA,Ek,Kth,eva@example.org\nEva,Ek,SU,e@example.net\n"

    file = read(f"first name,last name,organisation,email\n{rows}", tmp_path)

    assert file.same_name == [(2, 3)]


# Workbooks


def test_workbook_is_read_with_its_row_numbers(tmp_path):
    headings = [*SHORT.split(","), "rank", "booked"]
    blank: list[object] = []
    row = ["Åsa", "Ek", "a@example.org", 2, datetime(2009, 12, 9, tzinfo=UTC).replace(tzinfo=None)]

    file = read(workbook(blank, headings, blank, row, ["", "Al", "e@example.org"]), tmp_path)

    assert [(guest.line, guest.last_name, guest.rank) for guest in file.rows] == [
        (4, "Ek", 2),
        (5, "Al", None),
    ]
    assert (file.encoding, file.separator, file.ignored) == ("Excel workbook", "", ["booked"])


def test_formula_gives_its_value(tmp_path):
    row = ["Bo", "Ek", "b@example.org", "=6*7"]

    file = read(workbook([*SHORT.split(","), "title"], row), tmp_path)

    assert file.rows[0].title == "0"  # what the writer stored as the result


def test_other_sheets_are_named(tmp_path):
    rows = [[*SHORT.split(",")], ["Bo", "Ek", "b@example.org"]]

    file = read(workbook(*rows, Reserve=[["Eva"]], Blad3=[]), tmp_path)

    assert file.ignored == ['sheet "Reserve"']


def test_mistakes_in_a_workbook_are_told_by_row_number(tmp_path):
    date = datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None)
    wide = ["Eva", "Al", "a@example.org", "", "vip"]
    rows = [["Bo", 7, "b@example.org", 1.5], [date, "Ek", "e@example.org", True], wide]

    told = refusal(workbook([*SHORT.split(","), "rank"], *rows), tmp_path)

    number = "this is a number or a date, not a name. Write the name; in Excel, set the cell's"
    rank = "the rank is not a whole number from 1. Write 1, 2, 3 … for the reserve, or leave the"
    assert told.splitlines() == [
        f'line 2, column "last name", "7": {number} format to text first.',
        f'line 2, column "rank", "1.5": {rank} cell empty for the list.',
        f'line 3, column "first name", "2026-03-01": {number} format to text first.',
        f'line 3, column "rank", "True": {rank} cell empty for the list.',
        (
            'line 4, "vip": the row has 5 cells, the headings are 4. '
            "Give every column a heading, or empty the cells beyond the last one."
        ),
    ]


# What is refused


NOT_OURS = "this is neither a text file nor an Excel workbook. "
SAVE_AS_XLSX = "Save it as an Excel workbook (.xlsx) or as CSV."
SAVE_AS_UTF_8 = 'Save the file again as "CSV UTF-8", or as an Excel workbook (.xlsx).'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ACCEPTED_FIRST = '"first name", "given name", "forename", "förnamn"'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty. Write headings on the first line, then one guest a line."),
        (
            b"\r\n \r\n",
            "the file is empty. Write headings on the first line, then one guest a line.",
        ),
        (workbook(), "the file is empty. Write headings on the first line, then one guest a line."),
        (SHORT.encode(), "line 1: no guest stands below the headings. Write one guest a line."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", NOT_OURS + SAVE_AS_XLSX),
        (archive(word__document=b""), NOT_OURS + SAVE_AS_XLSX),
        (OLE, "this is an old Office file. " + SAVE_AS_XLSX),
        (
            OLE + "EncryptedPackage".encode("utf-16-le"),
            "the workbook is protected by a password. Save it without one.",
        ),
        (workbook()[:900], "the workbook is damaged. Open it in Excel and save it again."),
        (
            archive(xl__workbook=b"<x"),
            "the workbook is damaged. Open it in Excel and save it again.",
        ),
        (
            archive(xl__workbook=b"", xl__sheet=b'<c r="A1"/><c r="XFD1048576"/>'),
            (
                "the sheet reaches as far as column XFD and row 1048576. "
                "Delete the empty rows and columns around the list."
            ),
        ),
        (
            "Förnamn\nÅsa\nBj".encode() + b"\xf6rn",
            f"line 3: the byte 0xF6 does not belong in a UTF-8 file. {SAVE_AS_UTF_8}",
        ),
        (
            b"F\xf6rnamn\r\rBo\x81",
            f"line 3: the byte 0x81 does not belong in a Windows-1252 file. {SAVE_AS_UTF_8}",
        ),
        (
            "a\nb".encode("utf-16") + b"c",
            f"line 2: the byte 0x63 does not belong in a UTF-16 file. {SAVE_AS_UTF_8}",
        ),
        (
            b"mail;Name",
            (
                'line 1, column "Name": the column has the whole name. '
                "Split it into a column for the first name and one for the last name."
            ),
        ),
        (
            b"surname,mail,phone",
            (
                "line 1: there is no column for first name; the headings found are "
                f'"surname", "mail", "phone". These are understood - first name: {ACCEPTED_FIRST}.'
            ),
        ),
        (
            f"{SHORT},E-post".encode(),
            (
                'line 1, column "E-post": the column "email" has the email too. '
                "Keep one of the two columns."
            ),
        ),
    ],
)
def test_file_that_cannot_be_read_is_told_why(content, message, tmp_path):
    assert refusal(content, tmp_path) == message


def test_file_with_letters_of_two_encodings_is_refused_and_not_guessed(tmp_path):
    rows = "Bo,Å’Hara,b@example.org\nEva,Öst,e@example.org"

    told = refusal(f"{SHORT}\n{rows}".encode("cp1252"), tmp_path)

    assert told == f"line 3: the byte 0xD6 does not belong in a UTF-8 file. {SAVE_AS_UTF_8}"


def test_file_that_is_not_there_or_too_large_is_told(tmp_path):
    (tmp_path / "large.csv").write_bytes(b"x" * (50 * 1024 * 1024 + 1))
    told = {}
    for name in ("none.csv", "", "large.csv"):
        with pytest.raises(GuestFileError) as caught:
            read_guest_file(tmp_path / name, languages=["en"], hosts=[])
        told[name] = caught.value.problems[0].message

    assert told == {
        "none.csv": "there is no such file",
        "": "this is a folder",
        "large.csv": "the file is larger than 50 MB",
    }


def test_all_problems_are_told_at_once_in_line_order(tmp_path):
    rows = [
        ",,,fr,KTH,0,",
        "Bo,Ek,b@EXAMPLE.org,sv,,1,",
        "Al, Ek, jr,a@example.org,,,2,,x",
        "Eva,Ek,B@example.org,en,,01,",
        '"Eva" "Ek",e@example.org',
        "not read,,",
    ]

    told = refusal("\n".join([f"{SHORT},language,host,rank,note", *rows]), tmp_path)

    assert told.splitlines() == [
        'line 2, column "email": the address is missing. Write it as name@domain.',
        (
            'line 2, column "language", "fr": this is not a language of the event. '
            'Write one of "en", "sv", or leave the cell empty for "en".'
        ),
        (
            'line 2, column "host", "KTH": this is not a host of the event. Write one of '
            '"City of Stockholm", "Stockholms stad", "Cisco Systems", or leave the cell empty.'
        ),
        (
            'line 2, column "rank", "0": the rank is not a whole number from 1. '
            "Write 1, 2, 3 … for the reserve, or leave the cell empty for the list."
        ),
        'line 2, column "last name": the name is missing. Write at least the last name.',
        (
            'line 4, "x": the row has 9 cells, the headings are 7. '
            'Put a text that has a "," in it between quotation marks.'
        ),
        (
            'line 5, column "email", "B@example.org": line 3 has the same email. '
            "Keep one of the two lines, or give each guest an own address."
        ),
        'line 5, column "rank", "1": line 3 has the same rank. Give each guest an own rank.',
        (
            'line 6: a quotation mark (") in this row has no partner, '
            "or stands inside a quoted cell; "
            'the rows below could not be read. Write "" for a quotation mark inside a quoted cell, '
            "and close each quoted cell."
        ),
    ]


def test_first_200_problems_are_told_and_the_rest_counted(tmp_path):
    told = refusal(SHORT + "\nBo,Ek,b" * 257, tmp_path).splitlines()

    assert (len(told), told[-1]) == (201, "and 57 more")


WORDS = st.text("abcÅäöéß ,;\"'-", max_size=20).map(lambda text: f"N{text}n")
GUESTS = st.lists(st.tuples(WORDS, WORDS, WORDS, WORDS), min_size=1, max_size=5)
DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(SEPARATORS),
        "lineterminator": st.sampled_from(["\n", "\r\n", "\r"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    }
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])


@given(guests=GUESTS, dialect=DIALECTS, encoding=ENCODINGS)
def test_what_a_spreadsheet_writes_comes_back_as_it_was(
    guests, dialect, encoding, tmp_path_factory
):
    output = io.StringIO()
    writer = csv.writer(output, **dialect)
    writer.writerow(["efternamn", "förnamn", "organisation", "anteckning", "e-post"])
    writer.writerows([*guest, f"n{index}@x.org"] for index, guest in enumerate(guests))

    file = read(output.getvalue().encode(encoding), tmp_path_factory.mktemp("guests"))

    found = [(row.last_name, row.first_name, row.organisation, row.note) for row in file.rows]
    assert found == guests


STARTS = st.sampled_from([b"", b"PK\x03\x04", OLE, codecs.BOM_UTF16_LE, f"{SHORT}\n".encode()])


@given(content=st.builds(bytes.__add__, STARTS, st.binary()))
def test_no_bytes_break_the_reader(content, tmp_path_factory):
    path = tmp_path_factory.mktemp("guests") / "guests.csv"
    path.write_bytes(content)

    with pytest.raises(GuestFileError):
        read_guest_file(path, languages=["en"], hosts=[])
