"""The state of an assignment in a week (状态): exactly one, first match wins (`metrics.md` section 3)."""

from __future__ import annotations

import numpy as np

from ducha.metrics.cadence import last_due
from ducha.metrics.completion import Evidence, Numbers, baseline_in_use
from ducha.metrics.roster import Roster, days, excepted_weeks
from ducha.metrics.terms import STATES, Flags, Floats, Texts

TARGETLESS = ("stages", "red_line")
BASELINE_MEASURES = ("total", "level", "flow", "average", "ratio")
DATED_SHAPES = ("linear", "season")


def states_at(evidence: Evidence, numbers: Numbers, planned: Floats, column: int) -> Texts:
    """Return the state of every row at the cut-off of a column."""
    roster = evidence.roster
    cut_off = roster.cut_offs[column]
    measure = roster.measures
    is_red_line = measure == "red_line"
    due = last_due(evidence.due, column)
    has_report = evidence.reports.said.fact_at(column) >= 0
    has_event = is_red_line & (numbers.events > 0)
    # Down, a flow is held against b and T prorated by p: while p is 0 there is nothing to hold it against.
    is_unplanned = (measure == "flow") & (roster.texts("direction") == "down") & (planned == 0)
    matches = {
        "closed": cut_off > days(roster.rows["life_to"]),
        "suspended": excepted_weeks(roster, "suspended")[:, column],
        "exempt": excepted_weeks(roster, "exempt")[:, column],
        "not_started": cut_off < days(roster.rows["life_from"]),
        "no_target": _lacks_target(roster),
        "no_baseline": np.isin(measure, BASELINE_MEASURES) & np.isnan(baseline_in_use(roster)),
        "no_date": _lacks_date(roster),
        "awaiting": (~has_report & ~has_event & (due < 0)) | is_unplanned,
        "missing": ~has_report & ~is_red_line,
        "unknown": np.isnan(numbers.completion),
        # A red line's value is a sum over the year, never one report carried on.
        "carried": ~is_red_line & (evidence.reports.any.week_at(column) < due),
    }
    result: Texts = np.select([matches[state] for state in STATES[:-1]], STATES[:-1], STATES[-1]).astype(object)
    return result


def _lacks_target(roster: Roster) -> Flags:
    measure = roster.measures
    lacks = np.isnan(roster.numbers("target"))
    lacks_range = np.isnan(roster.numbers("target_low")) | np.isnan(roster.numbers("target_high"))
    result: Flags = np.where(measure == "range", lacks_range, lacks) & ~np.isin(measure, TARGETLESS)
    return result


def _lacks_date(roster: Roster) -> Flags:
    needs_date = np.isin(roster.texts("plan_shape").astype(str), DATED_SHAPES) & (roster.measures != "red_line")
    result: Flags = needs_date & np.isnat(days(roster.rows["due_on"]))
    return result
