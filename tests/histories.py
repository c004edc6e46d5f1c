"""A history in shuffled batches through the real landing and ledger, step by step, so that a killed replay goes on."""

import csv
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, Protocol

from ducha.catalogue import Catalogue
from ducha.pipeline.collect import check_submissions, replay_events, sync_catalogue
from ducha.pipeline.fetch import fetch_unit, senders
from ducha.pipeline.publish import compute_release
from ducha.settings import Settings
from ducha.sources.replay import WITHDRAWALS
from ducha.warehouse.catalogue import read_catalogue
from ducha.warehouse.database import connect, fetch
from psycopg2.extensions import connection as Connection

from tests.integration.flusight import source_events, write_county
from tests.plain_history import (
    Outcome,
    PlainHistory,
    Slot,
    read_events,
    real_history,
    sample_history,
    slot_counts,
    week_codes,
)

BATCHES = 5
TAKEN_BACK = 40
"""Withdrawals added to the sample: the ten units of the small county never take anything back by themselves."""


class History(Protocol):
    """A history that can be delivered in parts; what it truly comes to is computed without the pipeline."""

    county_code: str
    events_query: str

    def plain(self) -> PlainHistory: ...
    def county_dir(self) -> Path: ...
    def parts(self) -> Sequence[Any]:
        """Everything that happened, in the order of its line or time."""
        ...

    def deliver(self, conn: Connection, settings: Settings, catalogue: Catalogue, batch: Sequence[Any]) -> None: ...


@dataclass(frozen=True)
class Real:
    """The national scheme's arrivals; `home` holds the county made of them."""

    file: Path
    home: Path
    county_code: str = "990078"
    events_query: str = """SELECT count(DISTINCT ordinal)::int AS n FROM (
        SELECT ordinal FROM ledger.receipt UNION ALL SELECT ordinal FROM ledger.withdrawal) AS either"""

    def plain(self) -> PlainHistory:
        return real_history(self.file)

    def county_dir(self) -> Path:
        return self.home / "county"

    def write(self) -> None:
        write_county(self.county_dir(), *read_events(self.file))

    def parts(self) -> Sequence[Any]:
        """One list a line: what the source gives for it."""
        events, deadlines = read_events(self.file)
        by_line: dict[int, list[Any]] = {event.line: [] for event in events}
        for given in source_events(events, week_codes(deadlines)):
            by_line[given.ordinal].append(given)
        return list(by_line.values())

    def deliver(self, conn: Connection, settings: Settings, catalogue: Catalogue, batch: Sequence[Any]) -> None:
        replay_events(conn, settings, catalogue, [given for line in batch for given in line])


@dataclass(frozen=True)
class Sample:
    """What `ducha sample` wrote under `home`, delivered to an inbox whose files come late and out of order."""

    county: Path
    home: Path
    county_code: str = "990001"
    events_query: str = """SELECT (SELECT count(*) FROM ledger.receipt WHERE kind = 'progress')::int
        + (SELECT count(*) FROM ledger.withdrawal)::int AS n"""

    def plain(self) -> PlainHistory:
        return sample_history(self.home / "answer.json", self.county / "units.csv")

    def county_dir(self) -> Path:
        return self.county

    def parts(self) -> Sequence[Any]:
        answer = json.loads((self.home / "answer.json").read_text(encoding="utf-8"))
        files = [(file["received_at"], file["file"], None) for file in answer["files"]]
        taken = [(w["withdrawn_at"], "", w) for w in answer["withdrawals"]]
        return sorted([*files, *taken], key=lambda part: part[:2])

    def deliver(self, conn: Connection, settings: Settings, catalogue: Catalogue, batch: Sequence[Any]) -> None:
        for _, name, withdrawal in batch:
            if withdrawal is None:
                _put(self.home / "inbox" / name, settings.inbox / name)
        _put_withdrawals(settings.inbox / WITHDRAWALS, [w for _, _, w in batch if w is not None])
        for sender in senders(catalogue):
            fetch_unit(conn, settings, catalogue.settings, sender)


def take_back(answer_file: Path, count: int = TAKEN_BACK, seed: int = 5) -> None:
    """Add withdrawals to an answer file: some hours after a report, or at its very instant, which leaves it alone."""
    answer = json.loads(answer_file.read_text(encoding="utf-8"))
    chance = Random(seed)
    sent = [f for f in answer["files"] if f["role"] not in ("inspection", "zero_reports") and f["came"] != "no_cut_off"]
    for file in chance.sample(sent, count):
        at = datetime.fromisoformat(file["received_at"]) + timedelta(seconds=chance.choice([0, 1, 1800, 86400]))
        answer["withdrawals"].append({"unit_code": file["sender"], "week": file["week"],
                                      "withdrawn_at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "reason": "报错单位"})  # fmt: skip
    answer_file.write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.part")
    shutil.copy2(source, unfinished)
    unfinished.replace(target)


def _put_withdrawals(listed: Path, more: list[dict[str, str]]) -> None:
    listed.parent.mkdir(parents=True, exist_ok=True)
    rows = {(w["withdrawn_at"], w["unit_code"], w["week"], w["reason"]) for w in more}
    if listed.is_file():
        with listed.open(encoding="utf-8", newline="") as file:
            rows |= {tuple(row) for row in list(csv.reader(file))[1:]}
    unfinished = listed.with_name(f"{listed.name}.part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("received_at", "unit_code", "week", "reason"), *sorted(rows)])
    unfinished.replace(listed)


def shuffled_batches(parts: Sequence[Any], seed: int, count: int = BATCHES) -> list[Sequence[Any]]:
    """Cut a history at random places and return the batches in random order, each in its own order."""
    chance = Random(seed)
    cuts = [0, *sorted(chance.sample(range(1, len(parts)), count - 1)), len(parts)]
    batches = [parts[start:end] for start, end in pairwise(cuts)]
    in_order = list(batches)
    while batches == in_order:
        chance.shuffle(batches)
    return batches


Step = Callable[[], object]


@dataclass(frozen=True)
class Replay:
    """A shuffled replay as steps, each safe to repeat. `schedule`: (week, clock) of each release after the last batch.

    A week chosen by chance is released after each batch too, when `is_hasty`: it shows what is known of it by then.
    """

    history: History
    settings: Settings
    seed: int
    schedule: Sequence[tuple[str, datetime]] = ()
    is_hasty: bool = False

    @property
    def journal(self) -> Path:
        return self.settings.home / "steps_done"

    def done(self) -> int:
        """How many steps have been committed and noted."""
        return self.journal.stat().st_size if self.journal.exists() else 0

    def steps(self, conn: Connection) -> list[Step]:
        """Load the county and return the steps."""
        plain = self.history.plain()
        end, weeks, chance = end_of(plain), list(plain.deadlines), Random(self.seed)
        sync_catalogue(conn, self.history.county_dir(), end, "test")
        catalogue = read_catalogue(conn, self.history.county_code)
        steps: list[Step] = []
        for batch in shuffled_batches(self.history.parts(), self.seed):
            steps.append(partial(self.history.deliver, conn, self.settings, catalogue, batch))
            steps.append(partial(check_submissions, conn, self.settings, catalogue, end))
            if self.is_hasty:
                steps.append(partial(compute_release, conn, catalogue, chance.choice(weeks), end))
        return steps + [partial(compute_release, conn, catalogue, week, clock) for week, clock in self.schedule]

    def run(self) -> None:
        """Do what the journal in the home does not name as done, and the last thing that it does name once more.

        A step is noted once it has been committed: one that was killed in between is committed and done again.
        """
        self.settings.home.mkdir(parents=True, exist_ok=True)
        with closing(connect(self.settings.database_url)) as conn:
            again = max(self.done() - 1, 0)
            for number, step in enumerate(self.steps(conn)[again:], start=again):
                step()
                if number == self.done():
                    with self.journal.open("ab") as noted:
                        noted.write(b".")


def end_of(plain: PlainHistory) -> datetime:
    """The instant after which nothing happens and no deadline is left."""
    return max([h.at for h in plain.happenings] + list(plain.deadlines.values())) + timedelta(days=1)


def all_at_the_end(plain: PlainHistory) -> list[tuple[str, datetime]]:
    return [(week, end_of(plain)) for week in plain.deadlines]


def as_time_goes(plain: PlainHistory, moments: Sequence[datetime]) -> list[tuple[str, datetime]]:
    """Return what an office would release at each moment: weeks whose deadline has passed, and those with news."""
    news: dict[str, list[datetime]] = {week: [] for week in plain.deadlines}
    for happening in plain.happenings:
        news.setdefault(happening.slot[1], []).append(happening.at)
    schedule, shown = [], dict[str, datetime]()
    for moment in sorted(moments):
        for week, deadline in plain.deadlines.items():
            since = shown.get(week)
            is_due = since is None and deadline <= moment
            if is_due or any(at <= moment and (since is None or at > since) for at in news[week]):
                schedule.append((week, moment))
                shown[week] = moment
    return schedule


def outcomes_of(rows: list[dict[str, Any]]) -> dict[Slot, Outcome]:
    """Return rows of `submission_week` as outcomes by unit and week."""
    return {
        (row["unit_code"], row["week_code"]): Outcome(
            row["status"] != "not_expected", row["accepted_rows"] > 0, bool(row["is_on_time"]), row["versions"],
            row["withdrawn_count"],
        )
        for row in rows
    }  # fmt: skip


def counts_of(conn: Connection, history: History, outcomes: Mapping[Slot, Outcome]) -> dict[str, int]:
    """Return the pipeline's counts, as `PlainHistory.counts` names them."""
    return {
        "events": fetch(conn, history.events_query)[0]["n"],
        "arrivals": fetch(conn, "SELECT count(*)::int AS n FROM ledger.receipt WHERE kind = 'progress'")[0]["n"],
        "withdrawals": fetch(conn, "SELECT count(*)::int AS n FROM ledger.withdrawal")[0]["n"],
        **slot_counts(outcomes.values()),
    }


def side_by_side(title: str, found: dict[str, int], expected: dict[str, int]) -> None:
    """Print the pipeline's counts beside the independent ones, and let no difference pass."""
    print(f"\n\n{title}\n{'':34}{'pipeline':>10}{'plain':>10}")
    for name, number in expected.items():
        print(f"{name:34}{found[name]:>10,}{number:>10,}  {'equal' if found[name] == number else 'DIFFERENT'}")
    assert found == expected
    assert all(expected.values()), "each of them must happen in this history"


def differences(found: dict[Slot, Outcome], expected: dict[Slot, Outcome]) -> dict[Slot, tuple[Any, Any]]:
    slots = {**found, **expected}
    return {s: (found.get(s), expected.get(s)) for s in slots if found.get(s) != expected.get(s)}
