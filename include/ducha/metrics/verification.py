"""What checks say against reports (核查): the offsets of `metrics.md` section 6, and `verification_week`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ducha.metrics.in_force import Coded
from ducha.metrics.roster import Roster
from ducha.metrics.terms import Flags, Floats, Ints, quotient, rounded

Z_95 = 1.959963984540054
PERIOD_MEASURES = ("flow", "average", "range")


def is_per_period(roster: Roster) -> Flags:
    """Return by row whether each week's own fact counts, rather than the one in force."""
    measure = roster.measures
    by_basis = (measure == "ratio") & (roster.texts("time_basis") == "period")
    result: Flags = np.isin(measure, PERIOD_MEASURES) | by_basis
    return result


def running_offset(reports: Coded, checks: Coded, column: int) -> tuple[Floats, Floats, Flags]:
    """Return by row v − x_w (upper and lower apart) of the latest check, and whether one has a part.

    x_w is the reported value in force for the check's week; a check of a week without one changes nothing.
    """
    check_week = checks.said.week_at(column)
    verified = checks.said.fact_at(column)
    reported = reports.said.fact_of(check_week)
    has_part = (verified >= 0) & (reported >= 0)
    upper = np.where(has_part, checks.upper(verified) - reports.upper(reported), 0.0)
    lower = np.where(has_part, checks.lower(verified) - reports.lower(reported), 0.0)
    return upper, lower, has_part


def standing_check(reports: Coded, checks: Coded, column: int) -> tuple[Floats, Flags]:
    """Return by row the verified level or rank, and whether it still holds: no later week was reported since."""
    check_week = checks.said.week_at(column)
    verified = checks.said.fact_at(column)
    reported = reports.said.fact_of(check_week)
    holds = (verified >= 0) & (reported >= 0) & (reports.any.week_at(column) <= check_week)
    return checks.upper(verified), holds


def own_facts(reports: Coded, checks: Coded, rows: Ints, width: int) -> tuple[Floats, Floats, Floats, Floats, Flags]:
    """Return rows × weeks of per-period facts: reported upper, lower; official upper, lower; replaced by a check."""
    reported, verified = reports.said.own[rows, :width], checks.said.own[rows, :width]
    replaced = (reported >= 0) & (verified >= 0)
    upper, lower = reports.upper(reported), reports.lower(reported)
    official_upper = np.where(replaced, checks.upper(verified), upper)
    official_lower = np.where(replaced, checks.lower(verified), lower)
    return upper, lower, official_upper, official_lower, replaced


def verification_rows(roster: Roster, reports: Coded, checks: Coded) -> pd.DataFrame:
    """Return every usable check in its latest version with what was reported for its week.

    Columns: row, col, item, unit_code, responsibility_code, reported, verified, factor, is_discrepant, tolerance,
    method, sample_kind. Stages speak as 1 done, 0 not; ratios and averages as quotients; for a red line `verified` is
    what was reported for the week and what the check found on top.
    """
    frame = checks.frame[checks.frame["is_usable"]].drop_duplicates(["row", "col", "item"], keep="last")
    frame = frame.reset_index(drop=True)
    row, col = frame["row"].to_numpy(), frame["col"].to_numpy()
    measure = roster.texts("measure")[row]
    reported = _reported(roster, reports, frame)
    verified = np.where(measure == "stages", _word(frame["done"]), _single(frame))
    verified = np.where(measure == "red_line", np.nan_to_num(reported) + verified, verified)
    absolute = np.nan_to_num(roster.numbers("tolerance")[row])
    relative = roster.settings.verification.relative_tolerance
    tolerance = np.maximum(absolute, relative * np.abs(np.nan_to_num(reported)))
    difference = rounded(np.abs(verified - reported))
    return pd.DataFrame(
        {
            "row": row,
            "col": col,
            "unit_code": roster.texts("unit_code")[row],
            "responsibility_code": roster.texts("responsibility_code")[row],
            "item": frame["item"],
            "reported": reported,
            "verified": verified,
            "factor": quotient(verified, reported),
            "is_discrepant": pd.array(difference > rounded(tolerance), dtype="boolean"),
            "tolerance": tolerance,
            "method": frame["method"],
            "sample_kind": frame["sample_kind"],
        }
    ).assign(
        is_discrepant=lambda made: made["is_discrepant"].where(made["reported"].notna() & made["verified"].notna())
    )


def discrepancy(checks: pd.DataFrame, unit_count: int, unit_of_row: Ints) -> dict[str, Floats]:
    """Return by unit how many checks so far could be compared, how many were discrepant, their share and its interval.

    Random sample: checked_count, discrepant_count, discrepancy_rate, discrepancy_low, discrepancy_high; risk sample:
    the same after `risk_`. Wilson 95 % intervals; the samples are never pooled (`metrics.md` section 6).
    """
    judged = checks[checks["is_discrepant"].notna()]
    made: dict[str, Floats] = {}
    for kind, prefix in (("random", ""), ("risk", "risk_")):
        sample = judged[judged["sample_kind"] == kind]
        unit = unit_of_row[sample["row"].to_numpy()]
        n = np.bincount(unit, minlength=unit_count).astype(np.float64)
        k = np.bincount(unit, weights=sample["is_discrepant"].to_numpy(dtype=np.float64), minlength=unit_count)
        low, high = wilson(k, n)
        made |= {
            f"{prefix}checked_count": n,
            f"{prefix}discrepant_count": k,
            f"{prefix}discrepancy_rate": quotient(k, n),
            f"{prefix}discrepancy_low": low,
            f"{prefix}discrepancy_high": high,
        }
    return made


def wilson(k: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return the Wilson 95 % interval of k out of n (Wilson 1927), NaN where n is 0."""
    p, square = quotient(k, n), Z_95**2
    centre = quotient(n * p + square / 2, n + square)
    half = quotient(Z_95 * np.sqrt(n * p * (1 - p) + square / 4), n + square)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def _reported(roster: Roster, reports: Coded, checks: pd.DataFrame) -> Floats:
    """Return what was reported for each check's week: in force, that week's own, an item's word, or events."""
    row, col = checks["row"].to_numpy(), checks["col"].to_numpy()
    week = np.where(is_per_period(roster)[row], col, reports.said.last[row, col])
    position = np.where(week >= 0, reports.said.own[row, week], -1)
    value = _single(reports.frame, position)
    measure = roster.texts("measure")[row]
    return np.select(
        [measure == "stages", measure == "red_line"],
        [_item_word(roster, reports, checks), _events_of_week(roster, reports, checks)],
        value,
    )


def _single(frame: pd.DataFrame, position: Ints | None = None) -> Floats:
    """Return facts as one number: the quotient for ratios and averages, else the value."""
    upper = np.append(frame["upper"].to_numpy(dtype=np.float64), np.nan)
    lower = np.append(frame["lower"].to_numpy(dtype=np.float64), np.nan)
    chosen = np.arange(len(frame)) if position is None else position
    result: Floats = quotient(upper[chosen], lower[chosen])
    return result


def _word(done: pd.Series) -> Floats:
    result: Floats = done.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    return result


def _item_word(roster: Roster, reports: Coded, checks: pd.DataFrame) -> Floats:
    """Return 1 or 0 as the item's fact in force said in the check's week, NaN without one."""
    items = roster.items.reset_index(names="pair")
    pair = (
        checks[["row", "item"]].merge(items, on=["row", "item"], how="left")["pair"].fillna(-1).astype(int).to_numpy()
    )
    if not len(items):
        return np.full(len(checks), np.nan)
    col = checks["col"].to_numpy()
    week = np.where(pair >= 0, reports.by_item.last[pair, col], -1)
    position = np.where(week >= 0, reports.by_item.own[pair, week], -1)
    result: Floats = np.append(_word(reports.frame["done"]), np.nan)[position]
    return result


def _events_of_week(roster: Roster, reports: Coded, checks: pd.DataFrame) -> Floats:
    """Return the events of a red line reported for each check's week and item, NaN without a report."""
    keys = ["row", "col", "item"]
    is_red_line = (roster.measures == "red_line")[reports.frame["row"].to_numpy()]
    reported = reports.frame.loc[is_red_line & reports.frame["is_usable"].to_numpy(), [*keys, "upper"]]
    latest = reported.drop_duplicates(keys, keep="last")
    result: Floats = checks[keys].merge(latest, on=keys, how="left")["upper"].to_numpy(dtype=np.float64)
    return result
