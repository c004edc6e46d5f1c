"""Red lines (红线): events and zero-reports (零报告) since the start of the plan year (`metrics.md` 2 and 4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ducha.metrics.in_force import Coded
from ducha.metrics.plan import in_season
from ducha.metrics.roster import Roster, days, exceptions
from ducha.metrics.terms import Days, Flags, Floats, Ints


@dataclass(frozen=True)
class RedLineCounts:
    """By red-line row, in row order: events reported, events found by checks, zero-reports expected and received.

    `has_report`: anything was reported at all; without it 0 `events` is no zero.
    """

    has_report: Flags
    events: Floats
    found: Floats
    expected: Ints
    received: Ints
    is_checked: Flags


def red_line_counts(roster: Roster, reports: Coded, checks: Coded, due: Flags, column: int) -> RedLineCounts:
    """Return the counts up to the cut-off of a column.

    A weekly row owes one report in every due week. A daily row owes one for every calendar day of its life and season
    in the plan year's weeks up to the cut-off date that no exception covers; its rows carry the day in `item`. An event
    counts once for its week and item, a daily one once for its day, in its latest version.
    """
    rows = roster.where("red_line")
    is_daily = roster.texts("cadence")[rows] == "daily"
    facts = _latest(reports, rows, is_daily, column)
    found = _latest(checks, rows, np.zeros(len(rows), dtype=bool), column)
    width = column + 1
    expected = due[rows, :width].sum(axis=1)
    received = (due[rows, :width] & (reports.any.own[rows, :width] >= 0)).sum(axis=1)
    if is_daily.any():
        came = facts[is_daily[facts["line"].to_numpy()]]
        for line in np.flatnonzero(is_daily):
            owed = _days_owed(roster, int(rows[line]), roster.cut_offs[column])
            sent = _as_days(came.loc[came["line"] == line, "item"])
            expected[line], received[line] = len(owed), len(np.intersect1d(owed, sent))
    return RedLineCounts(
        np.bincount(facts["line"], minlength=len(rows)) > 0,
        _sum(facts, len(rows)),
        _sum(found, len(rows)),
        expected,
        received,
        np.bincount(found["line"], minlength=len(rows)) > 0,
    )


def red_line_rows(
    roster: Roster, reports: Coded, checks: Coded, due: Flags, column: int, state: pd.Series
) -> pd.DataFrame:
    """Return `red_line_week` without its week: one row an assignment of a red line.

    `state` (by roster row) is shown as clean for counted without and event for counted with an event; any other
    state under its own name.
    """
    rows = roster.where("red_line")
    counts = red_line_counts(roster, reports, checks, due, column)
    events = counts.events + counts.found
    own = state.iloc[rows].to_numpy(dtype=object)
    shown = np.where(own == "counted", np.where(events > 0, "event", "clean"), own)
    return pd.DataFrame(
        {
            "responsibility_code": roster.texts("responsibility_code")[rows],
            "unit_code": roster.texts("unit_code")[rows],
            "events": events,
            "zero_reports_expected": counts.expected,
            "zero_reports_received": counts.received,
            "state": shown,
        }
    )


def zero_reports_asked(roster: Roster) -> Ints:
    """Return by row the zero-reports that the week asks of a daily red line: one a day owed since the last cut-off."""
    asked = np.zeros(len(roster.rows), dtype=np.int64)
    for row in roster.where("red_line"):
        if roster.texts("cadence")[row] == "daily":
            owed = _days_owed(roster, int(row), roster.cut_offs[roster.now])
            if roster.before >= 0:
                owed = owed[owed > roster.cut_offs[roster.before]]
            asked[row] = len(owed)
    return asked


def _latest(coded: Coded, rows: Ints, is_daily: Flags, column: int) -> pd.DataFrame:
    """Usable facts of red lines up to a week, one for each row, week and item; of daily rows one for each day."""
    line_of_row = np.full(coded.any.own.shape[0] + 1, -1, dtype=np.int64)
    line_of_row[rows] = np.arange(len(rows))
    frame = coded.frame
    line = line_of_row[frame["row"].to_numpy()]
    chosen = (line >= 0) & (frame["col"].to_numpy() <= column) & frame["is_usable"].to_numpy(dtype=bool)
    facts = frame.loc[chosen, ["col", "item", "upper"]].assign(line=line[chosen])
    has_day = is_daily[facts["line"].to_numpy()] & (facts["item"] != "").to_numpy()
    facts["slot"] = np.where(has_day, -1, facts["col"].to_numpy())
    latest: pd.DataFrame = facts.drop_duplicates(["line", "slot", "item"], keep="last")
    return latest


def _sum(facts: pd.DataFrame, count: int) -> Floats:
    return np.bincount(facts["line"], weights=facts["upper"], minlength=count).astype(np.float64)


def _days_owed(roster: Roster, row: int, cut_off: np.datetime64) -> Days:
    """Days of a row's life, from the Monday of the plan year's first week: those before it belong to no week of it."""
    first, last = days(roster.rows["life_from"])[row], min(days(roster.rows["life_to"])[row], cut_off)
    first = max(first, days(roster.weeks["week"])[0])
    owed = np.arange(first, max(first, last + np.timedelta64(1, "D")))
    owed = owed[in_season(str(roster.texts("season")[row]), owed)]
    for rows, start, end in exceptions(roster):
        if row in rows:
            owed = owed[(owed < start) | (owed > end)]
    return owed


def _as_days(items: pd.Series) -> Days:
    """Days as written in `item`; what is no day is left out."""
    parsed = days(pd.to_datetime(items, format="%Y-%m-%d", errors="coerce"))
    result: Days = parsed[~np.isnat(parsed)]
    return result
