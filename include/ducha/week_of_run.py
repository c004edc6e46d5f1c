"""Which supervision week a run is about, and which week comes next: pure, without Airflow, fast to import.

A run says its week in one of several ways, by how it was started: a partition key, a parameter, the event of an asset,
the interval of a timetable, or only its moment.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from ducha.calendar import SupervisionCalendar, monday_of, week_code_of
from ducha.county.terms import CalendarSettings

Phase = Literal["open", "closed"]
"""The week a bare moment stands for: the one still collecting, or the last one whose cut-off has passed."""

_WEEK = re.compile(r"\d{4}-W\d{2}")
_HORIZON = 26  # weeks; longer than any holiday
_WHOLE_WEEK = dt.timedelta(days=6)


@dataclass(frozen=True)
class RunFacts:
    """What a run knows of itself; times aware. `asset_weeks`: the weeks that the triggering events name."""

    run_after: dt.datetime
    partition_key: str | None = None
    stated_week: str | None = None
    asset_weeks: Sequence[str] = ()
    interval: tuple[dt.datetime, dt.datetime] | None = None
    logical_date: dt.datetime | None = None


@dataclass(frozen=True)
class WeekSlot:
    """One week of the timetable: its first and last instant in the county's time, and when its run starts."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    freeze_at: dt.datetime


def week_of_run(run: RunFacts, terms: CalendarSettings, calendar: SupervisionCalendar, phase: Phase) -> str:
    """Return the week code of a run: partition key, parameter, asset events (the latest), interval, then its moment.

    ValueError for a stated week that is none; LookupError when no week with a cut-off lies within half a year.
    """
    in_key = _WEEK.search(run.partition_key or "")
    said = (in_key and in_key[0]) or run.stated_week or max(run.asset_weeks, default=None)
    if said:
        return week_code_of(monday_of(said))
    zone = ZoneInfo(terms.timezone)
    if run.interval and run.interval[1] - run.interval[0] >= _WHOLE_WEEK:
        return week_code_of(run.interval[0].astimezone(zone).date())
    moment = (run.logical_date or run.run_after).astimezone(zone)
    found = open_week(moment, terms, calendar) if phase == "open" else closed_week(moment, terms, calendar)
    return week_code_of(found)


def open_week(moment: dt.datetime, terms: CalendarSettings, calendar: SupervisionCalendar) -> dt.date:
    """Return the Monday of the first week that has not frozen at `moment`; LookupError when there is none."""
    for slot in slots_from(_monday(moment, terms) - dt.timedelta(weeks=_HORIZON), terms, calendar):
        if slot.freeze_at > moment:
            return slot.starts_at.date()
    raise LookupError(_no_week(moment))


def closed_week(moment: dt.datetime, terms: CalendarSettings, calendar: SupervisionCalendar) -> dt.date:
    """Return the Monday of the last week whose cut-off has passed at `moment`; LookupError when there is none."""
    latest = _monday(moment, terms) + dt.timedelta(weeks=_HORIZON)
    for back in range(2 * _HORIZON):
        monday = latest - dt.timedelta(weeks=back)
        cut_off_at = calendar.week_times(monday, terms).cut_off_at
        if cut_off_at and cut_off_at <= moment:
            return monday
    raise LookupError(_no_week(moment))


def slots_from(monday: dt.date, terms: CalendarSettings, calendar: SupervisionCalendar) -> Iterator[WeekSlot]:
    """Yield the weeks from `monday` on that have a freeze, in order, for a year; weeks without workdays have none."""
    zone = ZoneInfo(terms.timezone)
    for n in range(2 * _HORIZON):
        start = monday + dt.timedelta(weeks=n)
        freeze_at = calendar.week_times(start, terms).freeze_at
        if freeze_at:
            ends = start + dt.timedelta(weeks=1)
            midnight = dt.time(tzinfo=zone)
            yield WeekSlot(dt.datetime.combine(start, midnight), dt.datetime.combine(ends, midnight), freeze_at)


def _monday(moment: dt.datetime, terms: CalendarSettings) -> dt.date:
    day = moment.astimezone(ZoneInfo(terms.timezone)).date()
    return day - dt.timedelta(days=day.weekday())


def _no_week(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d} 前后半年没有设截止的周 · no week with a cut-off within half a year of that day"
