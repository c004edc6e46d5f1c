"""Every worked case of `cases/*.tsv`, by its id: figures worked by hand from the metrics page, in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import pandas as pd
import pytest
from ducha.metrics.week import compute_week

from tests.unit.metrics.worked_cases import CASES, Expected, case_catalogue, case_expected, case_facts, read_cases

THEMES = {path.stem: read_cases(path) for path in sorted(CASES.glob("*.tsv"))}
BY_ID = {case["case"]: case for cases in THEMES.values() for case in cases}


@cache
def tables(case_id: str, week_code: str) -> dict[str, pd.DataFrame]:
    case = BY_ID[case_id]
    return compute_week(case_catalogue(case), case_facts(case), week_code)


def figure(case_id: str, expected: Expected) -> object:
    table = tables(case_id, expected.week)[expected.table]
    for column, code in expected.key.items():
        table = table[table[column] == code]
    assert len(table) == 1, f"{expected.key} is {len(table)} rows of {expected.table}"
    return table[expected.column].iloc[0]


def agrees(found: object, value: str) -> bool:
    if value == "none" or pd.isna(found):
        return bool(pd.isna(found)) and value == "none"
    if value in ("yes", "no"):
        return bool(found) is (value == "yes")
    if value.startswith("~"):
        return value[1:] in str(found)
    if value.startswith("≈"):
        return round(float(str(found)), len(value.partition(".")[2])) == float(value[1:])
    if isinstance(found, str):
        return found == value
    return float(str(found)) == pytest.approx(float(Fraction(value)), abs=1e-12)


def test_themes_and_ids() -> None:
    assert set(THEMES) == {"completion", "rollups", "ranks", "cadence", "verification", "corrections"}
    assert min(len(cases) for cases in THEMES.values()) >= 8
    assert len(BY_ID) == sum(len(cases) for cases in THEMES.values()), "ids are unique"
    assert all(case["why"] for case in BY_ID.values())


@pytest.mark.parametrize("case_id", BY_ID)
def test_case(case_id: str) -> None:
    stated = list(case_expected(BY_ID[case_id]))
    assert stated
    wrong = {
        f"{each.week} {each.table} {each.key} {each.column}": (found, each.value)
        for each in stated
        if not agrees(found := figure(case_id, each), each.value)
    }
    assert wrong == {}, "found, expected"
