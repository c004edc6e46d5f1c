"""Which week a run is about, however it was started."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from ducha.calendar import SupervisionCalendar
from ducha.county.terms import CalendarSettings
from ducha.week_of_run import RunFacts, week_of_run

ZONE = ZoneInfo("Asia/Shanghai")
TERMS = CalendarSettings("990009")
FESTIVAL = {dt.date(2022, 1, 31) + dt.timedelta(days=n): False for n in range(5)}
CALENDAR = SupervisionCalendar("Asia/Shanghai", FESTIVAL)


def at(month: int, day: int, hour: int = 9) -> dt.datetime:
    return dt.datetime(2022, month, day, hour, tzinfo=ZONE)


def resolve(phase="open", **facts) -> str:
    return week_of_run(RunFacts(**{"run_after": at(1, 12), **facts}), TERMS, CALENDAR, phase)


def test_partition_key_wins_over_everything():
    run = {"stated_week": "2022-W05", "asset_weeks": ["2022-W06"], "interval": (at(1, 3, 0), at(1, 10, 0))}
    assert resolve(partition_key="2022-W04", **run) == "2022-W04"
    assert resolve(partition_key="2022-W04-5|D001", **run) == "2022-W04"


def test_parameter_wins_over_assets_and_times():
    assert resolve(stated_week="2022-W04", asset_weeks=["2022-W06"], logical_date=at(3, 1)) == "2022-W04"


def test_asset_run_takes_the_latest_week_of_its_events():
    assert resolve(asset_weeks=["2022-W04", "2022-W06", "2022-W05"]) == "2022-W06"
    assert resolve(asset_weeks=["2022-W52", "2023-W01"]) == "2023-W01"


def test_scheduled_and_backfilled_weeks_take_their_interval():
    assert resolve(interval=(at(1, 3, 0), at(1, 10, 0)), logical_date=at(1, 3, 0), run_after=at(1, 7, 12)) == "2022-W01"
    in_utc = tuple(moment.astimezone(dt.UTC) for moment in (at(1, 3, 0), at(1, 10, 0)))
    assert resolve(interval=in_utc) == "2022-W01", "Monday midnight in the county is Sunday in UTC"


def test_bare_moment_is_the_open_week_until_it_freezes():
    """An hourly run: its interval is one instant."""
    assert resolve(interval=(at(1, 12), at(1, 12)), logical_date=at(1, 12)) == "2022-W02"
    assert resolve(run_after=at(1, 14, 11)) == "2022-W02"
    assert resolve(run_after=at(1, 14, 12)) == "2022-W03", "frozen at noon: what comes now is for the next week"


def test_run_by_hand_without_a_date_uses_the_moment_it_starts():
    assert resolve(run_after=at(1, 12)) == "2022-W02"
    assert resolve("closed", run_after=at(1, 12)) == "2022-W01"
    assert resolve("closed", run_after=at(1, 13, 17)) == "2022-W02"


def test_logical_date_goes_before_the_moment():
    assert resolve(run_after=at(3, 1), logical_date=at(1, 12)) == "2022-W02"


def test_week_without_workdays_is_never_the_answer_of_a_moment():
    assert resolve(run_after=at(2, 2)) == "2022-W06"
    assert resolve("closed", run_after=at(2, 2)) == "2022-W04"


def test_impossible_weeks_say_so():
    with pytest.raises(ValueError, match="60"):
        resolve(stated_week="2022-W60")
    holidays = {dt.date(2021, 1, 1) + dt.timedelta(days=n): False for n in range(1000)}
    with pytest.raises(LookupError, match="半年"):
        week_of_run(RunFacts(run_after=at(1, 12)), TERMS, SupervisionCalendar("Asia/Shanghai", holidays), "open")
