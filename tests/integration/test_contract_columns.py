"""The marts hold every column that the contracts promise, under the promised name."""

import re
from pathlib import Path

from ducha.metrics.terms import LIGHTS, STATES
from ducha.warehouse.database import fetch


def promised(contracts: str) -> dict[str, set[str]]:
    """Return table → columns from the table of marts in `contracts.md`."""
    columns: dict[str, set[str]] = {}
    for line in contracts.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        tables = re.findall(r"`([a-z_]+)`", cells[0])
        if len(cells) != 3 or not tables or not re.search(r"week|^issue|^correction|^bulletin", tables[0]):
            continue
        parts = cells[2].split(";") if cells[2].count(";") == len(tables) - 1 else [cells[2]] * len(tables)
        for table, part in zip(tables, parts, strict=True):
            prose = (
                re.sub(r"\([^)]*\)|`[^`]*`", "", part).replace("with sha256", "").replace("source keys", "source_keys")
            )
            columns[table] = set(re.findall(r"\b[a-z][a-z_]+\b", prose))
            if "<state>" in part:
                columns[table] |= {f"{name}_count" for name in (*STATES, *LIGHTS)}
    return columns


def test_every_promised_column_is_there(conn, shared: Path) -> None:
    wanted = promised((shared / "design/contracts.md").read_text(encoding="utf-8"))
    assert len(wanted) >= 14
    query = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'mart'"
    found: dict[str, set[str]] = {}
    for row in fetch(conn, query):
        found.setdefault(row["table_name"], set()).add(row["column_name"])
    both = {"text": "text_zh"}  # printed in Chinese and English, so the one word became two columns
    for table, names in wanted.items():
        assert {both.get(name, name) for name in names} - found.get(table, set()) == set(), table
