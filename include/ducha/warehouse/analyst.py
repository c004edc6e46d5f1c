"""The analyst's door: one query, read-only, as the role that may read and nothing else."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

ROLE = "ducha_analyst"


def ask(conn: Connection, query: str, as_known: datetime | None = None) -> pd.DataFrame:
    """Return the answer of one query as a frame; `mart` is searched first, so `area_week` alone is enough.

    The cells are what the database said, unchanged (dtype object): int, Decimal, str, bool, date, aware datetime, None.
    With `as_known`, `mart.T` answers as released by then, whatever name the query gives it; `mart.T_release` holds
    every release at all times. Raises psycopg2.Error for a query that is wrong, writes, or is more than one statement.
    """
    with conn, conn.cursor() as cur:
        cur.execute("SET LOCAL search_path = pg_temp, mart, catalogue, ledger, ops")
        if as_known is not None:
            cur.execute("SELECT set_config('ducha.as_known', %s, true)", (as_known.isoformat(),))
        cur.execute(sql.SQL("SET LOCAL ROLE {}; SET TRANSACTION READ ONLY").format(sql.Identifier(ROLE)))
        cur.execute("SELECT ops.open_question(%s)", (query.strip().rstrip(";"),))
        cur.execute("FETCH ALL FROM answer")
        columns = [column.name for column in cur.description or ()]
        return pd.DataFrame(cur.fetchall(), columns=columns, dtype=object)
