"""JSON submissions: the canonical keys, read exactly or said where not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from ducha.intake.checking import check_rows
from ducha.intake.child import ReadingChild
from ducha.intake.headings import KINDS
from ducha.intake.reading import Readings, read_files
from ducha.intake.returning import write_returned

from tests.unit.intake.build import catalogue, to_read

ROW = {"responsibility_code": "R-TOTAL", "week": "2022-W02", "value": 5.5, "reason": "雨"}


@pytest.fixture(scope="module")
def child() -> Any:
    with ReadingChild() as warm:
        yield warm


def read(child: ReadingChild, path: Path, content: object, kind: str = "progress") -> Readings:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return read_files([to_read(path, kind)], child)


def codes(readings: Readings) -> list[tuple[int, str, str]]:
    return [(p.row_no, p.cell, p.reason_code) for reading in readings for p in reading.problems]


@pytest.mark.parametrize("content", [[ROW], {"progress": [ROW]}])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_an_array_or_one_under_its_name(child: ReadingChild, tmp_path: Path, content: object, bom: str) -> None:
    readings = read(child, tmp_path / "a.json", bom + json.dumps(content))
    row = readings.rows.iloc[0]
    assert (row["responsibility_code"], row["week"], row["value"], row["reason"]) == ("R-TOTAL", "2022-W02", 5.5, "雨")
    assert (row["sheet"], row["row_no"]) == ("", 2)
    assert codes(readings) == []


@pytest.mark.parametrize("kind", ["progress", "inspection"])
def test_every_canonical_key_is_read(child: ReadingChild, tmp_path: Path, kind: str) -> None:
    names = {field.name for field in KINDS[kind]}
    readings = read(child, tmp_path / "a.json", {kind: [dict.fromkeys(sorted(names), "1")]}, kind)
    assert set(readings[0].sheets[0].columns) == names


def test_flags_nulls_and_keys_in_any_order(child: ReadingChild, tmp_path: Path) -> None:
    rows = [{"week": "2022-W02", "responsibility_code": "R-STAGE", "done": True, "item": "S1", "value": None},
            {"responsibility_code": "R-TOTAL", "week": "2022-W02", "no_change": True},
            {"value": "12.5%", "responsibility_code": "R-LEVEL", "week": "2022年第2周"}]  # fmt: skip
    readings = read(child, tmp_path / "a.json", rows)
    assert codes(readings) == []
    assert readings.rows["done"].tolist()[0] is True
    assert readings.rows["no_change"].tolist() == [False, True, False]
    assert readings.rows["value"].isna().tolist() == [True, True, False]
    assert (readings.rows["value"].iloc[2], readings.rows["value_suffix"].iloc[2]) == (12.5, "%")
    assert readings.rows["row_no"].tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ("[17, {]", "unreadable_json", "第 1 行第 7 个字符"),
        ('[{"week":\n "2022-W02" "value": 1}]', "unreadable_json", "第 2 行第 13 个字符"),
        ("[" * 30_000, "unreadable_json", "嵌套过深"),
        ('[{"a": "\udc80"}]', "unreadable_json", "UTF-8"),
        ('{"a": 1}', "json_without_rows", "progress"),
        ('{"progress": {"week": 1}}', "json_without_rows", "progress"),
        ('{"progress": [], "progress": []}', "json_without_rows", "progress"),
        ("[]", "no_rows", ""), ('{"progress": []}', "no_rows", ""), ("[null]", "missing_heading", "事项代码"),
        ('[{"week": "2022-W02", "value": 1}]', "missing_heading", "事项代码"),
        ('[{"week": "2022-W02", "responsibility_code": "R", "事项代码": "R"}]', "duplicate_heading", "事项代码"),
    ],
)  # fmt: skip
def test_what_is_no_submission_is_refused_with_its_place(
    child: ReadingChild, tmp_path: Path, content: str, code: str, place: str
) -> None:
    (problem,) = read(child, tmp_path / "a.json", content)[0].problems
    assert (problem.reason_code, problem.row_no) == (code, 0)
    assert place in problem.message_zh
    assert problem.message_en


def test_too_many_different_keys_are_refused(child: ReadingChild, tmp_path: Path) -> None:
    rows = [{"responsibility_code": "R", "week": "2022-W02", f"k{n}": n} for n in range(1600)]
    assert [code for _, _, code in codes(read(child, tmp_path / "a.json", rows))] == ["too_many_cells"]


def test_flaws_are_told_by_row_and_cell(child: ReadingChild, tmp_path: Path) -> None:
    head = '"responsibility_code": "R-TOTAL", "week": "2022-W02"'
    content = f"""[{{{head}, "value": 1, "reason": "好"}},
        {{{head}, "value": NaN}}, {{{head}, "value": -Infinity}}, {{{head}, "value": 1e999}},
        {{{head}, "value": {{"amount": 1}}}}, {{{head}, "value": [1]}}, {{{head}, "value": 1, "value": 2}},
        17, null, [1], {{{head}, "reason": "\\ud800"}}, {{{head}, "reason": "\\u0000"}}, {{{head}, "value": true}}]"""
    readings = read(child, tmp_path / "a.json", content)
    assert sorted(codes(readings)) == [
        (3, "C3", "not_finite"), (4, "C4", "not_finite"), (5, "C5", "not_finite"), (6, "C6", "json_nested"),
        (7, "C7", "json_nested"), (8, "C8", "json_key_twice"), (9, "", "json_not_a_row"), (10, "", "json_not_a_row"),
        (11, "", "json_not_a_row"), (12, "D12", "text_control"), (13, "D13", "text_control"),
        (14, "C14", "not_a_number"),
    ]  # fmt: skip
    assert readings.rows["is_flawed"].tolist() == [False] + [True] * 12
    assert readings.rows["value"].iloc[0] == 1


def test_unknown_keys_are_told_and_not_read(child: ReadingChild, tmp_path: Path) -> None:
    readings = read(child, tmp_path / "a.json", {"sent_by": "x", "progress": [ROW | {"颜色": "红", "备注": "好"}]})
    assert [(p.reason_code, p.raw) for p in readings[0].problems] == [
        ("unknown_heading", "sent_by"), ("unknown_heading", "颜色"),
    ]  # fmt: skip


def test_a_number_that_names_a_person_is_kept_nowhere(child: ReadingChild, tmp_path: Path) -> None:
    rows = [ROW | {"reason": "联系 13800138000"}, ROW | {"reason": 13800138000}, ROW | {"13800138000": 1}]
    readings = read(child, tmp_path / "a.json", rows)
    assert [p.reason_code for p in readings[0].problems] == ["unknown_heading", "personal_data", "personal_data"]
    assert "13800138000" not in str(readings[0].problems)
    assert "13800138000" not in readings.rows.to_csv()


def test_a_marked_workbook_goes_back_and_can_be_sent_again(child: ReadingChild, tmp_path: Path) -> None:
    rows = [ROW, ROW | {"responsibility_code": "R-FLOW", "value": "约5"}, 17]
    readings = read(child, tmp_path / "周报.json", rows)
    checked = check_rows(readings, catalogue(), use_suites=False)
    assert checked.verdicts[["verdict", "accepted_rows", "rejected_rows"]].values.tolist() == [["returned", 1, 2]]
    (path,) = write_returned(readings, checked, catalogue(), tmp_path / "returned").values()
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    assert [cell.value for cell in sheet[1]][:4] == ["responsibility_code", "week", "value", "reason"]
    assert sheet["C3"].value == "约5"
    assert "不是确切的数" in str(sheet["E3"].value)
    assert "不是一行" in str(sheet["E4"].value)
    sheet["C3"].value = 7
    sheet.delete_rows(4)
    book.save(tmp_path / "again.xlsx")
    again = read_files([to_read(tmp_path / "again.xlsx")], child)
    assert check_rows(again, catalogue(), use_suites=False).verdicts["verdict"].tolist() == ["accepted"]
    assert again.rows["value"].tolist() == [5.5, 7.0]


def test_json_and_csv_say_the_same(child: ReadingChild, tmp_path: Path) -> None:
    rows = [ROW, ROW | {"responsibility_code": "R-RATIO", "value": None, "numerator": 3, "denominator": 4}]
    readings = read(child, tmp_path / "a.json", rows)
    pd.DataFrame(rows).to_csv(tmp_path / "a.csv", index=False)
    again = read_files([to_read(tmp_path / "a.csv")], child)
    columns = ["responsibility_code", "week", "value", "numerator", "denominator", "reason", "row_no"]
    pd.testing.assert_frame_equal(readings.rows[columns], again.rows[columns])
