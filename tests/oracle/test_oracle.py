"""The kernel against the oracle: every figure of a drawn county's week, computed twice by different people."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
from ducha.metrics.week import compute_week
from hypothesis import HealthCheck, given, settings

from tests.oracle.counties import County, counties
from tests.oracle.oracle import compute_by_sql

EXAMPLES = int(os.environ.get("DUCHA_ORACLE_EXAMPLES", "40"))

KEYS = {
    "responsibility_unit_week": ["responsibility_code", "unit_code"],
    "responsibility_week": ["responsibility_code"],
    "unit_week": ["unit_code"],
    "area_week": ["area_code"],
    "leader_week": ["leader_code"],
    "task_force_week": ["task_force_code"],
    "county_week": ["week_code"],
    "submission_week": ["unit_code"],
    "verification_week": ["unit_code", "responsibility_code", "item"],
    "red_line_week": ["responsibility_code", "unit_code"],
}


def differences(kernel: dict[str, pd.DataFrame], oracle: dict[str, pd.DataFrame]) -> list[str]:
    """Say each row that only one has, and each cell that differs."""
    return [said for table, keys in KEYS.items() for said in table_differences(table, keys, kernel[table], oracle[table])]


def table_differences(table: str, keys: list[str], kernel: pd.DataFrame, oracle: pd.DataFrame) -> list[str]:
    left = {tuple(row[key] for key in keys): row for row in kernel.to_dict("records")}
    right = {tuple(row[key] for key in keys): row for row in oracle.to_dict("records")}
    said = [f"{table} {key}: only in the {'kernel' if key in left else 'oracle'}" for key in left.keys() ^ right.keys()]
    columns = [name for name in oracle.columns if name in kernel.columns]
    for key in left.keys() & right.keys():
        for column in columns:
            if not is_same(left[key][column], right[key][column]) and not is_known(left[key], right[key], column):
                said.append(f"{table} {key} {column}: kernel {left[key][column]!r}, oracle {right[key][column]!r}")
    return sorted(said)


def is_known(kernel: dict[str, object], oracle: dict[str, object], column: str) -> bool:
    """Say whether a difference is one where the kernel is known to differ from the page."""
    if column in ("completion_verified", "verified_value"):
        # a check of a range's week that was not due has no part in the completion
        return kernel["measure"] == "range" and bool(pd.isna(oracle[column]))
    if column == "changed_late_rows":
        # "no change" after a value of the same week changes nothing
        return 0 < kernel[column] - oracle[column] <= oracle["repeated_late_rows"]
    return False


def is_same(kernel: object, oracle: object) -> bool:
    """Exact on everything but numbers; the oracle counts nothing where the kernel counts 0 of nothing."""
    if pd.isna(kernel) or pd.isna(oracle):
        return bool(pd.isna(kernel) and pd.isna(oracle))
    if isinstance(kernel, pd.Timestamp):
        return kernel.tz_localize(None) == oracle  # the oracle's times are naive, in UTC
    if isinstance(kernel, float | np.floating) or isinstance(oracle, float | np.floating):
        return abs(kernel - oracle) <= max(1e-12 * abs(oracle), 1e-9)
    return kernel == oracle


@settings(max_examples=EXAMPLES, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(counties())
def test_kernel_and_oracle_agree(county: County) -> None:
    kernel = compute_week(county.catalogue, county.facts, county.week_code)
    oracle = compute_by_sql(county.catalogue, county.facts, county.week_code)
    assert not differences(kernel, oracle)
