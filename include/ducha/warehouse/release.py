"""Releases: the figures of a week written, audited, and only then shown; the same figures again change nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
from psycopg2.extensions import connection as Connection

from ducha.warehouse.database import (
    conform,
    copy_in,
    copy_rows,
    csv_of,
    fetch,
    insert,
    lock_county,
    statement,
    without_nested_loops,
)
from ducha.warehouse.difference import ReleaseSpan, differences
from ducha.warehouse.suites import unmet

TABLES: Mapping[str, tuple[str, ...]] = {
    "responsibility_unit_week": ("plan_year", "responsibility_code", "unit_code"),
    "responsibility_week": ("plan_year", "responsibility_code"),
    "unit_week": ("unit_code",),
    "area_week": ("area_code",),
    "leader_week": ("leader_code",),
    "task_force_week": ("task_force_code",),
    "county_week": (),
    "submission_week": ("unit_code",),
    "verification_week": ("unit_code", "responsibility_code", "item"),
    "red_line_week": ("responsibility_code", "unit_code"),
    "projection_week": ("horizon_weeks",),
    "quality_week": ("unit_code",),
}
"""The released tables of schema `mart` and their keys after county_code, release_id and week."""


@dataclass(frozen=True)
class AuditFinding:
    """One reconciliation that did not hold."""

    check_code: str
    figure: str
    expected: str
    found: str


class AuditFailedError(RuntimeError):
    """The figures of a release do not agree with one another; nothing was published."""

    def __init__(self, week_code: str, findings: list[AuditFinding]) -> None:
        self.findings = findings
        first = findings[0]
        super().__init__(
            f"{week_code} 审计未通过，未发布：{first.check_code} {first.figure} 应为 {first.expected}，"
            f"实为 {first.found}（共 {len(findings)} 处）· audit failed, nothing published: "
            f"{first.figure} should be {first.expected}, "
            f"is {first.found} ({len(findings)} in all)"
        )


def _in_order(conn: Connection, figures: Mapping[str, pd.DataFrame]) -> dict[str, pa.Table]:
    """Return the figures as the warehouse keeps them: tables and columns in name order, rows in key order."""
    return {
        table: conform(
            conn,
            f"mart.{table}_release",
            figures[table].sort_values(["week", *TABLES[table]])[sorted(figures[table].columns)],
        )
        for table in sorted(figures)
    }


def content_sha256(tables: Mapping[str, pa.Table]) -> str:
    """The hash of every figure of a week, as `_in_order` gives them."""
    digest = hashlib.sha256()
    for table, rows in tables.items():
        digest.update(f"{table} {','.join(rows.column_names)}\n".encode())
        digest.update(csv_of(rows).getbuffer())
    return digest.hexdigest()


@dataclass(frozen=True)
class ReleaseKey:
    """Which week of which county, and the clocks of its release."""

    county_code: str
    week: datetime
    week_code: str
    facts_frozen_at: datetime
    released_at: datetime
    is_what_if: bool = False


def write_release(conn: Connection, key: ReleaseKey, figures: Mapping[str, pd.DataFrame]) -> str:
    """Write, audit and show the figures of a week as a new release; return its id.

    Figures equal to those of the newest release return that one, and so do figures from older facts than it rests on:
    what readers see never goes back. A what-if stands apart; the same one again returns the one that stands. Raises
    AuditFailedError: the caller's transaction must roll back, so that nothing of a failed release stays. One
    transaction's work, under the county's lock.
    """
    lock_county(conn, key.county_code)
    tables = _in_order(conn, figures)
    sha256 = content_sha256(tables)
    for standing in fetch(conn, statement("release_standing"), vars(key)):
        is_older = standing["facts_frozen_at"] > key.facts_frozen_at and not key.is_what_if
        if standing["content_sha256"] == sha256 or is_older:
            _hold_until(conn, key, standing["release_id"])
            return str(standing["release_id"])
    release_id = _insert_release(conn, key, "what_if" if key.is_what_if else "audited", sha256)
    with ThreadPoolExecutor(1) as beside:  # the suites are work for this process, the rest is the server's
        judged = beside.submit(list, unmet(figures, TABLES))
        for table, rows in tables.items():
            keyed = _with(rows, county_code=key.county_code, release_id=release_id)
            copy_rows(conn, f"mart.{table}_release", keyed)
        reconciled = audit(conn, key.county_code, release_id)
    findings = [AuditFinding("suite_" + name, *rest) for name, *rest in judged.result()] + reconciled
    if findings:
        raise AuditFailedError(key.week_code, findings)
    if not key.is_what_if:
        _record_corrections(conn, key, release_id)
    return release_id


def difference(conn: Connection, county_code: str, before: str, after: str) -> list[dict[str, Any]]:
    """Return what two releases of one week say differently, as `warehouse.difference.differences` does.

    Raises LookupError when one is not there or they are of different weeks.
    """
    query = "SELECT release_id, week, facts_frozen_at FROM ops.release WHERE county_code = %s AND release_id = ANY(%s)"
    found = {row["release_id"]: row for row in fetch(conn, query, (county_code, [before, after]))}
    if len({row["week"] for row in found.values()}) != 1 or not {before, after} <= set(found):
        raise LookupError(f"{before}, {after}: 不是同一周的两个版本 · are not two releases of one week")
    since, until = found[before]["facts_frozen_at"], found[after]["facts_frozen_at"]
    span = ReleaseSpan(county_code, found[after]["week"], before, after, since, until)
    return differences(conn, span, TABLES)


def _hold_until(conn: Connection, key: ReleaseKey, release_id: str) -> None:
    """Note that the facts known at the key's instant give the standing figures too."""
    command = """UPDATE ops.release SET holds_until = %s WHERE county_code = %s AND release_id = %s
                 AND coalesce(holds_until, facts_frozen_at) < %s"""
    with conn.cursor() as cur:
        cur.execute(command, (key.facts_frozen_at, key.county_code, release_id, key.facts_frozen_at))


def _record_corrections(conn: Connection, key: ReleaseKey, release_id: str) -> None:
    """Write what a new release says otherwise than the published one of its week, if there is one."""
    query = "SELECT release_id FROM ops.release WHERE county_code = %s AND week = %s AND status = 'published'"
    for published in fetch(conn, query, (key.county_code, key.week)):
        common = {
            "county_code": key.county_code, "release_id": release_id, "week": key.week, "week_code": key.week_code,
            "corrected_release_id": published["release_id"], "known_at": key.facts_frozen_at,
        }  # fmt: skip
        changed = difference(conn, key.county_code, published["release_id"], release_id)
        rows = [
            {**common, **row, "key": json.dumps(row["key"]), "correction_id": f"{release_id}-{number:04d}"}
            for number, row in enumerate(changed, start=1)
        ]
        insert(conn, "mart.correction", rows)


def _with(rows: pa.Table, **values: str) -> pa.Table:
    """Return rows with more columns of one value each."""
    for name, value in values.items():
        rows = rows.append_column(name, pa.repeat(value, len(rows)))
    return rows


def _insert_release(conn: Connection, key: ReleaseKey, status: str, sha256: str) -> str:
    """Add a release with the next number of its week, a what-if with the next below zero; return its id."""
    query = """SELECT greatest(coalesce(max(release_no), 0), 0) + 1 AS above,
                      least(coalesce(min(release_no), 0), 0) - 1 AS below
               FROM ops.release WHERE county_code = %s AND week = %s"""
    free = fetch(conn, query, (key.county_code, key.week))[0]
    number = free["below"] if key.is_what_if else free["above"]
    release_id = f"{key.week_code}-{'R' if number > 0 else 'W'}{abs(number)}"
    row = {"county_code": key.county_code, "release_id": release_id, "week": key.week, "week_code": key.week_code,
           "release_no": number, "released_at": key.released_at, "facts_frozen_at": key.facts_frozen_at,
           "status": status, "content_sha256": sha256}  # fmt: skip
    copy_in(conn, "ops.release", pd.DataFrame([row]))
    return release_id


def audit(conn: Connection, county_code: str, release_id: str) -> list[AuditFinding]:
    """Reconcile a written release with itself and with the ledger; return what does not agree."""
    release = {"county_code": county_code, "release_id": release_id}
    (span,) = fetch(conn, statement("release_span"), release)
    with without_nested_loops(conn):
        return [AuditFinding(**row) for row in fetch(conn, statement("audit"), release | span)]


def record_findings(conn: Connection, key: ReleaseKey, findings: list[AuditFinding]) -> None:
    """Keep what an audit found, under a release that failed and holds no figures."""
    release_id = _insert_release(conn, key, "failed", "")
    frame = pd.DataFrame([vars(f) for f in findings]).drop_duplicates(["check_code", "figure"])
    copy_in(conn, "ops.audit_result", frame.assign(county_code=key.county_code, release_id=release_id, is_passed=False))
