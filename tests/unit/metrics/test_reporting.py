"""Reporting quality: `submission_week`, completeness, timeliness, first-pass validity."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from ducha.metrics.week import compute_week

from tests.unit.metrics import build

WEEK = "2022-W26"
CUT_OFF = build.local(pd.Timestamp(2022, 6, 30), 17)
HOUR = pd.Timedelta(hours=1)


def arrival(hours: float, n: int, **given: Any) -> dict[str, Any]:
    """A submission so many hours after the cut-off."""
    return build.submission(WEEK, received_at=CUT_OFF + hours * HOUR, submission_id=f"S{n}", ordinal=n) | given


def fact(hours: float, n: int, code: str = "R1", value: float = 50.0) -> dict[str, Any]:
    return build.progress(WEEK, code, received_at=CUT_OFF + hours * HOUR, submission_id=f"S{n}", value=value)


def withdrawal(n: int) -> dict[str, Any]:
    return {"unit_code": "U1", "week": build.monday(WEEK), "ordinal": n, "received_at": CUT_OFF, "known_at": CUT_OFF}


def tables(
    progress: Any = (), submissions: Any = (), withdrawals: Any = (), rows: int = 1, **settings: Any
) -> tuple[pd.Series, pd.Series]:
    responsibilities = [build.responsibility(f"R{n + 1}", target=100.0) for n in range(rows)]
    facts = build.facts(progress, (), submissions, withdrawals)
    week = compute_week(build.catalogue(responsibilities, **settings), facts, WEEK)
    return week["submission_week"].iloc[0], week["unit_week"].iloc[0]


def test_on_time_to_the_second() -> None:
    row, unit = tables([fact(0, 1)], [arrival(0, 1)])
    assert (row["status"], bool(row["is_on_time"]), row["versions"]) == ("on_time", True, 1)
    assert (unit["completeness"], unit["timeliness"], unit["first_pass_validity"]) == (1.0, 1.0, 1.0)
    late, unit = tables([fact(0.001, 1)], [arrival(0.001, 1)])
    assert (late["status"], bool(late["is_on_time"])) == ("late", False)
    assert (unit["completeness"], unit["timeliness"]) == (1.0, 0.0)


def test_nothing_came() -> None:
    row, unit = tables()
    assert (row["status"], bool(row["is_on_time"]), row["expected_rows"]) == ("missing", False, 1)
    assert (unit["completeness"], pd.isna(unit["first_pass_validity"]), pd.isna(row["first_received_at"])) == (
        0,
        True,
        True,
    )


def test_rows_and_submission_are_judged_apart() -> None:
    """Three rows owed: one came in time, one late, one never; the submission is on time."""
    progress = [fact(-1, 1, "R1"), fact(2, 2, "R2")]
    row, unit = tables(progress, [arrival(-1, 1), arrival(2, 2)], rows=3)
    assert (row["status"], row["expected_rows"], row["accepted_rows"], row["on_time_rows"]) == ("on_time", 3, 2, 1)
    assert (unit["completeness"], unit["timeliness"]) == (pytest.approx(2 / 3), pytest.approx(1 / 3))


def test_a_value_changed_after_the_cut_off_is_counted_beside_timeliness() -> None:
    row, unit = tables([fact(-1, 1), fact(2, 2, value=60.0)], [arrival(-1, 1), arrival(2, 2)])
    assert (row["changed_late_rows"], unit["timeliness"], row["versions"]) == (1, 1.0, 2)
    same, _ = tables([fact(-1, 1), fact(2, 2)], [arrival(-1, 1), arrival(2, 2)])
    assert same["changed_late_rows"] == 0


def test_no_change_after_a_value_changes_nothing_and_a_value_after_no_change_does() -> None:
    nothing = {"value": float("nan"), "no_change": True}
    late, _ = tables([fact(-1, 1), fact(2, 2) | nothing], [arrival(-1, 1), arrival(2, 2)])
    assert late["changed_late_rows"] == 0
    value, _ = tables([fact(-1, 1) | nothing, fact(2, 2)], [arrival(-1, 1), arrival(2, 2)])
    assert value["changed_late_rows"] == 1


def test_a_withdrawn_submission_counts_as_a_version_and_for_nothing_else() -> None:
    gone = arrival(-2, 1, withdrawn_at=CUT_OFF)
    row, unit = tables([], [gone], [withdrawal(2)])
    assert (row["status"], row["versions"], row["withdrawn_count"], unit["completeness"]) == ("withdrawn", 1, 1, 0.0)
    again, unit = tables([fact(3, 3)], [gone, arrival(3, 3)], [withdrawal(2)])
    assert (again["status"], again["versions"], again["withdrawn_count"], unit["timeliness"]) == ("late", 2, 1, 0.0)


def test_a_withdrawal_counts_only_if_something_stood() -> None:
    gone = [arrival(-2, 2, withdrawn_at=CUT_OFF), arrival(-1, 5, withdrawn_at=CUT_OFF)]
    row, _ = tables([], gone, [withdrawal(n) for n in (1, 3, 4, 6)])
    assert row["withdrawn_count"] == 2


def test_a_withdrawal_takes_back_only_what_came_before_it() -> None:
    row, _ = tables([fact(0, 2)], [arrival(0, 2)], [withdrawal(2)])
    assert (row["withdrawn_count"], row["status"]) == (0, "on_time")


def test_a_submission_without_an_accepted_row_is_returned() -> None:
    refused = arrival(-2, 1, verdict="refused", row_count=0, accepted_rows=0)
    row, unit = tables([], [refused])
    assert (row["status"], row["returned_at"], bool(row["is_on_time"])) == ("returned", refused["received_at"], False)
    assert pd.isna(unit["first_pass_validity"])


def test_a_partly_returned_submission_is_on_time_and_says_when_it_went_back() -> None:
    partly = arrival(-2, 1, verdict="returned", row_count=4, accepted_rows=3, rejected_rows=1)
    row, unit = tables([fact(-2, 1)], [partly, arrival(1, 2)])
    assert (row["status"], row["rejected_rows"], row["returned_at"]) == ("on_time", 1, partly["received_at"])
    assert unit["first_pass_validity"] == pytest.approx(0.75)


def test_hours_of_grace_follow_a_returned_workbook() -> None:
    progress, submissions = [fact(2, 2)], [arrival(-1, 1, verdict="returned", accepted_rows=0), arrival(2, 2)]
    said = [
        tables(progress, submissions)[0],
        tables(progress, submissions, grace_hours=4)[0],
        tables(progress, submissions[1:], grace_hours=4)[0],
        tables([fact(-2, 2)], [arrival(-3, 1, verdict="returned", accepted_rows=0), arrival(-2, 2)], grace_hours=4)[0],
    ]
    assert [(row["status"], bool(row["is_in_grace"])) for row in said] == [
        ("late", False), ("on_time", True), ("late", False), ("on_time", False),
    ]  # fmt: skip


def test_a_unit_that_owes_nothing_is_not_expected_but_its_arrivals_are_counted() -> None:
    units = [{"unit_code": "U1"}, {"unit_code": "U2"}]
    facts = build.facts(submissions=[build.submission(WEEK, "U2", ordinal=1)])
    week = compute_week(build.catalogue([build.responsibility(target=1.0)], units=units), facts, WEEK)[
        "submission_week"
    ]
    row = week.set_index("unit_code").loc["U2"]
    assert (row["status"], row["versions"], row["expected_rows"], bool(row["is_on_time"])) == (
        "not_expected",
        1,
        0,
        True,
    )


def test_suspended_and_closed_rows_are_not_expected_and_rows_without_target_are() -> None:
    rows = [build.responsibility("R1"), build.responsibility("R2", target=1.0), build.responsibility("R3", target=1.0)]
    owners = [build.assignment("R1"), build.assignment("R2"), build.assignment("R3", to_on=pd.Timestamp(2022, 3, 1))]
    suspended = {"responsibility_code": "R2", "unit_code": "U1", "state": "suspended"}
    week = compute_week(build.catalogue(rows, owners, exceptions=[suspended]), build.facts(), WEEK)
    assert week["submission_week"]["expected_rows"].tolist() == [1]
    assert week["responsibility_unit_week"]["state"].tolist() == ["no_target", "suspended", "closed"]
