"""One hash over everything the ledger and the marts say, without the clocks of the machine that ran."""

from __future__ import annotations

import hashlib
import io

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from ducha.warehouse.database import column_types, fetch

SCHEMAS = ("catalogue", "ledger", "mart")
CLOCKS = {"released_at", "drafted_at", "published_at", "signed_at", "directory", "loaded_by", "known_from", "known_to"}
"""Columns that say when or where a machine worked, not what it found."""


def fingerprint(conn: Connection) -> dict[str, str]:
    """Return a sha256 for each table of the ledger and the marts: equal contents, equal hashes, whatever the order."""
    query = """SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
               WHERE table_schema = ANY(%s) AND table_type = 'BASE TABLE' ORDER BY 1"""
    hashes = {}
    for row in fetch(conn, query, (list(SCHEMAS),)):
        name = row["name"]
        columns = [c for c in column_types(conn, f"TABLE {name}") if c not in CLOCKS]
        identifiers = sql.SQL(", ").join(map(sql.Identifier, columns))
        everything = sql.SQL("COPY (SELECT {columns} FROM {table} ORDER BY {columns}) TO STDOUT").format(
            columns=identifiers, table=sql.Identifier(*name.split("."))
        )
        content = io.BytesIO()
        with conn.cursor() as cur:
            cur.copy_expert(everything, content)
        hashes[name] = hashlib.sha256(content.getvalue()).hexdigest()
    return hashes
