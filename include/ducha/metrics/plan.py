"""How far an assignment should be at a cut-off (计划进度): the planned share p(W) of `metrics.md` section 5."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ducha.metrics.roster import Roster, days
from ducha.metrics.terms import Days, Flags, Floats, Texts

ONE_DAY = np.timedelta64(1, "D")


def planned_share(roster: Roster, column: int) -> Floats:
    """Return p by row at the cut-off of a week: 0 before the start, 1 at the due date; NaN where no plan applies."""
    table = roster.responsibilities
    cut_off = roster.cut_offs[column]
    start, due = days(table["start_on"]), days(table["due_on"])
    shape = table["plan_shape"].where(table["measure"] != "red_line", "").to_numpy(dtype=object)
    planned: Floats = np.where(shape == "hold", 1.0, np.nan)
    linear = (shape == "linear") & ~np.isnat(due)
    planned[linear] = _linear(start[linear], due[linear], cut_off)
    for r in np.flatnonzero(shape == "points"):
        planned[r] = _points(table["plan_points"].iloc[r], start[r], cut_off)
    for r in np.flatnonzero((shape == "season") & ~np.isnat(due)):
        planned[r] = _season(table["season"].iloc[r], start[r], due[r], cut_off)
    result: Floats = planned[roster.rows["r"].to_numpy()]
    return result


def planned_value(roster: Roster, planned: Floats, baseline: Floats) -> Floats:
    """Return b + p·(T − b) by row; NaN for stages, range and red lines, which have no b and T.

    `baseline` is b as the formulas use it (0 where assumed). A rank held against K needs no rank at the start.
    """
    target = roster.numbers("target")
    is_rank = roster.measures == "rank"
    start = np.where(is_rank, roster.numbers("rank_start"), baseline)
    start = np.where(planned == 1.0, target, start)
    has_value = ~np.isin(roster.measures, ("stages", "range", "red_line"))
    return np.where(has_value, start + planned * (target - start), np.nan)


def in_season(season: str, dates: Days) -> Flags:
    """Return which dates lie in `MM-DD..MM-DD`, which may run over the turn of the year; an empty season is always."""
    if not season:
        return ~np.isnat(dates)
    first, last = (_month_day(text) for text in season.split(".."))
    index = pd.DatetimeIndex(dates)
    day = np.asarray(index.month * 100 + index.day, dtype=np.float64)
    if first <= last:
        return (day >= first) & (day <= last)
    return (day >= first) | (day <= last)


def season_grid(seasons: Texts, dates: Days) -> Flags:
    """Return rows × dates: the date lies in the row's season."""
    grid = np.ones((len(seasons), len(dates)), dtype=bool)
    for season in set(seasons) - {""}:
        grid[seasons == season] = in_season(season, dates)
    return grid


def _month_day(text: str) -> int:
    month, day = text.strip().split("-")
    return int(month) * 100 + int(day)


def _linear(start: Days, due: Days, cut_off: np.datetime64) -> Floats:
    """Calendar days from start to due; a plan of no length is due at once."""
    length = (due - start).astype(np.float64)
    passed = (cut_off - start).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(length > 0, passed / length, passed >= 0)
    held: Floats = np.clip(share, 0.0, 1.0)
    return held


def _points(points: str, start: np.datetime64, cut_off: np.datetime64) -> float:
    """Straight lines from (start, 0) through `date:share;…`, flat after the last; NaN without points."""
    pairs = [pair.split(":") for pair in points.split(";") if pair.strip()]
    if not pairs:
        return float("nan")
    dates = [start, *(np.datetime64(date.strip(), "D") for date, _ in pairs)]
    shares = [0.0, *(float(share) for _, share in pairs)]
    return float(np.interp(float(cut_off.astype(int)), [float(d.astype(int)) for d in dates], shares))


def _season(season: str, start: np.datetime64, due: np.datetime64, cut_off: np.datetime64) -> float:
    """Season days after the start up to the cut-off ÷ those up to the due date."""
    whole = np.count_nonzero(in_season(season, np.arange(start + ONE_DAY, due + ONE_DAY)))
    if not whole:
        return float(cut_off >= due)
    passed = np.arange(start + ONE_DAY, min(cut_off, due) + ONE_DAY)
    return int(np.count_nonzero(in_season(season, passed))) / int(whole)
