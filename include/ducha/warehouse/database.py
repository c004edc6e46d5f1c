"""Connections to the warehouse, its migrations, COPY in both directions, and the lock that keeps two runs apart."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Parameters = Mapping[str, object] | Sequence[object]

COPY_BYTES = 1 << 24
"""Sent at a time: each time the interpreter is let go, and another thread may keep it."""
MIGRATIONS = Path(__file__).parent / "migrations"
_KINDS = {16: "flag", 20: "integer", 21: "integer", 23: "integer", 114: "json", 700: "number", 701: "number",
          1082: "date", 1184: "time", 1700: "number", 3802: "json"}  # fmt: skip
"""PostgreSQL's type codes; everything else is text."""


def _arrow_type(kind: str) -> pa.DataType:
    import pyarrow as pa

    return {
        "flag": pa.bool_(), "integer": pa.int64(), "number": pa.float64(), "date": pa.date32(),
        "time": pa.timestamp("us", "UTC"),
    }.get(kind, pa.string())  # fmt: skip


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


def migrate(url: str, revision: str = "head") -> str:
    """Bring the warehouse at `url` to a revision, the newest unless told; return it. Safe to repeat and at once."""
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
            command.upgrade(config, revision)
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


@contextmanager
def hold_county(conn: Connection, county_code: str) -> Iterator[None]:
    """Hold the county's lock over several transactions; a killed process gives it back with its connection."""
    try:
        with conn.cursor() as cur:
            cur.execute("SELECT pg_advisory_lock(hashtext('ducha.county'), hashtext(%s))", (county_code,))
        conn.commit()
        yield
    except BaseException:
        if not conn.closed:
            conn.rollback()
        raise
    finally:
        if not conn.closed:
            with conn.cursor() as cur:
                cur.execute("SELECT pg_advisory_unlock(hashtext('ducha.county'), hashtext(%s))", (county_code,))
            conn.commit()


def present(conn: Connection) -> datetime:
    """Return the present moment by the server's clock, the one clock of all machines that share the warehouse.

    Taken under the county's lock it orders what is recorded: facts that a release saw are known before it froze.
    """
    moment: datetime = fetch(conn, "SELECT clock_timestamp() AS now")[0]["now"]
    return moment


@contextmanager
def without_nested_loops(conn: Connection) -> Iterator[None]:
    """Keep the planner from joining row by row: of rows just written it has no statistics, and expects one."""
    with conn.cursor() as cur:
        cur.execute("SET LOCAL enable_nestloop = off")
        yield
        cur.execute("RESET enable_nestloop")


def column_types(conn: Connection, query: str, parameters: Parameters = ()) -> dict[str, str]:
    """Return the columns of a query and their kind: text, integer, number, flag, date, time, json."""
    with conn.cursor() as cur:
        cur.execute(f"SELECT * FROM ({query}) AS q LIMIT 0", parameters or None)
        return {c.name: _KINDS.get(c.type_code, "text") for c in cur.description or ()}


def conform(conn: Connection, table: str, frame: pd.DataFrame) -> pa.Table:
    """Give each column of a frame the type that COPY writes exactly for `schema.table`.

    NaN, NaT, None and NA become NULL. Raises ValueError when the frame has a column the table lacks.
    """
    import pyarrow as pa

    kinds = column_types(conn, f"TABLE {table}")
    unknown = set(frame.columns) - set(kinds)
    if unknown:
        raise ValueError(f"columns unknown to the table: {sorted(unknown)}")
    arrays = {}
    for name in frame.columns:
        kind, values = kinds[name], frame[name]
        if kind == "integer" and values.dtype.kind not in "iu":  # whole already: the detour below costs more than COPY
            values = values.astype("Float64").astype("Int64")
        elif kind == "number":
            values = values.astype("float64")
        arrays[name] = pa.Array.from_pandas(values, type=_arrow_type(kind))
    return pa.table(arrays)


def csv_of(rows: pa.Table) -> io.BytesIO:
    """Return rows as COPY reads them, without a header: NULL is nothing, an empty text is quoted."""
    import pyarrow as pa
    from pyarrow import csv

    for at, column in enumerate(rows.columns):
        if pa.types.is_timestamp(column.type):
            rows = rows.set_column(at, rows.column_names[at], _written_utc(column))
    buffer = io.BytesIO()
    csv.write_csv(rows, buffer, csv.WriteOptions(include_header=False, quoting_style="needed"))
    buffer.seek(0)
    return buffer


def _written_utc(times: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times as text, 2022-02-23 02:00:00.000000Z: what the writer makes of UTC itself, without asking for its zone."""
    import pyarrow as pa
    from pyarrow import compute

    return compute.binary_join_element_wise(times.cast(pa.timestamp("us")).cast(pa.string()), "Z", "")


def copy_in(conn: Connection, table: str, frame: pd.DataFrame) -> int:
    """COPY a frame into `schema.table`, columns by name; return the rows written.

    Columns the frame lacks become NULL. Raises what `conform` and `copy_rows` raise.
    """
    return 0 if frame.empty else copy_rows(conn, table, conform(conn, table, frame))


def copy_rows(conn: Connection, table: str, rows: pa.Table) -> int:
    """COPY rows of the types of `conform` into `schema.table`; return how many were written.

    Raises ValueError when the server counts other rows than were sent, psycopg2.Error when a row breaks a constraint.
    """
    command = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv)").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, rows.column_names))
    )
    with conn.cursor() as cur:
        cur.copy_expert(command, csv_of(rows), COPY_BYTES)
        written = int(cur.rowcount)
    if written != len(rows):
        raise ValueError(f"{table}: {len(rows)} rows sent, {written} written")
    return written


def insert(conn: Connection, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert a few rows with the same keys into `schema.table`: for one row COPY costs ten times as much."""
    if rows:
        command = sql.SQL("INSERT INTO {} ({}) VALUES %s").format(
            sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, rows[0]))
        )
        with conn.cursor() as cur:
            execute_values(cur, command, [tuple(row.values()) for row in rows])


def copy_out(conn: Connection, query: str, parameters: Parameters = ()) -> pd.DataFrame:
    """Return a query as a frame.

    Text `str`, numbers float64, integers int64 (Int64 with NULLs), flags bool (`boolean` with NULLs), dates naive
    datetime64, times datetime64 in UTC.
    """
    import pyarrow as pa
    from pyarrow import csv

    kinds = column_types(conn, query, parameters)
    buffer = io.BytesIO()
    with conn.cursor() as cur:
        bound = cur.mogrify(query, parameters or None).decode()
        cur.copy_expert(f"COPY ({bound}) TO STDOUT WITH (FORMAT csv)", buffer)
    types = {name: _arrow_type(kind) for name, kind in kinds.items()}
    if not buffer.tell():
        table = pa.schema(types).empty_table()
    else:
        buffer.seek(0)
        table = csv.read_csv(
            buffer,
            read_options=csv.ReadOptions(column_names=list(kinds)),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=types,
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
            ),
        )
    import pandas as pd

    return pd.DataFrame({name: _column(table[name], kinds[name]) for name in kinds})


def _column(values: Any, kind: str) -> Any:
    """One column as the dtype that `copy_out` promises."""
    if kind == "flag" and (values.null_count or not len(values)):
        return values.to_pandas().astype("boolean")
    if kind == "date":
        return values.to_pandas(date_as_object=False).astype("datetime64[us]")
    if kind == "integer" and values.null_count:
        return values.to_pandas(integer_object_nulls=True).astype("Int64")
    return values.to_pandas().astype("str") if kind in ("text", "json") else values.to_pandas()


def fetch(conn: Connection, query: str, parameters: Parameters = ()) -> list[dict[str, Any]]:
    """Run a query and return its rows as dictionaries."""
    with conn.cursor() as cur:
        cur.execute(query, parameters or None)
        names = [column.name for column in cur.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cur.fetchall()]
