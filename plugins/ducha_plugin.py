"""What Airflow loads from this project: the timetable of supervision weeks. Everything else lives in the package.

Airflow executes every file of this folder and registers it under its bare name, so there is only this one.
"""

from __future__ import annotations

import datetime as dt
import os
from functools import lru_cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pendulum
from airflow.plugins_manager import AirflowPlugin
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from ducha.calendar import SupervisionCalendar, read_calendar
from ducha.county.files import CountyError
from ducha.county.terms import CalendarSettings
from ducha.settings import Settings
from ducha.week_of_run import WeekSlot, closed_week, slots_from

_FILES = ("county.yaml", "calendar.csv", "cut_offs.csv")
_SLACK = dt.timedelta(minutes=10)
"""A first week that froze this short a time ago still counts: its run may not have been made yet."""

_Read = tuple[CalendarSettings, SupervisionCalendar]


@lru_cache(maxsize=4)
def _read(settings: Settings, _stamps: tuple[int, ...]) -> _Read:
    try:
        return read_calendar(settings.county_dir)
    except CountyError:
        from ducha.pipeline.standing import standing_calendar  # pandas and PostgreSQL, only when a file is broken

        return standing_calendar(settings)


def county_calendar() -> _Read:
    """Return the county's rules and calendar; read again when a file has changed, as last loaded when one is broken.

    Raises CountyError when a file is broken and no county was ever loaded.
    """
    settings = Settings.from_env()
    files = [settings.county_dir / name for name in _FILES]
    return _read(settings, tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files))


class SupervisionWeekTimetable(Timetable):  # type: ignore[misc]  # Airflow ships no types
    """One run a supervision week, when its facts freeze (定稿); the data interval is the week, Monday to Monday.

    A week without workdays has no run. Weeks missed while the machine was off run once each, in order. The first run
    is that of the first week that freezes after `started_at` (DUCHA_STARTED_AT, ISO), or after now where that is
    not said.
    """

    description = "每周定稿时 · when the week's facts freeze"

    def __init__(self, started_at: str | None = None) -> None:
        self.started_at = started_at or os.environ.get("DUCHA_STARTED_AT") or None

    @property
    def summary(self) -> str:
        """Return what the list of DAGs shows."""
        return "每周定稿 · weekly"

    def serialize(self) -> dict[str, Any]:
        """Return what the scheduler needs to make it again; the calendar it reads from the county's files."""
        return {"started_at": self.started_at}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> SupervisionWeekTimetable:
        """Make the timetable from what `serialize` returned."""
        return cls(data.get("started_at"))

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Return the run after the last one, whether its time is past or not; None after the DAG's end date."""
        terms, calendar = county_calendar()
        zone = ZoneInfo(terms.timezone)
        if last_automated_data_interval:
            first = last_automated_data_interval.start.astimezone(zone).date() + dt.timedelta(weeks=1)
            slot = next(slots_from(first, terms, calendar), None)
        elif restriction.earliest:
            earliest = restriction.earliest.astimezone(zone)
            slots = slots_from(_monday(earliest), terms, calendar)
            slot = next((slot for slot in slots if slot.starts_at >= earliest), None)
        else:
            since = self._first_after(zone)
            slots = slots_from(_monday(since) - dt.timedelta(weeks=4), terms, calendar)
            slot = next((slot for slot in slots if slot.freeze_at > since), None)
        if slot is None or (restriction.latest and slot.starts_at > restriction.latest):
            return None
        return DagRunInfo(run_after=pendulum.instance(slot.freeze_at), data_interval=_interval(slot))

    def infer_manual_data_interval(self, *, run_after: dt.datetime) -> DataInterval:
        """Return the last week whose cut-off has passed: what a person who starts a run by hand wants published."""
        terms, calendar = county_calendar()
        monday = closed_week(run_after.astimezone(ZoneInfo(terms.timezone)), terms, calendar)
        return _interval(next(slots_from(monday, terms, calendar)))

    def _first_after(self, zone: ZoneInfo) -> dt.datetime:
        if self.started_at:
            return dt.datetime.fromisoformat(self.started_at).astimezone(zone)
        return dt.datetime.now(zone) - _SLACK


def _monday(moment: dt.datetime) -> dt.date:
    return moment.date() - dt.timedelta(days=moment.weekday())


def _interval(slot: WeekSlot) -> DataInterval:
    return DataInterval(pendulum.instance(slot.starts_at), pendulum.instance(slot.ends_at))


class DuchaPlugin(AirflowPlugin):  # type: ignore[misc]  # Airflow ships no types
    """Registers the timetable with Airflow."""

    name = "ducha"
    timetables: ClassVar = [SupervisionWeekTimetable]
