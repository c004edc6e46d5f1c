"""The ledger's facts: a batch recorded once, and everything known at an instant read back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

import pandas as pd
from psycopg2.extensions import connection as Connection

from ducha.catalogue import Facts
from ducha.warehouse.database import copy_in, copy_out, fetch, statement, without_nested_loops

FACTS = ("ledger.progress", "ledger.inspection")
"""The tables that are kept by week, `ledger_week.<facts>_<week>` (migration 0007)."""


def batch_id_of(receipt_ids: pd.Series) -> str:
    """The key of a batch: the hash of the receipts in it."""
    return hashlib.sha256("\n".join(sorted(receipt_ids)).encode()).hexdigest()[:20]


def record_batch(conn: Connection, county_code: str, tables: Mapping[str, pd.DataFrame]) -> str | None:
    """Record what intake made of a set of receipts; return the batch id, or None when it stands already.

    `tables`: `ledger.submission`, `ledger.progress`, `ledger.inspection`, `ops.intake_event`, `ops.rejected_row`,
    columns as in the database but for county_code and batch_id. The caller holds the county's lock from reading the
    receipts on, and the transaction: a receipt recorded before makes the batch void as a whole.
    """
    submissions = tables["ledger.submission"]
    batch_id = batch_id_of(submissions["receipt_id"])
    taken = fetch(
        conn,
        "SELECT receipt_id FROM ledger.submission WHERE county_code = %s AND receipt_id = ANY(%s) LIMIT 1",
        (county_code, sorted(set(submissions["receipt_id"]))),
    )
    if taken:
        return None
    for table, frame in tables.items():
        extra = {"batch_id": batch_id} if table == "ledger.submission" else {}
        rows = frame.assign(county_code=county_code, **extra)
        record = record_facts if table in FACTS else copy_in
        record(conn, table, rows)
    return batch_id


def record_facts(conn: Connection, table: str, rows: pd.DataFrame) -> int:
    """COPY rows of `ledger.progress` or `ledger.inspection` into the tables of their weeks; return how many.

    A week's table is made with its first facts. Raises psycopg2.errors.ForeignKeyViolation for a fact without its
    submission, CheckViolation for a submission of which not all rows came.
    """
    written = 0
    in_order = rows.sort_values("submission_id", kind="stable")  # of the key: a load out of order takes a third longer
    for week, of_week in in_order.groupby("week", dropna=False):
        (made,) = fetch(conn, "SELECT ledger.week_table(%s, %s::date) AS name", (table.removeprefix("ledger."), week))
        written += copy_in(conn, made["name"], of_week)
    return written


def read_facts(conn: Connection, county_code: str, known_at: datetime, weeks: tuple[datetime, datetime]) -> Facts:
    """Return the facts from one Monday's week to another's, recorded by `known_at`; frames as `Facts` says."""
    since, through = weeks
    parameters = {"county_code": county_code, "known_at": known_at, "since": since, "through": through}

    def read(name: str) -> pd.DataFrame:
        return copy_out(conn, statement(f"facts_{name}"), parameters)

    with without_nested_loops(conn):
        return Facts(read("progress"), read("inspections"), read("submissions"), read("withdrawals"))
