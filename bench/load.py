"""A million rows into the ledger: a city's week, county by county, against a bare COPY of the same bytes.

    .venv/bin/python bench/load.py [--counties 34] [--repetitions 5]

Ours is what `record_batch` does with the rows of a county: the county's lock, the question whether the receipts stand
already, receipts and submissions, the table of the week with its key, checks and guards, the rows counted on both
sides; one transaction a county. Bare is COPY of the very same bytes into a table of the same columns with no key,
check or guard, one transaction a county as well. Making the bytes of a frame is timed apart: COPY has no part in it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from ducha.embedded import temporary_postgres
from ducha.ledger.facts import record_batch
from ducha.warehouse import database
from ducha.warehouse.database import connect, fetch, lock_county, migrate, present
from psycopg2.extensions import connection as Connection

UNITS, ROWS = 100, 300
WEEK, CODE = pd.Timestamp("2022-02-21"), "2022-W08"
RECEIVED = pd.Timestamp("2022-02-25 04:00", tz="UTC")


@dataclass
class Bytes:
    """The CSV that our side sent for facts, kept for the other, and the seconds that making it took."""

    sent: list[tuple[list[str], bytes]] = field(default_factory=list)
    seconds: float = 0.0


@contextlib.contextmanager
def watched(kept: Bytes) -> Any:
    """Time what turns frames into bytes, and keep the bytes of facts."""
    conform, csv_of = database.conform, database.csv_of

    def timed_conform(*arguments: Any) -> Any:
        started = time.perf_counter()
        rows = conform(*arguments)
        kept.seconds += time.perf_counter() - started
        return rows

    def timed_csv(rows: Any) -> io.BytesIO:
        started = time.perf_counter()
        made = csv_of(rows)
        kept.seconds += time.perf_counter() - started
        if "responsibility_code" in rows.column_names:
            kept.sent.append((rows.column_names, made.getvalue()))
        return made

    database.conform, database.csv_of = timed_conform, timed_csv
    try:
        yield
    finally:
        database.conform, database.csv_of = conform, csv_of


def batch_of(county: int) -> dict[str, pd.DataFrame]:
    """Return a county's week as `record_batch` takes it: a hundred files of three hundred rows."""
    drawn = np.random.default_rng(county)
    receipts = [f"{county:02d}{n:018x}" for n in drawn.permutation(UNITS)]
    units = [f"D{n:03d}" for n in range(UNITS)]
    clocks = {"received_at": RECEIVED, "known_at": RECEIVED}
    submissions = pd.DataFrame({"receipt_id": receipts, "unit_code": units}).assign(
        submission_id=lambda made: made["receipt_id"] + ":" + CODE, kind="progress", week=WEEK, week_code=CODE,
        verdict="accepted", row_count=ROWS, accepted_rows=ROWS, rejected_rows=0, ordinal=range(UNITS), **clocks,
    )  # fmt: skip
    count = UNITS * ROWS
    is_ratio = drawn.random(count) < 0.3
    progress = pd.DataFrame(
        {
            "submission_id": np.repeat(submissions["submission_id"].to_numpy(), ROWS),
            "sheet": "填报",
            "row_no": np.tile(np.arange(2, ROWS + 2), UNITS),
            "unit_code": np.repeat(units, ROWS),
            "week": WEEK,
            "responsibility_code": np.tile([f"R{n:03d}" for n in range(ROWS)], UNITS),
            "item": "",
            "value": np.where(is_ratio, np.nan, drawn.random(count).round(4) * 1000),
            "numerator": np.where(is_ratio, drawn.integers(0, 100, count), np.nan),
            "denominator": np.where(is_ratio, 100.0, np.nan),
            "no_change": False,
            "reason": np.where(drawn.random(count) < 0.1, "因降雨推迟，下周补上", ""),
            "measure": "",
            "next_step": "",
            "evidence": "",
        }
    ).assign(**clocks)
    return {"ledger.submission": submissions, "ledger.progress": progress}


def ours(conn: Connection, batches: list[dict[str, pd.DataFrame]]) -> tuple[float, Bytes]:
    """Record every county's batch; return the seconds without the making of bytes, and the bytes."""
    kept = Bytes()
    with watched(kept):
        started = time.perf_counter()
        for number, batch in enumerate(batches):
            with conn:
                lock_county(conn, code := f"99{number:04d}")
                present(conn)
                receipts = batch["ledger.submission"][["receipt_id", "unit_code", "kind", "ordinal"]].assign(
                    county_code=code, source="folder", path="", sha256="", byte_count=0, received_at=RECEIVED,
                    known_at=RECEIVED,
                )  # fmt: skip
                database.copy_in(conn, "ledger.receipt", receipts)
                assert record_batch(conn, code, batch)
        seconds = time.perf_counter() - started
    return seconds - kept.seconds, kept


def bare(conn: Connection, kept: Bytes) -> float:
    """COPY the same bytes into a table without key, check or guard; return the seconds."""
    with conn, conn.cursor() as cur:
        cur.execute("CREATE TABLE public.bare (LIKE ledger.progress)")
    started = time.perf_counter()
    for names, content in kept.sent:
        with conn, conn.cursor() as cur:
            command = f"COPY public.bare ({', '.join(names)}) FROM STDIN WITH (FORMAT csv)"
            cur.copy_expert(command, io.BytesIO(content), database.COPY_BYTES)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counties", type=int, default=34)
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    batches = [batch_of(county) for county in range(options.counties)]
    taken: list[tuple[float, float, float]] = []
    with temporary_postgres() as server:
        for _ in range(options.repetitions):
            url = server.new_database()
            migrate(url)
            with contextlib.closing(connect(url)) as conn:
                seconds, kept = ours(conn, batches)
                plain = bare(conn, kept)
                counts = "SELECT (SELECT count(*) FROM ledger.progress) AS ours, (SELECT count(*) FROM bare) AS bare"
                (found,) = fetch(conn, counts)
                assert found["ours"] == found["bare"] == len(batches) * UNITS * ROWS
            taken.append((seconds, plain, kept.seconds))
            print(f"{found['ours']:,} rows: ours {seconds:.2f} s, bare {plain:.2f} s, {seconds / plain:.2f} times; "
                  f"bytes made in {kept.seconds:.2f} s beside", flush=True)  # fmt: skip
    medians = [statistics.median(each) for each in zip(*taken, strict=True)]
    ratio = statistics.median(seconds / plain for seconds, plain, _ in taken)
    print(f"medians: ours {medians[0]:.2f} s, bare {medians[1]:.2f} s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
