"""Connections to the warehouse, its migrations, COPY in both directions, and the lock that keeps two runs apart."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

MIGRATIONS = Path(__file__).parent / "migrations"


def connect(url: str) -> Connection:
    """Return a connection in UTC, outside autocommit. Raises psycopg2.OperationalError when nobody answers."""
    return psycopg2.connect(url, options="-c timezone=UTC", application_name="ducha")


@contextmanager
def transaction(url: str) -> Iterator[Connection]:
    """Open a connection for one transaction: committed at the end, rolled back on any error, closed always."""
    conn = connect(url)
    try:
        with conn:
            yield conn
    finally:
        conn.close()


def migrate(url: str) -> str:
    """Bring the warehouse at `url` to the newest revision; return the revision. Safe to repeat and to run at once."""
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import create_engine, text

    engine = create_engine("postgresql+psycopg2://", creator=lambda: connect(url))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with engine.begin() as conn:
            conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('ducha.migrate'))"))
            conn.execute(text("CREATE SCHEMA IF NOT EXISTS ops"))
            config.attributes["connection"] = conn
            command.upgrade(config, "head")
            state = MigrationContext.configure(
                conn, opts={"version_table": "schema_version", "version_table_schema": "ops"}
            )
            return str(state.get_current_revision())
    finally:
        engine.dispose()


@cache
def statement(name: str) -> str:
    """Return the SQL of `warehouse/sql/<name>.sql`."""
    return (files("ducha.warehouse") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def lock_county(conn: Connection, county_code: str) -> None:
    """Hold the county's lock until the transaction ends, so that two runs never interleave."""
    with conn.cursor() as cur:
        cur.execute("SELECT pg_advisory_xact_lock(hashtext('ducha.county'), hashtext(%s))", (county_code,))


def copy_in(conn: Connection, table: str, frame: Any) -> int:
    """COPY a frame into `schema.table`, columns by name; return the rows written.

    NaN, NaT and NA become NULL; every NOT NULL text column must hold text. Raises ValueError when the server counts
    other rows than the frame has, psycopg2.Error when a row breaks a constraint.
    """
    import pyarrow as pa
    from pyarrow import csv

    if frame.empty:
        return 0
    schema_name, table_name = table.split(".")
    data = pa.Table.from_pandas(frame, preserve_index=False)
    for position, field in enumerate(data.schema):
        if pa.types.is_timestamp(field.type) or pa.types.is_dictionary(field.type):
            data = data.set_column(position, field.name, data.column(position).cast(pa.string()))
    buffer = io.BytesIO()
    csv.write_csv(data, buffer, csv.WriteOptions(include_header=False, quoting_style="needed"))
    buffer.seek(0)
    command = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv)").format(
        sql.Identifier(schema_name, table_name), sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    )
    with conn.cursor() as cur:
        cur.copy_expert(command, buffer)
        written = int(cur.rowcount)
    if written != len(frame):
        raise ValueError(f"{table}: {len(frame)} rows sent, {written} written")
    return written


def fetch(
    conn: Connection, query: str, parameters: Mapping[str, object] | Sequence[object] = ()
) -> list[dict[str, Any]]:
    """Run a query and return its rows as dictionaries."""
    with conn.cursor() as cur:
        cur.execute(query, parameters)
        names = [column.name for column in cur.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cur.fetchall()]
