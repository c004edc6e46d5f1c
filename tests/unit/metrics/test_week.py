"""A week as a whole: its tables and columns, and which facts play no part in it."""

from __future__ import annotations

import pandas as pd
import pytest
from ducha.metrics.week import COLUMNS, compute_week

from tests.unit.metrics import build

WEEK = "2022-W26"


def completion(progress: list[dict[str, object]]) -> float:
    catalogue = build.catalogue([build.responsibility(baseline=0.0, target=100.0)])
    return float(compute_week(catalogue, build.facts(progress), WEEK)["responsibility_unit_week"]["completion"].iloc[0])


def test_every_table_has_exactly_its_columns_also_when_nothing_happened() -> None:
    week = compute_week(build.catalogue([build.responsibility()]), build.facts(), WEEK)
    assert {name: list(frame.columns) for name, frame in week.items()} == COLUMNS
    assert {name for name, frame in week.items() if frame.empty} == {
        "task_force_week",
        "verification_week",
        "red_line_week",
    }
    for frame in week.values():
        assert (frame["week"] == build.monday(WEEK)).all()
        assert (frame["week_code"] == WEEK).all()


def test_a_county_without_assignments_still_has_a_week() -> None:
    week = compute_week(build.catalogue([], []), build.facts(), WEEK)
    assert len(week["county_week"]) == 1
    assert week["submission_week"]["status"].tolist() == ["not_expected"]


def test_later_weeks_and_other_plan_years_play_no_part() -> None:
    now = build.progress(WEEK, value=40.0)
    assert completion([now, build.progress("2022-W27", value=90.0), build.progress("2021-W52", value=70.0)]) == 0.4
    assert pd.isna(completion([build.progress("2021-W52", value=70.0)]))


def test_facts_of_unknown_units_responsibilities_and_items_play_no_part() -> None:
    strangers = [build.progress(WEEK, "R9", value=90.0), build.progress(WEEK, unit_code="U9", value=90.0),
                 build.progress(WEEK, item="part", value=90.0)]  # fmt: skip
    assert completion([build.progress(WEEK, value=40.0), *strangers]) == 0.4


def test_the_latest_version_is_in_force_whatever_the_order_of_the_frame() -> None:
    early = build.progress(WEEK, value=40.0)
    late = build.progress(WEEK, value=50.0, known_at=early["known_at"] + pd.Timedelta(hours=1))
    assert completion([late, early]) == completion([early, late]) == 0.5


def test_known_at_the_same_instant_the_later_in_the_ledger_wins() -> None:
    assert completion([build.progress(WEEK, value=40.0), build.progress(WEEK, value=50.0)]) == 0.5


def test_a_week_without_a_cut_off_has_no_release() -> None:
    catalogue = build.catalogue([build.responsibility()])
    with pytest.raises(ValueError, match="no cut-off"):
        compute_week(catalogue, build.facts(), "2022-W05")
    with pytest.raises(KeyError, match="1999-W01"):
        compute_week(catalogue, build.facts(), "1999-W01")


def test_the_same_input_gives_the_same_tables() -> None:
    catalogue = build.catalogue([build.responsibility(target=100.0)])
    facts = build.facts([build.progress(WEEK, value=40.0)], [build.inspection(WEEK, value=30.0)])
    for name, frame in compute_week(catalogue, facts, WEEK).items():
        pd.testing.assert_frame_equal(frame, compute_week(catalogue, facts, WEEK)[name])


def test_cooperating_units_carry_no_figures() -> None:
    owners = [build.assignment(), build.assignment(unit_code="U2", role="cooperating", share=0.0)]
    catalogue = build.catalogue(
        [build.responsibility(target=1.0)], owners, units=[{"unit_code": u} for u in ("U1", "U2")]
    )
    assert compute_week(catalogue, build.facts(), WEEK)["responsibility_unit_week"]["unit_code"].tolist() == ["U1"]
