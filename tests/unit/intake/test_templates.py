"""The workbook handed out: due rows, plan, last values; filled in, it reads back exactly."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from ducha.catalogue import Catalogue
from ducha.intake.checking import Checked, check_rows
from ducha.intake.reading import read_files
from ducha.intake.templates import HEADER, ORDER, SHEET, due_rows, figure, write_template

from tests.unit.intake.build import NOW, catalogue, to_read


def full_catalogue() -> Catalogue:
    """The tests' county with every column that plans and cadences need."""
    base = catalogue()
    weeks = base.weeks.assign(month_end_on=pd.NaT, quarter_end_on=pd.NaT, half_year_end_on=pd.NaT)
    empty = {"plan_shape": "", "plan_points": "", "direction": "up", "weight": 1.0, "rank_start": float("nan")}
    responsibilities = base.responsibilities.assign(**empty)
    units = base.units.assign(closed_on=pd.NaT, opened_on=pd.NaT)
    assignments = base.assignments.assign(baseline=float("nan"), weight=float("nan"))
    dates = {"from_on": "datetime64[us]", "to_on": "datetime64[us]"}
    return dataclasses.replace(
        base, weeks=weeks.astype({name: "datetime64[us]" for name in weeks.columns if name.endswith("_end_on")}),
        responsibilities=responsibilities, units=units.astype({"closed_on": "datetime64[us]"}),
        assignments=assignments.astype(dates), exceptions=base.exceptions.astype(dates),
    )  # fmt: skip


CATALOGUE = full_catalogue()


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "A01.xlsx"
    assert write_template(CATALOGUE, "A01", "2022-W02", path) == 17  # ten matters, one in two stages, one by seven days
    return path


def place(name: str) -> int:
    return ORDER.index(name) + 1


def fill(path: Path, wanted: dict[tuple[str, str], dict[str, Any]]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    for row in range(HEADER + 2, sheet.max_row + 1):
        key = (sheet.cell(row, place("responsibility_code")).value, sheet.cell(row, place("item")).value or "")
        for name, value in wanted.get(key, {}).items():
            sheet.cell(row, place(name)).value = value
    book.save(path)


def check(path: Path) -> Checked:
    return check_rows(read_files([to_read(path)]), CATALOGUE, use_suites=False)


def test_filled_in_it_reads_back(template: Path) -> None:
    fill(
        template,
        {
            ("R-TOTAL", ""): {"value": 12.5, "reason": "雨季"},
            ("R-LEVEL", ""): {"no_change": "是"},
            ("R-FLOW", ""): {"value": 0},
            ("R-RATIO", ""): {"numerator": 3, "denominator": 4},
            ("R-PERIOD", ""): {"numerator": 3, "denominator": 4},
            ("R-STAGE", "S1"): {"done": "是", "happened_on": pd.Timestamp("2022-01-11").to_pydatetime()},
            ("R-RED", ""): {"value": 0},
            ("R-DAY", "2022-01-12"): {"value": 1},
            ("R-RANK", ""): {"value": 2, "denominator": 11},
            ("R-AVG", ""): {"value": 3.5, "denominator": 20},
        },
    )
    checked = check(template)
    assert {p.reason_code for p in checked.problems} == {"row_left_blank"}
    accepted = checked.accepted.set_index(["responsibility_code", "item"])
    assert len(accepted) == 10
    assert accepted.loc[("R-TOTAL", ""), ["value", "reason"]].tolist() == [12.5, "雨季"]
    assert accepted.loc[("R-STAGE", "S1"), "happened_on"] == pd.Timestamp("2022-01-11")
    assert accepted.loc[("R-DAY", "2022-01-12"), "value"] == 1
    assert checked.verdicts.loc[0, "verdict"] == "accepted"


def test_left_empty_every_matter_is_asked_for(template: Path) -> None:
    checked = check(template)
    assert checked.verdicts.loc[0, "verdict"] == "returned"
    assert set(checked.rows.loc[checked.rows["is_rejected"], "responsibility_code"]) == set(
        CATALOGUE.responsibilities["responsibility_code"]
    )
    assert {p.reason_code for p in checked.problems} <= {
        "value_missing", "value_missing_here", "events_missing", "pair_missing", "done_missing",
    }  # fmt: skip


def test_plan_and_last_values_stand_beside_the_rows() -> None:
    monday = pd.Timestamp("2022-01-03")
    facts = pd.DataFrame(
        [
            ("R-TOTAL", "", 5.0, float("nan"), float("nan"), pd.NA, False, monday, 1),
            ("R-TOTAL", "", 7.0, float("nan"), float("nan"), pd.NA, False, monday, 2),
            ("R-RATIO", "", float("nan"), 3.0, 8.0, pd.NA, False, monday, 1),
            ("R-STAGE", "S1", float("nan"), float("nan"), float("nan"), True, False, monday, 1),
            ("R-LEVEL", "", 9.0, float("nan"), float("nan"), pd.NA, False, pd.Timestamp("2022-01-10"), 1),
        ],
        columns=["responsibility_code", "item", "value", "numerator", "denominator", "done", "no_change", "week",
                 "known_at"],
    )  # fmt: skip
    rows = {(r["responsibility_code"], r["item"]): r for r in due_rows(CATALOGUE, "A01", "2022-W02", facts)}
    assert rows["R-TOTAL", ""]["last"] == "7（2022-W01）"
    assert rows["R-RATIO", ""]["last"] == "3 / 8（2022-W01）"
    assert rows["R-STAGE", "S1"]["last"] == "完成（2022-W01）"
    assert rows["R-LEVEL", ""]["last"] == ""  # this week's own value is not an earlier one
    assert rows["R-TOTAL", ""]["target"] == "100"
    assert rows["R-STAGE", "S2"]["title"].endswith("开工")


def test_a_unit_that_only_cooperates_owes_nothing(tmp_path: Path) -> None:
    assert write_template(CATALOGUE, "B02", "2022-W02", tmp_path / "b.xlsx") == 0


def test_given_cells_are_locked_and_choices_offered(template: Path) -> None:
    sheet = openpyxl.load_workbook(template)[SHEET]
    first = HEADER + 2
    assert sheet.protection.sheet
    assert sheet.cell(first, place("title")).protection.locked
    assert not sheet.cell(first, place("reason")).protection.locked
    lists = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert {rule.formula1 for rule in lists} == {'"是,否"'}
    assert len(lists) == 2


def test_the_same_inputs_give_the_same_bytes(template: Path, tmp_path: Path) -> None:
    write_template(CATALOGUE, "A01", "2022-W02", tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == template.read_bytes()


def test_unknown_unit_or_week(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="Z9"):
        write_template(CATALOGUE, "Z9", "2022-W02", tmp_path / "x.xlsx")
    with pytest.raises(KeyError, match="2031-W01"):
        write_template(CATALOGUE, "A01", "2031-W01", tmp_path / "x.xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("value", "measure", "text"),
    [(12.0, "", "12"), (1234.5, "", "1,234.5"), (0.6, "ratio", "60%"), (1000.0, "", "1,000"), (float("nan"), "", "")],
)
def test_figures_as_a_clerk_reads_them(value: float, measure: str, text: str) -> None:
    assert figure(value, measure) == text


def test_now_is_inside_the_week() -> None:
    assert CATALOGUE.week_row("2022-W02")["week"] <= pd.Timestamp(NOW.date())
