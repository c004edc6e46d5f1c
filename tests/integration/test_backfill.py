"""A year computed forwards, backwards and shuffled says the same: content of every mart, figure by figure."""

import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from random import Random
from typing import Any

import psycopg2
import pytest
from ducha.catalogue import Catalogue
from ducha.embedded import EmbeddedPostgres
from ducha.pipeline.collect import check_submissions, sync_catalogue
from ducha.pipeline.fetch import fetch_unit, senders
from ducha.pipeline.publish import compute_release, recompute_touched
from ducha.sample import write_sample
from ducha.settings import Settings
from ducha.warehouse import release
from ducha.warehouse.catalogue import read_catalogue
from ducha.warehouse.database import connect, fetch, migrate
from ducha.warehouse.fingerprint import fingerprint

from tests.small_county import COUNTY

CODE, LAST = "990001", 12


@dataclass(frozen=True)
class Year:
    """A ledger with fifty-two weeks of facts and no release, to be copied; `known_at`: after the last of them."""

    postgres: EmbeddedPostgres
    database: str
    weeks: tuple[str, ...]
    known_at: datetime

    def copy(self, name: str) -> psycopg2.extensions.connection:
        with closing(psycopg2.connect(self.postgres.url("postgres"))) as admin:
            admin.autocommit = True
            with admin.cursor() as cur:
                cur.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.database}"')
        return connect(self.postgres.url(name))


@pytest.fixture(scope="module")
def year(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Year:
    home = tmp_path_factory.mktemp("home")
    answer = json.loads(write_sample(COUNTY, home / "sample", weeks=52, seed=3).read_text(encoding="utf-8"))
    url = postgres.new_database("year")
    migrate(url)
    settings = Settings(home, COUNTY, home / "sample" / "inbox", url)
    last = max(datetime.fromisoformat(file["received_at"]) for file in answer["files"]) + timedelta(hours=1)
    with closing(connect(url)) as conn:
        sync_catalogue(conn, COUNTY, last, "test")
        catalogue = read_catalogue(conn, CODE)
        for sender in senders(catalogue):
            fetch_unit(conn, settings, catalogue.settings, sender, last)
        check_submissions(conn, settings, catalogue)
    weeks = tuple(week["week"] for week in answer["weeks"] if week["cut_off_at"] is not None)
    return Year(postgres, url.partition("?")[0].rpartition("/")[2], weeks, last)


NEWEST = """SELECT r.week_code, r.content_sha256 FROM ops.release r JOIN (
    SELECT week, max(release_no) AS release_no FROM ops.release WHERE status = 'audited' GROUP BY week
) newest USING (week, release_no) ORDER BY 1"""


@dataclass(frozen=True)
class Outcome:
    """The hash of every mart, and of the newest figures of every week."""

    marts: dict[str, str]
    newest: list[dict[str, Any]]


def backfilled(year: Year, name: str, order: Sequence[str]) -> Outcome:
    """Compute the weeks in an order, all as known at the end."""
    release.unmet = lambda *_: iter(())  # the suites have tests of their own, and would take half of the time
    with closing(year.copy(name)) as conn:
        catalogue: Catalogue = read_catalogue(conn, CODE)
        for week in order:
            compute_release(conn, catalogue, week, year.known_at)
        marts = {table: found for table, found in fingerprint(conn).items() if table.startswith("mart.")}
        return Outcome(marts, fetch(conn, NEWEST))


def mended(year: Year, name: str, order: Sequence[str]) -> Outcome:
    """Compute each week at its own freeze, then what came later."""
    release.unmet = lambda *_: iter(())
    with closing(year.copy(name)) as conn:
        catalogue = read_catalogue(conn, CODE)
        for week in order:
            compute_release(conn, catalogue, week, catalogue.week_row(week)["freeze_at"].to_pydatetime())
        before = fetch(conn, NEWEST)
        recompute_touched(conn, catalogue, order[-1], year.known_at)
        compute_release(conn, catalogue, order[-1], year.known_at)
        assert fetch(conn, NEWEST) != before, "late facts change something"
        return Outcome({}, fetch(conn, NEWEST))


@pytest.fixture(scope="module")
def outcomes(year: Year) -> dict[str, Outcome]:
    """The year computed in every way, two at a time."""
    shuffled = list(year.weeks)
    Random(5).shuffle(shuffled)
    ways = {
        "forwards": (backfilled, year.weeks),
        "backwards": (backfilled, year.weeks[::-1]),
        "shuffled": (backfilled, shuffled),
        "mended": (mended, year.weeks[-LAST:]),
    }
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        running = {name: pool.submit(way, year, name, order) for name, (way, order) in ways.items()}
        return {name: job.result() for name, job in running.items()}


def test_the_order_of_a_backfill_changes_nothing(year: Year, outcomes: dict[str, Outcome]) -> None:
    forwards = outcomes["forwards"]
    assert outcomes["backwards"] == forwards
    assert outcomes["shuffled"] == forwards
    assert len(forwards.newest) == len(year.weeks) >= 50
    assert len(set(forwards.marts.values())) > 10, "the marts hold something"


def test_weeks_computed_as_they_came_and_mended_later_end_the_same(outcomes: dict[str, Outcome]) -> None:
    """The newest figures of the last weeks are those of a backfill."""
    assert outcomes["mended"].newest == outcomes["forwards"].newest[-LAST:]
