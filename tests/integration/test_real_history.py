"""The real arrival history through landing, ledger, releases and `submission_week`, against a plain computation."""

from pathlib import Path

import pytest
from ducha.pipeline.collect import check_submissions, replay_events, sync_catalogue
from ducha.pipeline.publish import compute_release
from ducha.settings import Settings
from ducha.warehouse.catalogue import read_catalogue
from ducha.warehouse.database import fetch
from ducha.warehouse.fingerprint import fingerprint

from tests.histories import outcomes_of
from tests.integration.flusight import source_events, write_county
from tests.plain_history import Event, read_events, real_history, week_codes


def run_history(conn, settings: Settings, events: list[Event], weeks: dict[str, str]) -> None:
    end = max(event.at for event in events)
    sync_catalogue(conn, settings.county_dir, end, "test")
    catalogue = read_catalogue(conn, "990078")
    replay_events(conn, settings, catalogue, source_events(events, weeks))
    check_submissions(conn, settings, catalogue, end)
    for code in weeks.values():
        compute_release(conn, catalogue, code, end)


@pytest.fixture
def settings(tmp_path: Path, warehouse_url: str) -> Settings:
    return Settings(tmp_path / "home", tmp_path / "county", tmp_path / "inbox", warehouse_url)


def test_real_history_equals_a_plain_computation_also_twice(shared: Path, conn, settings: Settings) -> None:
    file = shared / "corpus" / "flusight" / "arrival_events.csv"
    events, deadlines = read_events(file)
    assert (len(events), len(deadlines), len({e.submitter for e in events})) == (3095, 69, 78)
    weeks = week_codes(deadlines)
    write_county(settings.county_dir, events, deadlines)
    expected = real_history(file).outcomes()

    run_history(conn, settings, events, weeks)
    first = outcomes_of(fetch(conn, "SELECT * FROM mart.submission_week"))
    assert len(first) == 78 * 69
    different = {key: (first[key], expected[key]) for key in expected if first[key] != expected[key]}
    assert different == {}
    before = fingerprint(conn)

    run_history(conn, settings, events, weeks)
    assert fingerprint(conn) == before
    assert outcomes_of(fetch(conn, "SELECT * FROM mart.submission_week")) == expected
