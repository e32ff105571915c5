"""Tables that Excel opens as they are: never a formula, times as times, nothing cut in silence."""

import csv
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from app.spreadsheets import LONGEST_CELL, UnknownFormatError, write_table

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HARMFUL = ["=1+1", "+46 8", "-1", "@SUM(A1)", "\t=1", "\r=1"]


def read_csv(path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def read_xlsx(path) -> list[list[object]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def test_no_cell_of_a_csv_file_is_a_formula(tmp_path):
    path = tmp_path / "table.csv"
    write_table(path, ["what"], [[harm] for harm in HARMFUL])
    assert [row[0] for row in read_csv(path)[1:]] == [f"'{harm}" for harm in HARMFUL]


def test_no_cell_of_a_workbook_is_a_formula(tmp_path):
    path = tmp_path / "table.xlsx"
    write_table(path, ["what"], [[harm] for harm in HARMFUL[:4]])
    assert [row[0] for row in read_xlsx(path)[1:]] == HARMFUL[:4]


def test_times_are_local_times_of_their_zone(tmp_path):
    moment = datetime(2026, 11, 2, 10, 5, 59, tzinfo=STOCKHOLM)
    for name in ("table.csv", "table.xlsx"):
        write_table(tmp_path / name, ["when"], [[moment]])
    assert read_csv(tmp_path / "table.csv")[1] == ["2026-11-02T10:05:59+01:00"]
    assert read_xlsx(tmp_path / "table.xlsx")[1] == [moment.replace(tzinfo=None)]


def test_letters_of_every_script_come_back(tmp_path):
    row = ["Zofia Strøm-Łęcka", "Åsa Öhm", "中村 由美", "a,b", "two\nlines"]
    for name in ("table.csv", "table.xlsx"):
        assert write_table(tmp_path / name, ["a", "b", "c", "d", "e"], [row]) == 1
    assert read_csv(tmp_path / "table.csv")[1] == row
    assert read_xlsx(tmp_path / "table.xlsx")[1] == row


def test_a_text_longer_than_a_cell_is_cut_to_what_the_cell_holds(tmp_path):
    path = tmp_path / "table.xlsx"
    write_table(path, ["text"], [["x" * (LONGEST_CELL + 1)]])
    assert read_xlsx(path)[1] == ["x" * LONGEST_CELL]


def test_another_ending_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(UnknownFormatError, match=r"ends in \.csv or \.xlsx"):
        write_table(tmp_path / "table.ods", ["a"], [])
    assert list(tmp_path.iterdir()) == []
