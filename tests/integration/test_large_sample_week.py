"""Two weeks of a hundred units through intake and ledger: what was accepted, returned, refused and taken back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg2
import pytest
from ducha.embedded import EmbeddedPostgres
from ducha.pipeline.week import run_week
from ducha.sample import write_sample
from ducha.settings import Settings
from ducha.warehouse.database import connect, fetch, migrate

from tests.large_county import write_large_county

WEEKS = ("2022-W01", "2022-W02")
UNSEEN = {"typed_ten_times_too_large"}
"""A fault that no rule of the form can see: the figure is believable, only wrong."""


@dataclass(frozen=True)
class County:
    conn: psycopg2.extensions.connection
    answer: dict[str, Any]
    summaries: dict[str, Any]

    def known(self) -> list[dict[str, Any]]:
        """The files that had come when the last week froze."""
        freeze = next(week["freeze_at"] for week in self.answer["weeks"] if week["week"] == WEEKS[-1])
        return [file for file in self.answer["files"] if file["received_at"] <= freeze]


@pytest.fixture(scope="module")
def county(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    home = tmp_path_factory.mktemp("home")
    county_dir = write_large_county(home / "county")
    answer = json.loads(write_sample(county_dir, home / "sample", weeks=2).read_text(encoding="utf-8"))
    url = postgres.new_database()
    migrate(url)
    conn = connect(url)
    settings = Settings(home, county_dir, home / "sample" / "inbox", url)
    yield County(conn, answer, {week: run_week(conn, settings, week, lambda *_: None) for week in WEEKS})
    conn.close()


def faulty_rows(file: dict[str, Any]) -> set[int]:
    return {fault["row"] for fault in file["faults"] if fault["kind"] not in UNSEEN}


def test_every_row_is_accepted_or_returned_as_the_answer_says(county: County) -> None:
    truth = {
        f["file"]: (len(f["rows"]) - len(faulty_rows(f) - {0}), len(faulty_rows(f) - {0}), f["readable"])
        for f in county.known()
    }
    query = """SELECT r.path, sum(s.accepted_rows)::int AS accepted, sum(s.rejected_rows)::int AS rejected,
                      bool_and(s.verdict <> 'refused') AS readable
               FROM ledger.receipt r JOIN ledger.submission s USING (county_code, receipt_id) GROUP BY r.path"""
    found = {row["path"]: (row["accepted"], row["rejected"], row["readable"]) for row in fetch(county.conn, query)}
    assert found == truth
    assert sum(rejected for _, rejected, _ in truth.values()) > 10


def test_every_mistake_is_told_in_its_cell(county: County) -> None:
    query = """SELECT DISTINCT r.path, e.row_no, e.cell, e.reason_code FROM ops.intake_event e
               JOIN ledger.receipt r USING (county_code, receipt_id)"""
    told = {(row["path"], row["row_no"], row["cell"]) for row in fetch(county.conn, query)}
    for file in county.known():
        for fault in file["faults"]:
            if fault["kind"] not in UNSEEN:
                assert (file["file"], fault["row"], fault["cell"]) in told, (file["format"], fault)


@pytest.mark.parametrize("week", WEEKS)
def test_who_reported_equals_the_answer(county: County, week: str) -> None:
    freeze = next(each["freeze_at"] for each in county.answer["weeks"] if each["week"] == week)
    taken = {w["unit_code"]: w["withdrawn_at"] for w in county.answer["withdrawals"] if w["week"] == week}
    expected: dict[str, str] = {s["unit_code"]: "missing" for s in county.answer["silent"] if s["week"] == week}
    sent = [f for f in county.answer["files"] if f["week"] == week and f["role"] not in ("inspection", "zero_reports")]
    for unit in {f["sender"] for f in sent}:
        came = [f for f in sent if f["sender"] == unit and f["received_at"] <= freeze]
        standing = [f for f in came if f["received_at"] > taken.get(unit, "")]
        good = [f for f in standing if f["readable"] and len(f["rows"]) > len(faulty_rows(f))]
        if good:
            expected[unit] = "on_time" if any(f["came"] == "by_cut_off" for f in good) else "late"
        else:
            expected[unit] = "returned" if standing else "withdrawn" if came else "missing"
    found = {unit["unit_code"]: unit["status"] for unit in county.summaries[week]["units"]}
    assert found == expected


def test_a_withdrawal_is_known_when_it_happened(county: County) -> None:
    rows = fetch(county.conn, "SELECT unit_code, week_code, known_at, reason FROM ledger.withdrawal")
    assert {(r["unit_code"], r["week_code"], f"{r['known_at']:%Y-%m-%dT%H:%M:%SZ}", r["reason"]) for r in rows} == {
        (w["unit_code"], w["week"], w["withdrawn_at"], w["reason"]) for w in county.answer["withdrawals"]
    }
    query = "SELECT status, withdrawn_count FROM mart.submission_week WHERE unit_code = %s AND week_code = %s"
    assert all(summary["strays"] == [] for summary in county.summaries.values())
    statuses = set()
    for taken in county.answer["withdrawals"]:
        (row,) = fetch(county.conn, query, (taken["unit_code"], taken["week"]))
        assert row["withdrawn_count"] == 1
        statuses.add(row["status"])
    assert "withdrawn" in statuses
