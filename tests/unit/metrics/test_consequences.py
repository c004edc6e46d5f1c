"""Vetoes, extra points and the ladder of reminders: flags and proposals that change no figure."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from ducha.metrics.week import compute_week

from tests.unit.metrics import build

TWO = [{"unit_code": "U1", "peer_group": "g"}, {"unit_code": "U2", "peer_group": "g"}]
BOTH = [build.assignment("R1", "U1"), build.assignment("R1", "U2")]
FIGURES = ["completion", "weight_sum", "rank", "worst_light"]


def units(
    week: str, progress: list[dict[str, Any]], responsibilities: list[dict[str, Any]], **given: Any
) -> pd.DataFrame:
    owners = [{**one, "responsibility_code": row["responsibility_code"]} for row in responsibilities for one in BOTH]
    catalogue = build.catalogue(responsibilities, owners, units=TWO, **given)
    return compute_week(catalogue, build.facts(progress), week)["unit_week"].set_index("unit_code")


def red_line(events: dict[str, float], **given: Any) -> pd.DataFrame:
    row = build.responsibility(measure="red_line", kind="redline", direction="")
    reports = [build.progress(f"2022-W{n:02d}", "R1", unit, value=value if n == 2 else 0.0)
               for unit, value in events.items() for n in (1, 2, 3)]  # fmt: skip
    return units("2022-W03", reports, [row], **given)


def test_an_event_on_a_red_line_vetoes_its_unit_and_says_which() -> None:
    found = red_line({"U1": 1.0, "U2": 0.0})
    assert found["is_vetoed"].tolist() == [True, False]
    assert found.loc["U1", "veto_reason"] == "红线事件1起：R1 · 1 red line events: R1"
    assert found.loc["U2", "veto_reason"] is None


def test_the_county_sets_how_many_events_veto_and_0_means_none_ever() -> None:
    assert red_line({"U1": 2.0, "U2": 3.0}, veto={"red_line_events": 3})["is_vetoed"].tolist() == [False, True]
    assert red_line({"U1": 2.0, "U2": 3.0}, veto={"red_line_events": 0})["is_vetoed"].tolist() == [False, False]


def test_a_veto_changes_no_figure() -> None:
    with_veto, without = (red_line({"U1": 1.0, "U2": 0.0}, veto={"red_line_events": n}) for n in (1, 0))
    pd.testing.assert_frame_equal(with_veto[FIGURES], without[FIGURES])


def case(code: str, unit: str, kind: str, happened_on: str, count: float = 1.0) -> dict[str, Any]:
    return {"case_code": code, "unit_code": unit, "kind": kind, "happened_on": pd.Timestamp(happened_on),
            "case_count": count}  # fmt: skip


CASES = [
    case("J1", "U1", "bonus", "2022-01-05", 2.0),
    case("J2", "U1", "penalty", "2022-01-20"),
    case("J3", "U2", "bonus", "2022-01-21"),
    case("J4", "U2", "bonus", "2021-12-31", 9.0),
]
"""W03 closes on 20 January: J3 comes a day later, J4 is of the year before."""
POINTS = {"bonus": {"per_case": 0.01, "cap": 0.015}, "penalty": {"per_case": 0.02, "cap": 0.05}}


def test_extra_points_are_counted_capped_and_proven() -> None:
    found = units("2022-W03", [], [build.responsibility(target=1.0)], extra_points=CASES, **POINTS)
    assert found["bonus"].tolist() == [0.015, 0.0], "two cases of 0.01, capped; one too late, one too early"
    assert found["penalty"].tolist() == [0.02, 0.0]
    assert found["points_evidence"].tolist() == ["J1、J2", None]
    later = units("2022-W04", [], [build.responsibility(target=1.0)], extra_points=CASES, **POINTS)
    assert later["bonus"].tolist() == [0.015, 0.01]


def test_extra_points_change_no_figure() -> None:
    reports = [build.progress("2022-W03", value=0.5), build.progress("2022-W03", unit_code="U2", value=0.7)]
    rows = [build.responsibility(target=1.0, baseline=0.0)]
    given, none = (units("2022-W03", reports, rows, extra_points=cases, **POINTS) for cases in (CASES, []))
    pd.testing.assert_frame_equal(given[FIGURES], none[FIGURES])


def climb(reported: list[int], week: int, **given: Any) -> tuple[int, str | None]:
    row = build.responsibility(target=1.0, **given)
    reports = [build.progress(f"2022-W{n:02d}", value=0.1) for n in reported]
    found = units(f"2022-W{week:02d}", reports, [row]).loc["U1"]
    return int(found["missed_weeks"]), found["ladder_step"]


@pytest.mark.parametrize(
    ("reported", "week", "missed", "step"),
    [
        ([1, 2], 2, 0, None),
        ([1, 2], 3, 1, "reminder"),
        ([1, 2], 4, 2, "notice"),
        ([1, 2], 6, 3, "yellow"),  # 2022-W05 has no cut-off and asks nothing
        ([1, 2], 7, 4, "red"),
        ([1, 2], 9, 6, "red"),
        ([1, 2, 8], 9, 1, "reminder"),
        ([], 2, 2, "notice"),
    ],
)
def test_weeks_missed_in_a_row_propose_a_step(reported: list[int], week: int, missed: int, step: str | None) -> None:
    assert climb(reported, week) == (missed, step)


def test_weeks_that_ask_nothing_neither_count_nor_break_the_row() -> None:
    """Monthly: due in W09 (28 February) and W13 (31 March); 31 January lies in W05, which has no cut-off."""
    assert climb([], 8, cadence="monthly") == (0, None)
    assert climb([], 12, cadence="monthly") == (1, "reminder")
    assert climb([], 13, cadence="monthly") == (2, "notice")


def test_any_row_of_the_unit_answers_for_the_week() -> None:
    rows = [build.responsibility(code, target=1.0) for code in ("R1", "R2")]
    found = units("2022-W03", [build.progress("2022-W03", "R2", value=0.1)], rows)
    assert found["missed_weeks"].tolist() == [0, 3]
