"""Columns that stay aligned, whatever the names are written in."""

import json

import pytest

from app.cli.printing import print_columns, print_json, print_table, width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("Ada", 3),
        ("Łęcka", 5),
        ("A\u030asa", 3),
        ("星川", 4),
        ("ｱ", 1),
        ("نی\u200cنی", 4),
    ],
)
def test_a_text_is_as_wide_as_a_terminal_shows_it(text, columns):
    assert width(text) == columns


def test_wide_names_keep_the_next_column_straight(capsys):
    print_columns([("星川", "a@example.org"), ("Byron", "b@example.org")], indent="  ")
    assert capsys.readouterr().out == "  星川   a@example.org\n  Byron  b@example.org\n"


def test_numbers_stand_to_the_right_and_nothing_is_left_blank(capsys):
    print_table(("Item", "Places"), [("dinner", 40), ("opening", None)])
    assert capsys.readouterr().out == "Item     Places\ndinner       40\nopening\n"


def test_a_cell_stays_on_its_line(capsys):
    print_columns([("550 5.1.1\r\nno such user\tthere", "x")])
    assert capsys.readouterr().out == "550 5.1.1 no such user there  x\n"


def test_no_rows_print_nothing(capsys):
    print_columns([])
    assert capsys.readouterr().out == ""


def test_json_is_utf_8_whatever_the_terminal_speaks(capfdbinary):
    print_json({"name": "Łęcka"})
    printed = capfdbinary.readouterr().out
    assert printed == '{\n  "name": "Łęcka"\n}\n'.encode()
    assert json.loads(printed) == {"name": "Łęcka"}
