"""Red lines: weekly and daily zero-reports, events, what checks find, and what silence does."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from ducha.metrics.week import compute_week

from tests.unit.metrics import build

LAST_WEEK = "2022-W03"


def computed(
    progress: list[dict[str, Any]], inspections: list[dict[str, Any]] | None = None, **given: Any
) -> tuple[pd.Series, pd.Series]:
    row = build.responsibility(measure="red_line", kind="redline", direction="", **given)
    week = compute_week(build.catalogue([row]), build.facts(progress, inspections or []), LAST_WEEK)
    return week["responsibility_unit_week"].iloc[0], week["red_line_week"].iloc[0]


def weekly(*values: float) -> list[dict[str, Any]]:
    return [build.progress(f"2022-W{n:02d}", value=value) for n, value in enumerate(values, 1)]


def daily(first: str, count: int, week: str = LAST_WEEK, value: float = 0.0) -> list[dict[str, Any]]:
    days = [pd.Timestamp(first) + pd.Timedelta(days=n) for n in range(count)]
    return [build.progress(week, item=f"{day:%Y-%m-%d}", value=value) for day in days]


def test_clean_when_every_zero_report_came() -> None:
    row, line = computed(weekly(0, 0, 0))
    assert (row["state"], row["completion"], row["raw_light"]) == ("counted", 1.0, "green")
    assert (line["events"], line["zero_reports_expected"], line["zero_reports_received"], line["state"]) == (
        0,
        3,
        3,
        "clean",
    )
    assert pd.isna(row["planned_completion"])


def test_silence_is_unknown_and_never_missing() -> None:
    row, line = computed([])
    assert (row["state"], line["state"], row["raw_light"]) == ("unknown", "unknown", "grey")
    assert (line["zero_reports_expected"], line["zero_reports_received"]) == (3, 0)
    assert row[["reported_value", "verified_value", "planned_value", "completion_reported"]].isna().all()


@pytest.mark.parametrize("cadence", ["weekly", "daily"])
def test_a_value_is_what_was_reported_so_far_and_what_checks_found_stands_apart(cadence: str) -> None:
    unchecked, _ = computed(weekly(0) if cadence == "weekly" else daily("2022-01-05", 1), cadence=cadence)
    assert (unchecked["state"], unchecked["reported_value"]) == ("unknown", 0.0)
    checked, _ = computed([], [build.inspection("2022-W02", value=1.0)], cadence=cadence)
    assert pd.isna(checked["reported_value"])
    assert (checked["state"], checked["verified_value"], checked["completion"]) == ("counted", 1.0, 0.0)


def test_an_event_is_red_and_stays_although_reports_stop() -> None:
    row, line = computed(weekly(1))
    assert (row["state"], row["completion"], row["light"]) == ("counted", 0.0, "red")
    assert (line["state"], line["events"]) == ("event", 1)


def test_an_event_found_by_a_check_is_added() -> None:
    row, line = computed(weekly(0, 0, 0), [build.inspection("2022-W02", value=2.0)])
    assert (row["completion_reported"], row["completion_verified"], row["completion"]) == (1.0, 0.0, 0.0)
    assert (line["events"], line["state"]) == (2, "event")


def test_a_corrected_event_no_longer_counts() -> None:
    at = build.local(pd.Timestamp(2022, 1, 19), 9)
    row, _ = computed([*weekly(0, 1, 0), build.progress("2022-W02", value=0.0, known_at=at)])
    assert row["completion"] == 1.0


def test_daily_reports_are_owed_for_every_day_up_to_the_cut_off() -> None:
    """3 to 20 January: the year's first days lie in a week of the year before, which no report of this year names."""
    row, line = computed(daily("2022-01-03", 18), cadence="daily")
    assert (row["state"], row["completion"]) == ("counted", 1.0)
    assert (line["zero_reports_expected"], line["zero_reports_received"]) == (18, 18)
    later, line = computed(daily("2022-01-03", 17), cadence="daily")
    assert (later["state"], line["zero_reports_received"]) == ("unknown", 17)


def test_a_day_reported_twice_counts_once_in_its_latest_version() -> None:
    both = daily("2022-01-05", 1, "2022-W01", 1.0) + daily("2022-01-03", 18)
    row, line = computed(both, cadence="daily")
    assert (line["events"], row["completion"]) == (0, 1.0)


def test_days_outside_the_season_or_inside_an_exception_are_not_owed() -> None:
    row, line = computed(daily("2022-01-10", 6), cadence="daily", season="01-10..01-15")
    assert (row["completion"], line["zero_reports_expected"]) == (1.0, 6)


def test_a_red_line_not_yet_due_waits() -> None:
    row, line = computed([], start_on=pd.Timestamp(2022, 1, 1), season="03-01..04-30")
    assert (row["state"], line["state"]) == ("awaiting", "awaiting")


@pytest.mark.parametrize(
    ("values", "completion"),
    [({"U1": (0, 0, 0), "U2": (0, 0, 0)}, 1.0), ({"U1": (0, 0, 0), "U2": (0, 0)}, None), ({"U1": (1,), "U2": ()}, 0.0)],
)
def test_across_units_an_event_outranks_a_gap_and_a_gap_outranks_clean(
    values: dict[str, tuple[float, ...]], completion: float | None
) -> None:
    row = build.responsibility(measure="red_line", kind="redline", direction="")
    owners = [build.assignment("R1", unit, share=0.5) for unit in values]
    units = [{"unit_code": unit} for unit in values]
    progress = [one | {"unit_code": unit} for unit, said in values.items() for one in weekly(*said)]
    week = compute_week(build.catalogue([row], owners, units=units), build.facts(progress), LAST_WEEK)
    found = week["responsibility_week"]["completion"].iloc[0]
    assert pd.isna(found) if completion is None else found == completion
