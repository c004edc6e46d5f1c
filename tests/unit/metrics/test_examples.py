"""Every worked case of the design, computed as a week of a county with that one assignment."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from ducha.metrics.week import compute_week

from tests.unit.metrics.examples import case_catalogue, case_facts, read_cases

EXAMPLES = Path(__file__).resolve().parents[4] / "shared" / "design" / "examples.tsv"
CASES = read_cases(EXAMPLES) if EXAMPLES.is_file() else []


def row_at(case: dict[str, str], week_code: str) -> pd.Series:
    return computed(case["case"], week_code)


@cache
def computed(name: str, week_code: str) -> pd.Series:
    case = next(case for case in CASES if case["case"] == name)
    return compute_week(case_catalogue(case), case_facts(case), week_code)["responsibility_unit_week"].iloc[0]


def assert_number(found: float, stated: str) -> None:
    if stated:
        assert found == pytest.approx(float(Fraction(stated)), abs=1e-12)
    else:
        assert pd.isna(found)


def test_cases_are_all_here(shared: Path) -> None:
    """Fails in CI, and says so elsewhere, when the worked cases are not beside this checkout."""
    assert len(CASES) == len(read_cases(shared / "design" / "examples.tsv")) >= 46


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_case(case: dict[str, str]) -> None:
    row = row_at(case, case["week"])
    assert row["state"] == case["state"]
    assert row["raw_light"] == case["raw_light"]
    assert_number(row["completion"], case["completion"])
    assert_number(row["planned_completion"], case["planned_completion"])


@pytest.mark.parametrize(
    ("case", "column", "stated"),
    [
        (case, column, stated)
        for case in CASES
        for column, stated in re.findall(r"\b(weeks_stale|completion_reported|x)[ =]([\d/]+)", case["extra"])
    ],
    ids=lambda value: value["case"] if isinstance(value, dict) else None,
)
def test_case_states_more(case: dict[str, str], column: str, stated: str) -> None:
    row = row_at(case, case["week"])
    assert_number(row["reported_value" if column == "x" else column], stated)


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_assumed_baseline_is_flagged_only_where_stated(case: dict[str, str]) -> None:
    assert bool(row_at(case, case["week"])["is_baseline_assumed"]) == ("is_baseline_assumed" in case["extra"])


@pytest.mark.parametrize(
    ("case", "week_code", "stated"),
    [
        (case, f"2022-{week}", stated)
        for case in CASES
        for weeks, stated in re.findall(r"completion at (W\d\d and W\d\d): ([\d/]+)", case["extra"])
        for week in weeks.split(" and ")
    ],
    ids=lambda value: value["case"] if isinstance(value, dict) else value,
)
def test_case_in_earlier_weeks(case: dict[str, str], week_code: str, stated: str) -> None:
    assert_number(row_at(case, week_code)["completion"], stated)
