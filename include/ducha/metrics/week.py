"""All figures of one week: what `mart` holds for it, from a catalogue and the facts known at one instant."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ducha.catalogue import Catalogue, Facts
from ducha.metrics.assess import Basis, assess, gather, owners
from ducha.metrics.consequences import extra_points, ladder, vetoes
from ducha.metrics.projection import back_test, path_of, to_due
from ducha.metrics.quality import quality_rows
from ducha.metrics.ranks import rank_bounds, rank_change, rank_reasons, ranks
from ducha.metrics.red_lines import red_line_rows
from ducha.metrics.reporting import Arrivals, arrivals_of, reporting_shares, submission_rows
from ducha.metrics.rollup import (
    COUNT_COLUMNS,
    count_by,
    group_rows,
    responsibility_rows,
    unit_completion,
    with_areas_above,
)
from ducha.metrics.roster import Roster
from ducha.metrics.terms import Floats, Texts
from ducha.metrics.verification import discrepancy, verification_rows

ROW_COLUMNS = [
    "kind", "measure", "direction", "role", "share", "weight", "baseline", "target", "planned_value",
    "planned_completion", "reported_value", "verified_value", "numerator", "denominator", "completion_reported",
    "completion_verified", "completion", "schedule_gap", "raw_light", "light", "light_reason", "is_near_due", "state",
    "is_report_due", "is_baseline_assumed", "weeks_stale", "unchanged_periods", "leader_code", "area_code",
    "task_force_code", "submission_id", "reported_at", "projected_completion", "projection_low", "projection_high",
    "projection_reason",
]  # fmt: skip
GROUP_COLUMNS = [
    "completion", "worst_light", "responsibility_count", *COUNT_COLUMNS, "cohort_change", "entered_count", "left_count",
]  # fmt: skip
COLUMNS: dict[str, list[str]] = {
    "responsibility_unit_week": ["plan_year", "week", "week_code", "responsibility_code", "unit_code", *ROW_COLUMNS],
    "responsibility_week": [
        "plan_year", "week", "week_code", "responsibility_code", "completion", "is_partial", "numerator",
        "denominator", "unit_count", *COUNT_COLUMNS, "worst_light",
    ],
    "unit_week": [
        "week", "week_code", "unit_code", "completion", "weight_sum", *COUNT_COLUMNS, "worst_light", "peer_group",
        "rank", "rank_reason", "rank_best", "rank_worst", "rank_change", "completeness", "timeliness",
        "first_pass_validity", "discrepancy_rate", "discrepancy_low", "discrepancy_high", "is_vetoed", "veto_reason",
        "bonus", "penalty", "points_evidence", "missed_weeks", "ladder_step", "checked_count", "discrepant_count",
        "risk_checked_count", "risk_discrepant_count", "risk_discrepancy_rate", "risk_discrepancy_low",
        "risk_discrepancy_high",
    ],
    "area_week": ["week", "week_code", "area_code", *GROUP_COLUMNS],
    "leader_week": ["week", "week_code", "leader_code", *GROUP_COLUMNS],
    "task_force_week": ["week", "week_code", "task_force_code", *GROUP_COLUMNS],
    "county_week": ["week", "week_code", *GROUP_COLUMNS],
    "submission_week": [
        "week", "week_code", "unit_code", "expected_rows", "accepted_rows", "on_time_rows", "changed_late_rows",
        "rejected_rows", "first_received_at", "last_received_at", "is_on_time", "versions", "withdrawn_count",
        "returned_at", "status", "is_in_grace",
    ],
    "verification_week": [
        "week", "week_code", "unit_code", "responsibility_code", "item", "reported", "verified", "factor",
        "is_discrepant", "tolerance", "method", "sample_kind",
    ],
    "red_line_week": [
        "week", "week_code", "responsibility_code", "unit_code", "events", "zero_reports_expected",
        "zero_reports_received", "state",
    ],
    "quality_week": [
        "week", "week_code", "unit_code", "fields_asked", "duplicate_fields", "files_asked", "files_sent",
        "empty_files", "corrected_rows", "repeated_rows", "stale_rows", "longest_stale",
        "unchanged_rows", "longest_unchanged",
    ],
    "projection_week": [
        "week", "week_code", "horizon_weeks", "interval", "checked_count", "covered_count", "coverage", "median_error",
    ],
}  # fmt: skip
"""The columns of each table, those of `contracts.md` without county_code and release_id."""


def compute_week(
    catalogue: Catalogue, facts: Facts, week_code: str, *, with_projections: bool = True
) -> dict[str, pd.DataFrame]:
    """Return every table of a week's release by name, columns as in `COLUMNS`, figures as `metrics.md` defines them.

    Facts of later weeks or of other plan years play no part. Codes and texts are `str` or missing, counts integers,
    completions unrounded float64 (NaN where there is none), `week` the Monday, times in UTC.
    Raises KeyError for a week outside the calendar, ValueError for one without a cut-off.
    """
    basis = gather(catalogue, facts, week_code)
    roster = basis.evidence.roster
    earlier = assess(basis, catalogue, roster.before) if roster.before >= 0 else None
    rows = assess(basis, catalogue, roster.now, None if earlier is None else _lights(earlier))
    tested = pd.DataFrame()
    if with_projections:
        path, has_number = path_of(basis.evidence), rows["completion"].notna().to_numpy()
        rows = rows.assign(**to_due(roster, path, roster.now, has_number))
        tested = pd.DataFrame([back_test(roster, path, roster.now, has_number)])
    arrivals = arrivals_of(facts, roster)
    submissions = submission_rows(roster, facts, basis.evidence.reports, arrivals, rows)
    responsibilities = responsibility_rows(roster, rows)
    before = None if earlier is None else responsibility_rows(roster, earlier)["completion"].to_numpy()
    checks = verification_rows(roster, basis.evidence.reports, basis.evidence.checks)
    red_lines = _red_lines(basis, rows)
    tables = {
        "responsibility_unit_week": rows,
        "responsibility_week": responsibilities,
        "unit_week": _units(roster, rows, earlier, submissions, arrivals, checks).assign(
            **vetoes(roster, red_lines), **extra_points(roster, catalogue.extra_points), **ladder(basis.evidence)
        ),
        **_groups(catalogue, roster, rows, responsibilities["completion"].to_numpy(), before),
        "submission_week": submissions,
        "verification_week": _checks_of_release(roster, checks),
        "red_line_week": red_lines,
        "quality_week": quality_rows(roster, basis.evidence.reports, arrivals, rows),
        "projection_week": tested,
    }
    week = roster.weeks.iloc[-1]
    return {
        name: frame.assign(week=week["week"], week_code=week["week_code"])
        .reindex(columns=COLUMNS[name])
        .reset_index(drop=True)
        for name, frame in tables.items()
    }


def _checks_of_release(roster: Roster, checks: pd.DataFrame) -> pd.DataFrame:
    """Return the latest check a row × item since the release before: a week without a cut-off has none of its own."""
    fresh = checks[(checks["col"] > roster.before) & (checks["col"] <= roster.now)]
    return fresh.sort_values("col", kind="stable").drop_duplicates(["row", "item"], keep="last").sort_index()


def _lights(rows: pd.DataFrame) -> Texts:
    lights: Texts = rows["raw_light"].to_numpy(dtype=object)
    return lights


def _red_lines(basis: Basis, rows: pd.DataFrame) -> pd.DataFrame:
    evidence = basis.evidence
    column = evidence.roster.now
    return red_line_rows(evidence.roster, evidence.reports, evidence.checks, evidence.due, column, rows["state"])


def _units(
    roster: Roster,
    rows: pd.DataFrame,
    earlier: pd.DataFrame | None,
    submissions: pd.DataFrame,
    arrivals: Arrivals,
    checks: pd.DataFrame,
) -> pd.DataFrame:
    """`unit_week` without its week: one row for every unit of the catalogue."""
    unit, size = roster.rows["u"].to_numpy(), len(roster.units)
    completion, weight_sum = unit_completion(roster, rows)
    reasons = rank_reasons(roster, rows)
    is_ranked = pd.isna(reasons)
    best, worst = rank_bounds(roster, rows, completion, weight_sum, is_ranked)
    before = None
    if earlier is not None:
        before = (unit_completion(roster, earlier)[0], pd.isna(rank_reasons(roster, earlier)))
    orders = {
        "rank": ranks(roster, completion, is_ranked),
        "rank_best": best,
        "rank_worst": worst,
        "rank_change": rank_change(roster, (completion, is_ranked), before),
    }
    return pd.DataFrame(
        {
            "unit_code": roster.units["unit_code"],
            "completion": completion,
            "weight_sum": weight_sum,
            **count_by(unit, size, rows),
            "peer_group": roster.units["peer_group"],
            "rank_reason": reasons,
            **{name: pd.Series(values).astype("Int64") for name, values in orders.items()},
            **reporting_shares(submissions, arrivals),
            **discrepancy(checks, size, unit),
        }
    )


def _groups(
    catalogue: Catalogue, roster: Roster, rows: pd.DataFrame, now: Floats, before: Floats | None
) -> dict[str, pd.DataFrame]:
    """Roll-ups over responsibilities, each once in one of them; an area holds those of the areas that are part of it.

    The leader of a responsibility is the owner at the cut-off, also for the cohort of the week before.
    """
    table = roster.responsibilities
    pairs = {
        "leader": (pd.Series(owners(catalogue, roster, roster.now)), rows["leader_code"]),
        "task_force": (table["task_force_code"], rows["task_force_code"]),
        "county": (pd.Series("all", index=table.index), pd.Series("all", index=rows.index)),
    }
    members = {name: tuple((np.arange(len(codes)), codes) for codes in pair) for name, pair in pairs.items()}
    members["area"] = tuple(with_areas_above(frame["area_code"], catalogue.areas) for frame in (table, rows))
    weight, cap = table["weight"].to_numpy(dtype=np.float64), roster.settings.cap
    made = {}
    for name, ((at, of_duty), (at_row, of_assignment)) in members.items():
        codes = pd.Series(["all"] if name == "county" else sorted(set(of_duty) - {""}), dtype="str")
        numbers = (now[at], None if before is None else before[at])
        pair = (of_duty, of_assignment)
        made[f"{name}_week"] = group_rows(f"{name}_code", codes, pair, rows.iloc[at_row], numbers, weight[at], cap)
    return made
