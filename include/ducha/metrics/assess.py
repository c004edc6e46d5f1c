"""One row per assignment at one cut-off: the columns of `responsibility_unit_week`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ducha.catalogue import Catalogue, Facts
from ducha.metrics.cadence import due_weeks, unchanged_periods, weeks_stale, without_done
from ducha.metrics.completion import Evidence, Numbers, baseline_in_use, is_all_done, numbers_at
from ducha.metrics.in_force import code_checks, code_reports
from ducha.metrics.lights import light_reasons, lights_of, near_due, remembered, words_of
from ducha.metrics.plan import planned_share, planned_value
from ducha.metrics.roster import Roster, build_roster, days, excepted_weeks
from ducha.metrics.state import BASELINE_MEASURES, states_at
from ducha.metrics.terms import NUMBER_STATES, SCORED_STATES, UNEXPECTED_STATES, Flags, Floats, Texts

CATALOGUE_COLUMNS = (
    "plan_year", "responsibility_code", "unit_code", "kind", "measure", "direction", "role", "share", "weight",
    "baseline", "target", "area_code", "task_force_code",
)  # fmt: skip


@dataclass(frozen=True)
class Basis:
    """Evidence of a week and the plain cadence: `asked`, rows × weeks, due whether or not an exception holds."""

    evidence: Evidence
    asked: Flags


def gather(catalogue: Catalogue, facts: Facts, week_code: str) -> Basis:
    """Return what the figures of a week rest on; raises as `build_roster` does."""
    roster = build_roster(catalogue, week_code)
    reports, checks = code_reports(facts, roster), code_checks(facts, roster)
    cadence = due_weeks(roster)
    plain = Evidence(roster, reports, checks, cadence)
    asked = without_done(roster, cadence, lambda column: is_all_done(plain, column))
    return Basis(Evidence(roster, reports, checks, asked & ~excepted_weeks(roster)), asked)


def assess(basis: Basis, catalogue: Catalogue, column: int, lights_before: Texts | None = None) -> pd.DataFrame:
    """Return every assignment's figures at the cut-off of a column.

    Columns of `responsibility_unit_week` without week, week_code and projections; `pool_numerator` and
    `pool_denominator` are what is summed across units, there also where a row shows no number; `is_expected`: a report
    is due and the state expects one. `lights_before`: the raw lights of the week before, from the same facts.
    """
    evidence = basis.evidence
    roster = evidence.roster
    planned = planned_share(roster, column)
    numbers = numbers_at(evidence, column, planned)
    state = states_at(evidence, numbers, planned, column)
    has_number = np.isin(state.astype(str), NUMBER_STATES)
    is_scored = np.isin(state.astype(str), SCORED_STATES)
    raw = light_reasons(roster, state, numbers.completion, planned, column)
    reasons = remembered(raw, lights_before)
    leader = owners(catalogue, roster, column)[roster.rows["r"].to_numpy()]
    rows = roster.rows[list(CATALOGUE_COLUMNS)].assign(leader_code=leader)
    figures = _figures(numbers, has_number)
    planned_shown = np.where(is_scored, planned, np.nan)
    values = planned_value(roster, planned, baseline_in_use(roster))
    return rows.assign(
        **figures,
        planned_completion=planned_shown,
        planned_value=np.where(is_scored, values, np.nan),
        schedule_gap=figures["completion"] - planned_shown,
        raw_light=lights_of(raw),
        light=lights_of(reasons),
        light_reason=words_of(reasons),
        is_near_due=near_due(roster, state, np.where(has_number, numbers.completion, np.nan), column),
        state=state,
        is_report_due=basis.asked[:, column],
        is_expected=basis.asked[:, column] & ~np.isin(state.astype(str), UNEXPECTED_STATES),
        is_baseline_assumed=_is_baseline_assumed(roster),
        **_reporting(evidence, column),
        pool_numerator=numbers.numerator,
        pool_denominator=numbers.denominator,
    )


def _figures(numbers: Numbers, has_number: Flags) -> dict[str, Floats]:
    """The figures that a row shows: completions only where its state carries a number."""
    shown = {
        "numerator": numbers.numerator,
        "denominator": numbers.denominator,
        "completion_reported": numbers.completion_reported,
        "completion_verified": np.where(numbers.is_checked, numbers.completion, np.nan),
        "completion": numbers.completion,
    }
    return {
        "reported_value": numbers.reported_value,
        "verified_value": np.where(numbers.is_checked, numbers.official_value, np.nan),
        **{name: np.where(has_number, values, np.nan) for name, values in shown.items()},
    }


def _is_baseline_assumed(roster: Roster) -> Flags:
    """Tell where b is missing and 0 stands in for it; the default 0 of a ratio is no assumption."""
    measure = roster.measures
    assumed = np.isnan(roster.numbers("baseline")) & (roster.texts("direction") != "down")
    result: Flags = assumed & np.isin(measure, BASELINE_MEASURES) & (measure != "ratio")
    return result


def _reporting(evidence: Evidence, column: int) -> dict[str, Any]:
    """The report in force: which submission, when it came, how stale, how often unchanged."""
    reports = evidence.reports
    position = reports.any.fact_at(column)
    has_report = position >= 0
    frame = reports.frame
    kept = frame.take(np.where(has_report, position, 0)) if len(frame) else frame.reindex(position)
    return {
        "weeks_stale": pd.array(weeks_stale(evidence.due, reports, column), dtype="Int64"),
        "unchanged_periods": pd.array(unchanged_periods(reports, column), dtype="Int64"),
        "submission_id": kept["submission_id"].reset_index(drop=True).where(pd.Series(has_report)),
        "reported_at": kept["received_at"].reset_index(drop=True).where(pd.Series(has_report)),
    }


def owners(catalogue: Catalogue, roster: Roster, column: int) -> Texts:
    """Return the leader of each responsibility at the cut-off: the latest portfolio that holds, else its own."""
    cut_off = roster.cut_offs[column]
    portfolios = catalogue.portfolios.sort_values("from_on", kind="stable", na_position="first")
    first, last = days(portfolios["from_on"]), days(portfolios["to_on"])
    holds = (np.isnat(first) | (first <= cut_off)) & (np.isnat(last) | (last >= cut_off))
    owner = portfolios[holds].drop_duplicates("responsibility_code", keep="last")
    named = owner.set_index("responsibility_code")["leader_code"]
    found = roster.responsibilities["responsibility_code"].map(named)
    result: Texts = found.where(found.notna(), roster.responsibilities["leader_code"]).to_numpy(dtype=object)
    return result
