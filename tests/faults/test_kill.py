"""kill -9 at ten random moments of a week's load, then a rerun: the same ledger and marts as an undisturbed run."""

import multiprocessing
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ducha.embedded import EmbeddedPostgres, temporary_postgres
from ducha.pipeline.week import run_week
from ducha.sample import write_sample
from ducha.settings import Settings
from ducha.warehouse.database import connect, migrate, transaction
from ducha.warehouse.fingerprint import fingerprint

from tests.small_county import COUNTY

WEEK = "2022-W02"
MOMENTS = 10

# Children are forked from a server that has imported everything, so that a kill hits the load and not the imports.
forks = multiprocessing.get_context("forkserver")


def load_week(settings: Settings) -> None:
    """Run the week; the body of the process that is killed."""
    conn = connect(settings.database_url)
    run_week(conn, settings, WEEK, lambda *_: None)
    conn.close()


def start(settings: Settings) -> multiprocessing.process.BaseProcess:
    process = forks.Process(target=load_week, args=(settings,))
    process.start()
    return process


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with temporary_postgres() as started:
        yield started


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    write_sample(COUNTY, out, weeks=2, seed=3)
    return out / "inbox"


def fresh(server: EmbeddedPostgres, home: Path, inbox: Path) -> Settings:
    url = server.new_database()
    migrate(url)
    return Settings(home, COUNTY, inbox, url)


def finish(settings: Settings) -> dict[str, str]:
    process = start(settings)
    process.join(120)
    assert process.exitcode == 0
    with transaction(settings.database_url) as conn:
        return fingerprint(conn)


def test_ten_kills_leave_no_trace(server: EmbeddedPostgres, inbox: Path, tmp_path: Path) -> None:
    forks.set_forkserver_preload(["ducha.pipeline", "great_expectations", "tests.faults.test_kill"])
    finish(fresh(server, tmp_path / "warm-up", inbox))
    undisturbed = fresh(server, tmp_path / "undisturbed", inbox)
    began = time.monotonic()
    expected = finish(undisturbed)
    duration = time.monotonic() - began

    moments = random.Random(20220113)
    killed = 0
    for n in range(MOMENTS):
        settings = fresh(server, tmp_path / f"killed-{n}", inbox)
        process = start(settings)
        time.sleep(moments.uniform(0.05, 0.95) * duration)
        killed += process.is_alive()
        process.kill()
        process.join()
        assert finish(settings) == expected, f"kill {n}"
    assert killed >= MOMENTS // 2, f"only {killed} of {MOMENTS} kills hit a running load"
