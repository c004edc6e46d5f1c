"""The state of a week as one plain dictionary: what the command line, the DAGs and the demo's summary show."""

from __future__ import annotations

from collections import Counter
from typing import Any

from psycopg2.extensions import connection as Connection

from ducha.warehouse.database import fetch, statement

RECEIVED = ("on_time", "late", "returned")
"""Statuses of a unit from which something came and stands."""


def week_summary(conn: Connection, county_code: str, week_code: str) -> dict[str, Any]:
    """Return the newest release of a week: release, units by status, completion by area, returned files, bulletin.

    Keys: week, release (None before the first), counts (expected, received, on_time, late, missing, returned,
    withdrawn), units, areas, returned_files.
    """
    key = {"county_code": county_code, "week_code": week_code}
    release = fetch(conn, statement("status_release"), key)
    units = fetch(conn, statement("status_units"), key)
    status = Counter(unit["status"] for unit in units)
    counts = {
        "expected": sum(unit["status"] != "not_expected" for unit in units),
        "received": sum(status[s] for s in RECEIVED),
        **{s: status[s] for s in ("on_time", "late", "missing", "returned", "withdrawn")},
    }
    return {
        "county_code": county_code,
        "week": week_code,
        "release": release[0] if release else None,
        "counts": counts,
        "units": units,
        "areas": fetch(conn, statement("status_areas"), key),
        "returned_files": fetch(conn, statement("status_returned"), key),
    }
