"""The comparison: exact on states, lights, flags, ranks, counts and dates; numbers within 1e-12 relative or 1e-9."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from tests.mart_keys import MART_KEYS

KEYS = {table: keys for table, keys in MART_KEYS.items() if table != "projection_week"}
"""The tables that the oracle computes."""
TERMS = {"light_reason": ("recovering",), "rank_reason": ("few", "red line"), "veto_reason": ("",)}
"""Of words, in Chinese and English, only what they are about is defined: the first term that stands in them."""
Row = dict[str, Any]


def differences(kernel: dict[str, pd.DataFrame], oracle: dict[str, pd.DataFrame]) -> list[str]:
    """Say each row that only one of them has, and each cell that differs; columns are those that the oracle gives."""
    return [said for table in KEYS for said in table_differences(table, kernel[table], oracle[table])]


def table_differences(table: str, kernel: pd.DataFrame, oracle: pd.DataFrame) -> list[str]:
    left, right = rows_by_key(table, kernel), rows_by_key(table, oracle)
    said = [f"{table} {key}: only in the {'kernel' if key in left else 'oracle'}" for key in left.keys() ^ right.keys()]
    columns = [column for column in oracle.columns if column in kernel.columns]
    for key in left.keys() & right.keys():
        for column in columns:
            mine, theirs = left[key][column], right[key][column]
            if not is_same(meaning(column, mine), meaning(column, theirs)):
                said.append(f"{table} {key} {column}: kernel {mine!r}, oracle {theirs!r}")
    return sorted(said)


def rows_by_key(table: str, frame: pd.DataFrame) -> dict[tuple[Any, ...], Row]:
    rows = frame.to_dict("records")
    found = {tuple(row[key] for key in KEYS[table]): row for row in rows}
    assert len(found) == len(rows), f"{table}: a key comes twice"
    return found


def meaning(column: str, cell: Any) -> Any:
    """What is compared of a cell: a reason's term, the set of a list's codes, else the cell itself."""
    if column in TERMS and isinstance(cell, str):
        return next((term for term in TERMS[column] if term in cell), "")
    if column == "points_evidence" and isinstance(cell, str):
        return frozenset(re.findall(r"[\w.-]+", cell))
    return cell


def is_same(kernel: Any, oracle: Any) -> bool:
    if pd.isna(kernel) or pd.isna(oracle):
        return bool(pd.isna(kernel) and pd.isna(oracle))
    if isinstance(kernel, pd.Timestamp):
        return bool(kernel.tz_localize(None) == oracle)  # the oracle's times are naive, in UTC
    if isinstance(kernel, float | np.floating) or isinstance(oracle, float | np.floating):
        return bool(abs(kernel - oracle) <= max(1e-12 * abs(oracle), 1e-9))
    return bool(kernel == oracle)
