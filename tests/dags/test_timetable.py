"""The weekly timetable: holidays, weeks without workdays, weeks missed, runs by hand, backfills."""

import datetime as dt
import os

import pytest

from tests.dags.airflow_home import prepare

pytestmark = pytest.mark.filterwarnings("default")  # Airflow's own

COUNTY = "county_code: '990009'\ntimezone: Asia/Shanghai\n"
# Spring Festival 2022: 31 January to 4 February off (a week without workdays), 29 and 30 January worked.
CALENDAR = """date,is_workday,note,is_official
2022-01-29,true,调休,true
2022-01-30,true,调休,true
2022-01-31,false,除夕,true
2022-02-01,false,春节,true
2022-02-02,false,春节,true
2022-02-03,false,春节,true
2022-02-04,false,春节,true
2022-04-04,false,清明,true
2022-04-05,false,清明,true
2022-04-08,false,停工,true
"""


@pytest.fixture
def timetable(tmp_path, monkeypatch):
    prepare()
    (tmp_path / "county.yaml").write_text(COUNTY, encoding="utf-8")
    (tmp_path / "calendar.csv").write_text(CALENDAR, encoding="utf-8")
    monkeypatch.setenv("DUCHA_COUNTY", str(tmp_path))
    monkeypatch.delenv("DUCHA_STARTED_AT", raising=False)
    from ducha_plugin import SupervisionWeekTimetable

    return SupervisionWeekTimetable


def ask(timetable, last=None, earliest=None, latest=None):
    from airflow.timetables.base import TimeRestriction

    restriction = TimeRestriction(earliest, latest, catchup=False)
    return timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)


def runs(timetable, count):
    """The first runs, one after another, as the scheduler asks for them."""
    found, last = [], None
    for _ in range(count):
        info = ask(timetable, last)
        found.append(info)
        last = info.data_interval
    return found


def local(moment):
    return moment.in_timezone("Asia/Shanghai").format("YYYY-MM-DD HH:mm")


def test_runs_at_each_freeze_and_the_interval_is_the_week(timetable):
    first, second = runs(timetable("2022-01-03T00:00+08:00"), 2)
    assert local(first.run_after) == "2022-01-07 12:00"
    assert local(first.data_interval.start) == "2022-01-03 00:00"
    assert local(first.data_interval.end) == "2022-01-10 00:00"
    assert local(second.run_after) == "2022-01-14 12:00"


def test_make_up_days_and_holidays_move_the_run_and_an_empty_week_has_none(timetable):
    times = [local(info.run_after) for info in runs(timetable("2022-01-24T00:00+08:00"), 2)]
    assert times == ["2022-01-30 12:00", "2022-02-11 12:00"]


def test_short_week_runs_on_its_last_workday(timetable):
    (info,) = runs(timetable("2022-04-04T00:00+08:00"), 1)
    assert local(info.run_after) == "2022-04-07 12:00"


def test_new_installation_starts_with_the_next_freeze(timetable):
    now = dt.datetime.now(dt.UTC)
    (info,) = runs(timetable(), 1)
    assert now - dt.timedelta(minutes=11) < info.run_after < now + dt.timedelta(days=15)


def test_weeks_missed_run_once_each_in_order(timetable):
    """The scheduler asks for the run after the last one it made, however long ago that is."""
    weekly = timetable("2022-01-03T00:00+08:00")
    mondays = [local(info.data_interval.start)[:10] for info in runs(weekly, 6)]
    assert mondays == ["2022-01-03", "2022-01-10", "2022-01-17", "2022-01-24", "2022-02-07", "2022-02-14"]


def test_first_week_missed_is_not_forgotten(timetable):
    """Installed on a Monday, off on Friday, back a month later: the week of the installation still runs."""
    (info,) = runs(timetable("2022-01-03T09:00+08:00"), 1)
    assert local(info.run_after) == "2022-01-07 12:00"


def test_by_hand_means_the_last_week_that_closed(timetable):
    import pendulum

    weekly = timetable()
    friday = pendulum.datetime(2022, 1, 14, 9, tz="Asia/Shanghai")  # cut-off was Thursday 17:00
    wednesday = pendulum.datetime(2022, 1, 12, 9, tz="Asia/Shanghai")
    assert local(weekly.infer_manual_data_interval(run_after=friday).start) == "2022-01-10 00:00"
    assert local(weekly.infer_manual_data_interval(run_after=wednesday).start) == "2022-01-03 00:00"


def test_backfill_gives_the_weeks_between_two_days(timetable):
    import pendulum

    first, last = (pendulum.datetime(2022, month, day, tz="Asia/Shanghai") for month, day in ((1, 24), (2, 14)))
    found, interval = [], None
    while info := ask(timetable(), interval, earliest=first, latest=last):
        interval = info.data_interval
        found.append(local(interval.start)[:10])
    assert found == ["2022-01-24", "2022-02-07", "2022-02-14"]


def test_survives_serialization(timetable):
    from airflow.serialization.decoders import decode_timetable
    from airflow.serialization.encoders import encode_timetable

    weekly = timetable("2022-01-03T00:00+08:00")
    again = decode_timetable(encode_timetable(weekly))
    assert ask(again) == ask(weekly)


def test_changed_calendar_is_read_again(timetable, tmp_path):
    weekly = timetable("2022-01-03T00:00+08:00")
    assert local(ask(weekly).run_after) == "2022-01-07 12:00"
    file = tmp_path / "calendar.csv"
    file.write_text(CALENDAR + "2022-01-07,false,停工,true\n", encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert local(ask(weekly).run_after) == "2022-01-06 12:00"
