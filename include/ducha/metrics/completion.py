"""Completion of one assignment (完成率): section 2 of `metrics.md`, from reports alone and as officially held."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from ducha.metrics.in_force import Coded
from ducha.metrics.plan import planned_share
from ducha.metrics.red_lines import red_line_counts
from ducha.metrics.roster import Roster
from ducha.metrics.terms import POOLED_MEASURES, Flags, Floats, Ints, quotient, rounded
from ducha.metrics.verification import is_per_period, own_facts, running_offset, standing_check


@dataclass(frozen=True)
class Evidence:
    """All that a week's figures rest on. `due`: rows × weeks in which a report is due (exceptions left out)."""

    roster: Roster
    reports: Coded
    checks: Coded
    due: Flags


@dataclass(frozen=True)
class Numbers:
    """Figures by row at one cut-off, NaN where there is none; no regard yet to the state.

    `numerator` ÷ `denominator` are what is summed across units: progress and way for sums, the pooled pair for ratios
    and averages. The denominator is there even without a report. `is_checked`: a check has a part in `completion`.
    """

    reported_value: Floats
    official_value: Floats
    completion_reported: Floats
    completion: Floats
    numerator: Floats
    denominator: Floats
    is_checked: Flags
    events: Floats

    @classmethod
    def blank(cls, size: int) -> Numbers:
        """Return figures of which none is known yet."""
        floats = {field.name: np.full(size, np.nan) for field in fields(cls) if field.name != "is_checked"}
        return cls(**floats, is_checked=np.zeros(size, dtype=bool))

    def put(self, rows: Ints, **arrays: Floats | Flags) -> None:
        for name, values in arrays.items():
            getattr(self, name)[rows] = values


def baseline_in_use(roster: Roster) -> Floats:
    """Return b by row: 0 where it is missing and the direction is up; NaN where it is missing and down."""
    baseline = roster.numbers("baseline")
    result: Floats = np.where(np.isnan(baseline) & (roster.texts("direction") != "down"), 0.0, baseline)
    return result


def numbers_at(evidence: Evidence, column: int, planned: Floats) -> Numbers:
    """Return every row's figures at the cut-off of a column, from facts of weeks up to it; `planned` is p by row."""
    numbers = _numbers(evidence, column, planned)
    _ranges(evidence, column, numbers)
    _red_lines(evidence, column, numbers)
    return numbers


def progress_at(evidence: Evidence, column: int) -> Floats:
    """Return every row's official completion at the cut-off of a column; none for red lines, which make no progress."""
    roster = evidence.roster
    prorates = (roster.measures == "flow") & (roster.texts("direction") == "down")
    planned = planned_share(roster, column) if prorates.any() else np.full(len(prorates), np.nan)
    numbers = _numbers(evidence, column, planned)
    _ranges(evidence, column, numbers)
    return numbers.completion


def _numbers(evidence: Evidence, column: int, planned: Floats) -> Numbers:
    """Figures of the measures that do not hang on which reports were due."""
    numbers = Numbers.blank(len(evidence.roster.rows))
    _running(evidence, column, numbers)
    _standing(evidence, column, numbers)
    _per_period(evidence, column, planned, numbers)
    _stages(evidence, column, numbers)
    return numbers


def way(x: Floats, b: Floats, target: Floats, is_down: Flags) -> tuple[Floats, Floats, Floats]:
    """Return progress, way and completion: (x−b)/(T−b) up, (b−x)/(b−T) down; T = b is met or not (1 or 0)."""
    progress = np.where(is_down, b - x, x - b)
    length = np.where(is_down, b - target, target - b)
    met = np.where(np.isnan(progress), np.nan, rounded(progress) >= 0)
    return progress, length, np.where(length == 0, met, quotient(progress, length))


def rank_completion(rank: Floats, target: Floats, start: Floats) -> Floats:
    """Return 1 for r ≤ K, else (r0 − r)/(r0 − K) held within 0–1, and 0 where r0 is missing or ≤ K."""
    part = np.where(start > target, np.clip(quotient(start - rank, start - target), 0.0, 1.0), 0.0)
    return np.where(np.isnan(rank) | np.isnan(target), np.nan, np.where(rounded(rank) <= rounded(target), 1.0, part))


def _running(evidence: Evidence, column: int, numbers: Numbers) -> None:
    """Total and ratio to date: the value in force; a check shifts it from its week on."""
    roster, reports = evidence.roster, evidence.reports
    rows = _select(roster.where("total", "ratio"), ~is_per_period(roster))
    position = reports.said.fact_at(column)[rows]
    upper, lower = reports.upper(position), reports.lower(position)
    up, low, has_part = (part[rows] for part in running_offset(reports, evidence.checks, column))
    official = (upper + up, lower + low)
    _put_way(roster, rows, numbers, (upper, lower), official, has_part & (position >= 0))


def _standing(evidence: Evidence, column: int, numbers: Numbers) -> None:
    """Level and rank: the value in force, or the verified one until a later week is reported."""
    roster, reports = evidence.roster, evidence.reports
    verified, holds = standing_check(reports, evidence.checks, column)
    reported = reports.upper(reports.said.fact_at(column))
    official = np.where(holds, verified, reported)
    rows = roster.where("level")
    one = np.ones(len(rows))
    _put_way(roster, rows, numbers, (reported[rows], one), (official[rows], one), holds[rows])
    rows = roster.where("rank")
    target, start = roster.numbers("target")[rows], roster.numbers("rank_start")[rows]
    numbers.put(
        rows,
        reported_value=reported[rows],
        official_value=official[rows],
        completion_reported=rank_completion(reported[rows], target, start),
        completion=rank_completion(official[rows], target, start),
        is_checked=holds[rows],
    )


def _per_period(evidence: Evidence, column: int, planned: Floats, numbers: Numbers) -> None:
    """Flow, average and ratio by period: each week's own fact, summed; a check replaces its week's."""
    roster = evidence.roster
    is_period = is_per_period(roster)
    for measure in ("flow", "average", "ratio"):
        rows = _select(roster.where(measure), is_period)
        upper, lower, official_upper, official_lower, replaced = own_facts(
            evidence.reports, evidence.checks, rows, column + 1
        )
        reported = (_total(upper), _total(lower) if measure != "flow" else np.ones(len(rows)))
        official = (_total(official_upper), _total(official_lower) if measure != "flow" else np.ones(len(rows)))
        prorated = planned if measure == "flow" else None
        _put_way(roster, rows, numbers, reported, official, _any_week(replaced), prorated)


def _ranges(evidence: Evidence, column: int, numbers: Numbers) -> None:
    """Range: periods met ÷ periods due; a due period without a value is not met."""
    roster = evidence.roster
    rows = roster.where("range")
    width = column + 1
    due = evidence.due[rows, :width]
    low, high = roster.numbers("target_low")[rows, None], roster.numbers("target_high")[rows, None]
    upper, _, official, _, replaced = own_facts(evidence.reports, evidence.checks, rows, width)
    met, official_met = (
        (due & (rounded(values) >= rounded(low)) & (rounded(values) <= rounded(high))).sum(axis=1).astype(np.float64)
        for values in (upper, official)
    )
    count = due.sum(axis=1).astype(np.float64)
    numbers.put(
        rows,
        reported_value=_latest(upper),
        official_value=_latest(official),
        completion_reported=quotient(met, count),
        completion=quotient(official_met, count),
        numerator=official_met,
        denominator=count,
        is_checked=_any_week(replaced & due),
    )


def _stages(evidence: Evidence, column: int, numbers: Numbers) -> None:
    """Stages: weight of items done by the cut-off ÷ weight of all; a check's word on an item holds."""
    roster = evidence.roster
    rows, pair_row = roster.where("stages"), roster.items["row"].to_numpy()
    weight = roster.items["weight"].to_numpy(dtype=np.float64)
    done = _items_done(evidence.reports, column, roster.cut_offs[column])
    verified = evidence.checks.by_item.fact_at(column)
    is_checked = verified >= 0
    official = np.where(is_checked, evidence.checks.done[verified], done)

    def sum_by_row(values: Floats) -> Floats:
        return np.bincount(pair_row, weights=values, minlength=len(roster.rows))[rows]

    whole, reported, held = sum_by_row(weight), sum_by_row(weight * done), sum_by_row(weight * official)
    has_report = evidence.reports.said.fact_at(column)[rows] >= 0
    numbers.put(
        rows,
        reported_value=np.where(has_report, reported, np.nan),
        official_value=held,
        completion_reported=quotient(reported, whole),
        completion=quotient(held, whole),
        numerator=held,
        denominator=whole,
        is_checked=sum_by_row(is_checked.astype(np.float64)) > 0,
    )


def _items_done(reports: Coded, column: int, cut_off: np.datetime64) -> Flags:
    """The fact in force says done, and it happened by the cut-off (a fact without a day: in its week)."""
    position = reports.by_item.fact_at(column)
    happened = reports.happened_on[position]
    result: Flags = reports.done[position] & (np.isnat(happened) | (happened <= cut_off))
    return result


def _red_lines(evidence: Evidence, column: int, numbers: Numbers) -> None:
    """Red lines: 0 with any event, reported or found; else 1 if every zero-report came; else no number."""
    rows = evidence.roster.where("red_line")
    counts = red_line_counts(evidence.roster, evidence.reports, evidence.checks, evidence.due, column)
    complete = counts.received >= counts.expected
    official = np.select([counts.events + counts.found > 0, complete], [0.0, 1.0], np.nan)
    reported = np.select([counts.events > 0, complete], [0.0, 1.0], np.nan)
    numbers.put(
        rows,
        reported_value=np.where(counts.has_report, counts.events, np.nan),
        official_value=counts.events + counts.found,
        completion_reported=reported,
        completion=official,
        is_checked=counts.is_checked,
        events=counts.events + counts.found,
    )


def _put_way(
    roster: Roster,
    rows: Ints,
    numbers: Numbers,
    reported: tuple[Floats, Floats],
    official: tuple[Floats, Floats],
    is_checked: Flags,
    prorated: Floats | None = None,
) -> None:
    """Put value and completion of rows whose value is upper ÷ lower; `prorated` is p for a flow that goes down."""
    b, target = baseline_in_use(roster)[rows], roster.numbers("target")[rows]
    is_down = roster.texts("direction")[rows] == "down"
    if prorated is not None:
        part = np.where(is_down, prorated[rows], 1.0)
        b, target = part * b, part * target
    x = quotient(*official)
    progress, length, completion = way(x, b, target, is_down)
    is_pooled = np.isin(roster.measures[rows], POOLED_MEASURES)
    numbers.put(
        rows,
        reported_value=quotient(*reported),
        official_value=x,
        completion_reported=way(quotient(*reported), b, target, is_down)[2],
        completion=completion,
        numerator=np.where(is_pooled, official[0], progress),
        denominator=np.where(is_pooled, official[1], length),
        is_checked=is_checked,
    )


def _select(rows: Ints, chosen: Flags) -> Ints:
    result: Ints = rows[chosen[rows]]
    return result


def _total(values: Floats) -> Floats:
    """Sum of the weeks that have a fact, NaN where none has."""
    has_any = ~np.isnan(values).all(axis=1)
    return np.where(has_any, np.nansum(values, axis=1), np.nan)


def _any_week(grid: Flags) -> Flags:
    return np.asarray(grid.any(axis=1))


def _latest(values: Floats) -> Floats:
    """The last week's value that is there."""
    width = values.shape[1]
    last = np.where(np.isnan(values), -1, np.arange(width)).max(axis=1, initial=-1)
    padded = np.column_stack([values, np.full(len(values), np.nan)])
    result: Floats = padded[np.arange(len(values)), last]
    return result


def is_all_done(evidence: Evidence, column: int) -> Flags:
    """Return by row whether the official completion reached 1 at a cut-off; range and red lines are never done."""
    numbers = _numbers(evidence, column, planned_share(evidence.roster, column))
    has_report = evidence.reports.said.fact_at(column) >= 0
    result: Flags = has_report & (rounded(numbers.completion) >= 1.0)
    return result
