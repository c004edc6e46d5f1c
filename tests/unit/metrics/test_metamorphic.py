"""What figures must not hang on: order of rows, split of batches, codes, scale of units of measure.

A county with every measure is computed, transformed and computed again. Counts, states, lights, ranks and flags are
compared exactly; sums of floats may be formed in another order and are compared to 1e-12, scaled ones to 1e-9.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from functools import cache

import pandas as pd
import pytest
from ducha.metrics.terms import LIGHTS, NUMBER_STATES
from ducha.metrics.week import compute_week

from tests.mart_keys import MART_KEYS
from tests.unit.metrics.random_county import County, Row, random_county

SEEDS = (1, 2, 3)
WEEK = "2022-W26"

SEEDED = {"projection_low", "projection_high", "covered_count", "coverage"}
"""Intervals are drawn with a seed of the row's key: another code, another draw."""
OF_BATCHES = {"submission_id", "versions", "files_sent", "first_pass_validity"}
"""What counts files, or names them, may change when a file is split."""
VALUE_MEASURES = ("total", "level", "flow", "average", "range")
VALUES = ("baseline", "target", "planned_value", "reported_value", "verified_value")
SCALING = {"numerator": ("total", "level", "flow", "average", "ratio"),
           "denominator": ("total", "level", "flow", "ratio")}  # fmt: skip
"""Where numerator and denominator have the unit of measure: not in periods, weights and the n of an average."""

Tables = dict[str, pd.DataFrame]


def tables(county: County) -> Tables:
    catalogue, facts = county.built()
    computed = compute_week(catalogue, facts, WEEK)
    assert set(computed) == set(MART_KEYS)
    return {name: in_order(name, table) for name, table in computed.items()}


@cache
def plain(seed: int) -> Tables:
    return tables(random_county(seed))


def in_order(name: str, table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values(MART_KEYS[name], ignore_index=True)


def assert_same(found: Tables, expected: Tables, without: Iterable[str] = (), atol: float = 1e-12) -> None:
    """All columns but `without`: floats to `atol`, everything else exactly."""
    for name, table in expected.items():
        columns = [column for column in table if column not in set(without)]
        pd.testing.assert_frame_equal(found[name][columns], table[columns], rtol=atol, atol=atol, obj=name)


def shuffled(rng: random.Random, rows: list[Row]) -> list[Row]:
    return rng.sample(rows, len(rows))


def test_the_counties_show_what_they_should() -> None:
    """The comparisons below would be hollow without numbers, ranks, checks, every light and most states."""
    rows, units = (
        pd.concat([plain(seed)[name] for seed in SEEDS]) for name in ("responsibility_unit_week", "unit_week")
    )
    assert set(rows["light"]) == set(LIGHTS)
    assert set(rows["state"]) >= {*NUMBER_STATES, "closed", "no_target", "unknown"}
    assert rows["measure"].nunique() == 9
    assert units["rank"].nunique() > 1
    for column in ("verified_value", "projected_completion"):
        assert rows[column].notna().any()
    for column in ("rank_change", "discrepancy_rate", "veto_reason"):
        assert units[column].notna().any()


@pytest.mark.parametrize("seed", SEEDS)
def test_order_of_the_catalogue(seed: int) -> None:
    county, rng = random_county(seed), random.Random(seed)
    county.responsibilities = shuffled(rng, county.responsibilities)
    county.assignments = shuffled(rng, county.assignments)
    county.catalogue = {name: shuffled(rng, rows) for name, rows in county.catalogue.items()}
    assert_same(tables(county), plain(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_order_of_facts_known_at_one_instant(seed: int) -> None:
    """Rows of different keys change places inside an instant; exact, for no sum is formed in the facts' order."""
    county, rng = random_county(seed), random.Random(seed)
    county.progress, county.inspections = (
        sorted(shuffled(rng, rows), key=lambda row: (row["week"], row["known_at"]))
        for rows in (county.progress, county.inspections)
    )
    assert_same(tables(county), plain(seed), atol=0)


@pytest.mark.parametrize("seed", SEEDS)
def test_order_of_the_frames(seed: int) -> None:
    """Each version has an instant of its own, so the frames may come in any order at all."""
    county, rng = random_county(seed), random.Random(seed)
    catalogue, facts = county.built()
    mixed = {name: frame.sample(frac=1, random_state=rng.randint(0, 9999), ignore_index=True)
             for name, frame in vars(facts).items()}  # fmt: skip
    computed = compute_week(catalogue, type(facts)(**mixed), WEEK)
    assert_same({name: in_order(name, table) for name, table in computed.items()}, plain(seed), atol=0)


@pytest.mark.parametrize("seed", SEEDS)
def test_split_of_a_file_into_two_of_the_same_minute(seed: int) -> None:
    county, rng = random_county(seed), random.Random(seed)
    halves = {}
    for sent in [row for row in county.submissions if row["row_count"] > 1]:
        second = sent | {"submission_id": f"{sent['submission_id']}b", "row_count": 1, "accepted_rows": 1}
        sent |= {"row_count": sent["row_count"] - 1, "accepted_rows": sent["accepted_rows"] - 1}
        halves[sent["submission_id"]] = second
        county.submissions.insert(county.submissions.index(sent) + 1, second)
    for row in county.progress:
        if row["submission_id"] in halves and rng.random() < 0.5:
            row["submission_id"] += "b"
    found, expected = tables(county), plain(seed)
    assert_same(found, expected, without=OF_BATCHES, atol=0)
    assert (found["submission_week"]["versions"] >= expected["submission_week"]["versions"]).all()
    assert (found["submission_week"]["versions"] > expected["submission_week"]["versions"]).any()


def renamed(rows: list[Row], names: Mapping[str, Callable[[str], str]]) -> list[Row]:
    return [{key: names[key](value) if key in names else value for key, value in row.items()} for row in rows]


def reversed_codes(prefix: str) -> Callable[[str], str]:
    """A bijection that turns the order of codes around: R03 becomes R96; '' stays."""
    digits = str.maketrans("0123456789", "9876543210")
    return lambda code: prefix + code[1:].translate(digits) if code else ""


@pytest.mark.parametrize("seed", SEEDS)
def test_codes_are_names_and_nothing_else(seed: int) -> None:
    prefixes = {"responsibility_code": "Z", "unit_code": "Y", "area_code": "X", "parent_code": "X",
                "task_force_code": "W"}  # fmt: skip
    names = {column: reversed_codes(prefix) for column, prefix in prefixes.items()}
    county = random_county(seed)
    for name in ("responsibilities", "assignments", "progress", "inspections", "submissions", "withdrawals"):
        setattr(county, name, renamed(getattr(county, name), names))
    county.catalogue = {name: renamed(rows, names) for name, rows in county.catalogue.items()}
    expected = {name: table.copy() for name, table in plain(seed).items()}
    for name, table in expected.items():
        for column in table.columns.intersection(list(names)):
            table[column] = table[column].map(names[column], na_action="ignore")
        expected[name] = in_order(name, table)
    why = expected["unit_week"]["veto_reason"]
    duty = names["responsibility_code"]
    expected["unit_week"]["veto_reason"] = why.str.replace(r"R\d\d", lambda code: duty(code[0]), regex=True)
    assert_same(tables(county), expected, without=SEEDED)


def scaled(row: Row, factor: float, columns: Iterable[str]) -> Row:
    return row | {column: row[column] * factor for column in columns if column in row}


@pytest.mark.parametrize("factor", [1000.0, 1e-4], ids=["times-1000", "by-10000"])
@pytest.mark.parametrize("seed", SEEDS)
def test_scale_of_a_unit_of_measure(seed: int, factor: float) -> None:
    """万元 told in 元, persons in 万人: values scale, completions, lights, states and ranks stay."""
    county = deepcopy(random_county(seed))
    kinds = {row["responsibility_code"]: row["measure"] for row in county.responsibilities}
    in_catalogue = ("baseline", "target", "target_low", "target_high", "tolerance")
    of_facts = {"ratio": ("numerator", "denominator")} | dict.fromkeys(VALUE_MEASURES, ("value",))

    def told(rows: list[Row]) -> list[Row]:
        return [scaled(row, factor, of_facts.get(kinds[row["responsibility_code"]], ())) for row in rows]

    county.responsibilities = [
        scaled(row, factor, in_catalogue if row["measure"] in VALUE_MEASURES else ()) for row in county.responsibilities
    ]
    county.progress, county.inspections = told(county.progress), told(county.inspections)
    expected = expected_scaled(plain(seed), kinds, factor)
    assert_same(tables(county), expected, atol=1e-9)


def expected_scaled(tables: Tables, kinds: Mapping[str, str], factor: float) -> Tables:
    """The plain tables with what has a unit of measure scaled."""
    expected = {name: table.copy() for name, table in tables.items()}
    for name, columns in (
        ("responsibility_unit_week", [*VALUES, "numerator", "denominator"]),
        ("responsibility_week", ["numerator", "denominator"]),
        ("verification_week", ["reported", "verified", "tolerance"]),
    ):
        measure = expected[name]["responsibility_code"].map(kinds)
        for column in columns:
            expected[name].loc[measure.isin(SCALING.get(column, VALUE_MEASURES)), column] *= factor
    return expected
