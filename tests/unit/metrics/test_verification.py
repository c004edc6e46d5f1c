"""Checks: what they do to completion, and `verification_week`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from ducha.metrics.verification import wilson
from ducha.metrics.week import compute_week

from tests.unit.metrics import build


def computed(
    progress: list[dict[str, Any]], inspections: list[dict[str, Any]], week: str = "2022-W26", **given: Any
) -> dict[str, pd.DataFrame]:
    row = build.responsibility(**({"baseline": 0.0, "target": 100.0} | given))
    return compute_week(build.catalogue([row]), build.facts(progress, inspections), week)


def row_of(*args: Any, **given: Any) -> pd.Series:
    return computed(*args, **given)["responsibility_unit_week"].iloc[0]


def test_without_a_check_nothing_is_verified() -> None:
    row = row_of([build.progress("2022-W26", value=60.0)], [])
    assert (row["completion_reported"], row["completion"]) == (0.6, 0.6)
    assert pd.isna(row["completion_verified"])
    assert pd.isna(row["verified_value"])


def test_the_latest_check_speaks() -> None:
    progress = [build.progress("2022-W20", value=50.0), build.progress("2022-W24", value=60.0)]
    checks = [build.inspection("2022-W20", value=40.0), build.inspection("2022-W24", value=59.0)]
    row = row_of([*progress, build.progress("2022-W26", value=70.0)], checks)
    assert (row["verified_value"], row["completion_verified"]) == (69.0, pytest.approx(0.69))


def test_numerator_and_denominator_are_offset_apart() -> None:
    progress = [build.progress("2022-W24", numerator=50.0, denominator=100.0),
                build.progress("2022-W26", numerator=60.0, denominator=120.0)]  # fmt: skip
    checks = [build.inspection("2022-W24", numerator=40.0, denominator=110.0)]
    row = row_of(progress, checks, measure="ratio", target=1.0)
    assert (row["numerator"], row["denominator"], row["completion"]) == (50.0, 130.0, pytest.approx(50 / 130))


def test_a_check_never_turns_missing_into_something_else() -> None:
    row = row_of([], [build.inspection("2022-W24", value=40.0)])
    assert (row["state"], pd.isna(row["completion"])) == ("missing", True)


def test_a_check_of_a_week_before_the_first_report_changes_nothing() -> None:
    row = row_of([build.progress("2022-W26", value=60.0)], [build.inspection("2022-W24", value=10.0)])
    assert (row["completion"], pd.isna(row["completion_verified"])) == (0.6, True)


def test_a_check_of_a_period_replaces_that_weeks_own_fact() -> None:
    progress = [build.progress("2022-W25", numerator=8.0, denominator=10.0),
                build.progress("2022-W26", numerator=9.0, denominator=10.0)]  # fmt: skip
    checks = [build.inspection("2022-W25", numerator=5.0, denominator=10.0)]
    row = row_of(progress, checks, measure="ratio", time_basis="period", target=1.0)
    assert (row["completion_reported"], row["completion"]) == (pytest.approx(0.85), pytest.approx(0.7))


def test_a_stage_undone_by_a_check_is_done_again_by_a_later_one() -> None:
    done = [build.progress("2022-W18", item="a", done=True)]
    undone, again = (
        build.inspection("2022-W20", item="a", done=False),
        build.inspection("2022-W25", item="a", done=True),
    )
    given = {"measure": "stages", "target": float("nan"), "baseline": float("nan")}
    row = build.responsibility(**given)
    catalogue = build.catalogue([row], items=[{"responsibility_code": "R1", "item_code": "a", "weight": 1.0}])
    facts = build.facts(done, [undone, again])
    completions = [compute_week(catalogue, facts, f"2022-W{n}")["responsibility_unit_week"]["completion"].iloc[0]
                   for n in (19, 20, 24, 25)]  # fmt: skip
    assert completions == [1.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("reported", "verified", "tolerance", "is_discrepant", "allowed"),
    [(100.0, 91.0, None, False, 10.0), (100.0, 89.0, None, True, 10.0), (100.0, 89.0, 15.0, False, 15.0),
     (0.0, 1.0, None, True, 0.0), (1.0, 0.9, None, False, 0.1)],
)  # fmt: skip
def test_discrepancy_and_tolerance(
    reported: float, verified: float, tolerance: float | None, is_discrepant: bool, allowed: float
) -> None:
    checks = [build.inspection("2022-W26", value=verified)]
    given = {} if tolerance is None else {"tolerance": tolerance}
    row = computed([build.progress("2022-W26", value=reported)], checks, **given)["verification_week"].iloc[0]
    assert (bool(row["is_discrepant"]), row["tolerance"]) == (is_discrepant, pytest.approx(allowed))
    assert pd.isna(row["factor"]) if reported == 0 else row["factor"] == pytest.approx(verified / reported)


def test_the_relative_tolerance_is_the_countys() -> None:
    facts = build.facts([build.progress("2022-W26", value=100.0)], [build.inspection("2022-W26", value=91.0)])
    rule = {"relative_tolerance": 0.05}
    strict = build.catalogue([build.responsibility(target=200.0)], verification=rule)
    (row,) = compute_week(strict, facts, "2022-W26")["verification_week"].to_dict("records")
    assert (bool(row["is_discrepant"]), row["tolerance"]) == (True, 5.0)


def test_a_check_is_set_against_what_was_in_force_for_its_week() -> None:
    progress = [build.progress("2022-W24", value=60.0), build.progress("2022-W27", value=90.0)]
    table = computed(progress, [build.inspection("2022-W26", value=60.0)])["verification_week"]
    assert table[["reported", "verified", "factor", "sample_kind", "item"]].to_numpy().tolist() == [
        [60.0, 60.0, 1.0, "random", ""]]  # fmt: skip


def test_only_checks_of_the_week_are_listed() -> None:
    progress = [build.progress("2022-W24", value=60.0)]
    assert computed(progress, [build.inspection("2022-W24", value=60.0)])["verification_week"].empty


def test_the_discrepancy_rate_is_of_the_random_sample_so_far() -> None:
    progress = [build.progress(f"2022-W{n}", value=50.0) for n in (20, 22, 24, 26)]
    checks = [build.inspection("2022-W20", value=50.0), build.inspection("2022-W22", value=20.0),
              build.inspection("2022-W24", value=50.0),
              build.inspection("2022-W26", value=1.0, sample_kind="risk")]  # fmt: skip
    unit = computed(progress, checks)["unit_week"].iloc[0]
    assert unit["discrepancy_rate"] == pytest.approx(1 / 3)
    assert (unit["discrepancy_low"], unit["discrepancy_high"]) == (
        pytest.approx(0.0615, abs=1e-4),
        pytest.approx(0.7923, abs=1e-4),
    )


def test_wilson_interval_of_known_counts() -> None:
    """Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    import numpy as np

    low, high = wilson(np.array([81.0, 15.0, 0.0, 1.0]), np.array([263.0, 148.0, 20.0, 29.0]))
    assert low.round(4).tolist() == [0.2553, 0.0624, 0.0, 0.0061]
    assert high.round(4).tolist() == [0.3662, 0.1605, 0.1611, 0.1718]


def test_a_check_of_a_period_that_owed_no_report_has_no_part_in_a_range() -> None:
    progress = [build.progress("2022-W25", value=4.0), build.progress("2022-W26", value=6.0)]
    shape = {"measure": "range", "target": float("nan"), "target_low": 0.0, "target_high": 5.0, "cadence": "quarterly"}
    row = row_of(progress, [build.inspection("2022-W25", value=9.0)], **shape)
    assert (row["completion"], pd.isna(row["completion_verified"])) == (0.0, True), "W13 owed a report too: 0 of 2"
    held = row_of(progress, [build.inspection("2022-W26", value=5.0)], **shape)
    assert (held["completion"], held["completion_verified"]) == (0.5, 0.5)
