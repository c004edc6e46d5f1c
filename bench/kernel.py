"""The metrics kernel against DuckDB on one thread, sections 2 to 7 without projections, at three sizes in one run.

    .venv/bin/python bench/kernel.py [--rows 30000 300000 3000000] [--repetitions 5] [--profile]

Both start from the same frames in memory and end with the same tables; DuckDB has them once as it finds them (pandas)
and once in tables of its own, loaded before the clock starts. Before timing, both must say the same of every
assignment, responsibility, unit and area.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pstats
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from ducha.catalogue import Catalogue, Facts
from ducha.metrics.rollup import COUNT_COLUMNS
from ducha.metrics.week import compute_week
from kernel_inputs import county_of, facts_of, shape_of

SQL = (Path(__file__).parent / "kernel_duckdb.sql").read_text()
WEEK = "2022-W52"
MIB = 2**20


def peer(catalogue: Catalogue, facts: Facts, *, own_tables: bool) -> duckdb.DuckDBPyConnection:
    """Return DuckDB with the inputs: frames to be read where they are, or copied into tables of its own."""
    connection = duckdb.connect()
    connection.execute("SET threads = 1; SET memory_limit = '12GB'; SET TimeZone = 'UTC'")
    frames = {
        "progress": facts.progress, "inspections": facts.inspections, "unit": catalogue.units, "week": catalogue.weeks,
        "responsibility": catalogue.responsibilities, "assignment": catalogue.assignments, "item": catalogue.items,
    }  # fmt: skip
    for name, frame in frames.items():
        connection.register(f"{name}_frame", frame)
        kind = "TABLE" if own_tables else "VIEW"
        connection.execute(f"CREATE {kind} {name} AS SELECT * FROM {name}_frame")
    return connection


COMPARED = {
    "responsibility_unit_week": (
        ["unit_code", "responsibility_code"],
        ["completion", "completion_reported", "completion_verified", "planned_value"],
        ["state", "light", "raw_light", "is_near_due"],
    ),
    "responsibility_week": (["responsibility_code"], ["completion"], ["is_partial"]),
    "unit_week": (
        ["unit_code"],
        ["completion", "rank", "rank_best", "rank_worst", "rank_change", "completeness", "timeliness"],
        [],
    ),
}
"""Tables, their keys, and the numbers and words that both must say alike."""
GROUP_NUMBERS = ["completion", "cohort_change", "responsibility_count", "entered_count", "left_count"]
GROUPS = {"area": (3, 27), "leader": (5, 29), "task_force": (6, 30), "county": (7, 31)}
"""Roll-ups by DuckDB's numbers of their grouping sets: of responsibilities, and of the counts of rows."""


def compare(ours: dict[str, pd.DataFrame], connection: duckdb.DuckDBPyConnection) -> None:
    """Raise AssertionError where the two differ."""
    for table, (keys, numbers, words) in COMPARED.items():
        source = f"(FROM {table} WHERE seen = 51)" if table == "responsibility_week" else table
        _same(_matched(ours[table], connection, source, keys), numbers, words)
    _same(_matched(ours["unit_week"], connection, "(FROM counts WHERE level = 15)", ["unit_code"]), COUNT_COLUMNS, [])
    for name, (level, rows) in GROUPS.items():
        own, keys = ours[f"{name}_week"], [] if name == "county" else [f"{name}_code"]
        for level_source, numbers in (
            (f"(FROM group_week WHERE level = {level})", GROUP_NUMBERS),
            (f"(FROM counts WHERE level = {rows})", COUNT_COLUMNS),
        ):
            _same(_matched(own, connection, level_source, keys), numbers, [])
    query = "SELECT count(*), count(*) FILTER (is_discrepant) FROM verification_week WHERE col = 51"
    own = ours["verification_week"]
    checks = connection.execute(query).fetchone()
    assert checks == (len(own), int(own["is_discrepant"].sum())), (checks, len(own))


def _matched(ours: pd.DataFrame, connection: duckdb.DuckDBPyConnection, source: str, keys: list[str]) -> pd.DataFrame:
    theirs = connection.execute(f"SELECT * FROM {source}").df()
    if not keys:
        return ours.merge(theirs, how="cross", suffixes=("", "_peer"))
    both = ours.merge(theirs, on=keys, how="outer", suffixes=("", "_peer"), indicator=True)
    assert (both["_merge"] == "both").all(), (source, both["_merge"].value_counts().to_dict())
    return both


def _same(both: pd.DataFrame, numbers: list[str], words: list[str]) -> None:
    for name in numbers:
        mine, theirs = (both[column].to_numpy(dtype=float, na_value=np.nan) for column in (name, f"{name}_peer"))
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-9, err_msg=name)
    for name in words:
        mine, theirs = (both[column].astype(object).fillna("").astype(str) for column in (name, f"{name}_peer"))
        assert mine.equals(theirs.rename(name)), (name, both[mine != theirs].head().to_string())


def timed(run: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def peak_above(run: Callable[[], object]) -> float:
    """Return the MiB of memory that a run needs at its highest above what the process held before it."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    run()
    return (_status("VmHWM") - before) / 1024


def _status(name: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[30_000, 300_000, 3_000_000])
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    pa.set_cpu_count(1)
    print("rows | kernel s | DuckDB on frames s | on its own tables s | kernel ÷ DuckDB | MiB above input | µs a row")
    for rows in options.rows:
        _measure(rows, options.repetitions, options.profile)


def _measure(rows: int, repetitions: int, profiles: bool) -> None:
    catalogue = county_of(*shape_of(rows))
    facts = facts_of(catalogue)

    def ours() -> dict[str, pd.DataFrame]:
        return compute_week(catalogue, facts, WEEK, with_projections=False)

    frames, tables = (peer(catalogue, facts, own_tables=own) for own in (False, True))
    above = peak_above(ours)
    for connection in (frames, tables):
        connection.execute(SQL)
        compare(ours(), connection)
    taken: dict[str, list[float]] = {"kernel": [], "frames": [], "tables": []}
    for _ in range(repetitions):
        taken["kernel"].append(timed(ours))
        taken["frames"].append(timed(lambda: frames.execute(SQL)))
        taken["tables"].append(timed(lambda: tables.execute(SQL)))
    kernel, on_frames, on_tables = (statistics.median(taken[name]) for name in taken)
    count = len(facts.progress)
    ratios = f"{kernel / on_frames:.2f}, {kernel / on_tables:.2f}"
    print(f"{count:,} | {kernel:.3f} | {on_frames:.3f} | {on_tables:.3f} | {ratios} | {above:.0f} "
          f"| {kernel / count * 1e6:.2f}", flush=True)  # fmt: skip
    if profiles:
        profile = cProfile.Profile()
        profile.runcall(ours)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(60)


if __name__ == "__main__":
    main()
