"""What truly happened: believable figures for a task in a week, the same for the same seed."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ducha.sample.tasks import Item, Task

Figures = dict[str, Any]
"""Canonical fields of one row: item, value, numerator, denominator, done, happened_on; only those that are said."""

COUNTED = frozenset(
    [
        "个",
        "户",
        "人次",
        "件",
        "起",
        "例",
        "项",
        "宗",
        "家",
        "场次",
        "次",
        "个领域",
        "处",
        "人",
        "台",
        "所",
        "村",
        "座",
        "名",
    ]
)
WEEKS_A_YEAR = 53
RANKED = 11
DEFAULT_SIZE = 100.0
"""How far a task without a target goes in a year: the county has not said."""
SEASONS = (0.55, 0.55, 0.85, 1.1, 1.25, 1.3, 1.2, 1.15, 1.2, 1.15, 0.95, 0.75)
"""How much gets done in each month of outdoor work, January first: a northern county builds in summer."""


def inflated(figures: Figures, task: Task, inflation: float) -> Figures:
    """Return figures as a unit writes them that adds to what it did; only where adding pays and can be found out."""
    if inflation == 1:
        return figures
    shown = dict(figures)
    if task.measure in ("total", "level"):
        more = task.baseline + (figures["value"] - task.baseline) * inflation
        shown["value"] = _rounded(min(more, 100.0) if task.unit_of_measure == "%" else more, task)
    elif task.measure == "flow":
        shown["value"] = _rounded(figures["value"] * inflation, task)
    elif task.measure == "ratio":
        shown["numerator"] = min(round(figures["numerator"] * inflation), figures["denominator"])
    return shown


@dataclass
class Truth:
    """What happened in the county of a seed; curves are drawn once a task, for its whole year."""

    seed: int
    _curves: dict[Task, list[float]] = field(default_factory=dict)

    def figures_of(self, task: Task, monday: dt.date, day: dt.date) -> list[Figures]:
        """Return the true rows of a task in the week of `monday`, as they stand on `day`; one a stage."""
        if task.measure == "stages":
            return [self._stage(task, item, day) for item in task.items]
        return [_MEASURES[task.measure](self, task, monday)]

    def share_done(self, task: Task, monday: dt.date) -> float:
        """Return how far the task has come, 0 to 1: at the unit's own pace, never backwards.

        Most work goes in uneven weeks, some stands still for a month (plateaus), some comes at one stroke (jumps),
        outdoor work follows the season.
        """
        curve = self._curves.get(task)
        if curve is None:
            curve = self._curves[task] = self._curve(task)
        return curve[min(max(_week_of(task, monday), 0), len(curve) - 1)]

    def _curve(self, task: Task) -> list[float]:
        rng = self.random(task, "curve")
        pace, shape = rng.uniform(0.8, 1.15), rng.choice(("even", "even", "even", "plateaus", "jump"))
        weeks = max((task.due_on - task.starts_on).days // 7, 1)
        steps = [rng.uniform(0.5, 1.5) for _ in range(weeks)]
        if shape == "plateaus":
            for first in range(rng.randint(2, 6), weeks, rng.randint(8, 12)):
                steps[first : first + 4] = [0.0] * len(steps[first : first + 4])
        if shape == "jump":
            steps[rng.randrange(weeks)] += weeks * 0.3
        if task.kind in ("project", "indicator") and rng.random() < 0.5:
            months = [(task.starts_on + dt.timedelta(weeks=n)).month for n in range(weeks)]
            steps = [step * SEASONS[month - 1] for step, month in zip(steps, months, strict=True)]
        whole = sum(steps) or 1.0
        return [min(pace * done / whole, 1.0) for done in itertools.accumulate(steps)]

    def random(self, task: Task, *more: object) -> Random:
        """One stream a task and question, so that no answer depends on what was asked before."""
        return Random(f"{self.seed}|{task.responsibility_code}|{task.unit_code}|{more}")  # noqa: S311  no secret

    def _running(self, task: Task, monday: dt.date) -> Figures:
        end = task.baseline + DEFAULT_SIZE if math.isnan(task.target) else task.target
        return {"value": _rounded(task.baseline + self.share_done(task, monday) * (end - task.baseline), task)}

    def _ratio(self, task: Task, monday: dt.date) -> Figures:
        target = 1.0 if math.isnan(task.target) else task.target
        rng = self.random(task, "rate")
        rate, size = min(target * rng.uniform(0.86, 1.06), 1.0), rng.randint(24, 60)
        week = max(_week_of(task, monday), 0) + 1
        if task.time_basis == "period":
            rng = self.random(task, monday)
            planned = rng.randint(8, 14)
            return {"numerator": planned - rng.choice((0, 0, 0, 1, 2)), "denominator": planned}
        if task.kind == "case":
            found = sum(rng.randint(3, 9) for _ in range(week))
            return {"numerator": math.floor(found * rate), "denominator": found}
        if task.kind == "coverage":
            return {"numerator": round(size * target * self.share_done(task, monday)), "denominator": size}
        return {"numerator": round(size * rate * min(0.8 + 0.02 * week, 1.0)), "denominator": size}

    def _stage(self, task: Task, item: Item, day: dt.date) -> Figures:
        late = self.random(task, item.code).randint(-9, 12)
        done_on = max(item.planned_on + dt.timedelta(days=late), task.starts_on)
        if done_on > day:
            return {"item": item.code, "done": False}
        return {"item": item.code, "done": True, "happened_on": done_on}

    def _flow(self, task: Task, monday: dt.date) -> Figures:
        year = DEFAULT_SIZE if math.isnan(task.target) else task.target
        season = SEASONS[monday.month - 1] if task.kind == "project" else 1.0
        each = year / PERIODS.get(task.cadence, WEEKS_A_YEAR) * season
        value = each * self.random(task, monday).uniform(0.7, 1.3)
        return {"value": round(value) if each >= 5 else round(value, 2)}

    def _average(self, task: Task, monday: dt.date) -> Figures:
        rng = self.random(task, monday)
        middle = DEFAULT_SIZE if math.isnan(task.target) else task.target
        return {"value": round(middle * rng.uniform(0.92, 1.15), 2), "denominator": rng.randint(5, 20)}

    def _range(self, task: Task, monday: dt.date) -> Figures:
        low, high = (0.0, 1.0) if math.isnan(task.low) else (task.low, task.high)
        return {"value": round(low + (high - low) * self.random(task, monday).uniform(-0.1, 1.1), 4)}

    def _rank(self, task: Task, monday: dt.date) -> Figures:
        """A place that moves by one or two from month to month."""
        month = self.random(task, monday.year, monday.month)
        place = self.random(task, "rank").randint(2, RANKED - 1) + month.choice((-1, 0, 0, 1))
        return {"value": place, "denominator": RANKED}

    def _no_event(self, task: Task, monday: dt.date) -> Figures:  # noqa: ARG002  one signature for all measures
        return {"value": 0}


PERIODS = {"monthly": 12, "quarterly": 4, "half_yearly": 2}


def _week_of(task: Task, monday: dt.date) -> int:
    """Return the week of the task's life, 0 for the first."""
    return ((monday - task.starts_on).days + task.starts_on.weekday()) // 7


def _rounded(value: float, task: Task) -> float:
    return round(value) if task.unit_of_measure in COUNTED else round(value, 2)


_MEASURES: dict[str, Callable[[Truth, Task, dt.date], Figures]] = {
    "total": Truth._running,
    "level": Truth._running,
    "ratio": Truth._ratio,
    "flow": Truth._flow,
    "average": Truth._average,
    "range": Truth._range,
    "rank": Truth._rank,
    "red_line": Truth._no_event,
}
