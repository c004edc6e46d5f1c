"""A county with every measure and half a year of facts, by a seed, as plain rows that a test can transform."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from ducha.catalogue import Catalogue, Facts

from tests.large_county import KINDS
from tests.unit.metrics import build

Row = dict[str, Any]

WEEKS = [f"2022-W{n:02d}" for n in range(1, 27)]
UNITS = ("U1", "U2", "U3", "U4", "U5")
SILENT = ("U2", "U5")
"""Units that now and then send nothing: their red lines become unknown, the others keep their ranks."""
AREAS = ({"area_code": "A1"}, {"area_code": "A2", "parent_code": "A1"}, {"area_code": "A3"})
HOUR = pd.Timedelta(hours=1)


@dataclass
class County:
    """The rows behind a catalogue and its facts, by the names of the builders' arguments."""

    responsibilities: list[Row]
    assignments: list[Row]
    catalogue: dict[str, list[Row]]
    progress: list[Row] = field(default_factory=list)
    inspections: list[Row] = field(default_factory=list)
    submissions: list[Row] = field(default_factory=list)
    withdrawals: list[Row] = field(default_factory=list)

    def built(self) -> tuple[Catalogue, Facts]:
        """Return catalogue and facts, the facts in the ledger's order: week, known_at, submission, row."""
        progress, inspections = (
            sorted(rows, key=lambda row: (row["week"], row["known_at"])) for rows in (self.progress, self.inspections)
        )
        facts = build.facts(progress, inspections, self.submissions, self.withdrawals)
        return build.catalogue(self.responsibilities, self.assignments, **self.catalogue), facts


def random_county(seed: int) -> County:
    rng = random.Random(seed)
    responsibilities = [_responsibility(rng, n) for n in range(len(KINDS))]
    codes = [row["responsibility_code"] for row in responsibilities]
    assignments = [
        build.assignment(codes[(5 * n + k) % len(codes)], unit, share=rng.choice([0.25, 0.5, 1.0]), **_own(rng))
        for n, unit in enumerate(UNITS)
        for k in range(13)
    ]
    items = [
        {"responsibility_code": row["responsibility_code"], "item_code": item, "weight": float(rng.randint(1, 3))}
        for row in responsibilities
        if row["kind"] == "project"
        for item in ("a", "b", "c")
    ]
    exception = {"responsibility_code": codes[1], "unit_code": "U1", "state": "exempt",
                 "from_on": pd.Timestamp(2022, 3, 1), "to_on": pd.Timestamp(2022, 4, 30)}  # fmt: skip
    portfolios = [{"leader_code": "L2", "responsibility_code": code, "from_on": pd.Timestamp(2022, 4, 1)}
                  for code in codes[:5]]  # fmt: skip
    units = [{"unit_code": unit, "peer_group": "town" if n < 3 else "office"} for n, unit in enumerate(UNITS)]
    listed = {"units": units, "items": items, "exceptions": [exception], "portfolios": portfolios, "areas": list(AREAS)}
    county = County(responsibilities, assignments, listed)
    for week in WEEKS:
        for unit in UNITS:
            _report(rng, county, unit, week)
    return county


def _responsibility(rng: random.Random, n: int) -> Row:
    kind = {name: value for name, value in KINDS[n].items() if name != "due_on"}
    dated = {"due_on": pd.Timestamp(2022, 6, 15)} if "due_on" in KINDS[n] else {}
    numbers = {name: float(kind[name]) for name in ("baseline", "target", "rank_start") if name in kind}
    return build.responsibility(
        f"R{n:02d}",
        **({"direction": ""} | kind | numbers | dated),
        weight=float(rng.randint(1, 3)),
        area_code=rng.choice(["A1", "A2", "A3"]),
        leader_code=rng.choice(["L1", "L2"]),
        task_force_code=rng.choice(["", "F1", "F2"]),
        tolerance=rng.choice([float("nan"), 2.0]),
    )


def _own(rng: random.Random) -> Row:
    """Now and then a weight, a beginning or an end of the assignment's own."""
    return rng.choice([{}, {}, {}, {"weight": 2.0}, {"from_on": pd.Timestamp(2022, 2, 9)},
                       {"to_on": pd.Timestamp(2022, 5, 12)}])  # fmt: skip


def _report(rng: random.Random, county: County, unit: str, week: str) -> None:
    """A unit's file of a week: mostly in time, sometimes late, corrected, taken back or inspected."""
    if unit in SILENT and rng.random() < 0.1:
        return
    at = build.local(build.monday(week), 24 * 3 + rng.choice([9, 12, 16, 20]))
    duties = {row["responsibility_code"]: row for row in county.responsibilities}
    own = [duties[row["responsibility_code"]] for row in county.assignments if row["unit_code"] == unit]
    rows = [
        row | {"unit_code": unit, "row_no": n}
        for n, duty in enumerate(own)
        if duty["measure"] == "red_line" or rng.random() < 0.9
        for row in _facts_of(rng, duty, week)
    ]
    if rng.random() < 0.1:
        _send(county, unit, week, at, rows, is_withdrawn=True)
        at += HOUR
    _send(county, unit, week, at, rows)
    corrected = [_corrected(rng, row) for row in rows if rng.random() < 0.05]
    if corrected:
        _send(county, unit, week, at + 9 * HOUR, corrected)
    checked = [_corrected(rng, row) for row in rows if rng.random() < 0.05 and not row.get("no_change")]
    for row in checked:
        kept = {name: value for name, value in row.items() if name not in ("happened_on", "no_change")}
        county.inspections.append(kept | {"sample_kind": rng.choice(["random", "random", "risk"]), "known_at": at,
                                          "received_at": at, "submission_id": f"check {unit} {week}"})  # fmt: skip


def _send(county: County, unit: str, week: str, at: pd.Timestamp, rows: list[Row], is_withdrawn: bool = False) -> None:
    ordinal = 2 * len(county.submissions)
    name = f"S{ordinal:05d}"
    sent = build.submission(week, unit, received_at=at, submission_id=name, ordinal=ordinal, row_count=len(rows),
                            accepted_rows=len(rows))  # fmt: skip
    if is_withdrawn:
        taken = at + HOUR / 2
        sent["withdrawn_at"] = taken
        county.withdrawals.append({"unit_code": unit, "week": sent["week"], "ordinal": ordinal + 1, "known_at": taken,
                                   "received_at": taken})  # fmt: skip
    else:
        county.progress += [row | {"received_at": at, "known_at": at, "submission_id": name} for row in rows]
    county.submissions.append(sent)


def _facts_of(rng: random.Random, duty: Row, week: str) -> Iterator[Row]:
    """What a unit says of a duty in a week: an item each of stages and of a daily red line, else one row."""
    measure = duty["measure"]
    row = build.progress(week, duty["responsibility_code"])
    is_repeatable = measure in ("total", "level", "rank", "stages") or duty.get("time_basis") == "to_date"
    if is_repeatable and week != WEEKS[0] and rng.random() < 0.1:
        yield row | {"no_change": True}
    elif measure == "stages":
        for item in "abc" if duty["kind"] == "project" else [""]:
            yield row | {"item": item, "done": rng.random() < _way(rng, week)}
    elif duty["cadence"] == "daily":
        days = [build.monday(week) + pd.Timedelta(days=k) for k in range(-3, 4)]
        yield from (row | {"item": f"{day:%Y-%m-%d}", "value": float(rng.random() < 0.002)} for day in days)
    elif measure == "ratio":
        yield row | {"numerator": float(rng.randint(20, 90)), "denominator": float(rng.randint(90, 100))}
    else:
        size = {"rank": 11.0, "average": float(rng.randint(1, 9))}.get(measure, float("nan"))
        yield row | {"value": _value(rng, duty, week), "denominator": size}


def _value(rng: random.Random, duty: Row, week: str) -> float:
    """Totals and levels go their way from b to T, the rest moves about."""
    made = {"red_line": float(rng.random() < 0.01), "range": rng.choice([-0.02, 0.01, 0.05, 0.06]),
            "rank": float(rng.randint(1, 11)), "flow": float(rng.randint(0, 250)),
            "average": rng.randint(60, 220) / 10}  # fmt: skip
    b, target = duty.get("baseline", 0.0), duty.get("target", 100.0)
    return made.get(duty["measure"], round(b + _way(rng, week) * (target - b), 1))


def _way(rng: random.Random, week: str) -> float:
    return (int(week[6:]) + rng.random()) / 40


def _corrected(rng: random.Random, row: Row) -> Row:
    """The same row as said later or found: another figure of its kind."""
    if row.get("no_change") or row.get("value") in (0.0, 1.0):
        return row
    if "done" in row:
        return row | {"done": not row["done"]}
    name = "numerator" if "numerator" in row else "value"
    return row | {name: round(row[name] * rng.choice([0.8, 0.95, 1.0, 1.1]), 1)}
