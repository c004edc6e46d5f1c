"""What truly happened: believable figures for a task in a week, the same for the same seed."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from random import Random
from typing import Any

from ducha.sample.tasks import Item, Task

Figures = dict[str, Any]
"""Canonical fields of one row: item, value, numerator, denominator, done, happened_on; only those that are said."""

COUNTED = frozenset(["个", "户", "人次", "件", "起", "例", "项", "宗", "家", "场次", "次", "个领域"])
WEEKS_A_YEAR = 52
RANKED = 11
DEFAULT_SIZE = 100.0
"""How far a task without a target goes in a year: the county has not said."""


def figures_of(task: Task, week_number: int, day: dt.date, seed: int) -> list[Figures]:
    """Return the true rows of a task in the n-th week of its plan, as they stand on `day`; one a stage."""
    if task.measure == "stages":
        return [_stage(task, item, day, seed) for item in task.items]
    return [_MEASURES[task.measure](task, week_number, seed)]


def inflated(figures: Figures, task: Task, inflation: float) -> Figures:
    """Return figures as a unit writes them that adds to what it did; stages and red lines it leaves alone."""
    if inflation == 1:
        return figures
    shown = dict(figures)
    if task.measure in ("total", "level"):
        more = task.baseline + (figures["value"] - task.baseline) * inflation
        shown["value"] = round(more) if task.unit_of_measure in COUNTED else round(more, 2)
    elif task.measure == "ratio":
        shown["numerator"] = min(round(figures["numerator"] * inflation), figures["denominator"])
    return shown


def share_done(task: Task, week_number: int, seed: int) -> float:
    """Return how far the task has come, 0 to 1: uneven weeks at the unit's own pace, never backwards."""
    pace = _random(task, seed).uniform(0.8, 1.15)
    weeks = max((task.due_on - task.starts_on).days / 7, 1)
    steps = sum(_random(task, seed, n).uniform(0.5, 1.5) for n in range(1, week_number + 1))
    return min(pace * steps / weeks, 1.0)


def _running(task: Task, week_number: int, seed: int) -> Figures:
    end = task.baseline + DEFAULT_SIZE if math.isnan(task.target) else task.target
    reached = task.baseline + share_done(task, week_number, seed) * (end - task.baseline)
    return {"value": round(reached) if task.unit_of_measure in COUNTED else round(reached, 2)}


def _ratio(task: Task, week_number: int, seed: int) -> Figures:
    target = 1.0 if math.isnan(task.target) else task.target
    rate = min(target * _random(task, seed, "rate").uniform(0.86, 1.06), 1.0)
    if task.time_basis == "period":
        rng = _random(task, seed, week_number)
        planned = rng.randint(8, 14)
        return {"numerator": planned - rng.choice((0, 0, 0, 1, 2)), "denominator": planned}
    if task.kind == "case":
        found = sum(_random(task, seed, n).randint(3, 9) for n in range(1, week_number + 1))
        return {"numerator": math.floor(found * rate), "denominator": found}
    size = _random(task, seed, "size").randint(24, 60)
    if task.kind == "coverage":
        return {"numerator": round(size * target * share_done(task, week_number, seed)), "denominator": size}
    risen = rate * min(0.8 + 0.02 * week_number, 1.0)
    return {"numerator": round(size * risen), "denominator": size}


def _stage(task: Task, item: Item, day: dt.date, seed: int) -> Figures:
    done_on = item.planned_on + dt.timedelta(days=_random(task, seed, item.code).randint(-9, 12))
    done_on = max(done_on, task.starts_on)
    if done_on > day:
        return {"item": item.code, "done": False}
    return {"item": item.code, "done": True, "happened_on": done_on}


def _flow(task: Task, week_number: int, seed: int) -> Figures:
    year = DEFAULT_SIZE if math.isnan(task.target) else task.target
    return {"value": round(year / WEEKS_A_YEAR * _random(task, seed, week_number).uniform(0.7, 1.3))}


def _average(task: Task, week_number: int, seed: int) -> Figures:
    rng = _random(task, seed, week_number)
    middle = DEFAULT_SIZE if math.isnan(task.target) else task.target
    return {"value": round(middle * rng.uniform(0.92, 1.15), 2), "denominator": rng.randint(5, 20)}


def _range(task: Task, week_number: int, seed: int) -> Figures:
    low, high = (0.0, 1.0) if math.isnan(task.low) else (task.low, task.high)
    return {"value": round(low + (high - low) * _random(task, seed, week_number).uniform(-0.1, 1.1), 4)}


def _rank(task: Task, week_number: int, seed: int) -> Figures:
    return {"value": _random(task, seed, week_number).randint(1, RANKED), "denominator": RANKED}


def _no_event(task: Task, week_number: int, seed: int) -> Figures:  # noqa: ARG001  one signature for all measures
    return {"value": 0}


def _random(task: Task, seed: int, *more: object) -> Random:
    """One stream a task and question, so that no answer depends on what was asked before."""
    return Random(f"{seed}|{task.responsibility_code}|{task.unit_code}|{more}")  # noqa: S311  a sample, no secret


_MEASURES: dict[str, Callable[[Task, int, int], Figures]] = {
    "total": _running,
    "level": _running,
    "ratio": _ratio,
    "flow": _flow,
    "average": _average,
    "range": _range,
    "rank": _rank,
    "red_line": _no_event,
}
