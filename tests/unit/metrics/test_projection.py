"""Projections to the due date: slope, interval, who gets none and why, and how they fared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from ducha.metrics.assess import gather
from ducha.metrics.completion import numbers_at
from ducha.metrics.plan import planned_share
from ducha.metrics.projection import draws, path_of, project, slope
from ducha.metrics.week import compute_week
from scipy.stats import theilslopes

from tests.unit.metrics import build

SHAPE = {"baseline": 0.0, "target": 100.0, "plan_shape": "hold"}
STEADY = {6: 10.0, 7: 12.0, 8: 14.0, 9: 16.0, 10: 18.0, 11: 20.0, 12: 22.0}
"""Two points of a hundred a week."""
WEEKS_LEFT = 282 / 7
"""From the cut-off of 2022-W12, 24 March, to 31 December."""


def reports(values: dict[int, float], **given: Any) -> list[dict[str, Any]]:
    return [build.progress(f"2022-W{week:02d}", value=value, **given) for week, value in values.items()]


def row(values: dict[int, float], week: str = "2022-W12", **given: Any) -> pd.Series:
    catalogue = build.catalogue([build.responsibility(**(SHAPE | given))])
    return compute_week(catalogue, build.facts(reports(values)), week)["responsibility_unit_week"].iloc[0]


def test_a_steady_pace_goes_on_to_the_due_date() -> None:
    found = row(STEADY)
    assert found["projected_completion"] == pytest.approx(0.22 + WEEKS_LEFT * 0.02)
    assert found["projection_low"] == pytest.approx(found["projected_completion"])
    assert found["projection_high"] == pytest.approx(found["projected_completion"])
    assert found["projection_reason"] is None or pd.isna(found["projection_reason"])


def test_the_slope_is_that_of_a_maintained_library() -> None:
    random = np.random.default_rng(1)
    for size in (6, 9, 26):
        times, values = np.sort(random.choice(60, size, replace=False)).astype(float), random.normal(size=size)
        assert float(slope(times, values)) == pytest.approx(theilslopes(values, times).slope)


def test_one_odd_report_does_not_bend_the_slope() -> None:
    odd = STEADY | {9: 90.0}
    found = row(odd)
    assert found["projected_completion"] == pytest.approx(0.22 + WEEKS_LEFT * 0.02, abs=0.05)
    assert found["projection_low"] <= found["projected_completion"] < found["projection_high"]


def test_fewer_than_six_reported_points_are_no_history() -> None:
    five = {week: value for week, value in STEADY.items() if week > 7}
    found = row(five)
    assert found["projection_reason"] == "insufficient_history"
    assert np.isnan(found["projected_completion"])


def test_carried_weeks_are_no_points_and_unchanged_reports_are() -> None:
    catalogue = build.catalogue([build.responsibility(**SHAPE)])
    five = reports({week: value for week, value in STEADY.items() if week < 11})
    carried = compute_week(catalogue, build.facts(five), "2022-W12")["responsibility_unit_week"].iloc[0]
    assert (carried["state"], carried["projection_reason"]) == ("carried", "insufficient_history")
    still = [*five, build.progress("2022-W11", no_change=True)]
    found = compute_week(catalogue, build.facts(still), "2022-W12")["responsibility_unit_week"].iloc[0]
    assert found["projected_completion"] == pytest.approx(0.18 + WEEKS_LEFT * 0.02), "median of slopes, last value 0.18"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"due_on": pd.NaT, "plan_shape": "hold"}, "no_date"),
        ({"due_on": pd.Timestamp(2022, 3, 1)}, "past_due"),
        ({"target": float("nan")}, "no_number"),
        ({"measure": "red_line", "kind": "redline", "target": float("nan")}, "red_line"),
    ],
)
def test_who_gets_no_projection_and_why(given: dict[str, Any], reason: str) -> None:
    assert (
        row(STEADY if given.get("measure") != "red_line" else dict.fromkeys(range(1, 13), 0.0), **given)[
            "projection_reason"
        ]
        == reason
    )


def test_the_same_key_gets_the_same_interval_whatever_else_is_computed() -> None:
    wavy = {week: 10.0 + 3 * (week % 3) + week for week in range(6, 13)}
    alone = row(wavy)
    codes = [build.responsibility(code, **SHAPE) for code in ("R0", "R1", "R2")]
    facts = build.facts([*reports(STEADY, code="R0"), *reports(wavy, code="R1"), *reports(STEADY, code="R2")])
    among = compute_week(build.catalogue(codes), facts, "2022-W12")["responsibility_unit_week"].iloc[1]
    names = ["projected_completion", "projection_low", "projection_high"]
    assert alone[names].tolist() == among[names].tolist()
    assert alone["projection_low"] < alone["projection_high"]


def test_the_interval_holds_what_it_says_of_noise_around_a_line() -> None:
    """A thousand rows with normal noise: of the values that come, eight in ten lie inside an interval of 0.8."""
    random, times = np.random.default_rng(7), np.tile(np.arange(20.0), (1000, 1))
    values = 0.01 * times + random.normal(scale=0.02, size=times.shape)
    came = 0.01 * 24 + random.normal(scale=0.02, size=1000)
    last, ahead = np.full(1000, 0.01 * 20), np.full(1000, 4.0)
    _, low, high = project(times, values, last, ahead, 0.8, np.arange(1000, dtype=np.uint64))
    assert 0.74 <= ((low <= came) & (came <= high)).mean() <= 0.86


def test_draws_are_even_and_each_series_has_its_own() -> None:
    drawn = draws(np.arange(50, dtype=np.uint64), 200, 13)
    assert drawn.shape == (50, 200, 14)
    share = np.bincount(drawn.ravel(), minlength=13) / drawn.size
    assert share == pytest.approx(np.full(13, 1 / 13), abs=0.002)
    assert (draws(np.array([7], dtype=np.uint64), 200, 13)[0] == drawn[7]).all()
    assert (drawn[7] != drawn[8]).mean() > 0.9


def test_the_path_is_the_completion_of_every_cut_off_it_looks_at() -> None:
    catalogue = build.catalogue([build.responsibility(**SHAPE)])
    evidence = gather(catalogue, build.facts(reports(STEADY)), "2022-W12").evidence
    path = path_of(evidence)
    for column in np.flatnonzero(~np.isnan(path.completion[0])):
        own = numbers_at(evidence, int(column), planned_share(evidence.roster, int(column))).completion
        assert path.completion[0, column] == own[0]
    assert np.isnan(path.completion[:, 4]).all(), "2022-W05 has no cut-off"


def test_the_back_test_looks_four_weeks_back_and_counts_what_it_finds() -> None:
    steady = {week: 2.0 * week for week in range(6, 21)}
    catalogue = build.catalogue([build.responsibility(**SHAPE)])
    tables = compute_week(catalogue, build.facts(reports(steady)), "2022-W20")
    (found,) = tables["projection_week"].to_dict("records")
    assert (found["horizon_weeks"], found["checked_count"]) == (4, 1)
    assert found["median_error"] == pytest.approx(0.0, abs=1e-12)
    jump = steady | {20: 95.0}
    (found,) = compute_week(catalogue, build.facts(reports(jump)), "2022-W20")["projection_week"].to_dict("records")
    assert (found["checked_count"], found["covered_count"], found["coverage"]) == (1, 0, 0.0)
    assert found["median_error"] == pytest.approx(0.95 - 0.40)


def test_too_early_for_a_back_test_is_said_with_nothing_checked() -> None:
    catalogue = build.catalogue([build.responsibility(**SHAPE)])
    (found,) = compute_week(catalogue, build.facts(reports({1: 1.0})), "2022-W02")["projection_week"].to_dict("records")
    assert found["checked_count"] == 0
    assert np.isnan(found["coverage"])


@pytest.mark.parametrize("scale", [0.1, 1.0, 3.0, 1000.0])
def test_the_back_test_counts_a_straight_line_as_covered_in_any_unit_of_measure(scale: float) -> None:
    codes = [f"R{n:02d}" for n in range(20)]
    duties = [build.responsibility(code, **(SHAPE | {"target": (100.0 + n) * scale})) for n, code in enumerate(codes)]
    lines = [
        build.progress(f"2022-W{week:02d}", code, value=week * (1.1 + 0.3 * n) * scale)
        for n, code in enumerate(codes) for week in range(6, 27)
    ]  # fmt: skip
    (found,) = compute_week(build.catalogue(duties), build.facts(lines), "2022-W26")["projection_week"].to_dict(
        "records"
    )
    assert (found["checked_count"], found["coverage"]) == (20, 1.0)


def test_a_row_looks_at_its_own_reports_whatever_others_report() -> None:
    """A ratio without a denominator for twelve weeks, alone and beside a row that reports in other weeks."""
    ratio = build.responsibility("R1", measure="ratio", target=1.0, plan_shape="hold")
    total = build.responsibility("R2", **SHAPE)
    good = [*range(1, 14), 26]
    pairs = [
        build.progress(f"2022-W{week:02d}", "R1", numerator=5.0 + week, denominator=50.0 if week in good else 0.0)
        for week in range(1, 27) if week != 5
    ]  # fmt: skip
    other = [build.progress(f"2022-W{week:02d}", "R2", value=float(week)) for week in (2, 4, 6, 8)]
    names = ["projected_completion", "projection_low", "projection_high", "projection_reason"]
    alone = compute_week(build.catalogue([ratio]), build.facts(pairs), "2022-W26")["responsibility_unit_week"]
    beside = compute_week(build.catalogue([ratio, total]), build.facts([*pairs, *other]), "2022-W26")
    pd.testing.assert_frame_equal(alone[names], beside["responsibility_unit_week"][names].iloc[:1])
