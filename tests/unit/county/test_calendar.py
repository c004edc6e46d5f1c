"""Weeks, workdays, cut-offs and freezes, on China's published calendar of the sample county."""

import datetime as dt
import itertools
import subprocess
import sys
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from ducha.calendar import (
    SupervisionCalendar,
    WeekTimes,
    build_weeks,
    monday_of,
    mondays_of,
    read_calendar,
    week_code_of,
)
from ducha.county.loading import CountyError
from ducha.county.terms import CalendarSettings, CutOff, Freeze

from tests.small_county import COUNTY

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]


@pytest.fixture(scope="module")
def county():
    return read_calendar(COUNTY)


@pytest.mark.parametrize(
    ("code", "monday"),
    [
        ("2022-W01", dt.date(2022, 1, 3)),
        ("2020-W53", dt.date(2020, 12, 28)),
        ("2025-W01", dt.date(2024, 12, 30)),
    ],
)
def test_week_code_and_monday_are_inverse(code, monday):
    assert monday_of(code) == monday
    assert {week_code_of(monday + dt.timedelta(days=n)) for n in range(7)} == {code}


@pytest.mark.parametrize("code", ["2022-W53", "2022-W00", "2022W02", "2022-W2", "", "2022-W021"])
def test_no_week_is_refused(code):
    with pytest.raises(ValueError, match=r".+"):
        monday_of(code)


def test_mondays_of_years_have_no_gap():
    mondays = mondays_of(2020, 2021)
    assert len(mondays) == 53 + 52
    assert mondays[0] == dt.date(2019, 12, 30)
    assert {(after - before).days for before, after in itertools.pairwise(mondays)} == {7}


@pytest.mark.parametrize(
    ("code", "cut_off", "freeze"),
    [
        ("2022-W08", local(2022, 2, 24, 17), local(2022, 2, 25, 12)),
        # Saturday 29 and Sunday 30 January 2022 are make-up workdays before the Spring Festival
        ("2022-W04", local(2022, 1, 29, 17), local(2022, 1, 30, 12)),
        # National Day: only Friday and make-up Saturday
        ("2021-W40", local(2021, 10, 8, 17), local(2021, 10, 9, 12)),
        # one workday, a make-up Sunday: it has the cut-off, and the freeze does not come before it
        ("2024-W07", local(2024, 2, 18, 17), local(2024, 2, 18, 17)),
        # Spring Festival 2022: nobody works
        ("2022-W05", None, None),
        ("2026-W08", None, None),
    ],
)
def test_holiday_weeks_close_on_their_workdays(county, code, cut_off, freeze):
    settings, calendar = county
    assert calendar.week_times(monday_of(code), settings) == WeekTimes(cut_off, freeze)


def test_workdays_of_the_spring_festival(county):
    _, calendar = county
    assert calendar.workdays_of(monday_of("2022-W05")) == []
    assert len(calendar.workdays_of(monday_of("2022-W04"))) == 7
    assert calendar.is_workday(dt.date(2022, 1, 30))
    assert not calendar.is_workday(dt.date(2022, 1, 31))


def test_fewer_workdays_than_the_rule_asks_for_close_on_the_first_there_is():
    monday = dt.date(2022, 1, 3)
    off = {monday + dt.timedelta(days=n): False for n in range(4)}
    calendar = SupervisionCalendar("Asia/Shanghai", off)
    assert calendar.cut_off(monday, CutOff(3, dt.time(9))) == local(2022, 1, 7, 9)
    assert calendar.freeze(monday, Freeze(1, dt.time(12))) == local(2022, 1, 7, 12)


def test_time_zone_decides_the_instant():
    monday = dt.date(2022, 3, 7)
    calendar = SupervisionCalendar("Europe/Berlin", {})
    cut_off = calendar.cut_off(monday, CutOff())
    assert cut_off is not None
    assert cut_off.astimezone(dt.UTC) == dt.datetime(2022, 3, 10, 16, tzinfo=dt.UTC)


def test_explicit_cut_off_wins_and_pushes_the_freeze():
    monday = dt.date(2022, 1, 10)
    shifted = local(2022, 1, 15, 18)
    calendar = SupervisionCalendar("Asia/Shanghai", {}, {monday: WeekTimes(shifted, None)})
    assert calendar.week_times(monday, CalendarSettings("1")) == WeekTimes(shifted, shifted)


def test_weeks_frame_says_what_the_catalogue_promises(county):
    settings, _ = county
    days = pd.read_csv(COUNTY / "calendar.csv", parse_dates=["date"])
    cut_offs = pd.DataFrame(
        {
            "week": pd.to_datetime(["2022-01-31"]),
            "cut_off_at": pd.to_datetime(["2022-02-06T10:00:00Z"]),
            "freeze_at": pd.Series([pd.NaT], dtype="datetime64[us, UTC]"),
        }
    )
    weeks = build_weeks(settings, days, cut_offs, 2021, 2027).set_index("week_code")
    assert len(weeks) == 365
    assert weeks.loc["2022-W05", "cut_off_at"] == pd.Timestamp("2022-02-06T10:00:00Z")
    assert weeks.loc["2022-W05", "cut_off_on"] == pd.Timestamp("2022-02-06")
    assert pd.isna(weeks.loc["2026-W08", "cut_off_at"])
    assert pd.isna(weeks.loc["2026-W08", "freeze_at"])
    assert weeks.loc["2026-W08", "plan_year"] == 2026
    assert weeks.loc["2022-W08", "cut_off_at"] == pd.Timestamp("2022-02-24T09:00:00Z")
    assert not weeks.loc["2027-W10", "is_official"]
    assert weeks.loc["2022-W10", "is_official"]


def test_period_ends_are_last_workdays(county):
    settings, _ = county
    days = pd.read_csv(COUNTY / "calendar.csv", parse_dates=["date"])
    weeks = build_weeks(settings, days, None, 2021, 2022).set_index("week_code")
    months = weeks["month_end_on"].dropna()
    assert len(months) == 24
    # 31 January 2022 is a holiday: the month ends on the make-up Sunday before it
    assert months["2022-W04"] == pd.Timestamp("2022-01-30")
    assert list(weeks["quarter_end_on"].dropna().index) == [
        "2021-W13", "2021-W26", "2021-W39", "2021-W52", "2022-W13", "2022-W26", "2022-W39", "2022-W52",
    ]  # fmt: skip
    assert list(weeks["half_year_end_on"].dropna().index) == ["2021-W26", "2021-W52", "2022-W26", "2022-W52"]


def test_plan_year_is_that_of_the_cut_off():
    settings = CalendarSettings("1", cut_off=CutOff(5, dt.time(17)))
    weeks = build_weeks(settings, _no_days(), None, 2020, 2020).set_index("week_code")
    assert weeks.loc["2020-W01", "plan_year"] == 2019  # closes on Monday, 30 December 2019
    assert weeks.loc["2020-W53", "plan_year"] == 2020


def test_timetable_reads_the_calendar_without_pandas_or_pydantic():
    code = f"""
import sys
from pathlib import Path
from ducha.calendar import read_calendar
settings, calendar = read_calendar(Path({str(COUNTY)!r}))
assert settings.county_code == "990001" and len(calendar.overrides) > 200
assert not {{"pandas", "numpy", "pydantic"}} & set(sys.modules), "too heavy for DAG parsing"
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_explicit_cut_offs_are_read_from_the_county(tmp_path):
    for name in ("county.yaml", "calendar.csv"):
        (tmp_path / name).write_bytes((COUNTY / name).read_bytes())
    text = "week,cut_off_at,freeze_at,note\n2022-W02,2022-01-14T18:00:00+08:00,,停电\n"
    (tmp_path / "cut_offs.csv").write_text(text, encoding="utf-8")
    settings, calendar = read_calendar(tmp_path)
    times = calendar.week_times(monday_of("2022-W02"), settings)
    assert times.cut_off_at == local(2022, 1, 14, 18)
    assert times.freeze_at == local(2022, 1, 14, 18)


@pytest.mark.parametrize(
    ("name", "text", "column"),
    [
        ("cut_offs.csv", "week,cut_off_at,freeze_at,note\n2022-W02,2022-01-14T18:00:00,,\n", "cut_off_at"),
        ("cut_offs.csv", "week,cut_off_at,freeze_at,note\n2022W02,,,\n", "week"),
        ("calendar.csv", "date,is_workday,note,is_official\n2022-02-30,false,,true\n", "date"),
        ("calendar.csv", "date,is_workday,note,is_official\n2022-02-01,maybe,,true\n", "is_workday"),
    ],
)
def test_calendar_mistakes_name_their_place(tmp_path, name, text, column):
    for other in ("county.yaml", "calendar.csv"):
        (tmp_path / other).write_bytes((COUNTY / other).read_bytes())
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(CountyError) as caught:
        read_calendar(tmp_path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.row) == (name, 2)
    assert column in problem.column


def _no_days() -> pd.DataFrame:
    empty = {"date": pd.Series([], dtype="datetime64[us]"), "is_workday": pd.Series([], dtype=bool)}
    return pd.DataFrame(empty | {"is_official": pd.Series([], dtype=bool)})
