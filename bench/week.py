"""One week of a county, files to figures: this pipeline against the usual way, in one run, alternating.

    .venv/bin/python bench/week.py [--repetitions 3] [--profile]

Cold: each side in a process of its own, started to ended, imports included. Warm: each side again in a process that has
already run a week. Both write to the same PostgreSQL, each time into an empty database; ours has the county loaded.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import week_inputs
from ducha.county.loading import load_county
from ducha.embedded import EmbeddedPostgres, temporary_postgres
from ducha.warehouse.catalogue import sync_catalogue
from ducha.warehouse.database import connect, migrate
from psycopg2 import sql

HERE = Path(__file__).resolve().parent


@dataclass
class Place:
    """Where a comparison happens: inputs, a server, and empty databases on it."""

    directory: Path
    server: EmbeddedPostgres
    count: int = 0

    @property
    def county(self) -> Path:
        return self.directory / "county"

    @property
    def inbox(self) -> Path:
        return self.directory / "inbox"

    def home(self) -> Path:
        self.count += 1
        return self.directory / f"home{self.count}"

    def database(self, template: str) -> str:
        self.count += 1
        name = f"bench{self.count}"
        connection = psycopg2.connect(self.server.url("postgres"))
        connection.autocommit = True
        command = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        with connection.cursor() as cursor:
            cursor.execute(command)
        connection.close()
        return self.server.url(name)


@contextlib.contextmanager
def prepared() -> Iterator[Place]:
    """Make the inputs, the server, and one database with the county in it."""
    directory = Path(tempfile.mkdtemp(prefix="ducha-bench-"))
    try:
        with temporary_postgres() as server:
            place = Place(directory, server)
            week_inputs.write_county(place.county)
            week_inputs.write_workbooks(place.inbox)
            url = server.url("warehouse")
            migrate(url)
            with contextlib.closing(connect(url)) as conn, conn:
                sync_catalogue(conn, load_county(place.county), week_inputs.KNOWN_AT, "bench")
            yield place
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def peer_arguments(place: Place) -> list[str]:
    url = place.database("template1").replace("postgresql://", "postgresql+psycopg2://")
    return [str(place.inbox), str(place.county), url]


def our_arguments(place: Place) -> list[str]:
    return [str(place.inbox), str(place.home()), place.database("warehouse")]


def cold(script: str, arguments: list[str]) -> dict[str, object]:
    """Run one side in a process of its own; `seconds` is from start to end, `peak_mib` that of the process itself."""
    begin = time.perf_counter()
    command = ["/usr/bin/env", sys.executable, str(HERE / script), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    output = process.stdout.read()
    errors = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if status:
        raise RuntimeError(f"{script}: {errors[-2000:]}")
    return {**json.loads(output), "seconds": seconds, "peak_mib": usage.ru_maxrss / 1024}


def warm_peer(place: Place) -> Callable[[], dict[str, object]]:
    import peer_week

    def run() -> dict[str, object]:
        inbox, county, url = peer_arguments(place)
        peer_week.SPANS.clear()
        begin = time.perf_counter()
        found = peer_week.run_week(Path(inbox), Path(county), url)
        return {"seconds": time.perf_counter() - begin, "spans": dict(peer_week.SPANS), **found}

    return run


def warm_ours(place: Place) -> Callable[[], dict[str, object]]:
    import our_week

    def run() -> dict[str, object]:
        inbox, home, url = our_arguments(place)
        begin = time.perf_counter()
        spans = our_week.Spans(begin)
        found = our_week.run_week(Path(inbox), Path(home), url, spans)
        return {"seconds": time.perf_counter() - begin, "spans": spans.seconds, **found}

    return run


def check_same_figures(place: Place) -> None:
    """Both sides found the same: rows accepted, and completion of every unit whose file was in order."""
    peer, ours = peer_arguments(place), our_arguments(place)
    cold("peer_week.py", peer)
    cold("our_week.py", ours)
    theirs = _query(peer[2].replace("+psycopg2", ""), 'SELECT unit_code, completion FROM "completion_by_unit_code"')
    mine = _query(ours[2], "SELECT unit_code, completion FROM mart.unit_week")
    rows = _query(peer[2].replace("+psycopg2", ""), "SELECT count(*) FROM progress")
    assert rows == _query(ours[2], "SELECT count(*) FROM ledger.progress"), "the sides accepted different rows"
    figures = dict(mine)
    for unit, completion in theirs:
        if int(unit[1:]) % 10:
            assert abs(float(figures[unit]) - float(completion)) < 1e-9, f"{unit}: {figures[unit]} against {completion}"
    print(f"same rows ({rows[0][0]}) and the same completion of {len(theirs) * 9 // 10} units on both sides")


def _query(url: str, text: str) -> list[tuple]:  # type: ignore[type-arg]
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall()


def compare(label: str, repetitions: int, peer: Callable[[], dict], ours: Callable[[], dict]) -> None:  # type: ignore[type-arg]
    """Alternate the sides; print minimum and median of each, their ratio, and where the fastest run's time went."""
    runs: dict[str, list[dict]] = {"peer": [], "ours": []}  # type: ignore[type-arg]
    for _ in range(repetitions):
        runs["peer"].append(peer())
        runs["ours"].append(ours())
    best = {side: min(found, key=lambda run: run["seconds"]) for side, found in runs.items()}
    median = {side: statistics.median(run["seconds"] for run in found) for side, found in runs.items()}
    print(f"\n{label}: {best['peer']['seconds'] / best['ours']['seconds']:.1f} × faster by the minima, "
          f"{median['peer'] / median['ours']:.1f} × by the medians of {repetitions}")  # fmt: skip
    for side, run in best.items():
        spans = "  ".join(f"{name} {seconds:.2f}" for name, seconds in run["spans"].items())
        memory = f", {run['peak_mib']:.0f} MiB" if "peak_mib" in run else ""
        print(f"  {side}: min {run['seconds']:.2f} s, median {median[side]:.2f} s{memory}   [{spans}]")


def profile(place: Place) -> None:
    """Print where a warm run of ours spends its time, by function."""
    import cProfile
    import pstats

    run = warm_ours(place)
    run()
    with cProfile.Profile() as watched:
        run()
    pstats.Stats(watched).sort_stats("cumtime").print_stats(60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    print(f"load average before: {os.getloadavg()[0]:.2f}, cores: {os.cpu_count()}")
    with prepared() as place:
        if options.profile:
            profile(place)
            return
        check_same_figures(place)
        compare(
            "cold",
            options.repetitions,
            lambda: cold("peer_week.py", peer_arguments(place)),
            lambda: cold("our_week.py", our_arguments(place)),
        )
        peer, ours = warm_peer(place), warm_ours(place)
        peer(), ours()
        compare("warm", options.repetitions, peer, ours)
    print(f"load average after: {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
