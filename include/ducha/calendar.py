"""Supervision weeks (督查周), workdays and cut-offs (截止时间).

Everything but `build_weeks` is standard library and YAML only: the weekly timetable reads it while Airflow parses DAGs.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import yaml

from ducha.county.files import (
    COUNTY_CODE,
    COUNTY_CODE_REMEDY,
    CountyError,
    CountyProblem,
    Problems,
    Table,
    decode,
    parse_bool,
    parse_date,
    read_table,
)
from ducha.county.terms import (
    CalendarSettings,
    CutOff,
    CutOffTerms,
    Freeze,
    FreezeTerms,
    LocalWeekTerms,
    WeekTerms,
)

if TYPE_CHECKING:
    import pandas as pd

WEEK_CODE = re.compile(r"(\d{4})-W(\d{2})")
PERIOD_MONTHS = {"month_end_on": 1, "quarter_end_on": 3, "half_year_end_on": 6}


@dataclass(frozen=True)
class WeekTimes:
    """Cut-off and freeze of one week, aware; both None when the week has neither workdays nor an explicit cut-off."""

    cut_off_at: dt.datetime | None
    freeze_at: dt.datetime | None


@dataclass(frozen=True)
class SupervisionCalendar:
    """Workdays of a county: Monday to Friday but for `overrides` (holidays false, make-up days 调休 true).

    `explicit` holds the lines of `cut_offs.csv` by Monday; they win over the rule.
    """

    timezone: str
    overrides: Mapping[dt.date, bool]
    explicit: Mapping[dt.date, WeekTimes] = field(default_factory=dict)

    def is_workday(self, day: dt.date) -> bool:
        """Return whether people work on `day`."""
        return self.overrides.get(day, day.weekday() < 5)

    def workdays_of(self, monday: dt.date) -> list[dt.date]:
        """Return the workdays of the week from `monday`, in order; a make-up Sunday belongs to it."""
        return [day for day in _days_from(monday, 7) if self.is_workday(day)]

    def cut_off(self, monday: dt.date, rule: CutOffTerms) -> dt.datetime | None:
        """Return the rule's cut-off, local and aware: the n-th workday from the end, or the first of fewer, or None."""
        return self._at(monday, rule.workday_from_end, rule.time)

    def freeze(self, monday: dt.date, rule: FreezeTerms) -> dt.datetime | None:
        """Return when the rule freezes the week's facts, local and aware; see `week_times` for what holds."""
        return self._at(monday, rule.freeze_workday_from_end, rule.freeze_time)

    def week_times(self, monday: dt.date, terms: WeekTerms) -> WeekTimes:
        """Return the cut-off and freeze that hold for a week: explicit ones first, and no freeze before the cut-off.

        A week with one workday has both on that day, so the rule's noon would come before its 17:00.
        """
        said = self.explicit.get(monday, WeekTimes(None, None))
        cut_off_at = said.cut_off_at or self.cut_off(monday, terms.cut_off)
        freeze_at = said.freeze_at or self.freeze(monday, terms.publication) or cut_off_at
        if cut_off_at and freeze_at:
            freeze_at = max(cut_off_at, freeze_at)
        return WeekTimes(cut_off_at, freeze_at)

    def last_workday_of_period(self, day: dt.date, months: int) -> dt.date | None:
        """Return the last workday of the month, quarter (3) or half-year (6) that `day` lies in."""
        last_month = ((day.month - 1) // months + 1) * months
        first_after = dt.date(day.year + last_month // 12, last_month % 12 + 1, 1)
        backwards = (first_after - dt.timedelta(days=n) for n in range(1, 32))
        return next((candidate for candidate in backwards if self.is_workday(candidate)), None)

    def _at(self, monday: dt.date, workday_from_end: int, time: dt.time) -> dt.datetime | None:
        workdays = self.workdays_of(monday)
        if not workdays:
            return None
        day = workdays[-min(workday_from_end, len(workdays))]
        return dt.datetime.combine(day, time, tzinfo=ZoneInfo(self.timezone))


def monday_of(week_code: str) -> dt.date:
    """Return the Monday of an ISO week like 2022-W02; ValueError for anything else (also a week 53 that is none)."""
    found = WEEK_CODE.fullmatch(week_code)
    if not found:
        raise ValueError(f"周次应写成 2022-W02，不是 {week_code} · a week is written 2022-W02, not {week_code}")
    return dt.date.fromisocalendar(int(found[1]), int(found[2]), 1)


def week_code_of(day: dt.date) -> str:
    """Return the ISO week of a date, like 2022-W02."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def mondays_of(first_year: int, last_year: int) -> list[dt.date]:
    """Return the Mondays of all ISO weeks of the years, in order."""
    first = dt.date.fromisocalendar(first_year, 1, 1)
    after = dt.date.fromisocalendar(last_year + 1, 1, 1)
    return [first + dt.timedelta(weeks=n) for n in range((after - first).days // 7)]


def read_calendar(directory: Path) -> tuple[CalendarSettings, SupervisionCalendar]:
    """Read what a timetable needs from `county.yaml`, `calendar.csv` and, where it exists, `cut_offs.csv`.

    CountyError names the file, row and column of what cannot be read; `county.loading` validates the whole.
    """
    settings = read_settings(directory / "county.yaml")
    overrides = _read_overrides(read_table(directory / "calendar.csv"))
    explicit_file = directory / "cut_offs.csv"
    explicit = read_explicit(read_table(explicit_file)) if explicit_file.is_file() else {}
    return settings, SupervisionCalendar(settings.timezone, overrides, explicit)


def read_explicit(table: Table) -> dict[dt.date, WeekTimes]:
    """Return the lines of `cut_offs.csv` (week, cut_off_at, freeze_at, note) by Monday; CountyError with all faults."""
    problems = Problems(table.file)
    explicit = {}
    for number, row in zip(table.numbers, table.rows, strict=True):
        try:
            monday = monday_of(row.get("week", ""))
        except ValueError:
            problems.add(number, "week", "周次应写成 2022-W02", "write the week as 2022-W02")
            continue
        cut_off_at = _instant(row.get("cut_off_at", ""), "cut_off_at", number, problems)
        freeze_at = _instant(row.get("freeze_at", ""), "freeze_at", number, problems)
        explicit[monday] = WeekTimes(cut_off_at, freeze_at)
    if problems.found:
        raise CountyError(problems.found)
    return explicit


def build_weeks(
    settings: LocalWeekTerms,
    calendar_frame: pd.DataFrame,
    cut_offs_frame: pd.DataFrame | None,
    first_year: int,
    last_year: int,
) -> pd.DataFrame:
    """Return `Catalogue.weeks` for all ISO weeks of the years; columns as documented there.

    `calendar_frame`: date (datetime64), is_workday, is_official (bool). `cut_offs_frame`: week (the Monday,
    datetime64), cut_off_at, freeze_at (datetime64 in UTC, NaT where the rule holds). Dates come out as
    `datetime64[us]`, times as `datetime64[us, UTC]`.
    """
    calendar = _calendar_of(settings.timezone, calendar_frame, cut_offs_frame)
    official = _official_years(calendar_frame)
    rows = [_week_row(calendar, monday, settings, official) for monday in mondays_of(first_year, last_year)]
    return _typed_weeks(rows)


def _calendar_of(
    timezone: str, calendar_frame: pd.DataFrame, cut_offs_frame: pd.DataFrame | None
) -> SupervisionCalendar:
    days = calendar_frame["date"].dt.date
    overrides = dict(zip(days, calendar_frame["is_workday"].astype(bool), strict=True))
    explicit: dict[dt.date, WeekTimes] = {}
    if cut_offs_frame is not None:
        zone = ZoneInfo(timezone)
        times = cut_offs_frame[["cut_off_at", "freeze_at"]].astype(object)
        times = times.where(cut_offs_frame[["cut_off_at", "freeze_at"]].notna(), None)
        for week, cut_off_at, freeze_at in zip(cut_offs_frame["week"], *times.T.to_numpy(), strict=True):
            explicit[week.date()] = WeekTimes(_local(cut_off_at, zone), _local(freeze_at, zone))
    return SupervisionCalendar(timezone, overrides, explicit)


def _official_years(calendar_frame: pd.DataFrame) -> set[int]:
    """Return the years with at least one day listed and none of them estimated."""
    years = calendar_frame["date"].dt.year
    estimated = set(years[~calendar_frame["is_official"].astype(bool)])
    return {int(year) for year in set(years) - estimated}


def _week_row(
    calendar: SupervisionCalendar, monday: dt.date, settings: WeekTerms, official: set[int]
) -> dict[str, Any]:
    days = _days_from(monday, 7)
    times = calendar.week_times(monday, settings)
    decisive = times.cut_off_at.date() if times.cut_off_at else days[3]
    row: dict[str, Any] = {
        "week": monday,
        "week_code": week_code_of(monday),
        "plan_year": decisive.year,
        "cut_off_at": times.cut_off_at,
        "cut_off_on": decisive if times.cut_off_at else None,
        "freeze_at": times.freeze_at,
    }
    for column, months in PERIOD_MONTHS.items():
        ends = {calendar.last_workday_of_period(day, months) for day in days}
        row[column] = next((day for day in days if day in ends), None)
    row["is_official"] = {days[0].year, days[-1].year} <= official
    return row


def _typed_weeks(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd  # here, because the timetable must not pay for it

    weeks = pd.DataFrame(rows)
    for column in ("cut_off_at", "freeze_at"):
        weeks[column] = pd.to_datetime(weeks[column], utc=True).dt.as_unit("us")
    for column in ("week", "cut_off_on", *PERIOD_MONTHS):
        weeks[column] = pd.to_datetime(weeks[column]).astype("datetime64[us]")
    return weeks


def _local(instant: Any, zone: ZoneInfo) -> dt.datetime | None:
    return None if instant is None else instant.to_pydatetime().astimezone(zone)


def _days_from(first: dt.date, count: int) -> list[dt.date]:
    return [first + dt.timedelta(days=n) for n in range(count)]


def read_settings(path: Path) -> CalendarSettings:
    """Read the calendar's part of county.yaml; unknown keys are left for `county.loading.load_county` to judge.

    CountyError when it cannot be read, also when the county's code is none: it names folders.
    """
    settings = _parsed_settings(path)
    if not COUNTY_CODE.fullmatch(settings.county_code):
        raise CountyError([CountyProblem(path.name, 0, "county_code", *COUNTY_CODE_REMEDY)])
    return settings


def _parsed_settings(path: Path) -> CalendarSettings:
    try:
        content = yaml.safe_load(decode(path.read_bytes(), path.name)) or {}
        cut_off, publication = content.get("cut_off", {}), content.get("publication", {})
        return CalendarSettings(
            str(content["county_code"]),
            ZoneInfo(content.get("timezone", CalendarSettings.timezone)).key,
            CutOff(**_known(CutOff, cut_off)),
            Freeze(**_known(Freeze, publication)),
        )
    except (OSError, yaml.YAMLError, KeyError, AttributeError, TypeError, ValueError) as error:
        zh = f"读不出时区、截止或定稿规则（{error}）"
        en = f"time zone, cut-off or publication rule cannot be read ({error})"
        raise CountyError([CountyProblem(path.name, 0, "", zh, en)]) from error


def _known(terms: type[CutOff] | type[Freeze], given: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the keys that the rule knows, times as times (quoted in YAML: 17:00 alone is the number 1020)."""
    kept = {key: value for key, value in given.items() if key in terms.__dataclass_fields__}
    times = {key: dt.time.fromisoformat(str(value)) for key, value in kept.items() if key.endswith("time")}
    return kept | times


def _read_overrides(table: Table) -> dict[dt.date, bool]:
    problems = Problems(table.file)
    overrides = {}
    for number, row in zip(table.numbers, table.rows, strict=True):
        try:
            overrides[parse_date(row.get("date", ""))] = parse_bool(row.get("is_workday", ""))
        except ValueError as error:
            zh, en = "日期写成 2022-01-31，是否工作日写成 true 或 false", "a date like 2022-01-31, then true or false"
            problems.add(number, "date, is_workday", f"{zh}（{error}）", f"{en} ({error})")
    if problems.found:
        raise CountyError(problems.found)
    return overrides


def _instant(text: str, column: str, number: int, problems: Problems) -> dt.datetime | None:
    if not text:
        return None
    try:
        instant = dt.datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError("no offset")
    except ValueError:
        zh, en = "时间须带时区，如 2022-01-06T17:00:00+08:00", "write it with offset: 2022-01-06T17:00:00+08:00"
        problems.add(number, column, zh, en)
        return None
    return instant
