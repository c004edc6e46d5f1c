"""The state of a week as one plain dictionary: what the command line, the DAGs and the demo's summary show."""

from __future__ import annotations

from collections import Counter
from typing import Any

from psycopg2.extensions import connection as Connection

from ducha.warehouse.database import fetch, statement

RECEIVED = ("on_time", "late", "returned")
"""Statuses of a unit from which something came and stands."""


def week_summary(conn: Connection, county_code: str, week_code: str, release_id: str | None = None) -> dict[str, Any]:
    """Return a release of a week, the newest unless another is named: units by status, completion by area, bulletin.

    Keys: week, release (None before the first), counts (expected, received, on_time, late, missing, returned,
    withdrawn), units, areas, returned_files.
    """
    key = {"county_code": county_code, "week_code": week_code, "release_id": release_id}
    release = fetch(conn, statement("status_release"), key)
    key["release_id"] = release[0]["release_id"] if release else None
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
