"""Two histories, a real one and the sample's year: shuffled, killed and as known at any instant, against a plain count.

The plain count (`tests/plain_history.py`) knows nothing of the pipeline. `pytest -s` prints both sides by side.
"""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any

import psycopg2
import pytest
from ducha.embedded import EmbeddedPostgres
from ducha.pipeline import compute_release, what_if
from ducha.sample import write_sample
from ducha.settings import Settings
from ducha.warehouse.analyst import ask
from ducha.warehouse.catalogue import read_catalogue
from ducha.warehouse.database import connect, fetch, migrate
from ducha.warehouse.fingerprint import fingerprint

from tests.histories import History, Real, Sample, counts_of, end_of, outcomes_of, replay, take_back
from tests.plain_history import Outcome, PlainHistory, Slot
from tests.small_county import COUNTY

LEDGER_ONLY, SHOWN, KILLED = 1, 2, 2
"""Seeds of the shuffles; the killed replay is the same as the one that is shown week by week undisturbed."""
MOMENTS, EXACT, WHAT_IFS, KILLS = 50, 10, 8, 8

forks = multiprocessing.get_context("forkserver")


@dataclass
class Replayed:
    """A history, its plain count, and the warehouses into which it was shuffled."""

    history: History
    plain: PlainHistory
    postgres: EmbeddedPostgres
    homes: Path
    ledger_only: Settings
    shown: Settings
    seconds: float

    def fresh(self, name: str) -> Settings:
        url = self.postgres.new_database()
        migrate(url)
        return Settings(self.homes / name, self.history.county_dir(), self.homes / name / "inbox", url)


def start(history: History, settings: Settings, seed: int, has_releases: bool = True) -> BaseProcess:
    child = forks.Process(target=replay, args=(history, settings, seed, has_releases))
    child.start()
    return child


@pytest.fixture(scope="module", params=["real", "sample"])
def replayed(
    request: pytest.FixtureRequest, shared: Path, postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Replayed:
    forks.set_forkserver_preload(["ducha.pipeline", "great_expectations", "tests.histories"])
    homes = tmp_path_factory.mktemp(request.param)
    history: History
    if request.param == "real":
        history = Real(shared / "corpus" / "flusight" / "arrival_events.csv", homes)
        history.write()
    else:
        history = Sample(COUNTY, homes)
        take_back(write_sample(COUNTY, homes, weeks=52))
    made = Replayed(history, history.plain(), postgres, homes, *[None] * 2, 0.0)  # type: ignore[arg-type]
    made.ledger_only, made.shown = made.fresh("ledger-only"), made.fresh("shown")
    began = time.monotonic()
    children = [start(history, made.ledger_only, LEDGER_ONLY, False), start(history, made.shown, SHOWN)]
    for child in children:
        child.join(600)
    made.seconds = time.monotonic() - began
    assert [child.exitcode for child in children] == [0, 0]
    return made


@pytest.fixture(scope="module")
def as_time_went(replayed: Replayed) -> Iterator[tuple[psycopg2.extensions.connection, list[datetime]]]:
    """The shuffled ledger, every week released when its deadline has passed and whenever something came for it."""
    plain, conn = replayed.plain, connect(replayed.ledger_only.database_url)
    catalogue = read_catalogue(conn, replayed.history.county_code)
    moments, last_shown = sorted(instants(plain)), dict[str, datetime]()
    for moment in moments:
        came: dict[str, datetime] = {}
        for happening in plain.happenings:
            if happening.at <= moment:
                week = happening.slot[1]
                came[week] = max(came.get(week, happening.at), happening.at)
        for week, deadline in plain.deadlines.items():
            since = last_shown.get(week)
            if (since is None and deadline <= moment) or (week in came and (since is None or came[week] > since)):
                compute_release(conn, catalogue, week, moment)
                last_shown[week] = moment
    yield conn, moments
    conn.close()


def instants(plain: PlainHistory) -> list[datetime]:
    """Random instants of the history, the exact ones of some events, those at which a clock went back, and its end."""
    chance = Random(50)
    times = [happening.at for happening in plain.happenings]
    first, last = min(times), max(times)
    random = [first + chance.random() * (last - first) for _ in range(MOMENTS)]
    back = [at for before, after in pairwise(times) if after < before for at in (before, after)]
    return [*random, *chance.sample(times, EXACT), *back, end_of(plain)]


def side_by_side(title: str, found: dict[str, int], expected: dict[str, int]) -> None:
    """Print the pipeline's counts beside the independent ones, and let no difference pass."""
    print(f"\n{title}\n{'':34}{'pipeline':>10}{'plain':>10}")
    for name, number in expected.items():
        print(f"{name:34}{found[name]:>10,}{number:>10,}{'' if found[name] == number else '  DIFFERENT'}")
    assert found == expected
    assert all(expected.values()), "each of them must happen in this history"


def differences(found: dict[Slot, Outcome], expected: dict[Slot, Outcome]) -> dict[Slot, tuple[Any, Any]]:
    slots = {**found, **expected}
    return {s: (found.get(s), expected.get(s)) for s in slots if found.get(s) != expected.get(s)}


def shown_in(conn: psycopg2.extensions.connection) -> dict[Slot, Outcome]:
    return outcomes_of(fetch(conn, "SELECT * FROM mart.submission_week"))


def ledger_of(settings: Settings) -> dict[str, list[Any]]:
    """Every row of the ledger but for the batch it came in."""
    with closing(connect(settings.database_url)) as conn:
        return {
            table: fetch(conn, f"SELECT (to_jsonb(t) - 'batch_id')::text AS row FROM ledger.{table} t ORDER BY 1")
            for table in ("receipt", "submission", "progress", "inspection", "withdrawal")
        }


def content_of(settings: Settings) -> tuple[dict[str, str], list[dict[str, Any]]]:
    with closing(connect(settings.database_url)) as conn:
        releases = "SELECT release_id, content_sha256, status FROM ops.release ORDER BY 1"
        return fingerprint(conn), fetch(conn, releases)


def test_shuffled_batches_end_as_the_plain_count_says(replayed: Replayed) -> None:
    with closing(connect(replayed.shown.database_url)) as conn:
        found = shown_in(conn)
        assert differences(found, replayed.plain.outcomes()) == {}
        name = type(replayed.history).__name__.lower()
        side_by_side(
            f"{name}: shuffled batches", counts_of(conn, replayed.history, found), replayed.plain.counts()
        )


def test_another_shuffle_makes_the_same_ledger(replayed: Replayed) -> None:
    one, other = ledger_of(replayed.ledger_only), ledger_of(replayed.shown)
    assert one["progress"]
    assert one == other


def test_every_instant_is_told_as_it_was_known_then(replayed: Replayed, as_time_went: Any) -> None:
    conn, moments = as_time_went
    released = fetch(conn, "SELECT week_code, min(released_at) AS at FROM ops.release WHERE status = 'audited' GROUP BY 1")
    first_shown = {row["week_code"]: row["at"] for row in released}
    assert len(first_shown) == len(replayed.plain.deadlines)
    found_all, known_all = [], []
    for moment in Random(7).sample(moments, len(moments)):
        known = replayed.plain.outcomes(moment)
        silent = {slot: o for slot, o in known.items() if first_shown[slot[1]] > moment}
        assert not any(o.versions or o.withdrawals for o in silent.values()), "something came and was not shown"
        rows = fetch(conn, "SELECT * FROM mart.submission_week_as_known(%s)", (moment,))
        found = outcomes_of(rows)
        assert differences(found, {slot: o for slot, o in known.items() if slot not in silent}) == {}, moment
        asked = ask(conn, "SELECT * FROM submission_week", as_known=moment)
        assert outcomes_of(asked.to_dict("records")) == found
        found_all += found.values()
        known_all += known.values()
    assert fetch(conn, "SELECT 1 FROM mart.submission_week_as_known(%s)", (moments[0] - timedelta(days=9),)) == []


def test_the_last_instant_knows_all(replayed: Replayed, as_time_went: Any) -> None:
    conn, moments = as_time_went
    found = outcomes_of(fetch(conn, "SELECT * FROM mart.submission_week_as_known(%s)", (moments[-1],)))
    assert differences(found, replayed.plain.outcomes()) == {}
    name = type(replayed.history).__name__.lower()
    side_by_side(f"{name}: released as time went, {len(moments)} instants",
                 counts_of(conn, replayed.history, found), replayed.plain.counts())  # fmt: skip


def test_a_what_if_of_any_instant_equals_the_plain_count(replayed: Replayed, as_time_went: Any) -> None:
    conn, _ = as_time_went
    weeks: dict[str, list[datetime]] = {}
    for happening in replayed.plain.happenings:
        weeks.setdefault(happening.slot[1], []).append(happening.at)
    chance = Random(11)
    for week in chance.sample(sorted(weeks.keys() & replayed.plain.deadlines.keys()), WHAT_IFS):
        moment = chance.choice(weeks[week][:-1])
        release = what_if(conn, replayed.ledger_only, week, moment)["release"]["release_id"]
        rows = fetch(conn, "SELECT * FROM mart.submission_week_release WHERE release_id = %s", (release,))
        known = {slot: o for slot, o in replayed.plain.outcomes(moment).items() if slot[1] == week}
        assert differences(outcomes_of(rows), known) == {}, (week, moment)


def test_kills_at_random_moments_leave_no_trace(replayed: Replayed) -> None:
    settings = replayed.fresh("killed")
    journal = settings.home / "steps_done"
    chance, hits = Random(9), []
    for _ in range(KILLS):
        child = start(replayed.history, settings, KILLED)
        child.join(chance.uniform(0.1, 2 * replayed.seconds / (KILLS + 1)))
        if child.is_alive():
            child.kill()
            hits.append(journal.stat().st_size if journal.exists() else 0)
        child.join()
    child = start(replayed.history, settings, KILLED)
    child.join(600)
    assert child.exitcode == 0
    assert len(hits) >= KILLS // 2, f"only {len(hits)} of {KILLS} kills hit a running replay"
    assert content_of(settings) == content_of(replayed.shown)
    with closing(connect(settings.database_url)) as conn:
        found = shown_in(conn)
        assert differences(found, replayed.plain.outcomes()) == {}
        name = type(replayed.history).__name__.lower()
        side_by_side(f"{name}: killed in steps {hits} of {journal.stat().st_size}",
                     counts_of(conn, replayed.history, found), replayed.plain.counts())  # fmt: skip
