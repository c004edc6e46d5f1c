"""What follows for a unit (一票否决、加减分、催报阶梯): flags and proposals beside its figures, never in them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ducha.catalogue import ExtraPoints
from ducha.metrics.completion import Evidence
from ducha.metrics.roster import Roster, days
from ducha.metrics.terms import Flags, Floats, Ints

STEPS = ("red", "yellow", "notice", "reminder")
"""The ladder from its top; the fields of `LadderRule`."""


def vetoes(roster: Roster, red_lines: pd.DataFrame) -> pd.DataFrame:
    """Return by unit `is_vetoed` and `veto_reason` (zh · en): so many red-line events as the county sets, or more.

    `red_lines`: unit_code, responsibility_code, events (of the plan year to date). With a threshold of 0 nobody is.
    """
    threshold = roster.settings.veto.red_line_events
    events = red_lines[red_lines["events"] > 0].sort_values("responsibility_code", kind="stable")
    u = pd.Index(roster.units["unit_code"]).get_indexer(pd.Index(events["unit_code"]))
    count = np.bincount(u, weights=events["events"].to_numpy(dtype=np.float64), minlength=len(roster.units))
    is_vetoed = (count >= threshold) & (threshold > 0)
    codes = events.groupby(u)["responsibility_code"].agg("、".join).reindex(range(len(roster.units)))
    reasons = [
        f"红线事件{n:g}起：{which} · {n:g} red line events: {which}" if vetoed else None
        for vetoed, n, which in zip(is_vetoed, count, codes, strict=True)
    ]
    return pd.DataFrame({"is_vetoed": is_vetoed, "veto_reason": pd.Series(reasons, dtype=object)})


def extra_points(roster: Roster, points: pd.DataFrame) -> pd.DataFrame:
    """Return by unit `bonus` and `penalty` (fractions of a score, capped) and `points_evidence`: the proven cases.

    `points`: the catalogue's cases; those of the plan year up to the cut-off count, each as many times as it says.
    """
    happened, cut_off = days(points["happened_on"]), roster.cut_offs[roster.now]
    own = points[(happened <= cut_off) & (happened >= np.datetime64(f"{pd.Timestamp(cut_off).year}-01-01"))]
    u = pd.Index(roster.units["unit_code"]).get_indexer(pd.Index(own["unit_code"]))
    size, settings = len(roster.units), roster.settings
    evidence = own.groupby(u)["case_code"].agg("、".join).reindex(range(size))
    rules = {"bonus": settings.bonus, "penalty": settings.penalty}
    return pd.DataFrame(
        {
            **{
                kind: _capped(u[own["kind"] == kind], own[own["kind"] == kind], rule, size)
                for kind, rule in rules.items()
            },
            "points_evidence": evidence.astype(object).where(evidence.notna(), None),
        }
    )


def _capped(u: Ints, cases: pd.DataFrame, rule: ExtraPoints, size: int) -> Floats:
    count = np.bincount(u, weights=cases["case_count"].to_numpy(dtype=np.float64), minlength=size)
    result: Floats = np.minimum(count * rule.per_case, rule.cap)
    return result


def ladder(evidence: Evidence) -> pd.DataFrame:
    """Return by unit `missed_weeks` and `ladder_step`: what the county's rule proposes; a person decides.

    Missed is a week in which a report was due and none of the unit's rows was reported; counted are the last ones in
    a row, weeks that asked nothing left aside.
    """
    roster = evidence.roster
    unit, size = roster.rows["u"].to_numpy(), len(roster.units)
    due = _by_unit(unit, size, evidence.due)
    came = _by_unit(unit, size, evidence.due & (evidence.reports.any.own >= 0))
    missed = np.array([_last_in_a_row(asked, said) for asked, said in zip(due, came, strict=True)], dtype=np.int64)
    step = np.full(size, None, dtype=object)
    for name in reversed(STEPS):
        step[missed >= getattr(roster.settings.ladder, name)] = name
    return pd.DataFrame({"missed_weeks": missed, "ladder_step": pd.Series(step, dtype=object)})


def _by_unit(unit: Ints, size: int, grid: Flags) -> Flags:
    """Units × weeks: any row of the unit."""
    found = np.zeros((size, grid.shape[1]), dtype=bool)
    np.logical_or.at(found, unit, grid)
    return found


def _last_in_a_row(asked: Flags, came: Flags) -> int:
    """How many of the last weeks that asked something went by without a report."""
    answered = came[asked][::-1]
    return len(answered) if not answered.any() else int(np.argmax(answered))
