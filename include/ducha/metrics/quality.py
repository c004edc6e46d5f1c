"""What reporting asks of a unit and what it gives (报送质量与负担): `quality_week`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ducha.metrics.in_force import Coded
from ducha.metrics.red_lines import zero_reports_asked
from ducha.metrics.reporting import VALUE_COLUMNS, Arrivals, without_repeats
from ducha.metrics.roster import Roster
from ducha.metrics.terms import UNEXPECTED_STATES, Flags, Floats, Ints

FIELDS: Mapping[str, int] = {"ratio": 2, "average": 2, "rank": 2}
"""Cells that a row asks for where it is more than one: a pair, a value with its size, a rank of so many."""
STAGE_FIELDS = 2
"""Cells of each stage: done, and on which day."""


def quality_rows(roster: Roster, reports: Coded, arrivals: Arrivals, rows: pd.DataFrame) -> pd.DataFrame:
    """Return `quality_week` without its week: one row a unit, counts.

    fields_asked, duplicate_fields (asked under another duty of the same definition and unit of measure too, beyond the
    largest of them), files_asked, files_sent, empty_files (standing, without an accepted row), corrected_rows (standing
    in a later version that says otherwise), repeated_rows (sent again unchanged), stale_rows and longest_stale (due
    periods since the value in force), unchanged_rows and longest_unchanged (reports of "no change" since the last
    figure); the last four without rows that are closed, suspended, exempt or not started.
    """
    unit, size = roster.rows["u"].to_numpy(), len(roster.units)
    is_expected = rows["is_expected"].to_numpy(dtype=bool)
    fields = _fields(roster)
    standing = arrivals.standing
    corrected, repeated = _versions(roster, reports)
    is_alive = ~rows["state"].isin(UNEXPECTED_STATES).to_numpy()
    stale, unchanged = (
        np.where(is_alive, rows[name].fillna(0).to_numpy(dtype=np.int64), 0)
        for name in ("weeks_stale", "unchanged_periods")
    )

    def count(weights: Floats | Ints | Flags) -> Ints:
        return np.bincount(unit, weights=weights, minlength=size).astype(np.int64)

    asked = count(is_expected)
    return pd.DataFrame(
        {
            "unit_code": roster.units["unit_code"],
            "fields_asked": count(np.where(is_expected, fields, 0)),
            "duplicate_fields": _duplicates(roster, np.where(is_expected, fields, 0)),
            "files_asked": (asked > 0).astype(np.int64),
            "files_sent": np.bincount(arrivals.all["u"], minlength=size),
            "empty_files": np.bincount(standing.loc[standing["accepted_rows"] == 0, "u"], minlength=size),
            "corrected_rows": np.bincount(unit[np.unique(corrected)], minlength=size),
            "repeated_rows": np.bincount(unit[np.unique(repeated)], minlength=size),
            "stale_rows": count(stale > 0),
            "longest_stale": _longest(unit, size, stale),
            "unchanged_rows": count(unchanged > 0),
            "longest_unchanged": _longest(unit, size, unchanged),
        }
    )


def _fields(roster: Roster) -> Ints:
    """Cells by row: of its measure, of its stages, or of the days of a daily red line."""
    fields = np.array([FIELDS.get(str(measure), 1) for measure in roster.measures], dtype=np.int64)
    stages = np.bincount(roster.items["row"].to_numpy(dtype=np.int64), minlength=len(fields)) * STAGE_FIELDS
    is_daily = (roster.measures == "red_line") & (roster.texts("cadence") == "daily")
    result: Ints = np.select([roster.measures == "stages", is_daily], [stages, zero_reports_asked(roster)], fields)
    return result


def _duplicates(roster: Roster, fields: Ints) -> Ints:
    """Cells asked of each unit beyond the largest row of those with the same definition and unit of measure."""
    asked = roster.rows[["u", "definition", "unit_of_measure"]].assign(fields=fields)[roster.texts("definition") != ""]
    of_same = asked.groupby(["u", "definition", "unit_of_measure"], as_index=False)["fields"].agg(["sum", "max"])
    beyond = (of_same["sum"] - of_same["max"]).to_numpy()
    return np.bincount(of_same["u"], weights=beyond, minlength=len(roster.units)).astype(np.int64)


def _versions(roster: Roster, reports: Coded) -> tuple[Ints, Ints]:
    """Rows of the week whose last version says something else than the one before it, and those that say the same."""
    own = without_repeats(reports.frame[(reports.frame["col"] == roster.now) & reports.frame["is_usable"]])
    last = own.drop_duplicates(["row", "item"], keep="last")
    earlier = own.drop(last.index).drop_duplicates(["row", "item"], keep="last")
    pairs = earlier.merge(last, on=["row", "item"], suffixes=("", "_last"))
    differs = np.zeros(len(pairs), dtype=bool)
    for column in VALUE_COLUMNS:
        was, became = pairs[column], pairs[f"{column}_last"]
        same = (was == became).fillna(False) | (was.isna() & became.isna())
        differs |= ~same.to_numpy(dtype=bool)
    row = pairs["row"].to_numpy(dtype=np.int64)
    return row[differs], row[~differs]


def _longest(unit: Ints, size: int, values: Ints) -> Ints:
    longest = np.zeros(size, dtype=np.int64)
    np.maximum.at(longest, unit, values)
    return longest
