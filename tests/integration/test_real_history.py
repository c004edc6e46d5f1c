"""The real arrival history through landing, ledger, releases and `submission_week`, against a plain computation."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from ducha.pipeline import check_submissions, compute_release, replay_events, sync_catalogue
from ducha.settings import Settings
from ducha.warehouse.catalogue import read_catalogue
from ducha.warehouse.database import fetch
from ducha.warehouse.fingerprint import fingerprint

from tests.integration.flusight import Event, old_slot, read_events, source_events, week_codes, write_county


@dataclass
class Slot:
    """What a submitter did for one reporting date, kept by hand."""

    standing: list[datetime] = field(default_factory=list)
    arrivals: int = 0
    withdrawals: int = 0

    def withdraw(self) -> None:
        if self.standing:
            self.withdrawals += 1
        self.standing = []

    def arrive(self, at: datetime) -> None:
        self.arrivals += 1
        self.standing.append(at)


def plain_slots(events: list[Event]) -> dict[tuple[str, str], Slot]:
    """Replay the lines one after the other, without any code of the pipeline."""
    slots: dict[tuple[str, str], Slot] = {}
    for event in events:
        slot = (event.submitter, event.period)
        if event.status == "D":
            slots.setdefault(slot, Slot()).withdraw()
            continue
        if event.status == "R" and old_slot(event) != slot:
            slots.setdefault(old_slot(event), Slot()).withdraw()
        slots.setdefault(slot, Slot()).arrive(event.at)
    return slots


def plain_weeks(events: list[Event], deadlines: dict[str, datetime]) -> dict[tuple[str, str], tuple[object, ...]]:
    """Return (expected, received, on time, versions, withdrawals) of every submitter and reporting date."""
    slots = plain_slots(events)
    periods: dict[str, list[str]] = {}
    for event in events:
        periods.setdefault(event.submitter, []).append(event.period)
    weeks = {}
    for submitter, own in periods.items():
        for period, deadline in deadlines.items():
            slot = slots.get((submitter, period), Slot())
            expected = min(own) <= period <= max(own)
            received = bool(slot.standing)
            on_time = received and slot.standing[0] <= deadline
            weeks[submitter, period] = (expected, received, on_time, slot.arrivals, slot.withdrawals)
    return weeks


def pipeline_weeks(conn, weeks: dict[str, str]) -> dict[tuple[str, str], tuple[object, ...]]:
    rows = fetch(conn, "SELECT * FROM mart.submission_week WHERE county_code = '990078'")
    period_of = {code: period for period, code in weeks.items()}
    return {
        (row["unit_code"], period_of[row["week_code"]]): (
            row["status"] != "not_expected",
            row["accepted_rows"] > 0,
            bool(row["is_on_time"]),
            row["versions"],
            row["withdrawn_count"],
        )
        for row in rows
    }


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
    events, deadlines = read_events(shared / "corpus/flusight/arrival_events.csv")
    assert (len(events), len(deadlines), len({e.submitter for e in events})) == (3095, 69, 78)
    weeks = week_codes(deadlines)
    write_county(settings.county_dir, events, deadlines)
    expected = plain_weeks(events, deadlines)

    run_history(conn, settings, events, weeks)
    first = pipeline_weeks(conn, weeks)
    assert len(first) == 78 * 69
    different = {key: (first[key], expected[key]) for key in expected if first[key] != expected[key]}
    assert different == {}
    before = fingerprint(conn)

    run_history(conn, settings, events, weeks)
    assert fingerprint(conn) == before
    assert pipeline_weeks(conn, weeks) == expected
