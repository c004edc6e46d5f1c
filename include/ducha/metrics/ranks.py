"""Ranks of units inside their peer groups (排名), with what they hang on (`metrics.md` section 7)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ducha.metrics.rollup import scores
from ducha.metrics.roster import Roster
from ducha.metrics.terms import Flags, Floats, Ints, Texts, rounded

TOO_FEW = "有数事项不足 · too few rows are counted"
RED_LINE_UNKNOWN = "红线零报告不全 · a red line is unknown"


def rank_reasons(roster: Roster, rows: pd.DataFrame) -> Texts:
    """Return by unit why it gets no rank, None where it gets one."""
    unit, size = roster.rows["u"].to_numpy(), len(roster.units)
    counted = np.bincount(unit[(rows["state"] == "counted").to_numpy()], minlength=size)
    is_gap = ((rows["state"] == "unknown") & (rows["measure"] == "red_line")).to_numpy()
    has_gap = np.bincount(unit[is_gap], minlength=size) > 0
    few = counted < roster.settings.min_counted
    reasons: Texts = np.full(size, None, dtype=object)
    reasons[has_gap] = RED_LINE_UNKNOWN
    reasons[few] = TOO_FEW
    return reasons


def ranks(roster: Roster, completion: Floats, is_ranked: Flags) -> Floats:
    """Return competition ranks 1, 2, 2, 4 inside the peer groups, best completion first; NaN for units not ranked."""
    result = np.full(len(completion), np.nan)
    for members in _peer_groups(roster, is_ranked):
        result[members] = _rank_among(completion[members], completion[members])
    return result


def rank_bounds(
    roster: Roster, rows: pd.DataFrame, completion: Floats, weight_sum: Floats, is_ranked: Flags
) -> tuple[Floats, Floats]:
    """Return by unit the best and worst rank over leaving any one of its scored rows out, the others unchanged."""
    without = _without_one(roster, rows, completion, weight_sum)
    unit, size = roster.rows["u"].to_numpy(), len(completion)
    has = ~np.isnan(without)
    highest, lowest = np.full(size, -np.inf), np.full(size, np.inf)
    np.maximum.at(highest, unit[has], without[has])
    np.minimum.at(lowest, unit[has], without[has])
    best, worst = np.full(size, np.nan), np.full(size, np.nan)
    for members in _peer_groups(roster, is_ranked):
        can = members[np.isfinite(highest[members])]
        own = completion[can]
        best[can] = _rank_among(highest[can], completion[members]) - (rounded(own) > rounded(highest[can]))
        worst[can] = _rank_among(lowest[can], completion[members]) - (rounded(own) > rounded(lowest[can]))
    return best, worst


def rank_change(roster: Roster, now: tuple[Floats, Flags], before: tuple[Floats, Flags] | None) -> Floats:
    """Return previous − current rank by unit, both among the units ranked in both weeks; NaN for the others.

    Each week comes as completion and whether the unit is ranked, both from the same facts.
    """
    if before is None:
        return np.full(len(now[0]), np.nan)
    both = now[1] & before[1]
    return ranks(roster, before[0], both) - ranks(roster, now[0], both)


def _without_one(roster: Roster, rows: pd.DataFrame, completion: Floats, weight_sum: Floats) -> Floats:
    """Return by row its unit's completion without it; NaN for rows outside and for a unit's only row."""
    unit = roster.rows["u"].to_numpy()
    weight, score = rows["weight"].to_numpy(dtype=np.float64), scores(rows, roster.settings.cap)
    rest = weight_sum[unit] - weight
    with np.errstate(divide="ignore", invalid="ignore"):
        left = (completion[unit] * weight_sum[unit] - weight * score) / rest
    return np.where(np.isnan(score) | (rounded(rest) <= 0), np.nan, left)


def _peer_groups(roster: Roster, is_ranked: Flags) -> list[np.ndarray]:
    group: Ints = pd.factorize(roster.units["peer_group"])[0]
    return [np.flatnonzero((group == g) & is_ranked) for g in range(int(group.max(initial=-1)) + 1)]


def _rank_among(values: Floats, members: Floats) -> Floats:
    """1 + how many members are greater."""
    ordered = np.sort(rounded(members))
    return 1.0 + len(ordered) - np.searchsorted(ordered, rounded(values), side="right")
