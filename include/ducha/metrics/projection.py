"""Where an assignment will stand at its due date if it goes on like this (预计完成率): section 8 of `metrics.md`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ducha.metrics.completion import Evidence, progress_at
from ducha.metrics.roster import Roster, days
from ducha.metrics.terms import Flags, Floats, Ints, Texts, rounded

Seeds = npt.NDArray[np.uint64]

POINTS = 13
"""The latest reports, through which a slope is drawn: a quarter of weeks; older ones tell little of the pace."""
SAMPLES = 100
"""Resamplings of the residuals behind an interval."""
HORIZON = 4
"""Weeks ahead that the back-test looks."""
BATCH = 64
"""Rows resampled at a time: so many fit a processor's cache."""

NO_NUMBER = "no_number"
NO_DUE_DATE = "no_date"
PAST_DUE = "past_due"
NOT_PROJECTED = "red_line"
INSUFFICIENT = "insufficient_history"


@dataclass(frozen=True)
class Path:
    """The way of every row so far, from the facts of one instant.

    `completion`: rows × weeks, the official completion at each cut-off, NaN where there was none. `is_point`: rows ×
    weeks, a report came for that very week, among the row's latest. `elapsed`: by week, calendar weeks since the first.
    """

    completion: Floats
    is_point: Flags
    elapsed: Floats


def path_of(evidence: Evidence) -> Path:
    """Return the completion of every row at the cut-offs that a projection or its back-test looks at."""
    roster = evidence.roster
    has_cut_off = ~np.isnat(roster.cut_offs)
    reported = (evidence.reports.any.own >= 0) & has_cut_off & (roster.measures != "red_line")[:, None]
    behind = np.cumsum(reported[:, ::-1], axis=1)[:, ::-1]  # reports from each week to the end, its own among them
    elapsed = (days(roster.weeks["week"]) - days(roster.weeks["week"])[:1]) / np.timedelta64(7, "D")
    reported &= behind <= POINTS + HORIZON  # each row looks at its own latest, whatever others look at
    looked_at = reported.any(axis=0)
    looked_at[[roster.now, max(_origin(elapsed, roster.now), 0)]] = True
    completion = np.full(reported.shape, np.nan)
    for column in np.flatnonzero(looked_at & has_cut_off):
        completion[:, column] = progress_at(evidence, int(column))
    return Path(completion, reported & ~np.isnan(completion), elapsed)


def _origin(elapsed: Floats, column: int) -> int:
    """The last week at least `HORIZON` weeks before a week, -1 when there is none."""
    return int(np.searchsorted(elapsed, elapsed[column] - HORIZON, side="right")) - 1


def slope(times: Floats, values: Floats) -> Floats:
    """Return the Theil–Sen slope of each series: the median of the slopes through all pairs of its points.

    `times`, `values`: … × points.
    """
    lags = range(1, times.shape[-1])
    rises = [(values[..., lag:] - values[..., :-lag]) / (times[..., lag:] - times[..., :-lag]) for lag in lags]
    return _median(np.concatenate(rises, axis=-1))


def _median(values: Floats) -> Floats:
    """The median along the last axis; values without NaN, for a fraction of what numpy's own takes."""
    middle = values.shape[-1] // 2
    parted = np.partition(values, middle, axis=-1)
    upper: Floats = parted[..., middle]
    return upper if values.shape[-1] % 2 else (upper + parted[..., :middle].max(axis=-1)) / 2


def project(
    times: Floats, values: Floats, last: Floats, ahead: Floats, interval: float, seeds: Seeds
) -> tuple[Floats, Floats, Floats]:
    """Return by series the value `ahead` weeks on and the ends of its interval.

    last + ahead · slope; the interval holds the share `interval` of what resampled residuals make of it, each with a
    residual of its own at the end. The same seed gives the same interval. `times`, `values`: series × points.
    """
    rise = slope(times, values)
    fitted = rise[:, None] * times
    residuals = values - fitted
    residuals -= np.median(residuals, axis=1, keepdims=True)
    residuals *= np.sqrt(times.shape[1] / (times.shape[1] - 2))  # two degrees of freedom went into the line
    drawn = draws(seeds, SAMPLES, times.shape[1])
    resampled = np.take_along_axis(residuals.astype(np.float32)[:, None, :], drawn, axis=2)
    # The slope through a line and noise is the line's own and that of the noise, for which seven digits are enough.
    rises = rise[:, None] + slope(times.astype(np.float32)[:, None, :], resampled[..., :-1])
    ends = last[:, None] + ahead[:, None] * rises + resampled[..., -1]
    low, high = np.quantile(ends, [(1 - interval) / 2, (1 + interval) / 2], axis=1)
    middle = last + ahead * rise
    return middle, np.minimum(low, middle), np.maximum(high, middle)


def draws(seeds: Seeds, samples: int, points: int) -> Ints:
    """Return series × samples × points + 1 positions among the points, as SplitMix64 draws them from each seed.

    A stream a series: what is drawn for one does not hang on the others (Steele, Lea, Flood 2014).
    """
    count = np.arange(1, samples * (points + 1) + 1, dtype=np.uint64)
    mixed = seeds[:, None] + count * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    upper = (mixed ^ (mixed >> np.uint64(31))) >> np.uint64(32)
    drawn = (upper * np.uint64(points)) >> np.uint64(32)
    result: Ints = drawn.astype(np.int64).reshape(len(seeds), samples, points + 1)
    return result


def projections(roster: Roster, path: Path, column: int, ahead: Floats, reasons: Texts) -> pd.DataFrame:
    """Return by row projected_completion, projection_low, projection_high (fractions) and projection_reason.

    `ahead`: weeks by row. `reasons`: why a row gets none, None where it may get one; with fewer reported points than
    the county asks for it is `insufficient_history`.
    """
    rule = roster.settings.projection
    found = np.full((len(roster.rows), 3), np.nan)
    is_point = path.is_point[:, : column + 1]
    behind = np.cumsum(is_point[:, ::-1], axis=1)[:, ::-1]
    chosen = is_point & (behind <= POINTS)
    count = chosen.sum(axis=1)
    why = np.where(pd.isna(reasons) & (count < rule.min_points), INSUFFICIENT, reasons)
    seeds = _seeds(roster, column)
    for points in np.unique(count[pd.isna(why)]):
        same = np.flatnonzero(pd.isna(why) & (count == points))
        for rows in np.split(same, range(BATCH, len(same), BATCH)):
            at = np.nonzero(chosen[rows])[1].reshape(len(rows), points)
            values, last = np.take_along_axis(path.completion[rows], at, axis=1), path.completion[rows, column]
            found[rows] = np.column_stack(
                project(path.elapsed[at], values, last, ahead[rows], rule.interval, seeds[rows])
            )
    names = ("projected_completion", "projection_low", "projection_high")
    return pd.DataFrame({**{name: found[:, n] for n, name in enumerate(names)}, "projection_reason": why})


def to_due(roster: Roster, path: Path, column: int, has_number: Flags) -> pd.DataFrame:
    """Return what `projections` returns, for every row's due date."""
    due_on, cut_off = days(roster.rows["due_on"]), roster.cut_offs[column]
    reasons = _reasons(roster, has_number)
    reasons[pd.isna(reasons) & np.isnat(due_on)] = NO_DUE_DATE
    reasons[pd.isna(reasons) & (due_on <= cut_off)] = PAST_DUE
    ahead = (due_on - cut_off) / np.timedelta64(7, "D")
    return projections(roster, path, column, ahead, reasons)


def back_test(roster: Roster, path: Path, column: int, has_number: Flags) -> dict[str, float | int]:
    """Return how the projections made `HORIZON` weeks before fared at a cut-off, over the rows with a number then.

    Keys: horizon_weeks, interval (share it should hold), checked_count, covered_count, coverage, median_error (of the
    absolute errors, fractions). Each week is an origin once; pooled over the weeks it is a rolling origin.
    """
    origin = _origin(path.elapsed, column)
    counts: dict[str, float | int] = {"horizon_weeks": HORIZON, "interval": roster.settings.projection.interval}
    if origin < 0 or np.isnat(roster.cut_offs[origin]):
        return {**counts, "checked_count": 0, "covered_count": 0, "coverage": np.nan, "median_error": np.nan}
    was, came = path.completion[:, origin], path.completion[:, column]
    reasons = _reasons(roster, has_number & ~np.isnan(was))
    ahead = np.full(len(roster.rows), path.elapsed[column] - path.elapsed[origin])
    said = projections(roster, path, origin, ahead, reasons)
    is_checked = said["projection_reason"].isna().to_numpy()
    low, high = said["projection_low"].to_numpy(), said["projection_high"].to_numpy()
    covered = int((is_checked & (rounded(came) >= rounded(low)) & (rounded(came) <= rounded(high))).sum())
    errors = np.abs(came - said["projected_completion"].to_numpy())[is_checked]
    checked = int(is_checked.sum())
    return {
        **counts,
        "checked_count": checked,
        "covered_count": covered,
        "coverage": covered / checked if checked else np.nan,
        "median_error": float(np.median(errors)) if checked else np.nan,
    }


def _reasons(roster: Roster, has_number: Flags) -> Texts:
    reasons: Texts = np.full(len(roster.rows), None, dtype=object)
    reasons[~has_number] = NO_NUMBER
    reasons[roster.where("red_line")] = NOT_PROJECTED
    return reasons


def _seeds(roster: Roster, column: int) -> Seeds:
    """A seed by row that only its key and the week decide."""
    week = f"{roster.settings.county_code}|{roster.weeks['week_code'].iloc[column]}|"
    keys = week + roster.rows["responsibility_code"] + "|" + roster.rows["unit_code"]
    seeds: Seeds = pd.util.hash_array(keys.to_numpy(dtype=object), categorize=False)
    return seeds
