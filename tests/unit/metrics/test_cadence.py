"""Which weeks a report is due, how stale the value in force is, and what "no change" does to both."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from ducha.metrics.week import compute_week

from tests.unit.metrics import build


def rows_by_week(
    weeks: list[str], progress: list[dict[str, Any]] | None = None, extra: dict[str, Any] | None = None, **given: Any
) -> list[pd.Series]:
    responsibility = build.responsibility(**({"baseline": 0.0, "target": 100.0} | given))
    catalogue = build.catalogue([responsibility], **(extra or {}))
    facts = build.facts(progress or [])
    return [compute_week(catalogue, facts, week)["responsibility_unit_week"].iloc[0] for week in weeks]


def due_in(weeks: list[str], progress: list[dict[str, Any]] | None = None, **given: Any) -> list[str]:
    found = rows_by_week(weeks, progress, **given)
    return [week for week, row in zip(weeks, found, strict=True) if row["is_report_due"]]


def some_weeks(first: int, last: int) -> list[str]:
    return [f"2022-W{n:02d}" for n in range(first, last + 1) if n != 5]


@pytest.mark.parametrize(
    ("cadence", "expected"),
    [("monthly", ["2022-W09", "2022-W13", "2022-W17"]), ("quarterly", ["2022-W13"]), ("half_yearly", ["2022-W26"])],
)
def test_period_reports_are_due_in_the_week_of_the_last_workday(cadence: str, expected: list[str]) -> None:
    weeks = some_weeks(25, 27) if cadence == "half_yearly" else some_weeks(6, 17)
    assert due_in(weeks, cadence=cadence) == expected


def test_the_first_period_end_is_on_or_after_the_start() -> None:
    on, after = pd.Timestamp(2022, 3, 31), pd.Timestamp(2022, 4, 1)
    assert due_in(some_weeks(12, 14), cadence="monthly", start_on=on) == ["2022-W13"]
    assert due_in(some_weeks(12, 17), cadence="monthly", start_on=after) == ["2022-W17"]


def test_a_season_is_reported_weekly_inside_and_not_at_all_outside() -> None:
    weeks = some_weeks(8, 13)
    assert due_in(weeks, season="11-01..03-15") == some_weeks(8, 10)
    assert due_in(weeks, season="03-15..05-31") == some_weeks(11, 13)


def test_once_is_due_in_the_week_of_the_date_and_then_monthly_until_done() -> None:
    given = {"cadence": "once", "due_on": pd.Timestamp(2022, 3, 9)}
    assert due_in(some_weeks(8, 18), **given) == ["2022-W10", "2022-W17"]
    done = [build.progress("2022-W10", value=100.0)]
    assert due_in(some_weeks(8, 18), done, **given) == ["2022-W10"]


def test_once_in_a_week_without_a_cut_off_falls_to_the_next() -> None:
    assert due_in(some_weeks(4, 7), cadence="once", due_on=pd.Timestamp(2022, 2, 2)) == ["2022-W06"]


def test_nothing_is_due_outside_the_life_of_an_assignment() -> None:
    own = build.assignment(from_on=pd.Timestamp(2022, 2, 17), to_on=pd.Timestamp(2022, 3, 3))
    catalogue = build.catalogue([build.responsibility(target=100.0)], [own])
    rows = [
        compute_week(catalogue, build.facts(), week)["responsibility_unit_week"].iloc[0] for week in some_weeks(6, 10)
    ]
    assert [row["is_report_due"] for row in rows] == [False, True, True, True, False]
    assert [row["state"] for row in rows] == ["not_started", "missing", "missing", "missing", "closed"]


def test_an_exempt_week_is_asked_by_the_cadence_but_not_held_against_the_unit() -> None:
    exempt = {"responsibility_code": "R1", "unit_code": "U1", "state": "exempt",
              "from_on": pd.Timestamp(2022, 3, 1), "to_on": pd.Timestamp(2022, 3, 31)}  # fmt: skip
    progress = [build.progress("2022-W08", value=10.0)]
    during, after = rows_by_week(["2022-W12", "2022-W14"], progress, {"exceptions": [exempt]})
    assert (during["state"], bool(during["is_report_due"])) == ("exempt", True)
    assert (after["state"], after["weeks_stale"]) == ("carried", 1)


def test_no_change_is_a_report_that_repeats_the_value() -> None:
    progress = [
        build.progress("2022-W10", value=50.0),
        build.progress("2022-W11", no_change=True),
        build.progress("2022-W12", no_change=True),
    ]
    (row,) = rows_by_week(["2022-W12"], progress)
    assert (row["state"], row["completion"], row["weeks_stale"], row["unchanged_periods"]) == ("counted", 0.5, 0, 2)
    assert row["submission_id"] == "U1-2022-W12"


def test_a_new_value_starts_the_count_of_unchanged_periods_again() -> None:
    progress = [
        build.progress("2022-W10", value=50.0),
        build.progress("2022-W11", no_change=True),
        build.progress("2022-W12", value=51.0),
        build.progress("2022-W13", no_change=True),
    ]
    assert [row["unchanged_periods"] for row in rows_by_week(some_weeks(10, 13), progress)] == [0, 1, 0, 1]


def test_no_change_follows_a_correction_of_what_it_repeats() -> None:
    progress = [
        build.progress("2022-W10", value=50.0),
        build.progress("2022-W11", no_change=True),
        build.progress("2022-W10", value=40.0, known_at=build.local(pd.Timestamp(2022, 3, 25), 9)),
    ]
    assert rows_by_week(["2022-W11"], progress)[0]["completion"] == pytest.approx(0.4)


def test_no_change_without_a_value_to_repeat_is_no_value() -> None:
    assert rows_by_week(["2022-W10"], [build.progress("2022-W10", no_change=True)])[0]["state"] == "missing"


def test_a_monthly_report_must_be_for_that_very_week() -> None:
    progress = [build.progress("2022-W12", value=50.0)]
    before, then = rows_by_week(["2022-W12", "2022-W13"], progress, cadence="monthly")
    assert (before["state"], then["state"], then["weeks_stale"]) == ("counted", "carried", 1)
    in_time = [build.progress("2022-W13", value=50.0)]
    assert rows_by_week(["2022-W15"], in_time, cadence="monthly")[0]["state"] == "counted"


def test_a_fact_of_a_week_without_a_cut_off_counts_for_the_next() -> None:
    progress = [build.progress("2022-W05", value=50.0)]
    assert rows_by_week(["2022-W06"], progress)[0]["completion"] == pytest.approx(0.5)
