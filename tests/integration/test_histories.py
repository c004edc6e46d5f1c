"""Two histories, a real one and the sample's year: shuffled, killed and as known at any instant, against a plain count.

The plain count (`tests/plain_history.py`) knows nothing of the pipeline. `make history` prints both side by side.
"""

import hashlib
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

import pytest
from ducha.embedded import EmbeddedPostgres
from ducha.pipeline.week import what_if
from ducha.sample import write_sample
from ducha.settings import Settings
from ducha.warehouse.analyst import ask
from ducha.warehouse.database import connect, fetch, migrate
from ducha.warehouse.fingerprint import fingerprint
from psycopg2.extensions import connection as Connection

from tests.histories import (
    BATCHES,
    History,
    Real,
    Replay,
    Sample,
    all_at_the_end,
    as_time_goes,
    counts_of,
    differences,
    end_of,
    outcomes_of,
    side_by_side,
    take_back,
)
from tests.plain_history import PlainHistory
from tests.small_county import COUNTY

FIRST, SECOND = 1, 2
"""Seeds of two shuffles: the first is released as time went, the second runs killed and undisturbed."""
MOMENTS, EXACT, WHAT_IFS, KILLS = 50, 6, 5, 11
PATIENCE = 900

forks = multiprocessing.get_context("forkserver")


@dataclass(frozen=True)
class Told:
    """A history, its plain count, and three warehouses into which it was shuffled."""

    history: History
    plain: PlainHistory
    moments: list[datetime]
    as_time_went: Settings
    killed: Settings
    undisturbed: Settings
    kills: list[int]

    @property
    def name(self) -> str:
        return type(self.history).__name__.lower()


def instants(plain: PlainHistory) -> list[datetime]:
    """Random instants of the history, the exact ones of some events, those at which a clock went back, and its end."""
    chance = Random(50)
    times = [happening.at for happening in plain.happenings]
    first, last = min(times), max(times)
    random = [first + chance.random() * (last - first) for _ in range(MOMENTS)]
    back = [at for before, after in pairwise(times) if after < before for at in (before, after)]
    return sorted([*random, *chance.sample(times, EXACT), *back, end_of(plain)])


def start(replay: Replay) -> BaseProcess:
    child = forks.Process(target=replay.run)
    child.start()
    return child


def finish(child: BaseProcess) -> None:
    child.join(PATIENCE)
    assert child.exitcode == 0


def kill_again_and_again(replay: Replay) -> list[int]:
    """Kill the replay at random moments, most of them while files are landed and read, and let it go on each time.

    A moment is a random time after a random step, so that it hits a running replay however fast the machine is.
    Returns the steps that were cut off.
    """
    chance, intake, cut = Random(9), 3 * BATCHES, []
    moments = [(step, chance.uniform(0, 2.5)) for step in chance.sample(range(intake), KILLS - 4)]
    moments += [(step, chance.uniform(0, 1)) for step in chance.sample(range(intake, intake + 40), 4)]
    for step, seconds in sorted(moments):
        child = start(replay)
        while child.is_alive() and replay.done() < step:
            time.sleep(0.01)
        child.join(seconds)
        assert child.is_alive(), "the kill came after the end"
        child.kill()
        child.join()
        cut.append(replay.done())
    finish(start(replay))
    return cut


@pytest.fixture(scope="module", params=["real", "sample"])
def told(
    request: pytest.FixtureRequest, shared: Path, postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Told:
    forks.set_forkserver_preload(["ducha.pipeline", "great_expectations", "tests.histories"])
    homes = tmp_path_factory.mktemp(request.param)
    history: History
    if request.param == "real":
        history = Real(shared / "corpus" / "flusight" / "arrival_events.csv", homes)
        history.write()
    else:
        history = Sample(COUNTY, homes)
        take_back(write_sample(COUNTY, homes, weeks=52))

    def fresh(name: str) -> Settings:
        url = postgres.new_database()
        migrate(url)
        return Settings(homes / name, history.county_dir(), homes / name / "inbox", url)

    plain = history.plain()
    moments, last = instants(plain), all_at_the_end(plain)
    as_time_went, killed, undisturbed = map(fresh, ("as-time-went", "killed", "undisturbed"))
    slow = start(Replay(history, as_time_went, FIRST, as_time_goes(plain, moments)))
    kills = kill_again_and_again(Replay(history, killed, SECOND, last, is_hasty=True))
    finish(start(Replay(history, undisturbed, SECOND, last, is_hasty=True)))
    finish(slow)
    return Told(history, plain, moments, as_time_went, killed, undisturbed, kills)


@pytest.fixture
def conn(told: Told) -> Iterator[Connection]:
    """The warehouse whose weeks were released as time went."""
    with closing(connect(told.as_time_went.database_url)) as opened:
        yield opened


def ledger_of(settings: Settings) -> dict[str, list[Any]]:
    """Every row of the ledger but for the batch it came in."""
    with closing(connect(settings.database_url)) as conn:
        return {
            table: fetch(conn, f"SELECT (to_jsonb(t) - 'batch_id')::text AS row FROM ledger.{table} t ORDER BY 1")
            for table in ("receipt", "submission", "progress", "inspection", "withdrawal")
        }


def everything_of(settings: Settings) -> dict[str, Any]:
    """The hash of every table of catalogue, ledger and marts, and what stands of releases and of returned files."""
    with closing(connect(settings.database_url)) as conn:
        rows = {
            table: fetch(conn, f"SELECT to_jsonb(t)::text AS row FROM ops.{table} t ORDER BY 1")
            for table in ("release", "intake_event", "rejected_row")
        }
        returned = fetch(conn, "SELECT receipt_id, unit_code, path FROM ops.returned_file ORDER BY 1")
        assert all((settings.home / row["path"]).is_file() for row in returned)
        return {**fingerprint(conn), **rows, "returned_file": returned}


def landed_in(settings: Settings) -> dict[str, str]:
    """Every landed file by its name, with the hash of what stands in it: the name, unless it was cut off."""
    files = [file for file in settings.landing_dir.rglob("*") if file.is_file() and file.name[0] != "."]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.mark.parametrize("way", ["as_time_went", "killed"], ids=["as-time-went", "killed"])
def test_a_shuffled_history_ends_as_the_plain_count_says(told: Told, way: str) -> None:
    with closing(connect(getattr(told, way).database_url)) as conn:
        found = outcomes_of(fetch(conn, "SELECT * FROM mart.submission_week"))
        assert differences(found, told.plain.outcomes()) == {}
        manner = {
            "as_time_went": f"in shuffled batches, released at {len(told.moments)} instants",
            "killed": f"in another order, killed -9 after steps {', '.join(map(str, told.kills))}",
        }
        side_by_side(f"{told.name}: {manner[way]}", counts_of(conn, told.history, found), told.plain.counts())


def test_kills_leave_no_trace(told: Told) -> None:
    assert len(told.kills) == KILLS
    assert everything_of(told.killed) == everything_of(told.undisturbed)
    landed = landed_in(told.killed)
    assert landed == landed_in(told.undisturbed)
    assert all(name == content for name, content in landed.items()), "half a file"


def test_another_order_makes_the_same_ledger(told: Told) -> None:
    one, other = ledger_of(told.as_time_went), ledger_of(told.undisturbed)
    assert one["progress"]
    assert one == other


def test_every_instant_is_told_as_it_was_known_then(told: Told, conn: Connection) -> None:
    query = "SELECT week_code, min(released_at) AS at FROM ops.release WHERE status = 'audited' GROUP BY 1"
    first_shown = {row["week_code"]: row["at"] for row in fetch(conn, query)}
    assert first_shown.keys() == told.plain.deadlines.keys()
    for number, moment in enumerate(Random(7).sample(told.moments, len(told.moments))):
        known = told.plain.outcomes(moment)
        unshown = {slot for slot in known if first_shown[slot[1]] > moment}
        assert not any(known[s].versions or told.plain.deadlines[s[1]] <= moment for s in unshown), "due, not shown"
        rows = fetch(conn, "SELECT * FROM mart.submission_week_as_known(%s)", (moment,))
        assert differences(outcomes_of(rows), {s: o for s, o in known.items() if s not in unshown}) == {}, moment
        if number % 10 == 0:  # the analyst's own way to ask
            asked = ask(conn, "SELECT * FROM submission_week", as_known=moment)
            assert outcomes_of(asked.to_dict("records")) == outcomes_of(rows)
    before = told.moments[0] - timedelta(days=9)
    assert fetch(conn, "SELECT 1 FROM mart.submission_week_as_known(%s)", (before,)) == []


def test_a_what_if_of_any_instant_equals_the_plain_count(told: Told, conn: Connection) -> None:
    came: dict[str, list[datetime]] = {}
    for happening in told.plain.happenings:
        came.setdefault(happening.slot[1], []).append(happening.at)
    chance = Random(11)
    for week in chance.sample(sorted(came.keys() & told.plain.deadlines.keys()), WHAT_IFS):
        moment = chance.choice(came[week][:-1])
        release = what_if(conn, told.as_time_went, week, moment)["release"]["release_id"]
        rows = fetch(conn, "SELECT * FROM mart.submission_week_release WHERE release_id = %s", (release,))
        known = {slot: outcome for slot, outcome in told.plain.outcomes(moment).items() if slot[1] == week}
        assert differences(outcomes_of(rows), known) == {}, (week, moment)
