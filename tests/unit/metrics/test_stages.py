"""Stages: what counts as done by a cut-off."""

from __future__ import annotations

import pandas as pd
import pytest
from ducha.metrics.week import compute_week

from tests.unit.metrics import build

ITEMS = [
    {"responsibility_code": "R1", "item_code": item, "weight": weight} for item, weight in (("a", 1.0), ("b", 3.0))
]


def completion(progress: list[dict[str, object]], items: list[dict[str, object]], week: str = "2022-W26") -> float:
    row = build.responsibility(measure="stages", kind="project")
    table = compute_week(build.catalogue([row], items=items), build.facts(progress), week)["responsibility_unit_week"]
    return float(table["completion"].iloc[0])


@pytest.mark.parametrize(("happened_on", "done"), [("2022-06-30", 0.25), ("2022-07-01", 0.0)])
def test_done_on_the_day_of_the_cut_off_is_done_and_the_day_after_is_not(happened_on: str, done: float) -> None:
    said = build.progress("2022-W26", item="a", done=True, happened_on=pd.Timestamp(happened_on))
    assert completion([said], ITEMS) == done


def test_done_without_a_day_is_done_in_its_week() -> None:
    assert completion([build.progress("2022-W26", item="b", done=True)], ITEMS) == 0.75


def test_what_happened_after_one_cut_off_counts_at_the_next() -> None:
    said = build.progress("2022-W26", item="a", done=True, happened_on=pd.Timestamp(2022, 7, 1))
    assert completion([said], ITEMS, "2022-W27") == 0.25


def test_an_item_can_be_taken_back() -> None:
    progress = [build.progress("2022-W25", item="a", done=True), build.progress("2022-W26", item="a", done=False)]
    assert completion(progress, ITEMS) == 0.0


def test_without_items_there_is_one_unnamed_of_weight_one() -> None:
    assert completion([build.progress("2022-W26", done=True)], []) == 1.0


def test_no_change_keeps_every_item_as_it_is() -> None:
    progress = [build.progress("2022-W20", item="b", done=True), build.progress("2022-W26", no_change=True)]
    assert completion(progress, ITEMS) == 0.75


def test_nobody_reported_is_not_nothing_done() -> None:
    row = build.responsibility(measure="stages", kind="project")
    week = compute_week(build.catalogue([row], items=ITEMS), build.facts([]), "2022-W26")
    found = week["responsibility_unit_week"].iloc[0]
    assert found["state"] == "missing"
    assert pd.isna(found["reported_value"])
