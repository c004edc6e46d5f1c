"""Lights: thresholds of the county, the memory of one week, near-due, the words beside them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from ducha.metrics.week import compute_week

from tests.unit.metrics import build


def row(
    week_code: str, progress: list[dict[str, Any]], lights: dict[str, float] | None = None, **given: Any
) -> pd.Series:
    settings = {"lights": lights} if lights else {}
    catalogue = build.catalogue([build.responsibility(baseline=0.0, target=100.0, **given)], **settings)
    return compute_week(catalogue, build.facts(progress), week_code)["responsibility_unit_week"].iloc[0]


def test_green_after_red_is_recovering_for_one_week() -> None:
    progress = [
        build.progress("2022-W20", value=10.0),
        build.progress("2022-W21", value=60.0),
        build.progress("2022-W22", value=61.0),
    ]
    first, second = row("2022-W21", progress), row("2022-W22", progress)
    assert (first["raw_light"], first["light"]) == ("green", "yellow")
    assert "recovering" in first["light_reason"]
    assert (second["raw_light"], second["light"]) == ("green", "green")


def test_a_correction_of_last_week_takes_the_memory_with_it() -> None:
    """Both weeks come from the same facts: what was red then is green then, too."""
    corrected = build.progress("2022-W20", value=55.0, known_at=build.local(pd.Timestamp(2022, 5, 27), 10))
    progress = [build.progress("2022-W20", value=10.0), build.progress("2022-W21", value=60.0), corrected]
    assert row("2022-W21", progress)["light"] == "green"


def test_memory_reaches_over_a_week_without_a_cut_off() -> None:
    progress = [build.progress("2022-W04", value=-30.0), build.progress("2022-W06", value=60.0)]
    assert row("2022-W06", progress)["light"] == "yellow"


def test_a_missing_week_is_remembered_as_red() -> None:
    assert row("2022-W10", [build.progress("2022-W10", value=60.0)])["light"] == "yellow"


def test_the_first_week_of_a_plan_year_remembers_nothing() -> None:
    progress = [build.progress("2021-W52", value=0.0), build.progress("2022-W01", value=50.0)]
    assert row("2022-W01", progress)["light"] == "green"


@pytest.mark.parametrize(("yellow_gap", "light"), [(-0.15, "red"), (-0.2, "yellow")])
def test_thresholds_are_the_countys(yellow_gap: float, light: str) -> None:
    found = row("2022-W26", [build.progress("2022-W26", value=30.0)], {"yellow_gap": yellow_gap})
    assert found["raw_light"] == light


@pytest.mark.parametrize(
    ("due_on", "value", "is_near"),
    [("2022-07-14", 60.0, True), ("2022-07-15", 60.0, False), ("2022-06-30", 60.0, True), ("2022-06-29", 60.0, False),
     ("2022-07-10", 100.0, False)],
)  # fmt: skip
def test_near_due_is_within_fourteen_days_of_the_cut_off_and_open(due_on: str, value: float, is_near: bool) -> None:
    found = row("2022-W26", [build.progress("2022-W26", value=value)], due_on=pd.Timestamp(due_on))
    assert bool(found["is_near_due"]) is is_near


def test_on_the_due_date_itself_nothing_is_past_due() -> None:
    on_day = row("2022-W26", [build.progress("2022-W26", value=95.0)], due_on=pd.Timestamp(2022, 6, 30))
    assert on_day["raw_light"] == "yellow"
    day_after = row("2022-W26", [build.progress("2022-W26", value=95.0)], due_on=pd.Timestamp(2022, 6, 29))
    assert (day_after["raw_light"], "past due" in day_after["light_reason"]) == ("red", True)


def test_every_light_says_why_in_both_languages() -> None:
    found = row("2022-W26", [build.progress("2022-W26", value=30.0)])
    zh, _, en = found["light_reason"].partition(" · ")
    assert zh
    assert en == "far behind plan"
