"""Where an assignment will stand at its due date if it goes on like this (预计完成率): section 8 of `metrics.md`."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ducha.metrics.completion import Evidence, progress_at
from ducha.metrics.roster import Roster, days
from ducha.metrics.terms import Flags, Floats, Texts

POINTS = 26
"""The latest reports, through which a slope is drawn: half a year of weeks; older ones tell little of the pace."""
SAMPLES = 200
"""Resamplings of the residuals behind an interval."""
HORIZON = 4
"""Weeks ahead that the back-test looks."""

NO_NUMBER = "no_number"
NO_DUE_DATE = "no_date"
PAST_DUE = "past_due"
NOT_PROJECTED = "red_line"
INSUFFICIENT = "insufficient_history"


@dataclass(frozen=True)
class Path:
    """The way of every row so far, from the facts of one instant.

    `completion`: rows × weeks, the official completion at each cut-off, NaN where there was none. `is_point`: rows ×
    weeks, a report came for that very week. `elapsed`: by week, calendar weeks since the first.
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
    looked_at = (reported & (behind <= POINTS + HORIZON)).any(axis=0)
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

    `times`: points. `values`: … × points.
    """
    first, second = np.triu_indices(len(times), k=1)
    result: Floats = np.median((values[..., second] - values[..., first]) / (times[second] - times[first]), axis=-1)
    return result


def project(
    times: Floats, values: Floats, last: float, ahead: float, interval: float, seed: int
) -> tuple[float, float, float]:
    """Return the value `ahead` weeks on and the ends of its interval.

    last + ahead · slope; the interval holds the share `interval` of what resampled residuals make of it, each with a
    residual of its own at the end. The same seed gives the same interval.
    """
    rise = float(slope(times, values))
    fitted = np.median(values - rise * times) + rise * times
    draws = np.random.default_rng(seed).choice(values - fitted, size=(SAMPLES, len(times) + 1))
    rises = slope(times, fitted + draws[:, :-1])
    low, high = np.quantile(last + ahead * rises + draws[:, -1], [(1 - interval) / 2, (1 + interval) / 2])
    middle = last + ahead * rise
    return middle, min(float(low), middle), max(float(high), middle)


def projections(roster: Roster, path: Path, column: int, ahead: Floats, reasons: Texts) -> pd.DataFrame:
    """Return by row projected_completion, projection_low, projection_high (fractions) and projection_reason.

    `ahead`: weeks by row. `reasons`: why a row gets none, None where it may get one; with fewer reported points than
    the county asks for it is `insufficient_history`.
    """
    rule = roster.settings.projection
    found = np.full((len(roster.rows), 3), np.nan)
    why = reasons.copy()
    for row in np.flatnonzero(pd.isna(reasons)):
        points = np.flatnonzero(path.is_point[row, : column + 1])[-POINTS:]
        if len(points) < rule.min_points:
            why[row] = INSUFFICIENT
            continue
        last = float(path.completion[row, column])
        seed = _seed(roster, int(row), column)
        found[row] = project(
            path.elapsed[points], path.completion[row, points], last, float(ahead[row]), rule.interval, seed
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
    covered = int((is_checked & (came >= low) & (came <= high)).sum())
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


def _seed(roster: Roster, row: int, column: int) -> int:
    """A seed that only the row's key and the week decide."""
    key = [
        roster.settings.county_code,
        *(str(roster.texts(name)[row]) for name in ("responsibility_code", "unit_code")),
    ]
    return zlib.crc32("|".join([*key, str(roster.weeks["week_code"].iloc[column])]).encode())
