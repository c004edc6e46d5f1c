"""Roll-ups: responsibilities, units with their ranks, areas, leaders, task forces and the county."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from ducha.metrics.week import compute_week

from tests.unit.metrics import build

WEEK = "2022-W26"
SHAPE = {"baseline": 0.0, "target": 100.0, "plan_shape": "hold"}
TWO = [{"unit_code": "U1", "peer_group": "g"}, {"unit_code": "U2", "peer_group": "g"}]


def values(progress: dict[tuple[str, str], float | None], week: str = WEEK) -> list[dict[str, Any]]:
    return [
        build.progress(week, code, unit, value=value) for (code, unit), value in progress.items() if value is not None
    ]


def shared(measure: str = "total", **given: Any) -> Any:
    """One responsibility of two units, shares 3 to 1."""
    row = build.responsibility(**(SHAPE | {"measure": measure} | given))
    owners = [build.assignment("R1", "U1", share=0.75), build.assignment("R1", "U2", share=0.25)]
    return build.catalogue([row], owners, units=TWO)


def responsibility(catalogue: Any, progress: list[dict[str, Any]]) -> pd.Series:
    return compute_week(catalogue, build.facts(progress), WEEK)["responsibility_week"].iloc[0]


def test_totals_are_summed_and_a_missing_row_adds_no_progress() -> None:
    both = responsibility(shared(), values({("R1", "U1"): 60.0, ("R1", "U2"): 20.0}))
    assert (both["completion"], both["numerator"], both["denominator"]) == (0.4, 80.0, 200.0)
    one = responsibility(shared(), values({("R1", "U1"): 60.0}))
    assert (one["completion"], one["missing_count"], bool(one["is_partial"])) == (0.3, 1, False)


def test_levels_are_weighted_by_share_and_a_missing_row_is_zero() -> None:
    both = responsibility(shared("level"), values({("R1", "U1"): 60.0, ("R1", "U2"): 20.0}))
    assert both["completion"] == pytest.approx(0.75 * 0.6 + 0.25 * 0.2)
    assert responsibility(shared("level"), values({("R1", "U2"): 20.0}))["completion"] == pytest.approx(0.05)


def test_ratios_are_pooled_and_a_missing_row_is_left_out() -> None:
    catalogue = shared("ratio", target=1.0)
    pairs = [build.progress(WEEK, "R1", "U1", numerator=9.0, denominator=10.0),
             build.progress(WEEK, "R1", "U2", numerator=10.0, denominator=90.0)]  # fmt: skip
    assert responsibility(catalogue, pairs)["completion"] == pytest.approx(0.19)
    one = responsibility(catalogue, pairs[:1])
    assert (one["completion"], bool(one["is_partial"])) == (0.9, True)


def test_a_pooled_ratio_without_a_target_of_its_own_takes_those_of_its_rows() -> None:
    row = build.responsibility(measure="ratio", plan_shape="hold")
    owners = [build.assignment("R1", "U1", share=0.5, target=0.8), build.assignment("R1", "U2", share=0.5, target=0.4)]
    catalogue = build.catalogue([row], owners, units=TWO)
    pairs = [build.progress(WEEK, "R1", "U1", numerator=30.0, denominator=75.0),
             build.progress(WEEK, "R1", "U2", numerator=5.0, denominator=25.0)]  # fmt: skip
    assert responsibility(catalogue, pairs)["completion"] == pytest.approx(0.35 / 0.7)


def test_a_pooled_ratio_without_a_baseline_of_its_own_takes_those_of_its_rows() -> None:
    row = build.responsibility(measure="ratio", plan_shape="hold")
    catalogue = build.catalogue([row], [build.assignment("R1", "U1", baseline=0.2, target=0.7)])
    pair = [build.progress(WEEK, "R1", "U1", numerator=45.0, denominator=100.0)]
    assert responsibility(catalogue, pair)["completion"] == pytest.approx((0.45 - 0.2) / (0.7 - 0.2))


def test_all_missing_is_zero_and_nothing_to_count_is_no_number() -> None:
    assert responsibility(shared(), [])["completion"] == 0.0
    assert pd.isna(responsibility(shared(target=float("nan")), [])["completion"])


def test_a_responsibility_without_a_lead_unit_stays_in_the_table() -> None:
    catalogue = build.catalogue([build.responsibility(**SHAPE)], [build.assignment(share=0.0, role="cooperating")])
    week = compute_week(catalogue, build.facts(), WEEK)
    assert week["responsibility_unit_week"].empty
    row = week["responsibility_week"].iloc[0]
    assert (row["unit_count"], pd.isna(row["completion"]), pd.isna(row["worst_light"])) == (0, True, True)
    assert week["county_week"]["responsibility_count"].tolist() == [1]


def unit_table(completions: dict[str, list[float | None]], units: Any = None, **settings: Any) -> pd.DataFrame:
    """Units with rows of weight 1, one responsibility a row; None is missing."""
    rows, owners, said = [], [], {}
    for unit, parts in completions.items():
        for n, part in enumerate(parts):
            code = f"{unit}-{n}"
            rows.append(build.responsibility(code, **SHAPE))
            owners.append(build.assignment(code, unit))
            said[code, unit] = None if part is None else 100 * part
    units = units or [{"unit_code": unit, "peer_group": "g"} for unit in completions]
    catalogue = build.catalogue(rows, owners, units=units, **settings)
    return compute_week(catalogue, build.facts(values(said)), WEEK)["unit_week"].set_index("unit_code")


def test_a_unit_scores_capped_completions_and_zero_for_missing() -> None:
    table = unit_table({"U1": [1.3, -0.5, 0.5, None]})
    assert table.loc["U1", "completion"] == pytest.approx((1 + 0 + 0.5 + 0) / 4)
    assert (table.loc["U1", "weight_sum"], table.loc["U1", "missing_count"], table.loc["U1", "red_count"]) == (4, 1, 3)
    assert unit_table({"U1": [1.3, 0.5]}, cap=1.2).loc["U1", "completion"] == pytest.approx(0.85)


def test_the_assignments_own_weight_counts_in_the_unit_and_the_responsibilitys_above() -> None:
    rows = [build.responsibility("R1", weight=1.0, **SHAPE), build.responsibility("R2", weight=3.0, **SHAPE)]
    owners = [build.assignment("R1", weight=3.0), build.assignment("R2", weight=1.0)]
    facts = build.facts(values({("R1", "U1"): 80.0, ("R2", "U1"): 40.0}))
    week = compute_week(build.catalogue(rows, owners), facts, WEEK)
    assert week["unit_week"]["completion"].tolist() == pytest.approx([0.7])
    assert week["county_week"]["completion"].tolist() == pytest.approx([0.5])
    assert week["area_week"]["completion"].tolist() == pytest.approx([0.5])


def test_ranks_are_competition_ranks_inside_the_peer_group() -> None:
    units = [{"unit_code": f"U{n}", "peer_group": "town" if n < 5 else "office"} for n in range(1, 6)]
    table = unit_table(
        {"U1": [0.9] * 3, "U2": [0.5] * 3, "U3": [0.1, 0.9, 0.5], "U4": [0.2] * 3, "U5": [0.0] * 3}, units
    )
    assert table["rank"].tolist() == [1, 2, 2, 4, 1]


def test_too_few_counted_rows_carry_no_rank() -> None:
    table = unit_table({"U1": [0.9, 0.9, None], "U2": [0.5] * 3})
    assert pd.isna(table.loc["U1", "rank"])
    assert "too few" in table.loc["U1", "rank_reason"]
    assert (table.loc["U2", "rank"], pd.isna(table.loc["U2", "rank_reason"])) == (1, True)


def test_an_unknown_red_line_costs_the_rank() -> None:
    rows = [*(build.responsibility(f"R{n}", **SHAPE) for n in range(3)),
            build.responsibility("X", measure="red_line", direction="", kind="redline")]  # fmt: skip
    facts = build.facts(values({(f"R{n}", "U1"): 50.0 for n in range(3)}))
    row = compute_week(build.catalogue(rows), facts, WEEK)["unit_week"].iloc[0]
    assert (pd.isna(row["rank"]), "red line" in row["rank_reason"], row["worst_light"]) == (True, True, "red")


def test_rank_bounds_leave_any_one_row_out() -> None:
    """U1 0.5 (rank 2): without its 0.0 it has 0.75 and leads, without its 0.75 it has 0.375 and is last."""
    table = unit_table({"U1": [0.0, 0.75, 0.75], "U2": [0.6] * 3, "U3": [0.4] * 3})
    assert table.loc["U1", ["rank", "rank_best", "rank_worst"]].tolist() == [2, 1, 3]
    assert table.loc["U2", ["rank", "rank_best", "rank_worst"]].tolist() == [1, 1, 1]


def test_rank_change_is_previous_minus_current() -> None:
    units = [{"unit_code": unit, "peer_group": "g"} for unit in ("U1", "U2")]
    rows = [build.responsibility(f"{unit}{n}", **SHAPE) for unit in ("U1", "U2") for n in range(3)]
    owners = [build.assignment(f"{unit}{n}", unit) for unit in ("U1", "U2") for n in range(3)]
    progress = [build.progress(week, f"{unit}{n}", unit, value=value)
                for week, said in (("2022-W25", (30.0, 60.0)), (WEEK, (80.0, 70.0)))
                for unit, value in zip(("U1", "U2"), said, strict=True) for n in range(3)]  # fmt: skip
    table = compute_week(build.catalogue(rows, owners, units=units), build.facts(progress), WEEK)["unit_week"]
    assert table["rank"].tolist() == [1, 2]
    assert table["rank_change"].tolist() == [1, -1]


def test_cohort_change_is_over_responsibilities_with_a_number_in_both_weeks() -> None:
    """R1 goes from 0.2 to 0.5, R2 begins at 0.9, R3 ends: only R1 changes, one enters, one leaves."""
    june_30, june_24 = pd.Timestamp(2022, 6, 30), pd.Timestamp(2022, 6, 24)
    rows = [build.responsibility("R1", **SHAPE), build.responsibility("R2", start_on=june_30, **SHAPE),
            build.responsibility("R3", **SHAPE)]  # fmt: skip
    owners = [build.assignment("R1"), build.assignment("R2"), build.assignment("R3", to_on=june_24)]
    progress = [*values({("R1", "U1"): 20.0, ("R3", "U1"): 10.0}, "2022-W25"),
                *values({("R1", "U1"): 50.0, ("R2", "U1"): 90.0})]  # fmt: skip
    row = compute_week(build.catalogue(rows, owners), build.facts(progress), WEEK)["county_week"].iloc[0]
    assert row["completion"] == pytest.approx(0.7)
    assert (row["cohort_change"], row["entered_count"], row["left_count"]) == (pytest.approx(0.3), 1, 1)


def test_the_owner_at_the_cut_off_answers() -> None:
    portfolios = [
        {"leader_code": "L1", "responsibility_code": "R1", "to_on": pd.Timestamp(2022, 6, 29)},
        {"leader_code": "L2", "responsibility_code": "R1", "from_on": pd.Timestamp(2022, 6, 30)},
    ]
    catalogue = build.catalogue(
        [build.responsibility(**SHAPE), build.responsibility("R2", **SHAPE)], portfolios=portfolios
    )
    for week, leaders in (("2022-W25", ["L1"]), (WEEK, ["L1", "L2"])):
        table = compute_week(catalogue, build.facts(), week)
        assert table["leader_week"]["leader_code"].tolist() == leaders
    owners = table["responsibility_unit_week"].set_index("responsibility_code")["leader_code"]
    assert owners.to_dict() == {"R1": "L2", "R2": "L1"}


def test_areas_and_task_forces_take_only_their_own() -> None:
    rows = [build.responsibility("R1", area_code="A1", task_force_code="T1", **SHAPE),
            build.responsibility("R2", area_code="A2", **SHAPE)]  # fmt: skip
    facts = build.facts(values({("R1", "U1"): 80.0, ("R2", "U1"): 40.0}))
    week = compute_week(build.catalogue(rows), facts, WEEK)
    assert dict(zip(week["area_week"]["area_code"], week["area_week"]["completion"], strict=True)) == {
        "A1": 0.8,
        "A2": 0.4,
    }
    assert week["task_force_week"][["task_force_code", "completion"]].to_numpy().tolist() == [["T1", 0.8]]
    county = week["county_week"].iloc[0]
    assert (county["counted_count"], county["responsibility_count"], county["worst_light"]) == (2, 2, "red")


AREAS = [{"area_code": code, "parent_code": parent} for code, parent in
         (("A1", ""), ("A11", "A1"), ("A12", "A1"), ("A121", "A12"), ("A2", ""), ("A3", ""))]  # fmt: skip


def test_an_area_holds_the_duties_of_the_areas_that_are_part_of_it_each_once() -> None:
    """A1 has one duty of its own, A11 one, A121 two: A12 and A1 are rolled up from them, A3 has none and no row."""
    duties = (("R1", "A1", 1.0), ("R2", "A11", 3.0), ("R3", "A121", 2.0), ("R4", "A121", 2.0), ("R5", "A2", 1.0))
    rows = [build.responsibility(code, area_code=area, weight=weight, **SHAPE) for code, area, weight in duties]
    progress = [*values({("R1", "U1"): 10.0, ("R2", "U1"): 20.0, ("R5", "U1"): 90.0}, "2022-W25"),
                *values({("R1", "U1"): 30.0, ("R2", "U1"): 40.0, ("R3", "U1"): 80.0, ("R5", "U1"): 150.0})]  # fmt: skip
    week = compute_week(build.catalogue(rows, areas=AREAS), build.facts(progress), WEEK)
    area = week["area_week"].set_index("area_code")
    assert list(area.index) == ["A1", "A11", "A12", "A121", "A2"]
    assert area["responsibility_count"].tolist() == [4, 1, 2, 2, 1]
    assert area["missing_count"].tolist() == [1, 0, 1, 1, 0]
    assert area["completion"].tolist() == pytest.approx(
        [(0.3 + 3 * 0.4 + 2 * 0.8 + 2 * 0) / 8, 0.4, (2 * 0.8 + 2 * 0) / 4, 0.4, 1.0]
    )
    # The week before, R3 and R4 were missing: 0 then and, R4, now.
    assert area["cohort_change"].tolist() == pytest.approx([(0.2 + 3 * 0.2 + 2 * 0.8) / 8, 0.2, 0.4, 0.4, 0.1])
    assert area["worst_light"].tolist() == ["red", "red", "red", "red", "green"], (
        "0.4 of a plan held at 1 is far behind"
    )
    county = week["county_week"].iloc[0]
    assert county["responsibility_count"] == 5, "each once, however many areas it is in"
    tops = area.loc[["A1", "A2"]]
    for column in ("responsibility_count", "counted_count", "missing_count", "red_count", "yellow_count"):
        assert tops[column].sum() == county[column], column


def test_a_duty_without_figures_is_counted_under_the_leader_of_its_portfolio() -> None:
    duties = [build.responsibility("R1", **SHAPE), build.responsibility("R2", **SHAPE)]
    owners = [build.assignment("R1"), build.assignment("R2", role="cooperating", share=0.0)]
    portfolio = {"leader_code": "L2", "responsibility_code": "R2", "from_on": pd.Timestamp(2022, 1, 1)}
    catalogue = build.catalogue(duties, owners, portfolios=[portfolio])
    leaders = compute_week(catalogue, build.facts([]), WEEK)["leader_week"]
    assert dict(zip(leaders["leader_code"], leaders["responsibility_count"], strict=True)) == {"L1": 1, "L2": 1}
