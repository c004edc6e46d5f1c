"""Lights (亮灯) and the words for them: section 5 of `metrics.md`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ducha.metrics.roster import Roster, days
from ducha.metrics.terms import NUMBER_STATES, Flags, Floats, Texts, rounded

REASONS: Mapping[str, str] = {
    "closed": "已结束 · closed",
    "suspended": "已暂停 · suspended",
    "exempt": "已免考 · exempt",
    "not_started": "尚未开始 · not started",
    "no_target": "未设目标 · no target",
    "no_baseline": "未设基期 · no baseline",
    "no_date": "未设时限 · no due date",
    "awaiting": "未到报期 · no report due yet",
    "unknown": "无法判定 · unknown",
    "missing": "应报未报 · missing",
    "red_line_clean": "红线守住 · no event and every zero-report came",
    "red_line_event": "红线事件 · red line event",
    "past_due": "超过时限未完成 · past due and not complete",
    "on_plan": "达到计划进度 · on plan",
    "behind": "略落后于计划 · behind plan",
    "far_behind": "明显落后于计划 · far behind plan",
    "no_plan": "没有计划进度 · no plan to compare with",
    "recovering": "由红转绿首周 · recovering: first green week after red",
}
"""Why a light is what it is, zh · en, by the code of the rule that decided it."""

LIGHT_OF_REASON: Mapping[str, str] = {
    "missing": "red",
    "red_line_clean": "green",
    "red_line_event": "red",
    "past_due": "red",
    "on_plan": "green",
    "behind": "yellow",
    "far_behind": "red",
    "recovering": "yellow",
}
"""The light of a reason; every other reason is grey."""


def light_reasons(roster: Roster, state: Texts, completion: Floats, planned: Floats, column: int) -> Texts:
    """Return the code of the rule that decides each raw light; the first that applies, in the page's order."""
    rule = roster.settings.lights
    gap = rounded(completion - planned)
    is_red_line = roster.measures == "red_line"
    is_incomplete = rounded(completion) < 1.0
    has_number = np.isin(state.astype(str), NUMBER_STATES)
    is_past_due = days(roster.rows["due_on"]) < roster.cut_offs[column]
    decided = [
        (~has_number, state),
        (is_red_line & is_incomplete, "red_line_event"),
        (is_red_line, "red_line_clean"),
        (is_past_due & is_incomplete, "past_due"),
        (np.isnan(gap), "no_plan"),
        (gap >= rule.green_gap, "on_plan"),
        (gap >= rule.yellow_gap, "behind"),
    ]
    codes = np.full(len(state), "far_behind", dtype=object)
    for applies, code in reversed(decided):
        codes = np.where(applies, code, codes)
    return codes


def lights_of(reasons: Texts) -> Texts:
    """Return the light that each reason gives."""
    return _said(reasons, {reason: LIGHT_OF_REASON.get(reason, "grey") for reason in REASONS})


def words_of(reasons: Texts) -> Texts:
    """Return why each light is what it is, zh · en."""
    return _said(reasons, REASONS)


def _said(reasons: Texts, words: Mapping[str, str]) -> Texts:
    at, codes = pd.factorize(reasons)
    return np.array([words[code] for code in codes], dtype=object)[at]


def remembered(reasons: Texts, lights_before: Texts | None) -> Texts:
    """Return the reasons with the memory of one week: green now after red is recovering, hence yellow."""
    if lights_before is None:
        return reasons
    recovers = (lights_of(reasons) == "green") & (lights_before == "red")
    return np.where(recovers, "recovering", reasons)


def near_due(roster: Roster, state: Texts, completion: Floats, column: int) -> Flags:
    """Return which rows are due within the county's days (14) and not complete; a missing row is not complete."""
    left = (days(roster.rows["due_on"]) - roster.cut_offs[column]).astype("timedelta64[D]")
    within = (left >= np.timedelta64(0, "D")) & (left <= np.timedelta64(roster.settings.lights.near_due_days, "D"))
    result: Flags = within & ((rounded(completion) < 1.0) | (state == "missing"))
    return result
