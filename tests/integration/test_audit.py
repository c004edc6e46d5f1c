"""The audit of a release: every reconciliation it makes can fail, and names the figure."""

import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg2
import pytest
from ducha.embedded import EmbeddedPostgres
from ducha.pipeline.week import run_week
from ducha.sample import write_sample
from ducha.settings import Settings
from ducha.warehouse.database import connect, copy_out, fetch, migrate, statement
from ducha.warehouse.release import TABLES, AuditFailedError, ReleaseKey, audit, write_release
from ducha.warehouse.suites import suite_of, unmet

from tests.small_county import COUNTY

CODE, WEEKS = "990001", 4


@pytest.fixture(scope="module")
def released(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[psycopg2.extensions.connection]:
    """The small county after four weeks of its sample."""
    home = tmp_path_factory.mktemp("home")
    answer = json.loads(write_sample(COUNTY, home / "sample", weeks=WEEKS, seed=1).read_text(encoding="utf-8"))
    url = postgres.new_database()
    migrate(url)
    conn = connect(url)
    for week in answer["weeks"]:
        run_week(conn, Settings(home, COUNTY, home / "sample" / "inbox", url), week["week"], lambda *_: None)
    yield conn
    conn.close()


def newest(conn: psycopg2.extensions.connection) -> str:
    query = "SELECT release_id FROM ops.release WHERE status = 'audited' ORDER BY week DESC, release_no DESC LIMIT 1"
    return str(fetch(conn, query)[0]["release_id"])


def found_after(conn: psycopg2.extensions.connection, table: str, change: str, which: str) -> set[tuple[str, str]]:
    """Spoil the newest release, audit it, and take the change back; return check and figure of each finding."""
    release_id = newest(conn)
    command = f"UPDATE {table} SET {change}" if change else f"DELETE FROM {table}"
    with conn.cursor() as cur:
        cur.execute(f"{command} WHERE {which} AND county_code = %s AND release_id = %s", (CODE, release_id))
        assert cur.rowcount >= 1, "the change hits nothing"
    findings = {(finding.check_code, finding.figure) for finding in audit(conn, CODE, release_id)}
    conn.rollback()
    return findings


def test_a_sound_release_has_no_finding(released: psycopg2.extensions.connection) -> None:
    for row in fetch(released, "SELECT release_id FROM ops.release"):
        assert audit(released, CODE, row["release_id"]) == []


def test_a_duty_that_no_unit_has_is_published_with_the_others(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    """It counts in its area and under its leader, who may have changed, and has no row of its own."""
    county = tmp_path / "county"
    shutil.copytree(COUNTY, county)
    lines = (county / "assignments.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (county / "assignments.csv").write_text("".join(x for x in lines if ",CY-13," not in x), encoding="utf-8")
    portfolios = (county / "portfolios.csv").read_text(encoding="utf-8").rstrip("\n")
    (county / "portfolios.csv").write_text(f"{portfolios}\nL02,CY-13,2022-01-01,\n", encoding="utf-8")
    answer = json.loads(write_sample(county, tmp_path / "sample", weeks=2, seed=1).read_text(encoding="utf-8"))
    url = postgres.new_database()
    migrate(url)
    with contextlib.closing(connect(url)) as conn:
        settings = Settings(tmp_path, county, tmp_path / "sample" / "inbox", url)
        for week in answer["weeks"]:
            run_week(conn, settings, week["week"], lambda *_: None)
        query = "SELECT unit_count, completion FROM mart.responsibility_week WHERE responsibility_code = 'CY-13'"
        assert fetch(conn, query) == [{"unit_count": 0, "completion": None}] * 2


ROWS, UNITS = "mart.responsibility_unit_week_release", "mart.unit_week_release"
RESPONSIBILITIES, SUBMISSIONS = "mart.responsibility_week_release", "mart.submission_week_release"
AREAS, LEADERS = "mart.area_week_release", "mart.leader_week_release"
TASK_FORCES, COUNTY_WEEK = "mart.task_force_week_release", "mart.county_week_release"
D01, CY01 = "unit_code = 'D01'", "responsibility_code = 'CY-01'"
KF05, AQ04 = "responsibility_code = 'KF-05'", "responsibility_code = 'AQ-04'"
MORE = "completion = completion + 0.00001"
SPOILT = [
    ("assignments", "responsibility_unit_week rows", ROWS, "", D01),
    ("states", "unit D01 counted", UNITS, "counted_count = counted_count + 1", D01),
    ("states", "responsibility CY-01 missing", RESPONSIBILITIES, "missing_count = missing_count + 1", CY01),
    ("states", "county counted", COUNTY_WEEK, "counted_count = counted_count + 1", "true"),
    ("states", "leader L02 missing", LEADERS, "missing_count = missing_count + 1", "leader_code = 'L02'"),
    ("lights_counted", "responsibility CY-01 red", RESPONSIBILITIES, "red_count = red_count + 1", CY01),
    ("lights_counted", "unit D01 green", UNITS, "green_count = green_count + 1", D01),
    ("lights_counted", "county green", COUNTY_WEEK, "green_count = green_count + 1", "true"),
    ("lights_counted", "area A01 grey", AREAS, "grey_count = grey_count + 1", "area_code = 'A01'"),
    ("worst_lights", "unit D01", UNITS, "worst_light = 'grey'", D01),
    ("worst_lights", "area A01", AREAS, "worst_light = NULL", "area_code = 'A01'"),
    ("members", "area A01", AREAS, "responsibility_count = responsibility_count + 1", "area_code = 'A01'"),
    ("cohorts", "county", COUNTY_WEEK, "cohort_change = NULL", "true"),
    ("cohorts", "county", COUNTY_WEEK, "entered_count = responsibility_count + 1", "true"),
    ("cohorts", "county", COUNTY_WEEK, "entered_count = NULL", "true"),
    ("members", "county", COUNTY_WEEK, "", "true"),
    ("members", "leader L02", LEADERS, "", "leader_code = 'L02'"),
    ("members", "area A01", AREAS, "", "area_code = 'A01'"),
    ("members", "task_force Z01", TASK_FORCES, "", "task_force_code = 'Z01'"),
    ("discrepancies", "unit D01 risk", UNITS, "risk_discrepancy_rate = 0.5, risk_checked_count = 4", D01),
    ("discrepancies", "unit D01 random", UNITS, "checked_count = checked_count + 1, discrepancy_rate = 0.5", D01),
    ("weights", "unit D01", UNITS, "weight_sum = weight_sum + 1", D01),
    ("unit_completion", "unit D01", UNITS, MORE, D01),
    ("responsibility_rows", "responsibility CY-01", RESPONSIBILITIES, "unit_count = unit_count + 1", CY01),
    ("responsibility_completion", "responsibility CY-01", RESPONSIBILITIES, MORE, CY01),
    ("responsibility_completion", "responsibility KF-05", RESPONSIBILITIES, MORE, KF05),
    ("responsibility_completion", "responsibility AQ-04", RESPONSIBILITIES, "completion = 0.5", AQ04),
    (
        "responsibility_completion",
        "responsibility CY-13",
        RESPONSIBILITIES,
        "completion = 0.5",
        "responsibility_code = 'CY-13'",
    ),
    ("responsibility_completion", "responsibility HY-01", RESPONSIBILITIES, MORE, "responsibility_code = 'HY-01'"),
    ("responsibility_sums", "responsibility CY-01 numerator", RESPONSIBILITIES, "numerator = numerator + 1", CY01),
    ("responsibility_sums", "responsibility KF-05 denominator", RESPONSIBILITIES, "denominator = NULL", KF05),
    ("partial", "responsibility KF-05", RESPONSIBILITIES, "is_partial = NOT is_partial", KF05),
    ("area_completion", "area A01", AREAS, MORE, "area_code = 'A01'"),
    ("leader_completion", "leader L02", LEADERS, MORE, "leader_code = 'L02'"),
    ("task_force_completion", "task_force Z01", TASK_FORCES, MORE, "task_force_code = 'Z01'"),
    ("county_completion", "county", COUNTY_WEEK, MORE, "true"),
    ("ranks", "unit D01", UNITS, "rank = rank + 1", D01),
    ("rank_bounds", "unit D01", UNITS, "rank_best = rank_worst + 1", D01),
    ("ledger_values", "row CY-01 D01", ROWS, "reported_value = reported_value + 1", f"{CY01} AND {D01}"),
    ("lights", "row CY-01 D01", ROWS, "state = 'missing', light = 'green'", f"{CY01} AND {D01}"),
    ("numbers", "row CY-01 D01", ROWS, "completion = NULL", f"{CY01} AND {D01}"),
    ("versions", "unit D01", SUBMISSIONS, "versions = versions + 1", D01),
    ("submission_units", "submission_week rows", SUBMISSIONS, "", D01),
    ("expected_rows", "unit D01", SUBMISSIONS, "expected_rows = expected_rows + 1", D01),
    ("reported_rows", "unit D01", SUBMISSIONS, "on_time_rows = accepted_rows + 1", D01),
    ("shares", "unit D01", UNITS, "completeness = completeness / 2", D01),
]
"""Check, figure, and the change that it must find: table, what is set ('' deletes), which rows."""


@pytest.mark.parametrize(("check_code", "figure", "table", "change", "which"), SPOILT)
def test_each_reconciliation_can_fail_and_names_the_figure(
    released: psycopg2.extensions.connection, check_code: str, figure: str, table: str, change: str, which: str
) -> None:
    assert (check_code, figure) in found_after(released, table, change, which)


def test_every_reconciliation_is_spoilt_above() -> None:
    """Those of `audit.sql`; the roll-ups' is one query over four kinds."""
    findings = statement("audit").partition("findings (check_code")[2]
    named = set(re.findall(r"^    SELECT '(\w+)'", findings, re.MULTILINE))
    rollups = {f"{kind}_completion" for kind in ("area", "leader", "task_force", "county")}
    assert named | rollups == {check for check, *_ in SPOILT}


def figures(conn: psycopg2.extensions.connection) -> dict[str, pd.DataFrame]:
    """The newest week's figures, each table as the warehouse holds it."""
    query = "SELECT * FROM mart.{}_release WHERE county_code = %s AND release_id = %s"
    with conn:
        return {table: copy_out(conn, query.format(table), (CODE, newest(conn))) for table in TABLES}


EXPECTATIONS = [
    pytest.param(table, number, id=f"{table}-{number}-{expectation['kwargs'].get('column', '')}")
    for table in TABLES
    for number, expectation in enumerate(suite_of(table)["expectations"])
]


@pytest.fixture(scope="module")
def sound(released: psycopg2.extensions.connection) -> dict[str, pd.DataFrame]:
    return figures(released)


def test_sound_figures_meet_every_suite(sound: dict[str, pd.DataFrame]) -> None:
    assert list(unmet(sound, TABLES)) == []
    assert {table for table, frame in sound.items() if frame.empty} == set(), "a suite without a row proves nothing"


def spoil(frame: pd.DataFrame, expectation: dict[str, Any]) -> pd.DataFrame:
    """The figures with one row that does not meet an expectation."""
    given, kind = expectation["kwargs"], expectation["type"]
    if kind == "expect_table_row_count_to_equal":
        return pd.concat([frame, frame], ignore_index=True)
    frame = frame.astype({name: "object" for key, name in given.items() if key.startswith("column")})
    label = frame.query(given["row_condition"]).index[0] if "row_condition" in given else frame.index[0]
    if "column_A" in given:
        later = isinstance(frame.loc[label, given["column_A"]], pd.Timestamp)
        high, low = (pd.Timestamp("2022-01-02", tz="UTC"), pd.Timestamp("2022-01-01", tz="UTC")) if later else (2, 1)
        frame.loc[label, [given["column_A"], given["column_B"]]] = [low, high]
        return frame.infer_objects()
    bad = {
        "expect_column_values_to_be_in_set": "purple",
        "expect_column_values_to_be_between": -1.0,
        "expect_column_values_to_be_null": 0.5,
        "expect_column_values_to_not_be_null": None,
    }
    frame.loc[label, given["column"]] = bad[kind]
    return frame.infer_objects()


@pytest.mark.parametrize(("table", "number"), EXPECTATIONS)
def test_each_expectation_finds_its_figure(sound: dict[str, pd.DataFrame], table: str, number: int) -> None:
    expectation = suite_of(table)["expectations"][number]
    found = list(unmet({table: spoil(sound[table], expectation)}, TABLES))
    said = f"{expectation['meta']['zh']} · {expectation['meta']['en']}"
    assert (table, said) in {(where, expected) for where, _, expected, _ in found}, found


def test_figures_that_do_not_meet_a_suite_are_not_shown(
    released: psycopg2.extensions.connection, sound: dict[str, pd.DataFrame]
) -> None:
    row = fetch(released, "SELECT * FROM ops.release WHERE release_id = %s", (newest(released),))[0]
    later = row["facts_frozen_at"] + timedelta(hours=1)
    key = ReleaseKey(CODE, row["week"], row["week_code"], later, later)
    keyless = {t: frame.drop(columns=["county_code", "release_id"]) for t, frame in sound.items()}
    rows = keyless["responsibility_unit_week"].copy()
    rows.loc[0, "planned_completion"] = 1.5
    spoilt = keyless | {"responsibility_unit_week": rows}
    with pytest.raises(AuditFailedError, match=r"planned_completion.*为 0–1 之间的比例") as failure, released:
        write_release(released, key, spoilt)
    code, duty, unit = "suite_responsibility_unit_week", rows.loc[0, "responsibility_code"], rows.loc[0, "unit_code"]
    assert (code, f"responsibility_unit_week 2022 {duty} {unit} planned_completion") in {
        (finding.check_code, finding.figure) for finding in failure.value.findings
    }
    assert newest(released) == row["release_id"]


def test_a_completion_of_millions_is_held_to_its_own_size(released: psycopg2.extensions.connection) -> None:
    """One unit that writes yuan for billions must not stop the county: 1e8 of 3 divides otherwise in decimal."""
    command = (
        f"UPDATE {ROWS} SET numerator = 100000000, denominator = 3, completion = 33333333.333333332 "
        f"WHERE {CY01} AND county_code = %s AND release_id = %s"
    )
    again = f"UPDATE {RESPONSIBILITIES} SET completion = 33333333.333333332 WHERE {CY01} AND release_id = %s"
    release_id = newest(released)
    with released.cursor() as cur:
        cur.execute(command, (CODE, release_id))
        assert cur.rowcount >= 1
        cur.execute(again, (release_id,))
    found = {(finding.check_code, finding.figure) for finding in audit(released, CODE, release_id)}
    released.rollback()
    assert ("responsibility_completion", "responsibility CY-01") not in found
