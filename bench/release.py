"""Ledger to published mart: a release of the last of 52 weeks in a warm process, on a real PostgreSQL.

    .venv/bin/python bench/release.py [--duties 8 300] [--years 1 3] [--repetitions 5] [--profile]

Each repetition makes something new known first, so that every release is computed, written, audited and shown.
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import pstats
import statistics
import time
from datetime import datetime, timedelta

import pandas as pd
from ducha.catalogue import Catalogue, Facts
from ducha.embedded import temporary_postgres
from ducha.ledger.facts import read_facts, record_facts
from ducha.metrics.week import compute_week
from ducha.pipeline.publish import compute_release
from ducha.warehouse.catalogue import read_catalogue, sync_catalogue
from ducha.warehouse.database import connect, copy_in, migrate
from kernel_inputs import county_of, facts_of
from psycopg2.extensions import connection as Connection

UNITS, YEAR, WEEK = 100, 2022, "2022-W52"


def record(conn: Connection, code: str, facts: Facts) -> None:
    """Write facts straight into the ledger, every submission with a receipt of its own."""
    sent = pd.concat([facts.submissions, _inspections_sent(facts)], ignore_index=True)
    week_code = sent["week"].dt.strftime("%G-W%V")
    sent = sent.assign(county_code=code, receipt_id=sent["submission_id"], week_code=week_code, batch_id="bench")
    receipts = sent.assign(source="folder", path=sent["submission_id"], sha256="", byte_count=0)
    texts = dict.fromkeys(("reason", "measure", "next_step", "evidence"), "")
    copy_in(conn, "ledger.receipt", receipts[
        ["county_code", "receipt_id", "unit_code", "kind", "source", "path", "sha256", "byte_count", "ordinal",
         "received_at", "known_at"]])  # fmt: skip
    copy_in(conn, "ledger.submission", sent.drop(columns=["withdrawn_at"]))
    record_facts(conn, "ledger.progress", facts.progress.assign(county_code=code, sheet="进度", **texts))
    rows = facts.inspections.assign(county_code=code, sheet="核查", finding="", guidance="")
    record_facts(conn, "ledger.inspection", rows.assign(row_no=range(len(rows))))


def _inspections_sent(facts: Facts) -> pd.DataFrame:
    """One file of the inspection teams a week."""
    facts.inspections["submission_id"] = "_inspection:" + facts.inspections["week"].dt.strftime("%G-W%V")
    each = facts.inspections.groupby(["submission_id", "week"], as_index=False).agg(
        received_at=("received_at", "max"), known_at=("known_at", "max"), row_count=("row_no", "size")
    )
    return each.assign(unit_code="_inspection", kind="inspection", verdict="accepted", accepted_rows=each["row_count"],
                       rejected_rows=0, ordinal=range(10_000_000, 10_000_000 + len(each)))  # fmt: skip


def news(catalogue: Catalogue, facts: Facts, number: int, known_at: datetime) -> Facts:
    """One unit's rows of the last week once more, each a little higher."""
    last = facts.progress[facts.progress["week"] == facts.progress["week"].max()]
    own = last[last["unit_code"] == catalogue.units["unit_code"].iloc[number]].drop_duplicates("row_no", keep="last")
    name = f"news:{number}"
    rows = own.assign(value=own["value"] + number + 1, submission_id=name, received_at=known_at, known_at=known_at)
    sent = facts.submissions.iloc[:1].assign(
        unit_code=own["unit_code"].iloc[0], week=own["week"].iloc[0], submission_id=name, row_count=len(rows),
        accepted_rows=len(rows), received_at=known_at, known_at=known_at, ordinal=20_000_000 + number,
    )  # fmt: skip
    return Facts(rows, facts.inspections.iloc[:0], sent, facts.withdrawals)


def stages(conn: Connection, catalogue: Catalogue, known_at: datetime) -> dict[str, float]:
    """Seconds to read the facts, and to compute with and without projections."""
    taken, started = {}, time.perf_counter()
    with conn:
        facts = read_facts(conn, catalogue.county_code, known_at, catalogue.year_to_date(WEEK))
    taken["read"] = time.perf_counter() - started
    for name, is_whole in (("sections 2 to 7", False), ("with projections", True)):
        started = time.perf_counter()
        compute_week(catalogue, facts, WEEK, with_projections=is_whole)
        taken[name] = time.perf_counter() - started
    return taken


AS_KNOWN = """SELECT * FROM mart.responsibility_unit_week_as_known(%s) WHERE county_code = %s AND week_code = %s"""
NEWEST = """SELECT * FROM mart.responsibility_unit_week WHERE county_code = %s AND week_code = %s"""


def views(conn: Connection, code: str, known_at: datetime) -> dict[str, float]:
    """Seconds to read a county week as it is now and as it was known, medians of five."""
    taken: dict[str, list[float]] = {"now": [], "as known": []}
    for _ in range(5):
        for name, query, parameters in (("now", NEWEST, (code, WEEK)), ("as known", AS_KNOWN, (known_at, code, WEEK))):
            started = time.perf_counter()
            with conn, conn.cursor() as cur:
                cur.execute(query, parameters)
                assert cur.fetchall()
            taken[name].append(time.perf_counter() - started)
    return {name: statistics.median(each) for name, each in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--duties", type=int, nargs="+", default=[8, 300])
    parser.add_argument("--years", type=int, nargs="+", default=[1, 3])
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    print("assignments | years stored | facts | release s, median (each) | of which")
    with temporary_postgres() as server:
        for duties in options.duties:
            for years in options.years:
                _measure(server.new_database(), duties, years, options)


def _measure(url: str, duties: int, years: int, options: argparse.Namespace) -> None:
    migrate(url)
    with contextlib.closing(connect(url)) as conn:
        made = county_of(UNITS, duties, tuple(range(YEAR - years + 1, YEAR + 1)))
        with conn:
            sync_catalogue(conn, made, datetime(2022, 1, 1).astimezone(), "bench")
        catalogue, count = read_catalogue(conn, made.county_code), 0
        for year in range(YEAR - years + 1, YEAR + 1):
            facts = facts_of(made, year)
            facts.submissions["submission_id"] = f"{year}:" + facts.submissions["submission_id"]
            facts.progress["submission_id"] = f"{year}:" + facts.progress["submission_id"]
            facts.submissions["ordinal"] += 1_000_000 * (year - 2000)
            with conn:
                record(conn, made.county_code, facts)
            count += len(facts.progress)
        conn.autocommit = True
        with conn.cursor() as cur:
            cur.execute("VACUUM ANALYZE")
        conn.autocommit = False
        known_at = facts.progress["known_at"].max().to_pydatetime() + timedelta(days=3)
        compute_release(conn, catalogue, WEEK, known_at)
        taken = []
        for number in range(options.repetitions):
            known_at += timedelta(minutes=1)
            with conn:
                record(conn, made.county_code, news(catalogue, facts, number, known_at))
            started = time.perf_counter()
            compute_release(conn, catalogue, WEEK, known_at)
            taken.append(time.perf_counter() - started)
        parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in stages(conn, catalogue, known_at).items())
        parts += "; read " + ", ".join(f"{name} {s:.3f}" for name, s in views(conn, made.county_code, known_at).items())
        each = " ".join(f"{seconds:.2f}" for seconds in taken)
        print(f"{duties * UNITS} | {years} | {count:,} | {statistics.median(taken):.2f} ({each}) | {parts}", flush=True)
        if options.profile:
            with conn:
                record(conn, made.county_code, news(catalogue, facts, 99, known_at + timedelta(minutes=1)))
            profile = cProfile.Profile()
            profile.runcall(compute_release, conn, catalogue, WEEK, known_at + timedelta(minutes=1))
            pstats.Stats(profile).sort_stats("cumulative").print_stats(70)


if __name__ == "__main__":
    main()
