"""The catalogue's versions: a county loaded so that what changed, when and by whom stays known; read as known then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from ducha.catalogue import Catalogue, CountySettings
from ducha.warehouse.database import column_types, copy_in, copy_out, fetch, lock_county

if TYPE_CHECKING:
    import pandas as pd

KEYS: Mapping[str, tuple[str, ...]] = {
    "county": (),
    "unit": ("unit_code",),
    "leader": ("leader_code",),
    "area": ("area_code",),
    "week": ("week",),
    "responsibility": ("plan_year", "responsibility_code"),
    "assignment": ("plan_year", "responsibility_code", "unit_code"),
    "item": ("plan_year", "responsibility_code", "item_code"),
    "exception": ("plan_year", "responsibility_code", "unit_code", "state", "from_on"),
    "portfolio": ("leader_code", "responsibility_code", "from_on"),
    "extra_point": ("case_code",),
    "rule": ("rule_code",),
}
"""The tables of schema `catalogue` and their keys after county_code."""

FRAMES = {"unit": "units", "leader": "leaders", "area": "areas", "week": "weeks", "responsibility": "responsibilities",
          "assignment": "assignments", "item": "items", "exception": "exceptions", "portfolio": "portfolios",
          "extra_point": "extra_points",          "rule": "rules"}  # fmt: skip
VERSION_COLUMNS = ("known_from", "known_to", "loaded_by")
ALWAYS = "1900-01-01"
EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""The first load of a county holds since ever: its weeks before the load can be computed."""


@dataclass(frozen=True)
class SyncResult:
    """What a load changed: rows added and rows whose version ended, by table; both empty when nothing did."""

    added: dict[str, int]
    ended: dict[str, int]

    @property
    def is_changed(self) -> bool:
        return bool(self.added or self.ended)


def _frames(catalogue: Catalogue) -> dict[str, pd.DataFrame]:
    import pandas as pd

    settings = catalogue.settings
    county = {"name_zh": settings.name_zh, "name_en": settings.name_en, "settings": settings.model_dump_json()}
    frames = {table: getattr(catalogue, frame) for table, frame in FRAMES.items()}
    for table in ("exception", "portfolio"):  # their start is part of the key, so "always" needs a date
        frames[table] = frames[table].assign(from_on=frames[table]["from_on"].fillna(pd.Timestamp(ALWAYS)))
    return {"county": pd.DataFrame([county]), **frames}


def sync_catalogue(conn: Connection, catalogue: Catalogue, known_at: datetime, loaded_by: str) -> SyncResult:
    """Load a county: rows that changed end their version and begin a new one; the same load again changes nothing.

    One transaction's work, under the county's lock. A load dated before the newest version takes effect just after it.
    """
    code = catalogue.county_code
    lock_county(conn, code)
    newest = _newest_version(conn, code)
    moment = EVER if newest is None else max(known_at, newest + timedelta(microseconds=1))
    added: dict[str, int] = {}
    ended: dict[str, int] = {}
    for table, frame in _frames(catalogue).items():
        changed = _sync_table(conn, code, table, frame.assign(county_code=code), moment, loaded_by)
        ended |= {table: changed[0]} if changed[0] else {}
        added |= {table: changed[1]} if changed[1] else {}
    return SyncResult(added, ended)


def _newest_version(conn: Connection, county_code: str) -> datetime | None:
    each = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT max(known_from) AS t FROM {} WHERE county_code = %(code)s").format(
            sql.Identifier("catalogue", t)
        )
        for t in KEYS
    )
    query = sql.SQL("SELECT max(t) AS t FROM ({}) AS versions").format(each)
    moment: datetime | None = fetch(conn, query.as_string(conn), {"code": county_code})[0]["t"]
    return moment


def _sync_table(
    conn: Connection, code: str, table: str, frame: pd.DataFrame, moment: datetime, loaded_by: str
) -> tuple[int, int]:
    """Compare a frame with the versions that hold; return (ended, added)."""
    columns = [c for c in column_types(conn, f"TABLE catalogue.{table}") if c not in VERSION_COLUMNS]
    keys = ("county_code", *KEYS[table])
    parts = {
        "table": sql.Identifier("catalogue", table),
        "incoming": sql.Identifier(f"incoming_{table}"),
        "columns": sql.SQL(", ").join(map(sql.Identifier, columns)),
        "same_key": sql.SQL(" AND ").join(
            sql.SQL("held.{0} IS NOT DISTINCT FROM gone.{0}").format(sql.Identifier(key)) for key in keys
        ),
    }
    with conn.cursor() as cur:
        cur.execute(sql.SQL("CREATE TEMP TABLE {incoming} AS SELECT {columns} FROM {table} LIMIT 0").format(**parts))
        copy_in(conn, f"pg_temp.incoming_{table}", frame[[c for c in columns if c in frame.columns]])
        cur.execute(
            sql.SQL(
                "UPDATE {table} held SET known_to = %(moment)s FROM ("
                "SELECT {columns} FROM {table} WHERE county_code = %(code)s AND known_to IS NULL "
                "EXCEPT SELECT {columns} FROM {incoming}) gone WHERE {same_key} AND held.known_to IS NULL"
            ).format(**parts),
            {"moment": moment, "code": code},
        )
        ended = cur.rowcount
        cur.execute(
            sql.SQL(
                "INSERT INTO {table} ({columns}, known_from, loaded_by) SELECT {columns}, %(moment)s, %(by)s FROM ("
                "SELECT {columns} FROM {incoming} EXCEPT "
                "SELECT {columns} FROM {table} WHERE county_code = %(code)s AND known_to IS NULL) fresh"
            ).format(**parts),
            {"moment": moment, "code": code, "by": loaded_by},
        )
        added = cur.rowcount
        cur.execute(sql.SQL("DROP TABLE {incoming}").format(**parts))
    return ended, added


def read_catalogue(conn: Connection, county_code: str, known_at: datetime | None = None) -> Catalogue:
    """Return the county as known at an instant (None: as it holds now). Raises KeyError when it was never loaded."""
    moment = known_at or datetime.max.replace(tzinfo=UTC)

    def read(table: str) -> pd.DataFrame:
        columns = [c for c in column_types(conn, f"TABLE catalogue.{table}") if c not in VERSION_COLUMNS]
        query = sql.SQL(
            "SELECT {columns} FROM {table} WHERE county_code = %s AND known_from <= %s"
            " AND (known_to IS NULL OR known_to > %s) ORDER BY {columns}"
        ).format(columns=sql.SQL(", ").join(map(sql.Identifier, columns)), table=sql.Identifier("catalogue", table))
        return copy_out(conn, query.as_string(conn), (county_code, moment, moment)).drop(columns="county_code")

    settings = read_county_settings(conn, county_code, known_at)
    return Catalogue(settings=settings, **{frame: read(table) for table, frame in FRAMES.items()})


def read_county_settings(conn: Connection, county_code: str, known_at: datetime | None = None) -> CountySettings:
    """Return the county's settings as known at an instant (None: as they hold). KeyError: it was never loaded."""
    query = """SELECT settings FROM catalogue.county
               WHERE county_code = %s AND known_from <= %s AND (known_to IS NULL OR known_to > %s)"""
    moment = known_at or datetime.max.replace(tzinfo=UTC)
    rows = fetch(conn, query, (county_code, moment, moment))
    if not rows:
        raise KeyError(f"县 {county_code} 尚未装入，请先运行 sync_catalogue · county {county_code} is not loaded yet")
    said = rows[0]["settings"]
    return CountySettings.model_validate(json.loads(said) if isinstance(said, str) else said)
