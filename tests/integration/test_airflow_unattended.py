"""Nobody there: weeks missed while the machine was off run once each, in order, when the real scheduler is back."""

import json
import time
from collections.abc import Iterator

import pytest
from ducha.local import airflow
from ducha.local.client import Client, Run
from ducha.local.environment import OFFICE, Place, prepare, write_private
from ducha.settings import Settings

from tests.small_county import COUNTY

DAG = "publish_weekly_bulletin"


@pytest.fixture
def place(tmp_path, monkeypatch) -> Iterator[Place]:
    """A machine installed on 24 January 2022, off since, and switched on today."""
    home = tmp_path / ".ducha"
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://127.0.0.1:1/of_another_airflow")
    place = Place(Settings(home, COUNTY, home / "inbox", ""))
    prepare(place)
    secrets = json.loads(place.secrets_file.read_text())
    write_private(place.secrets_file, json.dumps({**secrets, "started_at": "2022-01-24T08:00:00+08:00"}))
    yield place
    airflow.stop(place)


def runs_of(office: Client) -> list[tuple[str, str]]:
    """Each run's week (its Monday in UTC is the Sunday before) and state, in the order they were due."""
    found = office.call("GET", f"/api/v2/dags/{DAG}/dagRuns?order_by=run_after&limit=100")["dag_runs"]
    return [(run["data_interval_start"][:10], run["state"]) for run in found]


def await_runs(office: Client, count: int) -> list[tuple[str, str]]:
    deadline = time.monotonic() + 90
    while len(found := runs_of(office)) < count:
        assert time.monotonic() < deadline, found
        time.sleep(0.5)
    return found


def test_missed_weeks_run_once_each_in_order_and_the_holiday_week_never(place):
    airflow.start(place, print)
    office = Client.sign_in(place.url(), OFFICE, place.passwords()[OFFICE])
    office.await_dags([DAG])

    assert await_runs(office, 1) == [("2022-01-23", "running")], "one at a time: the next waits for its signature"
    run = office.newest(DAG)
    assert isinstance(run, Run)
    office.follow(run, print, until="sign_off")
    assert len(runs_of(office)) == 1
    office.answer(run, "sign_off", "Reject", "补发前先核对")
    office.follow(run, print)

    after = await_runs(office, 2)
    assert after == [("2022-01-23", "success"), ("2022-02-06", "running")], "2022-W05 has no workdays and no run"
