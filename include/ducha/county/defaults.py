"""What an empty cell of a county's files means, filled in; `metrics.md` sections 1, 2 and 5."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

DIRECTED = ("total", "level", "flow", "average", "ratio", "stages")
"""Measures with a direction; range, rank and red_line have none."""

PLAN_SHAPES = {
    "total": "linear",
    "flow": "linear",
    "stages": "linear",
    "ratio": "hold",  # rate and case; coverage is linear, see below
    "level": "hold",
    "average": "hold",
    "rank": "hold",
    "range": "hold",
    "red_line": "",
}
EARLIEST, LATEST = pd.Timestamp("1900-01-01"), pd.Timestamp("2200-01-01")


def with_defaults(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the frames with every default that the pages state filled in; nothing else is touched."""
    filled = dict(frames)
    filled["units"] = _units(frames["units"])
    filled["responsibilities"] = _responsibilities(frames["responsibilities"])
    filled["assignments"] = frames["assignments"].assign(share=_shares(frames["assignments"]))
    return filled


def alive_on(assignments: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """Return which assignments' own span (from_on, to_on) covers a day; an open end is open."""
    return (assignments["from_on"].fillna(EARLIEST) <= day) & (assignments["to_on"].fillna(LATEST) >= day)


def new_year_of(assignments: pd.DataFrame) -> pd.Timestamp:
    """Return 1 January of the rows' plan year: from there an open start counts."""
    return pd.Timestamp(int(assignments["plan_year"].iloc[0]) or 1900, 1, 1)


def _units(units: pd.DataFrame) -> pd.DataFrame:
    peer_group = units["peer_group"].where(units["peer_group"] != "", units["unit_type"])
    return units.assign(peer_group=peer_group)


def _responsibilities(rows: pd.DataFrame) -> pd.DataFrame:
    """Fill direction, time basis, plan shape and start; a coverage (覆盖率) grows, other ratios hold."""
    measure, kind = rows["measure"], rows["kind"]
    shape = measure.map(PLAN_SHAPES).fillna("").where(kind != "coverage", "linear")
    new_year = pd.to_datetime(pd.DataFrame({"year": rows["plan_year"], "month": 1, "day": 1}), errors="coerce")
    return rows.assign(
        direction=_or_default(rows["direction"], measure.isin(DIRECTED), "up"),
        time_basis=_or_default(rows["time_basis"], measure == "ratio", "to_date"),
        plan_shape=rows["plan_shape"].where(rows["plan_shape"] != "", shape).astype("str"),
        start_on=rows["start_on"].fillna(new_year.astype("datetime64[us]")),
    )


def _or_default(column: pd.Series, applies: pd.Series, default: str) -> pd.Series:
    return column.mask((column == "") & applies, default)


def _shares(assignments: pd.DataFrame) -> pd.Series:
    """Equal among the leads without a share that serve when this one begins; 0 for cooperating units.

    Two leads that follow one another (移交) each carry the whole.
    """
    is_open_lead = (assignments["role"] == "lead") & assignments["share"].isna()
    shares = assignments["share"].where(assignments["share"].notna() | is_open_lead, 0.0)
    keys = ["plan_year", "responsibility_code"]
    open_leads = assignments[is_open_lead]
    shares.loc[open_leads.index] = 1.0 / open_leads.groupby(keys)["role"].transform("size")
    is_dated = open_leads["from_on"].notna() | open_leads["to_on"].notna()
    handed_over = is_dated.groupby([open_leads[key] for key in keys]).transform("any")
    for _, leads in open_leads[handed_over].groupby(keys):
        begins = leads["from_on"].fillna(EARLIEST)
        new_year = new_year_of(leads)
        beside = {begin: int(alive_on(leads, max(begin, new_year)).sum()) for begin in begins.unique()}
        shares.loc[leads.index] = 1.0 / np.maximum(begins.map(beside), 1)
    return shares.astype("float64")
