"""From assignments to responsibilities, units, areas, leaders, task forces, county: section 7 of `metrics.md`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ducha.metrics.completion import baseline_in_use, way
from ducha.metrics.roster import Roster
from ducha.metrics.terms import (
    LIGHTS,
    MEAN_MEASURES,
    NUMBER_STATES,
    POOLED_MEASURES,
    SCORED_STATES,
    STATES,
    SUM_MEASURES,
    Floats,
    Ints,
    quotient,
    rounded,
)

COUNT_COLUMNS = [f"{name}_count" for name in (*STATES, *LIGHTS)]


def count_by(group: Ints, size: int, rows: pd.DataFrame) -> dict[str, Ints | pd.Series]:
    """Return by group the count of each state and light, and the worst light; rows of group -1 are left out."""
    counts: dict[str, Ints | pd.Series] = {}
    for column, words in (("state", STATES), ("light", LIGHTS)):
        code = pd.Index(words).get_indexer(pd.Index(rows[column]))
        cell = (group * len(words) + code)[(group >= 0) & (code >= 0)]
        grid = np.bincount(cell, minlength=size * len(words)).reshape(size, len(words))
        counts.update({f"{word}_count": grid[:, n] for n, word in enumerate(words)})
    worst = np.select([np.asarray(counts[f"{light}_count"]) > 0 for light in LIGHTS], LIGHTS, "")
    counts["worst_light"] = pd.Series(worst).replace("", None)
    return counts


def weighted_mean(group: Ints, size: int, weight: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return by group Σ w·v ÷ Σ w over the values that are there, and Σ w; NaN for a group without any."""
    has = (group >= 0) & ~np.isnan(values)
    total = np.bincount(group[has], weights=weight[has], minlength=size)
    above = np.bincount(group[has], weights=(weight * np.nan_to_num(values))[has], minlength=size)
    return quotient(above, total), total


def capped(completion: Floats, cap: float) -> Floats:
    """Return completions as scores take them: min(max(c, 0), cap)."""
    result: Floats = np.clip(completion, 0.0, cap)
    return result


def scores(rows: pd.DataFrame, cap: float) -> Floats:
    """Return each row's part in its unit's completion: capped, 0 for a missing row, NaN for a row outside."""
    completion = capped(rows["completion"].to_numpy(dtype=np.float64), cap)
    state = rows["state"].to_numpy(dtype=object)
    return np.select([np.isin(state.astype(str), NUMBER_STATES), state == "missing"], [completion, 0.0], np.nan)


def unit_completion(roster: Roster, rows: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return by unit the completion and the weights it rests on; shares play no part here."""
    unit = roster.rows["u"].to_numpy()
    weight = rows["weight"].to_numpy(dtype=np.float64)
    return weighted_mean(unit, len(roster.units), weight, scores(rows, roster.settings.cap))


def responsibility_rows(roster: Roster, rows: pd.DataFrame) -> pd.DataFrame:
    """Return `responsibility_week` without its week: one row a responsibility of the plan year.

    One without an assignment that carries figures has no number; `is_partial` says that a missing row was left out.
    """
    table, size = roster.responsibilities, len(roster.responsibilities)
    r = roster.rows["r"].to_numpy()
    measure = table["measure"]
    numerator, denominator, partial = _sums(rows, r, size)
    by_sum = np.where(denominator == 0, rounded(numerator) >= 0, quotient(numerator, denominator))
    completion = np.select(
        [measure.isin(SUM_MEASURES), measure.isin(POOLED_MEASURES), measure.isin(MEAN_MEASURES)],
        [by_sum, _pooled(roster, rows, r, numerator, denominator), _means(rows, r, size)],
        _red_line(rows, r, size),
    )
    has_number = _any(rows, r, size, NUMBER_STATES)
    has_missing = _any(rows, r, size, ("missing",))
    completion = np.where(has_number, completion, np.where(has_missing, 0.0, np.nan))
    has_sums = measure.isin((*SUM_MEASURES, *POOLED_MEASURES)).to_numpy() & has_number
    return pd.DataFrame(
        {
            "plan_year": table["plan_year"],
            "responsibility_code": table["responsibility_code"],
            "completion": completion,
            "is_partial": partial & measure.isin(POOLED_MEASURES).to_numpy(),
            "numerator": np.where(has_sums, numerator, np.nan),
            "denominator": np.where(has_sums, denominator, np.nan),
            "unit_count": np.bincount(r, minlength=size),
            **count_by(r, size, rows),
        }
    )


def with_areas_above(areas: pd.Series, tree: pd.DataFrame) -> tuple[Ints, pd.Series]:
    """Return positions in `areas` and area codes: each once in its own area and once in every area that one is part of.

    `tree`: the catalogue's areas (area_code, parent_code), without circles.
    """
    parents = dict(zip(tree["area_code"], tree["parent_code"], strict=True))

    def lineage(code: str) -> list[str]:
        above = parents.get(code, "")
        return [code, *lineage(above)] if above else [code]

    lines = {code: lineage(code) for code in areas.unique()}
    each = areas.reset_index(drop=True).map(lines).explode()
    return each.index.to_numpy(), each.reset_index(drop=True)


def group_rows(
    name: str,
    codes: pd.Series,
    owners: tuple[pd.Series, pd.Series],
    rows: pd.DataFrame,
    completion: tuple[Floats, Floats | None],
    weight: Floats,
    cap: float,
) -> pd.DataFrame:
    """Return a roll-up over responsibilities (area, leader, task force, county) without its week, one row a code.

    `owners`: the code of each responsibility and of each assignment row. `completion`: by responsibility now and, where
    there is one, in the week before, from the same facts; the change is over those with a number in both.
    """
    size = len(codes)
    group, row_group = (pd.Index(codes).get_indexer(pd.Index(owner)) for owner in owners)
    now, before = completion
    mean, _ = weighted_mean(group, size, weight, capped(now, cap))
    return pd.DataFrame(
        {
            name: codes.to_numpy(dtype=object),
            "completion": mean,
            "responsibility_count": np.bincount(group[group >= 0], minlength=size),
            **count_by(row_group, size, rows),
            **_cohort(group, size, weight, now, before, cap),
        }
    )


def _cohort(
    group: Ints, size: int, weight: Floats, now: Floats, before: Floats | None, cap: float
) -> dict[str, object]:
    """Change on the week before over the same responsibilities; how many entered and left. None without a week."""
    if before is None:
        none = pd.array([pd.NA] * size, dtype="Int64")
        return {"cohort_change": np.full(size, np.nan), "entered_count": none, "left_count": none}
    has_now, has_before = ~np.isnan(now), ~np.isnan(before)
    both = has_now & has_before
    new, old = (
        weighted_mean(group, size, weight, np.where(both, capped(values, cap), np.nan))[0] for values in (now, before)
    )
    entered, left = (
        np.bincount(group[(group >= 0) & chosen], minlength=size)
        for chosen in (has_now & ~has_before, has_before & ~has_now)
    )
    return {
        "cohort_change": new - old,
        "entered_count": pd.array(entered, dtype="Int64"),
        "left_count": pd.array(left, dtype="Int64"),
    }


def _sums(rows: pd.DataFrame, r: Ints, size: int) -> tuple[Floats, Floats, Floats]:
    """Σ numerator and Σ denominator by responsibility, and whether a missing row is among its rows.

    A missing row adds no progress where sums are formed and is left out where pairs are pooled.
    """
    state = rows["state"].to_numpy(dtype=object)
    is_missing = state == "missing"
    is_pooled = rows["measure"].isin(POOLED_MEASURES).to_numpy()
    used = np.isin(state.astype(str), SCORED_STATES) & ~(is_missing & is_pooled)
    above = np.where(is_missing, 0.0, np.nan_to_num(rows["pool_numerator"].to_numpy(dtype=np.float64)))
    below = np.nan_to_num(rows["pool_denominator"].to_numpy(dtype=np.float64))
    sums = (np.bincount(r[used], weights=values[used], minlength=size) for values in (above, below))
    numerator, denominator = sums
    return numerator, denominator, np.bincount(r[is_missing], minlength=size) > 0


def _pooled(roster: Roster, rows: pd.DataFrame, r: Ints, numerator: Floats, denominator: Floats) -> Floats:
    """Σ ÷ Σ, then c by the responsibility's own b and T; where it has none, by those of its rows, den-weighted."""
    table, size = roster.responsibilities, len(roster.responsibilities)
    has_number = rows["state"].isin(NUMBER_STATES).to_numpy()
    pool = np.nan_to_num(rows["pool_denominator"].to_numpy(dtype=np.float64))
    is_down = (table["direction"] == "down").to_numpy()

    def held(own: Floats, of_rows: Floats) -> Floats:
        mean, _ = weighted_mean(np.where(has_number, r, -1), size, pool, of_rows)
        return np.where(np.isnan(own), mean, own)

    baseline = table["baseline"].to_numpy(dtype=np.float64)
    b = held(baseline, baseline_in_use(roster))
    target = held(table["target"].to_numpy(dtype=np.float64), rows["target"].to_numpy(dtype=np.float64))
    return way(quotient(numerator, denominator), b, target, is_down)[2]


def _means(rows: pd.DataFrame, r: Ints, size: int) -> Floats:
    """Share-weighted mean of the completions, a missing row with 0."""
    values = np.where(rows["state"] == "missing", 0.0, rows["completion"].to_numpy(dtype=np.float64))
    return weighted_mean(r, size, rows["share"].to_numpy(dtype=np.float64), values)[0]


def _red_line(rows: pd.DataFrame, r: Ints, size: int) -> Floats:
    """0 if any unit has 0, else no number if any is unknown, else 1."""
    completion = rows["completion"].to_numpy(dtype=np.float64)
    has_event = np.bincount(r[completion == 0], minlength=size) > 0
    has_gap = _any(rows, r, size, ("unknown",))
    return np.select([has_event, has_gap], [0.0, np.nan], 1.0)


def _any(rows: pd.DataFrame, r: Ints, size: int, states: tuple[str, ...]) -> Floats:
    return np.bincount(r[rows["state"].isin(states).to_numpy()], minlength=size) > 0
