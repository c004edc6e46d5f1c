"""What each unit of a county has to report, week by week: the catalogue as the generator needs it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ducha.catalogue import Catalogue
from ducha.sample.weeks import WeekPlan

_SHARED = ["plan_year", "responsibility_code", "kind", "measure", "time_basis", "unit_of_measure", "baseline", "target",
           "target_low", "target_high", "cadence", "season", "start_on", "due_on"]  # fmt: skip
PERIOD_ENDS = {"monthly": "month_end_on", "quarterly": "quarter_end_on", "half_yearly": "half_year_end_on"}
VOLUNTARY_WEEK = 6
"""In this week of the story, quarterly levels are told early, of one's own accord."""


@dataclass(frozen=True)
class Item:
    """One stage: its code ('' for the responsibility itself) and when it is planned to be done."""

    code: str
    planned_on: dt.date


@dataclass(frozen=True)
class Task:
    """One responsibility of one unit that carries figures."""

    responsibility_code: str
    unit_code: str
    kind: str
    measure: str
    time_basis: str
    unit_of_measure: str
    baseline: float
    target: float
    low: float
    high: float
    cadence: str
    season: str
    starts_on: dt.date
    ends_on: dt.date
    due_on: dt.date
    items: tuple[Item, ...]
    excused: tuple[tuple[dt.date, dt.date], ...]

    @property
    def is_daily(self) -> bool:
        """Whether a zero-report is owed for each day."""
        return self.cadence == "daily"

    def is_alive(self, day: dt.date) -> bool:
        """Return whether the unit works on it that day, neither exempt nor suspended."""
        is_excused = any(first <= day <= last for first, last in self.excused)
        return self.starts_on <= day <= self.ends_on and not is_excused

    def is_reported(self, week: WeekPlan, story_week: int) -> bool:
        """Return whether the unit reports it in a week with a cut-off."""
        if not self.is_alive(week.day) or (self.season and not in_season(week.day, self.season)):
            return False
        if self.cadence in PERIOD_ENDS:
            is_voluntary = self.measure == "level" and story_week == VOLUNTARY_WEEK
            end = week.row[PERIOD_ENDS[self.cadence]]
            return (pd.notna(end) and end.date() >= self.starts_on) or is_voluntary
        if self.cadence == "once":
            return self._is_due_once(week)
        return True

    def _is_due_once(self, week: WeekPlan) -> bool:
        """The week of the due date, or the next with a cut-off; then the last week of each later month."""
        sunday = week.monday + dt.timedelta(days=6)
        end = week.row["month_end_on"]
        is_later = pd.notna(end) and (end.year, end.month) > (self.due_on.year, self.due_on.month)
        return week.since <= self.due_on <= sunday or bool(is_later)


def tasks_of(catalogue: Catalogue) -> dict[str, list[Task]]:
    """Return the tasks with a share above zero by unit, units and tasks in the order of the county's files."""
    shared = {tuple(row[:2]): row for row in catalogue.responsibilities[_SHARED].itertuples(index=False)}
    items = _grouped(catalogue.items, ["plan_year", "responsibility_code"])
    excused = _grouped(catalogue.exceptions, ["plan_year", "responsibility_code", "unit_code"])
    closed = dict(zip(catalogue.units["unit_code"], catalogue.units["closed_on"], strict=True))
    tasks: dict[str, list[Task]] = {code: [] for code in catalogue.units["unit_code"]}
    assignments: Any = catalogue.assignments.query("share > 0")
    for own in assignments.itertuples(index=False):
        key = (own.plan_year, own.responsibility_code)
        tasks[own.unit_code].append(
            _task(own, shared[key], items.get(key), excused.get((*key, own.unit_code)), closed[own.unit_code])
        )
    return tasks


def in_season(day: dt.date, season: str) -> bool:
    """Return whether a day lies in `MM-DD..MM-DD`, which may run over the new year."""
    first, last = season.split("..")
    month_day = f"{day:%m-%d}"
    return first <= month_day <= last if first <= last else month_day >= first or month_day <= last


def _grouped(frame: pd.DataFrame, key: list[str]) -> dict[Any, pd.DataFrame]:
    return dict(iter(frame.groupby(key, sort=False)))


def _task(own: Any, shared: Any, items: pd.DataFrame | None, excused: pd.DataFrame | None, closed_on: Any) -> Task:
    new_year, last_day = dt.date(own.plan_year, 1, 1), dt.date(own.plan_year, 12, 31)
    starts_on = max(_day(shared.start_on, new_year), _day(own.from_on, new_year))
    due_on = _day(shared.due_on, last_day)
    baseline = own.baseline if pd.notna(own.baseline) else shared.baseline
    return Task(
        responsibility_code=own.responsibility_code,
        unit_code=own.unit_code,
        kind=shared.kind,
        measure=shared.measure,
        time_basis=shared.time_basis,
        unit_of_measure=shared.unit_of_measure,
        baseline=0.0 if pd.isna(baseline) else float(baseline),
        target=float(own.target if pd.notna(own.target) else shared.target),
        low=float(shared.target_low),
        high=float(shared.target_high),
        cadence=shared.cadence,
        season=shared.season,
        starts_on=starts_on,
        ends_on=min(_day(own.to_on, last_day), _day(closed_on, last_day), last_day),
        due_on=due_on,
        items=_items(items, starts_on, due_on),
        excused=_excused(excused),
    )


def _items(items: pd.DataFrame | None, starts_on: dt.date, due_on: dt.date) -> tuple[Item, ...]:
    if items is None:
        return (Item("", due_on),)
    days = (due_on - starts_on).days
    evenly = [starts_on + dt.timedelta(days=days * (n + 1) // len(items)) for n in range(len(items))]
    pairs = zip(items["item_code"], items["due_on"], evenly, strict=True)
    return tuple(Item(code, _day(due, planned)) for code, due, planned in pairs)


def _excused(exceptions: pd.DataFrame | None) -> tuple[tuple[dt.date, dt.date], ...]:
    if exceptions is None:
        return ()
    spans = zip(exceptions["from_on"], exceptions["to_on"], strict=True)
    return tuple((_day(first, dt.date.min), _day(last, dt.date.max)) for first, last in spans)


def _day(moment: Any, default: dt.date) -> dt.date:
    return default if pd.isna(moment) else moment.date()
