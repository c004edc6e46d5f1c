"""What inspection teams (督查组) find: from the third week on, one check at random and one where risk is seen."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from ducha.catalogue import INSPECTION_SENDER
from ducha.sample.sending import Sending
from ducha.sample.tasks import Task
from ducha.sample.truth import Figures, Truth
from ducha.sample.units import Teller
from ducha.sample.weeks import WeekPlan

FIRST_WEEK = 3
CHECKED_MEASURES = ("total", "level", "ratio", "stages", "flow", "average", "range", "rank")
UNITS_A_CHECK = 10
"""Each week one check of either kind for so many units."""
Claim = tuple[Task, dict[str, Any]]
"""A task and the row in which its unit reported it."""


def inspect(week: WeekPlan, told: list[Sending], tellers: list[Teller], truth: Truth) -> list[Sending]:
    """Return the inspection workbook of a week: the truth about two of the rows that had come by then."""
    if week.number < FIRST_WEEK or not week.has_cut_off:
        return []
    received_at = week.cut_off_at - dt.timedelta(minutes=25)
    claims = _claims([sending for sending in told if sending.received_at < received_at], tellers, week)
    suspects = {teller.unit_code for teller in tellers if teller.habit.inflation != 1}
    risky = [claim for claim in claims if claim[0].unit_code in suspects and _is_doubtful(claim, week, truth)]
    plain = [claim for claim in claims if claim[0].unit_code not in suspects]
    rng = Random(f"{truth.seed}|{INSPECTION_SENDER}|{week.code}")  # noqa: S311  a sample, no secret
    checks = max(len(tellers) // UNITS_A_CHECK, 1)
    rows = [
        _row(claim, kind, week, truth)
        for found, kind in ((plain, "random"), (risky, "risk"))
        for claim in rng.sample(found, min(checks, len(found)))
    ]
    if not rows:
        return []
    name, title = f"{week.code}核查.xlsx", f"{week.code}督查核查记录表"
    return [Sending(INSPECTION_SENDER, week.code, name, "xlsx", "inspection", received_at, rows, title=title)]


def _claims(told: list[Sending], tellers: list[Teller], week: WeekPlan) -> list[Claim]:
    alive = (task for teller in tellers for task in teller.tasks if task.is_alive(week.day))
    tasks = {(task.unit_code, task.responsibility_code): task for task in alive}
    claims = {}
    for sending in told:
        wrong = {position for position, _, _ in sending.faults}
        for position, row in enumerate(sending.rows):
            task = tasks.get((sending.sender, row["responsibility_code"]))
            is_checked = task and task.measure in CHECKED_MEASURES and position not in wrong
            if task and is_checked and "no_change" not in row and row.get("done", True):
                claims[sending.sender, row["responsibility_code"], row.get("item", "")] = (task, row)
    return list(claims.values())


def _row(claim: Claim, sample_kind: str, week: WeekPlan, truth: Truth) -> dict[str, Any]:
    task, said = claim
    checked_on = week.day - dt.timedelta(days=1)
    figures = _truth(claim, week, truth)
    found = {name: value for name, value in figures.items() if name != "happened_on"}
    keys = {"unit_code": task.unit_code, "week": week.code, "responsibility_code": task.responsibility_code}
    return keys | found | {"checked_on": checked_on, "sample_kind": sample_kind} | _remarks(said, found)


def _truth(claim: Claim, week: WeekPlan, truth: Truth) -> Figures:
    task, said = claim
    stages = truth.figures_of(task, week.monday, week.day - dt.timedelta(days=1))
    return next(figures for figures in stages if figures.get("item", "") == said.get("item", ""))


def _is_doubtful(claim: Claim, week: WeekPlan, truth: Truth) -> bool:
    """Return whether what was said is more than a tenth above the truth: there the teams have had a hint."""
    said, found = claim[1], _truth(claim, week, truth)
    return any(name in said and said[name] - found[name] > abs(found[name]) / 10 for name in ("value", "numerator"))


def _remarks(said: dict[str, Any], found: Figures) -> dict[str, str]:
    if all(said.get(name) == value for name, value in found.items()):
        return {"method": "查阅台账", "guidance": "继续按月归档佐证"}
    finding = "核查数与报送数不一致，部分未验收项目计入"
    return {"method": "现场核查", "finding": finding, "guidance": "按验收单逐项核减，建立复核制度"}
