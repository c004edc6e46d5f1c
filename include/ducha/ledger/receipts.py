"""Receipts and withdrawals: what arrived and what was taken back, each recorded once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from psycopg2.extensions import connection as Connection

from ducha.calendar import monday_of
from ducha.personal import masked_path
from ducha.sources.arrival import Arrival, Withdrawal
from ducha.warehouse.database import copy_out, fetch, insert, lock_county

if TYPE_CHECKING:
    import pandas as pd


def short_hash(*parts: object) -> str:
    """A stable code of twenty hex digits: the same event has the same code on every run and every machine."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:20]


def record_receipts(
    conn: Connection,
    county_code: str,
    source: str,
    arrivals: Sequence[tuple[Arrival, str]],
    is_live: bool,
) -> list[str]:
    """Record arrivals with the sha256 they landed under; return the receipt ids that are new.

    An arrival is known already when its very event was recorded (replays) or, for a live source, when the newest
    receipt of its path has the same content. A receipt is known when it arrived. One transaction's work, under the
    county's lock.

    A path is kept, and keys its receipts, without the identity and phone numbers that may stand in it: analysts read
    receipts, and a hash of the number would tell it too.
    """
    lock_county(conn, county_code)
    named = [(arrival, masked_path(arrival.path), sha256) for arrival, sha256 in arrivals]
    paths = sorted({path for _, path, _ in named})
    query = """SELECT receipt_id, path, sha256 FROM ledger.receipt
               WHERE county_code = %s AND source = %s AND path = ANY(%s) ORDER BY ordinal, receipt_id"""
    standing = fetch(conn, query, (county_code, source, paths))
    seen = {row["receipt_id"] for row in standing}
    newest = {row["path"]: row["sha256"] for row in standing}
    rows = []
    for arrival, path, sha256 in named:
        receipt_id = short_hash(source, path, sha256, arrival.ordinal)
        unchanged = is_live and newest.get(path) == sha256
        if receipt_id in seen or unchanged:
            continue
        seen.add(receipt_id)
        newest[path] = sha256
        rows.append(
            {
                "county_code": county_code,
                "receipt_id": receipt_id,
                "unit_code": arrival.unit_code,
                "kind": arrival.kind,
                "source": source,
                "path": path,
                "sha256": sha256,
                "byte_count": len(arrival.content),
                "ordinal": arrival.ordinal,
                "received_at": arrival.received_at,
                "known_at": arrival.received_at,
            }
        )
    insert(conn, "ledger.receipt", rows)
    return [str(row["receipt_id"]) for row in rows]


def record_withdrawals(
    conn: Connection, county_code: str, withdrawals: Iterable[Withdrawal], known_at: datetime | None = None
) -> int:
    """Record withdrawals; return how many are new. Each takes back every submission of its unit × week before it."""
    lock_county(conn, county_code)
    rows = [
        {
            "county_code": county_code,
            "withdrawal_id": short_hash("withdrawal", w.unit_code, w.week_code, w.ordinal),
            "unit_code": w.unit_code,
            "week": monday_of(w.week_code),
            "week_code": w.week_code,
            "ordinal": w.ordinal,
            "received_at": w.received_at,
            "known_at": known_at or w.received_at,
            "reason": w.reason,
        }
        for w in withdrawals
    ]
    known = fetch(conn, "SELECT withdrawal_id FROM ledger.withdrawal WHERE county_code = %s", (county_code,))
    seen = {row["withdrawal_id"] for row in known}
    fresh = [row for row in rows if row["withdrawal_id"] not in seen]
    insert(conn, "ledger.withdrawal", fresh)
    return len(fresh)


def unchecked_receipts(conn: Connection, county_code: str) -> pd.DataFrame:
    """Receipts that intake has not looked at yet, oldest first: the columns of `ledger.receipt`."""
    query = """SELECT r.* FROM ledger.receipt r
               WHERE r.county_code = %s AND NOT EXISTS (
                   SELECT FROM ledger.submission s
                   WHERE s.county_code = r.county_code AND s.receipt_id = r.receipt_id)
               ORDER BY r.ordinal, r.receipt_id"""
    return copy_out(conn, query, (county_code,))
