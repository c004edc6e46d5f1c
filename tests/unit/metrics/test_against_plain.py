"""The vectorised metrics against the plain ones, over random counties in which every state turns up."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import pandas as pd
import pytest
from ducha.catalogue import Catalogue, Facts
from ducha.metrics.terms import STATES
from ducha.metrics.week import compute_week

from tests.unit import plain_metrics
from tests.unit.metrics import build

SEEDS = range(12)
COMPARED = ("2022-W04", "2022-W17", "2022-W29")
WEEKS = [f"2022-W{n:02d}" for n in range(1, 31)]
UNITS = ("U1", "U2", "U3", "U4")


def day(rng: random.Random, first: int = 1, last: int = 300) -> pd.Timestamp:
    return pd.Timestamp(2022, 1, 1) + pd.Timedelta(days=rng.randint(first, last) - 1)


def maybe(rng: random.Random, chance: float, value: Any, other: Any) -> Any:
    return value if rng.random() < chance else other


def random_responsibility(rng: random.Random, code: str) -> dict[str, Any]:
    measure = rng.choice(["total", "total", "ratio", "ratio", "stages", "red_line", "level", "level"])
    direction = "" if measure in ("stages", "red_line") else rng.choice(["up", "up", "down"])
    nan = float("nan")
    low, high = sorted(rng.sample(range(12), 2))
    b, target = (low, high) if direction == "up" else (high, low)
    if measure == "ratio":
        b, target = (0.1 * b, 0.1 * target)
    if rng.random() < 0.1:
        target = b
    shape = "" if measure == "red_line" else rng.choice(["", "linear", "hold", "points", "season"])
    season = rng.choice(["02-01..05-31", "11-01..03-15"]) if shape == "season" or rng.random() < 0.1 else ""
    cadence = rng.choice(["weekly", "weekly", "monthly", "quarterly", "half_yearly", "once"])
    return build.responsibility(
        code,
        measure=measure,
        direction=direction,
        time_basis=rng.choice(["to_date", "period", ""]) if measure == "ratio" else "",
        kind=rng.choice(["indicator", "coverage", "rate"]),
        baseline=maybe(rng, 0.75, float(b), nan),
        target=maybe(rng, 0.92, float(target), nan),
        start_on=maybe(rng, 0.25, day(rng, 1, 260), pd.Timestamp(2022, 1, 1)),
        due_on=maybe(rng, 0.9, day(rng, 60, 365), pd.NaT),
        cadence=rng.choice(["weekly", "daily"]) if measure == "red_line" else cadence,
        season=season,
        plan_shape=shape,
        plan_points="2022-04-30:0.3;2022-08-31:0.7;2022-12-20:1" if shape == "points" else "",
        weight=float(rng.randint(1, 5)),
        area_code=rng.choice(["A1", "A2"]),
        tolerance=nan,
    )


def random_assignments(rng: random.Random, code: str) -> list[dict[str, Any]]:
    units = rng.sample(UNITS, rng.randint(1, 3))
    own = {"from_on": (0.1, lambda: day(rng, 1, 220)), "to_on": (0.1, lambda: day(rng, 60, 360)),
           "weight": (0.2, lambda: float(rng.randint(1, 4)))}  # fmt: skip
    made = []
    for unit in units:
        extra = {name: make() for name, (chance, make) in own.items() if rng.random() < chance}
        made.append(build.assignment(code, unit, share=maybe(rng, 0.8, 1 / len(units), float("nan"))) | extra)
    return made


def random_items(rng: random.Random, code: str) -> list[dict[str, Any]]:
    return [
        {"responsibility_code": code, "item_code": name, "weight": float(rng.randint(1, 3))}
        for name in "abc"[: rng.randint(0, 3)]
    ]


def random_exceptions(rng: random.Random, assignments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    chosen = [row for row in assignments if rng.random() < 0.12]
    return [
        {"responsibility_code": row["responsibility_code"], "unit_code": maybe(rng, 0.8, row["unit_code"], ""),
         "state": rng.choice(["exempt", "suspended"]), "from_on": day(rng, 1, 150), "to_on": day(rng, 151, 340)}
        for row in chosen
    ]  # fmt: skip


def figures(rng: random.Random, row: dict[str, Any], items: list[str]) -> dict[str, Any]:
    """What a row says in a week, of the kind that its measure needs."""
    if row["measure"] == "stages":
        return {"item": rng.choice(items or [""]), "done": rng.random() < 0.6,
                "happened_on": maybe(rng, 0.6, day(rng, 1, 220), pd.NaT)}  # fmt: skip
    if row["measure"] == "ratio":
        size = rng.choice([0, 4, 5, 10])
        return {"numerator": float(rng.randint(0, size)), "denominator": float(size)}
    if row["measure"] == "red_line":
        return {"value": float(rng.random() < 0.01)}
    return {"value": float(rng.randint(0, 12))}


def random_facts(rng: random.Random, county: dict[str, Any]) -> Facts:
    sent, checked = [], []
    items = {code: [item["item_code"] for item in county["items"] if item["responsibility_code"] == code]
             for code in county["responsibilities"]}  # fmt: skip
    for own in county["assignments"]:
        code, unit = own["responsibility_code"], own["unit_code"]
        row = county["responsibilities"][code]
        habit = 1.0 if row["measure"] == "red_line" and rng.random() < 0.7 else rng.choice([0.0, 0.2, 0.7, 1.0])
        can_stand_still = row["measure"] in ("total", "level", "stages") or (
            row["measure"] == "ratio" and row["time_basis"] != "period"
        )
        for week in WEEKS:
            sent += reports_of_week(rng, row, build.progress(week, code, unit), items[code], habit, can_stand_still)
            if rng.random() < 0.06:
                checked.append(build.inspection(week, code, unit, **without_day(figures(rng, row, items[code]))))
    rng.shuffle(sent)
    return build.facts(sent, checked)


def without_day(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != "happened_on"}


def reports_of_week(
    rng: random.Random, row: dict[str, Any], blank: dict[str, Any], items: list[str], habit: float, may_stand: bool
) -> list[dict[str, Any]]:
    """Nothing, a figure, a correction of it, "no change"; daily red lines say each day of the week."""
    if rng.random() >= habit:
        return []
    if row["cadence"] == "daily":
        dates = [blank["week"] + pd.Timedelta(days=n) for n in range(-3, 4)]
        return [blank | figures(rng, row, items) | {"item": f"{date:%Y-%m-%d}"} for date in dates]
    made = [blank | figures(rng, row, items)]
    if may_stand and rng.random() < 0.25:
        made = [blank | {"no_change": True}]
    if rng.random() < 0.1:
        made.append(blank | figures(rng, row, items) | {"known_at": blank["known_at"] + pd.Timedelta(hours=2)})
    return made


@cache
def county(seed: int) -> tuple[Catalogue, Facts]:
    rng = random.Random(seed)
    rows = [random_responsibility(rng, f"R{n:02d}") for n in range(12)]
    assignments = [own for row in rows for own in random_assignments(rng, row["responsibility_code"])]
    stages = [row["responsibility_code"] for row in rows if row["measure"] == "stages"]
    items = [item for code in stages for item in random_items(rng, code)]
    units = [{"unit_code": unit, "closed_on": maybe(rng, 0.1, day(rng, 90, 200), pd.NaT)} for unit in UNITS]
    exceptions = random_exceptions(rng, assignments)
    catalogue = build.catalogue(rows, assignments, units=units, items=items, exceptions=exceptions)
    given = {"assignments": assignments, "items": items,
             "responsibilities": {row["responsibility_code"]: row for row in rows}}  # fmt: skip
    return catalogue, random_facts(rng, given)


@cache
def plain(seed: int, week_code: str) -> dict[tuple[str, str], dict[str, Any]]:
    return plain_metrics.recompute(*county(seed), week_code)


def assert_same(found: float, expected: Any, what: object) -> None:
    if expected is None:
        assert pd.isna(found), what
    else:
        assert found == pytest.approx(float(expected), abs=1e-9), what


@pytest.mark.parametrize("week_code", COMPARED)
@pytest.mark.parametrize("seed", SEEDS)
def test_rows_agree(seed: int, week_code: str) -> None:
    catalogue, facts = county(seed)
    table = compute_week(catalogue, facts, week_code)["responsibility_unit_week"]
    expected = plain(seed, week_code)
    assert len(table) == len(expected)
    for row in table.to_dict("records"):
        key = (row["responsibility_code"], row["unit_code"])
        same = expected[key]
        assert (row["state"], row["raw_light"]) == (same["state"], same["raw_light"]), key
        assert_same(row["completion"], same["completion"], key)
        assert_same(row["planned_completion"], same["planned"], key)
        assert_same(row["reported_value"], same["reported"], key)


@pytest.mark.parametrize("seed", SEEDS)
def test_roll_ups_agree(seed: int) -> None:
    catalogue, facts = county(seed)
    week = compute_week(catalogue, facts, "2022-W17")
    for table, key, recompute in (
        ("responsibility_week", "responsibility_code", plain_metrics.recompute_responsibilities),
        ("unit_week", "unit_code", plain_metrics.recompute_units),
        ("area_week", "area_code", plain_metrics.recompute_areas),
    ):
        expected = recompute(catalogue, facts, "2022-W17")
        found = week[table].set_index(key)["completion"]
        assert set(found.index) == set(expected), table
        for code, completion in expected.items():
            assert_same(found[code], completion, (table, code))


def test_every_state_turns_up() -> None:
    """Else the comparison above would say less than it seems to."""
    seen = {found["state"] for seed in SEEDS for week_code in COMPARED for found in plain(seed, week_code).values()}
    assert seen == set(STATES)
