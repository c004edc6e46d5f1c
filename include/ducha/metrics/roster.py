"""Who answers for what in a plan year (责任分解): assignments as rows, weeks as columns, all as positions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ducha.catalogue import Catalogue, CountySettings
from ducha.metrics.terms import Days, Flags, Floats, Ints, Texts


@dataclass(frozen=True)
class Roster:
    """The assignments with a share > 0 of one plan year, and that year's weeks up to the week asked for.

    `rows`: one per assignment in the order of the catalogue; the columns of its responsibility and its own share,
    weight, baseline and target where they differ, life_from and life_to (inclusive dates), r and u (positions in
    `responsibilities` and `units`). `items`: one per assignment of measure stages × item, in row order: row, item,
    weight. `weeks`: `Catalogue.weeks` of the plan year up to the week. `exceptions`: those of the plan year.
    """

    settings: CountySettings
    rows: pd.DataFrame
    items: pd.DataFrame
    weeks: pd.DataFrame
    responsibilities: pd.DataFrame
    units: pd.DataFrame
    exceptions: pd.DataFrame

    @property
    def now(self) -> int:
        """Column of the week asked for."""
        return len(self.weeks) - 1

    @property
    def before(self) -> int:
        """Column of the last earlier week of the plan year with a cut-off, -1 when there is none."""
        return self.release_before(self.now)

    def release_before(self, column: int) -> int:
        """Return the last column before `column` that has a cut-off, -1 when there is none."""
        earlier = np.flatnonzero(~np.isnat(self.cut_offs[:column]))
        return int(earlier[-1]) if len(earlier) else -1

    @cached_property
    def cut_offs(self) -> Days:
        """Cut-off dates by column, NaT for a week without one."""
        return days(self.weeks["cut_off_on"])

    def where(self, *measures: str) -> Ints:
        """Return the rows of these measures; the array is shared."""
        if measures not in self._rows_of:
            self._rows_of[measures] = np.flatnonzero(np.isin(self.measures, measures))
        return self._rows_of[measures]

    @cached_property
    def measures(self) -> Texts:
        """Measure by row, as fixed-width text: quick to compare."""
        return self.texts("measure").astype(str)

    @cached_property
    def _arrays(self) -> dict[str, Texts | Floats]:
        return {}

    @cached_property
    def _rows_of(self) -> dict[tuple[str, ...], Ints]:
        return {}

    def texts(self, column: str) -> Texts:
        """Return a text column of `rows`; the array is shared, so it is not written to."""
        if column not in self._arrays:
            self._arrays[column] = self.rows[column].to_numpy(dtype=object)
        return self._arrays[column]

    def numbers(self, column: str) -> Floats:
        """Return a column of numbers of `rows`; the array is shared, so it is not written to."""
        if column not in self._arrays:
            self._arrays[column] = self.rows[column].to_numpy(dtype=np.float64)
        return self._arrays[column]


def days(dates: pd.Series) -> Days:
    """Return dates as numpy days."""
    result: Days = dates.to_numpy(dtype="datetime64[D]")
    return result


def build_roster(catalogue: Catalogue, week_code: str) -> Roster:
    """Return the roster of the plan year that the week's cut-off lies in.

    Raises KeyError for a week outside the calendar and ValueError for a week without a cut-off: it has no release,
    its facts join the next week's.
    """
    week = catalogue.week_row(week_code)
    if pd.isna(week["cut_off_at"]):
        raise ValueError(f"{week_code} 没有截止时间，不单独出数 · {week_code} has no cut-off, so no release of its own")
    year = int(week["plan_year"])
    weeks = catalogue.weeks
    in_year = (weeks["plan_year"] == year) & (weeks["week"] <= week["week"])
    responsibilities = _of_year(catalogue.responsibilities, year)
    units = catalogue.units.reset_index(drop=True)
    rows = _rows(_of_year(catalogue.assignments, year), responsibilities, units, year)
    return Roster(
        catalogue.settings,
        rows,
        _items(_of_year(catalogue.items, year), rows),
        weeks[in_year].sort_values("week").reset_index(drop=True),
        responsibilities,
        units,
        _of_year(catalogue.exceptions, year),
    )


def excepted_weeks(roster: Roster, state: str | None = None) -> Flags:
    """Return rows × weeks: the cut-off lies in an approved exception (of this state; None: of any)."""
    cut_offs = roster.cut_offs
    grid = np.zeros((len(roster.rows), len(cut_offs)), dtype=bool)
    for rows, first, last in exceptions(roster, state):
        grid[np.ix_(rows, (cut_offs >= first) & (cut_offs <= last))] = True
    return grid


def exceptions(roster: Roster, state: str | None = None) -> list[tuple[Ints, np.datetime64, np.datetime64]]:
    """Return each exception as the rows it covers and its first and last day; an empty code covers all."""
    listed = roster.exceptions if state is None else roster.exceptions[roster.exceptions["state"] == state]
    first = days(listed["from_on"].fillna(pd.Timestamp(1900, 1, 1)))
    last = days(listed["to_on"].fillna(pd.Timestamp(2200, 1, 1)))
    responsibility, unit = roster.texts("responsibility_code"), roster.texts("unit_code")
    found = []
    for r, u, start, end in zip(listed["responsibility_code"], listed["unit_code"], first, last, strict=True):
        covered = ((responsibility == r) | (not r)) & ((unit == u) | (not u))
        found.append((np.flatnonzero(covered), start, end))
    return found


def _of_year(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    return frame[frame["plan_year"] == year].reset_index(drop=True)


def _rows(assignments: pd.DataFrame, responsibilities: pd.DataFrame, units: pd.DataFrame, year: int) -> pd.DataFrame:
    own = assignments[assignments["share"] > 0].reset_index(drop=True)
    r = pd.Index(responsibilities["responsibility_code"]).get_indexer(pd.Index(own["responsibility_code"]))
    u = pd.Index(units["unit_code"]).get_indexer(pd.Index(own["unit_code"]))
    common = responsibilities.drop(columns=["plan_year", "responsibility_code"]).iloc[r].reset_index(drop=True)
    rows: pd.DataFrame = common.assign(
        plan_year=year,
        responsibility_code=own["responsibility_code"],
        unit_code=own["unit_code"],
        role=own["role"],
        share=own["share"],
        r=r,
        u=u,
    )
    for column in ("baseline", "target", "weight"):
        rows[column] = own[column].fillna(rows[column])
    closed_on = units["closed_on"].iloc[u].reset_index(drop=True)
    last_day = pd.Series(pd.Timestamp(dt.date(year, 12, 31)), index=rows.index)
    rows["life_from"] = pd.concat([rows["start_on"], own["from_on"]], axis=1).max(axis=1)
    rows["life_to"] = pd.concat([own["to_on"], closed_on, last_day], axis=1).min(axis=1)
    return rows


def _items(items: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Pair each stages row with the items of its responsibility, or with one unnamed item of weight 1."""
    stages = rows.loc[rows["measure"] == "stages", ["responsibility_code"]].reset_index(names="row")
    paired = stages.merge(items, on="responsibility_code", how="left").sort_values("row", kind="stable")
    item, weight = paired["item_code"].fillna(""), paired["weight"].fillna(1.0)
    pairs = pd.DataFrame({"row": paired["row"], "item": item, "weight": weight})
    pairs.index = pd.RangeIndex(len(pairs))
    return pairs
