"""The weeks of a sample: what a story needs to know of the county's calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from ducha.calendar import week_code_of
from ducha.catalogue import Catalogue


@dataclass(frozen=True)
class WeekPlan:
    """One week of the sample. `row` is the county's; `day` decides what is reported: the cut-off's, else the Sunday.

    `since` is the Monday after the last week with a cut-off before it. Times are aware, in UTC; a week without a
    cut-off has its Sunday's last second for both.
    """

    number: int
    code: str
    monday: dt.date
    since: dt.date
    day: dt.date
    has_cut_off: bool
    cut_off_at: dt.datetime
    freeze_at: dt.datetime
    row: pd.Series


def plan_weeks(catalogue: Catalogue, first_week: str, count: int) -> list[WeekPlan]:
    """Return `count` weeks of the county's calendar from `first_week`; KeyError when the calendar is too short."""
    monday = catalogue.week_row(first_week)["week"]
    codes = [week_code_of((monday + pd.Timedelta(weeks=n)).date()) for n in range(count)]
    zone = ZoneInfo(catalogue.settings.timezone)
    plans: list[WeekPlan] = []
    for number, code in enumerate(codes, start=1):
        waited = plans[-1].since if plans and not plans[-1].has_cut_off else None
        plans.append(_plan(number, catalogue.week_row(code), zone, waited))
    return plans


def _plan(number: int, row: pd.Series, zone: ZoneInfo, waited: dt.date | None) -> WeekPlan:
    monday = row["week"].date()
    sunday = monday + dt.timedelta(days=6)
    has_cut_off = bool(pd.notna(row["cut_off_at"]))
    end = dt.datetime.combine(sunday, dt.time(23, 59, 59), tzinfo=zone).astimezone(dt.UTC)
    cut_off_at = row["cut_off_at"].to_pydatetime() if has_cut_off else end
    freeze_at = row["freeze_at"].to_pydatetime() if has_cut_off else end
    day = row["cut_off_on"].date() if has_cut_off else sunday
    since = waited or monday
    return WeekPlan(number, str(row["week_code"]), monday, since, day, has_cut_off, cut_off_at, freeze_at, row)
