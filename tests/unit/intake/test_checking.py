# ruff: noqa: E501 - worked cases read best one a line
"""A verdict for every row: each rule once broken and once kept, and the suites agreeing with the rules."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ducha.intake import suites
from ducha.intake.checking import Checked, check_rows
from ducha.intake.child import ReadingChild
from ducha.intake.headings import KINDS
from ducha.intake.problems import problem
from ducha.intake.reading import Readings, read_files
from ducha.intake.reasons import NOTES, REASONS
from ducha.intake.rules import RULES

from tests.unit.intake.build import NOW, catalogue, to_read, write_csv

CATALOGUE = catalogue()
BASE = {"week": "2022-W02"}
CHECK = {"unit_code": "A01", "week": "2022-W02", "checked_on": "2022-01-12", "method": "现场", "sample_kind": "随机"}


@pytest.fixture(scope="module")
def child() -> Any:
    with ReadingChild() as warm:
        yield warm


def read(
    child: ReadingChild, folder: Path, rows: list[dict[str, Any]], kind: str = "progress", **about: Any
) -> Readings:
    names = [field.name for field in KINDS[kind]]
    base = BASE if kind == "progress" else CHECK
    cells = [[(base | row).get(name, "") for name in names] for row in rows]
    path = write_csv(folder / f"{kind}.csv", [names, *cells])
    return read_files([to_read(path, kind, **about)], child)


def check(child: ReadingChild, folder: Path, *rows: dict[str, Any], kind: str = "progress", **about: Any) -> Checked:
    return check_rows(read(child, folder, list(rows), kind, **about), CATALOGUE, use_suites=False)


def said(checked: Checked) -> list[tuple[str, str]]:
    return [(p.cell, p.reason_code) for p in checked.problems]


FINE = [
    {"responsibility_code": "R-TOTAL", "value": 1}, {"responsibility_code": "R-TOTAL", "value": "1.2亿元"},
    {"responsibility_code": "R-TOTAL", "value": -5}, {"responsibility_code": "R-TOTAL", "no_change": "是"},
    {"responsibility_code": "R-LEVEL", "value": "12.5%"}, {"responsibility_code": "R-FLOW", "value": 0},
    {"responsibility_code": "R-RATIO", "numerator": 0, "denominator": 0},
    {"responsibility_code": "R-RATIO", "no_change": "是"},
    {"responsibility_code": "R-STAGE", "item": "S1", "done": "是", "happened_on": "2022-01-10"},
    {"responsibility_code": "R-STAGE", "item": "S1", "done": "否"},
    {"responsibility_code": "R-STAGE", "item": "S1", "no_change": "是"},
    {"responsibility_code": "R-RED", "value": 0}, {"responsibility_code": "R-RED", "value": "2起"},
    {"responsibility_code": "R-DAY", "item": "2022年1月12日", "value": 0},
    {"responsibility_code": "R-RANK", "value": 3, "denominator": 11}, {"responsibility_code": "R-AVG", "value": 2.5},
    {"responsibility_code": "R-AVG", "value": 2.5, "denominator": 9},
    {"responsibility_code": "R-TOTAL", "value": 1, "unit_code": "A01", "week": "2022年第1周"},
]  # fmt: skip


@pytest.mark.parametrize("row", FINE, ids=str)
def test_rows_that_are_fine(child: ReadingChild, tmp_path: Path, row: dict[str, Any]) -> None:
    checked = check(child, tmp_path, row)
    assert said(checked) == []
    assert checked.rows["is_accepted"].all()
    assert checked.verdicts.loc[0, ["verdict", "accepted_rows", "rejected_rows"]].tolist() == ["accepted", 1, 0]


BROKEN = [
    ({"responsibility_code": "R-TOTAL", "value": 1, "unit_code": "B02"}, "unit_mismatch", "A2"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "week": ""}, "week_missing", "B2"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "week": "本周"}, "week_unreadable", "B2"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "week": "2031-W02"}, "week_unknown", "B2"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "week": "2022-W03"}, "week_in_future", "B2"),
    ({"value": 1}, "responsibility_missing", "C2"),
    ({"responsibility_code": "R-NONE", "value": 1}, "responsibility_unknown", "C2"),
    ({"responsibility_code": "R-TOTAL", "item": "S9", "value": 1}, "item_unknown", "D2"),
    ({"responsibility_code": "R-STAGE", "done": "是"}, "item_missing", "D2"),
    ({"responsibility_code": "R-STAGE", "item": "S1"}, "done_missing", "H2"),
    ({"responsibility_code": "R-DAY", "value": 0}, "item_not_a_day", "D2"),
    ({"responsibility_code": "R-DAY", "value": 0, "item": "2022-01-09"}, "item_not_a_day", "D2"),
    ({"responsibility_code": "R-DAY", "value": 0, "item": "2022-01-15"}, "date_in_future", "D2"),
    ({"responsibility_code": "R-TOTAL"}, "value_missing", "E2"),
    ({"responsibility_code": "R-FLOW"}, "value_missing_here", "E2"),
    ({"responsibility_code": "R-RED"}, "events_missing", "E2"),
    ({"responsibility_code": "R-RED", "value": 0.5}, "events_not_counted", "E2"),
    ({"responsibility_code": "R-RED", "value": -1}, "events_not_counted", "E2"),
    ({"responsibility_code": "R-RATIO", "denominator": 5}, "pair_missing", "F2"),
    ({"responsibility_code": "R-RATIO", "numerator": 5}, "pair_missing", "G2"),
    ({"responsibility_code": "R-RATIO", "numerator": -1, "denominator": 5}, "negative_number", "F2"),
    ({"responsibility_code": "R-RATIO", "numerator": 1, "denominator": -5}, "negative_number", "G2"),
    ({"responsibility_code": "R-RANK", "value": 1.5}, "rank_not_whole", "E2"),
    ({"responsibility_code": "R-RANK", "value": 12, "denominator": 11}, "rank_above_count", "E2"),
    ({"responsibility_code": "R-RATIO", "value": 1, "numerator": 1, "denominator": 2}, "figure_not_expected", "E2"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "numerator": 1}, "figure_not_expected", "F2"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "denominator": 1}, "figure_not_expected", "G2"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "done": "是"}, "figure_not_expected", "H2"),
    ({"responsibility_code": "R-TOTAL", "value": "5%"}, "unit_of_measure_mismatch", "E2"),
    ({"responsibility_code": "R-RATIO", "numerator": "1万户", "denominator": 5}, "unit_of_measure_mismatch", "F2"),
    ({"responsibility_code": "R-RATIO", "numerator": 1, "denominator": "5%"}, "unit_of_measure_mismatch", "G2"),
    ({"responsibility_code": "R-FLOW", "no_change": "是"}, "no_change_not_allowed", "J2"),
    ({"responsibility_code": "R-RED", "no_change": "是"}, "no_change_not_allowed", "J2"),
    ({"responsibility_code": "R-AVG", "no_change": "是"}, "no_change_not_allowed", "J2"),
    ({"responsibility_code": "R-PERIOD", "no_change": "是"}, "no_change_not_allowed", "J2"),
    ({"responsibility_code": "R-TOTAL", "no_change": "是", "value": 3}, "no_change_with_value", "E2"),
    ({"responsibility_code": "R-RATIO", "no_change": "是", "numerator": 3}, "no_change_with_value", "F2"),
    ({"responsibility_code": "R-RATIO", "no_change": "是", "denominator": 3}, "no_change_with_value", "G2"),
    ({"responsibility_code": "R-STAGE", "item": "S1", "no_change": "是", "done": "否"}, "no_change_with_value", "H2"),
    ({"responsibility_code": "R-STAGE", "item": "S1", "done": "是", "happened_on": "2022-01-14"}, "date_in_future", "I2"),
    ({"responsibility_code": "R-STAGE", "item": "S1", "done": "是", "happened_on": "1922-01-10"}, "date_out_of_range", "I2"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "code", "cell"), BROKEN, ids=[f"{code}-{cell}" for _, code, cell in BROKEN])
def test_rows_that_come_back(child: ReadingChild, tmp_path: Path, row: dict[str, Any], code: str, cell: str) -> None:
    checked = check(child, tmp_path, row)
    assert said(checked) == [(cell, code)]
    assert not checked.rows["is_accepted"].any()
    assert checked.verdicts.loc[0, ["verdict", "reason_code"]].tolist() == ["returned", code]


CHECKS_FINE = [
    {"responsibility_code": "R-TOTAL", "value": 1}, {"responsibility_code": "R-TOTAL", "finding": "账实不符"},
    {"responsibility_code": "R-STAGE", "item": "S1", "done": "否", "sample_kind": "风险抽查"},
]  # fmt: skip
CHECKS_BROKEN = [
    ({"responsibility_code": "R-TOTAL", "value": 1, "checked_on": ""}, "checked_on_missing"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "checked_on": "2022-02-12"}, "date_in_future"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "checked_on": "1912-02-12"}, "date_out_of_range"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "method": ""}, "method_missing"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "sample_kind": "抽查"}, "sample_kind_unknown"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "sample_kind": ""}, "sample_kind_unknown"),
    ({"responsibility_code": "R-TOTAL"}, "value_missing"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "unit_code": ""}, "unit_missing"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "unit_code": "Z9"}, "unit_unknown"),
    ({"responsibility_code": "R-TOTAL", "value": 1, "unit_code": "B02"}, "cooperating_only"),
    ({"responsibility_code": "R-LEVEL", "value": 1, "unit_code": "B02"}, "not_assigned"),
]


def test_inspections(child: ReadingChild, tmp_path: Path) -> None:
    for row in CHECKS_FINE:
        assert said(check(child, tmp_path, row, kind="inspection")) == []
    for row, code in CHECKS_BROKEN:
        assert [c for _, c in said(check(child, tmp_path, row, kind="inspection"))] == [code]
    checked = check(child, tmp_path, CHECKS_FINE[2], kind="inspection")
    assert checked.rows["sample_kind"].tolist() == ["risk"]


def test_cooperating_unit_and_unassigned_responsibility(child: ReadingChild, tmp_path: Path) -> None:
    rows = [{"responsibility_code": "R-TOTAL", "value": 1}, {"responsibility_code": "R-LEVEL", "value": 1}]
    assert [code for _, code in said(check(child, tmp_path, *rows, unit_code="B02"))] == [
        "cooperating_only",
        "not_assigned",
    ]


def test_the_folder_proves_the_unit_and_values_reach_the_plan(child: ReadingChild, tmp_path: Path) -> None:
    checked = check(child, tmp_path, {"responsibility_code": "R-TOTAL", "value": "1.2亿元"})
    row = checked.rows.iloc[0]
    assert (row["unit_code"], row["value"], row["monday"], row["plan_year"]) == (
        "A01", 12000.0, pd.Timestamp("2022-01-10"), 2022,
    )  # fmt: skip


def test_a_repeated_row_counts_once_and_a_contradiction_comes_back(child: ReadingChild, tmp_path: Path) -> None:
    one, other = ({"responsibility_code": "R-TOTAL", "value": value} for value in (1, 2))
    checked = check(child, tmp_path, one, one)
    assert said(checked) == [("C3", "duplicate_identical")]
    assert checked.rows["is_accepted"].tolist() == [True, False]
    assert checked.verdicts.loc[0, ["verdict", "row_count", "accepted_rows"]].tolist() == ["accepted", 1, 1]
    checked = check(child, tmp_path, one, other, {"responsibility_code": "R-TOTAL", "value": 1, "week": "2022-W01"})
    assert said(checked) == [("C2", "duplicate_contradicts"), ("C3", "duplicate_contradicts")]
    assert checked.rows["is_accepted"].tolist() == [False, False, True]
    unreadable = {"responsibility_code": "R-TOTAL", "value": "约1"}
    assert not check(child, tmp_path, unreadable, unreadable).rows["is_accepted"].any()


def test_stages_left_blank_beside_others_are_told_not_returned(child: ReadingChild, tmp_path: Path) -> None:
    blank = {"responsibility_code": "R-STAGE", "item": "S2"}
    checked = check(child, tmp_path, {"responsibility_code": "R-STAGE", "item": "S1", "done": "是"}, blank)
    assert said(checked) == [("C3", "row_left_blank")]
    assert checked.rows["is_accepted"].tolist() == [True, False]
    assert checked.verdicts.loc[0, "verdict"] == "accepted"
    assert [code for _, code in said(check(child, tmp_path, blank))] == ["done_missing"]


def test_numerator_above_denominator_is_recorded_and_told(child: ReadingChild, tmp_path: Path) -> None:
    checked = check(child, tmp_path, {"responsibility_code": "R-RATIO", "numerator": 9, "denominator": 5})
    assert said(checked) == [("F2", "numerator_above_denominator")]
    assert checked.rows["is_accepted"].all()


def test_a_late_file_may_speak_of_any_week_that_has_begun(child: ReadingChild, tmp_path: Path) -> None:
    row = {"responsibility_code": "R-TOTAL", "value": 1, "week": "2022-W03"}
    late = dt.datetime(2022, 1, 14, 9, 0, tzinfo=NOW.tzinfo)  # after the cut-off of W02: W03 is the next to close
    assert said(check(child, tmp_path, row, at=late)) == []
    readings = read(child, tmp_path, [row])
    assert check_rows(readings, CATALOGUE, open_week="2022-W05", use_suites=False).rows["is_accepted"].all()


def test_one_bad_row_leaves_the_others_accepted(child: ReadingChild, tmp_path: Path) -> None:
    checked = check(child, tmp_path, *FINE[:1], {"responsibility_code": "R-LEVEL", "value": "约50%"})
    assert checked.verdicts.loc[0, ["verdict", "accepted_rows", "rejected_rows"]].tolist() == ["returned", 1, 1]
    assert len(checked.accepted) == 1


def test_a_refused_file_stops_nobody_else(child: ReadingChild, tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv", [["事项代码", "周次", "完成值"], ["R-TOTAL", "2022-W02", 1]])
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"PK\x03\x04")
    checked = check_rows(read_files([to_read(bad), to_read(good)], child), CATALOGUE, use_suites=False)
    assert checked.verdicts["verdict"].tolist() == ["refused", "accepted"]
    assert checked.verdicts["reason_code"].tolist() == ["damaged", ""]


@pytest.fixture(scope="module")
def every_row(child: ReadingChild, tmp_path_factory: pytest.TempPathFactory) -> Readings:
    folder = tmp_path_factory.mktemp("all")
    files = []
    for n, row in enumerate([*FINE, *(row for row, _, _ in BROKEN), BASE]):
        names = [field.name for field in KINDS["progress"]]
        path = write_csv(folder / f"{n}.csv", [names, [(BASE | row).get(name, "") for name in names]])
        files.append(to_read(path))
    for n, row in enumerate([*CHECKS_FINE, *(row for row, _ in CHECKS_BROKEN)]):
        names = [field.name for field in KINDS["inspection"]]
        path = write_csv(folder / f"i{n}.csv", [names, [(CHECK | row).get(name, "") for name in names]])
        files.append(to_read(path, "inspection"))
    return read_files(files, child)


def test_the_suites_say_exactly_what_the_rules_say(every_row: Readings) -> None:
    with_suites = check_rows(every_row, CATALOGUE)
    without = check_rows(every_row, CATALOGUE, use_suites=False)
    assert with_suites.problems == without.problems
    pd.testing.assert_frame_equal(with_suites.verdicts, without.verdicts)
    seen = {p.reason_code for p in with_suites.problems}
    tested_alone = {"duplicate_identical", "duplicate_contradicts", "row_left_blank", "numerator_above_denominator"}
    assert {rule.reason_code for rule in RULES} - seen == tested_alone


def test_no_rows_at_all(child: ReadingChild, tmp_path: Path) -> None:
    assert len(check_rows(read_files([], child), CATALOGUE).verdicts) == 0
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"")
    checked = check_rows(read_files([to_read(bad)], child), CATALOGUE)
    assert checked.verdicts["verdict"].tolist() == ["refused"]


def test_a_rule_that_broke_is_our_fault_and_no_bad_data(every_row: Readings, tmp_path: Path) -> None:
    suite = suites.suite_json("progress")
    suite["expectations"][1]["kwargs"]["column"] = "no_such_column"
    (tmp_path / "progress.json").write_text(json.dumps(suite), encoding="utf-8")
    frame = pd.DataFrame({rule.field: pd.Categorical([None], ["some_code"]) for rule in RULES})
    with pytest.raises(suites.RuleBrokenError):
        suites.validate(frame, "progress", tmp_path)
    with pytest.raises(suites.RuleBrokenError):
        suites.validate(frame.iloc[:0], "progress")


@pytest.mark.parametrize("kind", KINDS)
def test_the_suites_on_file_are_the_rules(kind: str) -> None:
    on_file = json.loads((suites.EXPECTATIONS / f"{kind}.json").read_text(encoding="utf-8"))
    assert on_file == suites.suite_json(kind), "run `python -m ducha.intake.suites`"
    listed = [rule for each in on_file["expectations"][1:] for rule in each["meta"]["rules"]]
    assert [rule["rule"] for rule in listed if not (rule["zh"] and rule["en"])] == []
    assert {rule["rule"] for rule in listed} == {rule.name for rule in RULES if kind in rule.kinds}


def test_every_reason_speaks_both_languages_and_fills_its_placeholders() -> None:
    for code, reason in REASONS.items():
        found = problem(code, raw="某值", field="value", want="某物")
        assert "{" not in found.message_zh + found.message_en
        assert found.is_note == (code in NOTES)
        assert reason.zh.endswith("。")
        assert reason.en.endswith(".")
        assert "错误" not in reason.zh.replace("错误值", "")  # calm: it says what to do, it does not scold


def test_a_value_that_names_a_person_stands_in_no_message() -> None:
    found = problem("not_a_number", raw="电话13800138000", want="13800138000", responsibility_code="13800138000")
    assert "13800138000" not in str(found)
