"""From files to canonical rows, with every cell that cannot be read exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from ducha.intake.child import ReadingChild
from ducha.intake.headings import KINDS, column_letter
from ducha.intake.reading import Readings, read_files

from tests.unit.intake.build import to_read, write_csv, write_xlsx

HEADER = ["事项代码", "周次", "完成值", "滞后原因"]


@pytest.fixture(scope="module")
def child() -> Any:
    with ReadingChild() as warm:
        yield warm


def read(child: ReadingChild, *paths: Path, kind: str = "progress") -> Readings:
    return read_files([to_read(path, kind) for path in paths], child)


def codes(readings: Readings) -> list[tuple[str, str]]:
    return [(p.cell, p.reason_code) for reading in readings for p in reading.problems]


def test_a_workbook_under_chinese_headings_with_titles_above(child: ReadingChild, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "表.xlsx", [["2022年第2周填报表"], [], HEADER, ["R-1", "2022-W02", 5, "雨"]])
    readings = read(child, path)
    row = readings.rows.iloc[0]
    assert (row["responsibility_code"], row["week"], row["value"], row["reason"]) == ("R-1", "2022-W02", 5.0, "雨")
    assert (row["sheet"], row["row_no"]) == ("填报表", 4)
    assert readings[0].cell("填报表", 4, "value") == "C4"
    assert codes(readings) == []


@pytest.mark.parametrize("kind", ["progress", "inspection"])
def test_every_heading_in_every_language_is_known(child: ReadingChild, tmp_path: Path, kind: str) -> None:
    for language in ("name", "zh", "en"):
        headings = [getattr(field, language) for field in KINDS[kind]]
        path = write_xlsx(tmp_path / f"{language}.xlsx", [headings, ["1"] * len(headings)])
        readings = read(child, path, kind=kind)
        assert set(readings[0].sheets[0].columns) == {field.name for field in KINDS[kind]}
        assert not [p for p in readings[0].problems if p.reason_code == "unknown_heading"]


def test_headings_with_units_stars_and_line_breaks(child: ReadingChild, tmp_path: Path) -> None:
    headings = ["事项代码*", "周 次", "完成值\n（万元）", "滞后原因："]
    readings = read(child, write_xlsx(tmp_path / "a.xlsx", [headings, ["R", "2022-W02", 1, ""]]))
    assert set(readings[0].sheets[0].columns) == {"responsibility_code", "week", "value", "reason"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_any_honest_encoding(child: ReadingChild, tmp_path: Path, encoding: str) -> None:
    rows = [HEADER, ["R-1", "2022-W02", "1,234.5", "下雨，停工\n三天"], ["R-2", "2022-W02", "", "𠮷"]]
    readings = read(child, write_csv(tmp_path / "a.csv", rows, encoding))
    assert readings.rows["reason"].tolist() == ["下雨，停工\n三天", "𠮷"]
    assert readings.rows["value"].iloc[0] == 1234.5
    assert pd.isna(readings.rows["value"].iloc[1])
    assert readings[0].cell("", 2, "value") == "C2"


def test_csv_in_no_encoding_is_refused_and_never_guessed(child: ReadingChild, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("事项代码,周次\nR,2022-W02,".encode() + b"\xff\xfe\x80")
    assert codes(read(child, path)) == [("", "unreadable_text")]


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_separators(child: ReadingChild, tmp_path: Path, separator: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        separator.join(HEADER) + "\n" + separator.join(["R", "2022-W02", "7", "x"]) + "\n", encoding="utf-8"
    )
    assert read(child, path).rows["value"].tolist() == [7.0]


def test_csv_row_with_more_columns_than_headings_is_returned(child: ReadingChild, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("事项代码,周次,完成值\nR,2022-W02,1,234\nS,2022-W02,5\n", encoding="utf-8")
    readings = read(child, path)
    assert codes(readings) == [("", "too_many_columns")]
    assert readings.rows["is_flawed"].tolist() == [True, False]


def test_csv_with_an_open_quote_is_refused(child: ReadingChild, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('事项代码,周次,完成值\nR,2022-W02,"1\n', encoding="utf-8")
    assert codes(read(child, path)) == [("", "unreadable_csv")]


def test_the_extension_does_not_matter(child: ReadingChild, tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "a.xlsx", [HEADER, ["R", "2022-W02", 1, ""]])
    table = write_csv(tmp_path / "b.csv", [HEADER, ["R", "2022-W02", 2, ""]])
    other = write_xlsx(tmp_path / "c.xlsx", [HEADER, ["R", "2022-W02", 3, ""]]).rename(tmp_path / "c.xls")
    readings = read(child, book.rename(tmp_path / "a.csv"), table.rename(tmp_path / "b.xlsx"), other)
    assert readings.rows["value"].tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"), (b"\xef\xbb\xbf\n\n", "empty_file"), (b"<html><table>", "unsupported_format"),
        (b'{"a": 1}', "json_without_rows"), (b"%PDF-1.7", "unsupported_format"), (b"PK\x03\x04", "damaged"),
        (b'<?xml version="1.0"?><Workbook/>', "unsupported_format"), (b"a,b\n\x00", "unreadable_text"),
        ("姓名,年龄\n甲,1\n".encode(), "no_header"), ("周次,完成值\n2022-W02,1\n".encode(), "missing_heading"),
        ("事项代码,周次,完成值\n".encode(), "no_rows"),
        ("事项代码,周次,完成值,数值\nR,2022-W02,1,2".encode(), "duplicate_heading"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read_say_why(child: ReadingChild, tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    readings = read(child, path)
    refused = readings[0].refused
    assert refused is not None
    assert refused.reason_code == code
    assert refused.message_zh
    assert refused.message_en


def test_errors_percent_and_formulas_in_a_workbook(child: ReadingChild, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    percent = book.add_format({"num_format": "0.0%"})
    money = book.add_format({"num_format": '0.00"万元"'})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    scaled = book.add_format({"num_format": "0,"})
    sheet.write_row(0, 0, HEADER)
    for n in range(1, 8):
        sheet.write_row(n, 0, ["R", "2022-W02"])
    sheet.write_number(1, 2, 0.07, percent)
    sheet.write_number(2, 2, 3200, money)
    sheet.write_formula(3, 2, "=1/0", None, "#DIV/0!")
    sheet.write_formula(4, 2, "=2+3", None, 5)
    sheet.write_formula(5, 2, "=2+3", None, "")
    sheet.write_number(6, 2, 44571, day)
    sheet.write_number(7, 2, 5000, scaled)
    book.close()
    readings = read(child, path)
    assert readings.rows["value"].iloc[[0, 1, 4 - 1]].tolist() == [7.0, 3200.0, 5.0]
    assert readings.rows["value_suffix"].tolist()[:2] == ["%", "万元"]
    assert codes(readings) == [
        ("C4", "error_value"), ("C6", "formula_without_value"), ("C8", "number_format"), ("C7", "date_in_number"),
    ]  # fmt: skip
    assert readings[0].problems[0].raw == "#DIV/0!"


def test_a_zero_that_no_program_ever_calculated_is_not_a_zero(child: ReadingChild, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    sheet.write_row(1, 0, ["R", "2022-W02"])
    sheet.write_formula(1, 2, "=2+3")
    book.close()
    assert codes(read(child, path)) == [("C2", "formula_without_value")]


def test_hidden_and_merged_are_never_silent(child: ReadingChild, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [HEADER, ["R1", "2022-W02", 1, "a"], ["R2", "2022-W02", 2, "b"], ["R3", "2022-W02", 3, ""],
                ["R4", "2022-W02", None, ""]]:  # fmt: skip
        sheet.append(row)
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet.merge_cells("C4:C5")
    secret = book.create_sheet("底稿")
    secret["A1"] = "x"
    secret.sheet_state = "veryHidden"
    other = book.create_sheet("台账")
    other["A1"] = "与填报无关"
    book.save(path)
    assert codes(read(child, path)) == [
        ("", "hidden_sheet"), ("", "sheet_without_headings"), ("C4", "merged_cells"), ("C5", "merged_cells"),
        ("", "hidden_row"),
    ]  # fmt: skip


def test_a_hidden_column_of_figures_is_returned(child: ReadingChild, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADER)
    sheet.append(["R1", "2022-W02", 1, "a"])
    sheet.append(["R2", "2022-W02", None, "a"])
    sheet.column_dimensions["C"].hidden = True
    book.save(path)
    assert codes(read(child, path)) == [("C2", "hidden_column")]


def test_signatures_and_totals_below_the_table_are_not_rows(child: ReadingChild, tmp_path: Path) -> None:
    rows = [HEADER, ["R1", "2022-W02", 1, ""], [], ["填报人：张三", "", "", "审核：李四"]]
    assert len(read(child, write_xlsx(tmp_path / "a.xlsx", rows)).rows) == 1


@pytest.mark.parametrize(
    "text", ["联系 13800138000", "138 0013 8000", "+86-138-0013-8000", "110101199003074514", "11010119900307451X",
             "１３８００１３８０００", "0431-85551234", "身份证110101900307451"],
)  # fmt: skip
def test_identity_and_phone_numbers_are_returned_and_kept_nowhere(
    child: ReadingChild, tmp_path: Path, text: str
) -> None:
    for column in (3, 0) if text[0] == "１" else (3, 2, 0):  # eleven digits alone are a number where one belongs
        row = ["R1", "2022-W02", 1, "好"]
        row[column] = text
        readings = read(child, write_csv(tmp_path / "a.csv", [HEADER, row]))
        problem = readings[0].problems[0]
        assert readings.rows["is_flawed"].all()
        assert text not in str(problem)
        assert text not in readings.rows.to_csv()


@pytest.mark.parametrize("text", ["文号〔2022〕15号", "2022-01-13", "合同号 20220113001234", "投资1234567890元", "1.5"])
def test_ordinary_numbers_in_text_are_no_personal_data(child: ReadingChild, tmp_path: Path, text: str) -> None:
    readings = read(child, write_csv(tmp_path / "a.csv", [HEADER, ["R1", "2022-W02", 1, text]]))
    assert codes(readings) == []


def test_1904_workbooks_and_typed_dates(child: ReadingChild, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path), {"date_1904": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["事项代码", "周次", "完成日期"])
    sheet.write_row(1, 0, ["R", "2022-W02"])
    sheet.write_datetime(1, 2, pd.Timestamp("2022-01-12").to_pydatetime())
    book.close()
    assert read(child, path).rows["happened_on"].tolist() == [pd.Timestamp("2022-01-12")]


def test_a_file_that_kills_the_reader_is_blamed_alone(tmp_path: Path) -> None:
    good = write_xlsx(tmp_path / "a.xlsx", [HEADER, ["R1", "2022-W02", 1, ""]])
    hungry = write_xlsx(tmp_path / "b.xlsx", [HEADER, *([["R1", "2022-W02", 1, "长" * 900]] * 30_000)])
    with ReadingChild(memory=160 << 20) as child:
        answers = list(
            child.read_all([(good, "progress"), (hungry, "progress"), (good, "progress"), (good, "progress")])
        )
    refused = [answer.get("refused", ["read"])[0] for answer in answers]
    assert refused[1] in ("reader_died", "too_large")
    assert [refused[0], *refused[2:]] == ["read"] * 3


def test_a_reader_killed_from_outside_costs_one_file(tmp_path: Path) -> None:
    good = write_xlsx(tmp_path / "a.xlsx", [HEADER, ["R1", "2022-W02", 1, ""]])
    with ReadingChild() as child:
        answers = child.read_all([(good, "progress")] * 5)
        first = next(answers)
        assert child._process is not None
        child._process.kill()
        child._process.wait()
        rest = [answer.get("refused", ["read"])[0] for answer in answers]
    assert "tables" in first
    assert sorted(rest) == ["read", "read", "read", "reader_died"]


def test_a_reader_that_hangs_is_stopped_by_the_clock(tmp_path: Path) -> None:
    import os

    pipe = tmp_path / "never"
    os.mkfifo(pipe)
    good = write_xlsx(tmp_path / "a.xlsx", [HEADER, ["R1", "2022-W02", 1, ""]])
    with ReadingChild(seconds=1.0) as child:
        answers = list(child.read_all([(good, "progress"), (pipe, "progress"), (good, "progress")]))
    assert [answer.get("refused", ["", ""])[0] for answer in answers] == ["", "reader_timeout", ""]


def test_a_landed_file_that_is_gone_is_our_fault(child: ReadingChild, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(child, tmp_path / "gone.xlsx")


def test_no_files_give_an_empty_frame(child: ReadingChild) -> None:
    readings = read_files([], child)
    assert len(readings.rows) == 0
    assert "value" in readings.rows


@pytest.mark.parametrize(("position", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (16383, "XFD")])
def test_column_letters(position: int, letter: str) -> None:
    assert column_letter(position) == letter
