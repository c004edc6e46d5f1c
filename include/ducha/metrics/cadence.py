"""Which weeks a report is due (报送周期), and how far the value in force lags behind them (`metrics.md` section 4)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from ducha.metrics.in_force import NONE, Coded
from ducha.metrics.plan import season_grid
from ducha.metrics.roster import Roster, days
from ducha.metrics.terms import Days, Flags, Ints

PERIOD_ENDS = {"monthly": "month_end_on", "quarterly": "quarter_end_on", "half_yearly": "half_year_end_on"}

DoneAt = Callable[[int], Flags]
"""Tells by row whether everything was done at the cut-off of a column."""


def due_weeks(roster: Roster) -> Flags:
    """Return rows × weeks: the cadence asks for a report, whether or not the work of a `once` row is done already.

    Due are only weeks with a cut-off inside the row's life and season. Exceptions are left to the caller.
    """
    cut_offs = roster.cut_offs
    life_from, life_to = days(roster.rows["life_from"])[:, None], days(roster.rows["life_to"])[:, None]
    inside = (cut_offs >= life_from) & (cut_offs <= life_to) & season_grid(roster.texts("season"), cut_offs)
    cadence = roster.texts("cadence")
    due = inside.copy()
    for name, column in PERIOD_ENDS.items():
        rows = np.flatnonzero(cadence == name)
        due[rows] &= _period_ends(days(roster.weeks[column]), days(roster.rows["life_from"])[rows])
    once = np.flatnonzero(cadence == "once")
    due[once] &= _once(roster, days(roster.rows["due_on"])[once])
    return due


def without_done(roster: Roster, due: Flags, done_at: DoneAt) -> Flags:
    """Return `due` without the weeks of `once` rows for which everything was done at the cut-off before."""
    once = roster.texts("cadence") == "once"
    open_due = due.copy()
    for column in np.flatnonzero(due[once].any(axis=0)):
        earlier = roster.release_before(int(column))
        if earlier >= 0:
            open_due[:, column] &= ~(once & done_at(earlier))
    return open_due


def last_due(due: Flags, column: int) -> Ints:
    """Return by row the last due week up to a column, -1 when nothing was due yet."""
    width = column + 1
    seen = np.where(due[:, :width], np.arange(width), NONE)
    result: Ints = seen.max(axis=1, initial=NONE).astype(np.int64)
    return result


def weeks_stale(due: Flags, reports: Coded, column: int) -> Ints:
    """Return by row the due periods since the last report; a row never reported counts them all."""
    week = reports.any.week_at(column)[:, None]
    width = column + 1
    result: Ints = (due[:, :width] & (np.arange(width) > week)).sum(axis=1)
    return result


def unchanged_periods(reports: Coded, column: int) -> Ints:
    """Return by row the weeks since its last own figure in which "no change" was reported."""
    said = reports.said.week_at(column)[:, None]
    width = column + 1
    came = reports.any.own[:, :width] >= 0
    result: Ints = (came & (np.arange(width) > said)).sum(axis=1)
    return result


def _period_ends(ends: Days, life_from: Days) -> Flags:
    """The week holds the period's last workday, from the first such day on or after the start."""
    result: Flags = ends[None, :] >= life_from[:, None]
    return result


def _once(roster: Roster, due_on: Days) -> Flags:
    """The week of the due date (the next one with a cut-off where it has none), then each later month's last."""
    sundays = days(roster.weeks["week"] + pd.Timedelta(days=6))
    sundays[np.isnat(roster.cut_offs)] = np.datetime64("NaT", "D")
    reached = sundays >= due_on[:, None]
    first = reached & (np.cumsum(reached, axis=1) == 1)
    ends = days(roster.weeks["month_end_on"])
    later: Flags = ends.astype("datetime64[M]") > due_on.astype("datetime64[M]")[:, None]
    asked: Flags = first | later
    return asked
