"""The sample county's eight weeks through the whole pipeline, against the answer file and a plain recomputation."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd
import psycopg2
import pytest
from ducha.catalogue import Catalogue, Facts
from ducha.embedded import EmbeddedPostgres
from ducha.intake.landing import landed_path
from ducha.ledger.facts import read_facts
from ducha.pipeline.fetch import NoCutOffError
from ducha.pipeline.week import run_week
from ducha.sample import write_sample
from ducha.settings import Settings
from ducha.warehouse.catalogue import read_catalogue
from ducha.warehouse.database import connect, fetch, migrate
from ducha.warehouse.fingerprint import fingerprint
from openpyxl import load_workbook

from tests.small_county import COUNTY
from tests.unit.plain_metrics import recompute, recompute_areas, recompute_responsibilities, recompute_units

LAST = "2022-W08"
INFLATED = {"typed_ten_times_too_large"}
"""A fault that no rule of the form can see: the figure is believable, only wrong."""


@dataclass(frozen=True)
class County:
    """The warehouse after eight weeks, and what was truly sent."""

    conn: psycopg2.extensions.connection
    settings: Settings
    answer: dict[str, Any]
    catalogue: Catalogue
    summary: dict[str, Any]

    def known_by_the_freeze(self) -> list[dict[str, Any]]:
        """The files of the answer that had come when the last week froze."""
        freeze = next(week["freeze_at"] for week in self.answer["weeks"] if week["week"] == LAST)
        return [file for file in self.answer["files"] if file["received_at"] <= freeze]


@pytest.fixture(scope="module")
def county(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    home = tmp_path_factory.mktemp("home")
    answer = json.loads(write_sample(COUNTY, home / "sample", weeks=8, seed=1).read_text(encoding="utf-8"))
    url = postgres.new_database()
    migrate(url)
    conn = connect(url)
    settings = Settings(home, COUNTY, home / "sample" / "inbox", url)
    for week in answer["weeks"]:
        if week["cut_off_at"] is not None:
            summary = run_week(conn, settings, week["week"], lambda *_: None)
    catalogue = read_catalogue(conn, answer["county_code"])
    yield County(conn, settings, answer, catalogue, summary)
    conn.close()


def faulty_rows(file: dict[str, Any]) -> set[int]:
    return {fault["row"] for fault in file["faults"] if fault["kind"] not in INFLATED}


def test_who_reported_equals_the_answer(county: County) -> None:
    sent = [f for f in county.known_by_the_freeze() if f["week"] == LAST and f["role"] != "inspection"]
    readable = [f for f in sent if f["readable"] and len(f["rows"]) > len(faulty_rows(f))]
    on_time = {f["sender"] for f in readable if f["came"] == "by_cut_off"}
    late = {f["sender"] for f in readable} - on_time
    returned = {f["sender"] for f in sent} - on_time - late
    silent = {s["unit_code"] for s in county.answer["silent"] if s["week"] == LAST}
    found = {
        status: {u["unit_code"] for u in county.summary["units"] if u["status"] == status}
        for status in ("on_time", "late", "returned", "missing")
    }
    assert found == {"on_time": on_time, "late": late, "returned": returned, "missing": silent}
    assert county.summary["counts"]["expected"] == 10
    assert all((late, returned, silent)), "the week must show each of them"


def test_every_row_sent_is_accepted_or_returned_with_its_reason(county: County) -> None:
    truth = {f["file"]: (len(set(faulty_rows(f)) - {0}), f["readable"]) for f in county.known_by_the_freeze()}
    query = """SELECT r.path, sum(s.rejected_rows) AS rejected, bool_and(s.verdict <> 'refused') AS readable
               FROM ledger.receipt r JOIN ledger.submission s USING (county_code, receipt_id) GROUP BY r.path"""
    found = {row["path"]: (row["rejected"], row["readable"]) for row in fetch(county.conn, query)}
    assert found == truth
    marked = {(f["file"], row) for f in county.known_by_the_freeze() for row in faulty_rows(f)}
    told = fetch(county.conn, "SELECT DISTINCT path, row_no FROM ops.intake_event e JOIN ledger.receipt r "
                              "USING (county_code, receipt_id)")  # fmt: skip
    assert marked <= {(row["path"], row["row_no"]) for row in told}


def test_what_was_sent_lands_unaltered(county: County) -> None:
    receipts = {r["path"]: r for r in fetch(county.conn, "SELECT * FROM ledger.receipt")}
    for file in county.known_by_the_freeze():
        receipt = receipts[file["file"]]
        assert receipt["sha256"] == file["sha256"]
        landed = landed_path(county.settings.landing_dir, receipt["sha256"]).read_bytes()
        assert landed == (county.settings.inbox / file["file"]).read_bytes()
        assert f"{receipt['received_at']:%Y-%m-%dT%H:%M:%SZ}" == file["received_at"]


def test_every_unit_with_a_fault_gets_a_marked_workbook(county: County) -> None:
    at_fault = {f["file"] for f in county.known_by_the_freeze() if faulty_rows(f)}
    returned = fetch(county.conn, "SELECT r.path AS sent, f.path FROM ops.returned_file f "
                                  "JOIN ledger.receipt r USING (county_code, receipt_id)")  # fmt: skip
    assert {row["sent"] for row in returned} == at_fault
    for row in returned:
        sheets = load_workbook(county.settings.home / row["path"]).sheetnames
        assert sheets, row["path"]


def test_no_personal_number_is_kept_outside_the_landing(county: County) -> None:
    fault = next(
        fault for file in county.answer["files"] for fault in file["faults"] if "personal" in fault["kind"]
        or "phone" in fault["kind"]
    )  # fmt: skip
    assert any(c.isdigit() for c in fault["raw"])
    for table in ("ledger.progress", "ops.intake_event", "ops.rejected_row"):
        rows = fetch(county.conn, f"SELECT t::text AS row FROM {table} t")
        assert not [r for r in rows if fault["raw"] in r["row"]], table


@pytest.mark.parametrize("week", ["2022-W02", "2022-W04", "2022-W06", "2022-W08"])
def test_completions_equal_a_plain_recomputation(county: County, week: str) -> None:
    """Every release of the week, the one of its freeze and those that late facts made, as known then."""
    query = "SELECT release_id, facts_frozen_at FROM ops.release WHERE week_code = %s ORDER BY release_no"
    releases = fetch(county.conn, query, (week,))
    assert releases[0]["facts_frozen_at"] == county.catalogue.week_row(week)["freeze_at"].to_pydatetime()
    for release in releases:
        weeks = county.catalogue.year_to_date(week)
        facts = read_facts(county.conn, county.catalogue.county_code, release["facts_frozen_at"], weeks)
        equals_plain(county, facts, week, release["release_id"])


def equals_plain(county: County, facts: Facts, week: str, release_id: str) -> None:
    plain = recompute(county.catalogue, facts, week)
    query = "SELECT * FROM mart.responsibility_unit_week_release WHERE release_id = %s"
    rows = fetch(county.conn, query, (release_id,))
    assert {(r["responsibility_code"], r["unit_code"]) for r in rows} == set(plain)
    for row in rows:
        expected = plain[row["responsibility_code"], row["unit_code"]]
        assert row["state"] == expected["state"], row
        assert row["raw_light"] == expected["raw_light"], row
        assert close(row["completion"], expected["completion"]), row
        assert close(row["planned_completion"], expected["planned"]), row
    for table, key, plainly in (
        ("unit_week", "unit_code", recompute_units),
        ("responsibility_week", "responsibility_code", recompute_responsibilities),
        ("area_week", "area_code", recompute_areas),
    ):
        expected = plainly(county.catalogue, facts, week)
        query = f"SELECT {key} AS key, completion FROM mart.{table}_release WHERE release_id = %s"
        for row in fetch(county.conn, query, (release_id,)):
            assert close(row["completion"], expected[row["key"]]), (table, row, expected[row["key"]])


def close(found: Any, expected: Fraction | None) -> bool:
    if found is None or expected is None:
        return found is None and expected is None
    return abs(Fraction(found) - expected) < Fraction(1, 10**9)


def test_every_assignment_has_exactly_one_state(county: County) -> None:
    assignments = county.catalogue.assignments
    carrying = assignments[(assignments["share"] > 0) & (assignments["plan_year"] == 2022)]
    rows = fetch(county.conn, "SELECT responsibility_code, unit_code, state FROM mart.responsibility_unit_week "
                              "WHERE week_code = %s", (LAST,))  # fmt: skip
    keys = Counter((row["responsibility_code"], row["unit_code"]) for row in rows)
    assert set(keys.values()) == {1}
    assert set(keys) == set(zip(carrying["responsibility_code"], carrying["unit_code"], strict=True))
    assert {"counted", "no_target", "exempt", "not_started", "unknown"} <= {row["state"] for row in rows}


def test_silence_is_missing_and_not_zero(county: County) -> None:
    unit = fetch(county.conn, "SELECT * FROM mart.submission_week WHERE week_code = %s AND status = 'missing'", (LAST,))
    assert [row["unit_code"] for row in unit] == ["T04"]
    assert (unit[0]["accepted_rows"], unit[0]["first_received_at"], unit[0]["is_on_time"]) == (0, None, False)
    rows = fetch(county.conn, "SELECT state, completion, light FROM mart.responsibility_unit_week WHERE week_code = %s "
                              "AND state = 'missing'", (LAST,))  # fmt: skip
    assert rows, "the sample has a row that was never reported"
    assert {(row["completion"], row["light"]) for row in rows} == {(None, "red")}


def test_an_unread_ledger_is_read_once(county: County) -> None:
    before = fingerprint(county.conn)
    again = run_week(county.conn, county.settings, LAST, lambda *_: None)
    assert again.pop("intake")["files"] == 0
    assert again == {name: value for name, value in county.summary.items() if name != "intake"}
    assert fingerprint(county.conn) == before


def test_a_week_without_workdays_has_no_cut_off_and_its_facts_join_the_next(county: County) -> None:
    with pytest.raises(NoCutOffError, match="2022-W05"):
        run_week(county.conn, county.settings, "2022-W05", lambda *_: None)
    assert fetch(county.conn, "SELECT 1 FROM ops.release WHERE week_code = '2022-W05'") == []
    early = {f["sender"] for f in county.answer["files"] if f["week"] == "2022-W05"}
    recorded = fetch(county.conn, "SELECT DISTINCT unit_code FROM ledger.submission WHERE week_code = '2022-W05'")
    assert early
    assert {row["unit_code"] for row in recorded} == early
    zero_reports = fetch(county.conn, "SELECT count(*) AS n FROM ledger.progress WHERE week = '2022-01-31'")
    assert zero_reports[0]["n"] > 0


def test_an_analyst_finds_areas_and_the_worst_rows_with_read_sql(county: County) -> None:
    areas = pd.read_sql(
        "SELECT area_code, completion FROM mart.area_week WHERE week_code = '2022-W08'", alchemy(county)
    )
    assert len(areas) == 10
    worst = pd.read_sql(
        "SELECT responsibility_code, unit_code, completion, light FROM mart.responsibility_unit_week "
        "WHERE week_code = '2022-W08' AND state IN ('counted', 'carried') ORDER BY completion LIMIT 5",
        alchemy(county),
    )
    assert worst["completion"].is_monotonic_increasing
    assert len(worst) == 5


def alchemy(county: County) -> Any:
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    return create_engine(
        "postgresql+psycopg2://", creator=lambda: connect(county.settings.database_url), poolclass=NullPool
    )
