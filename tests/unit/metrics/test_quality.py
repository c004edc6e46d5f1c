"""What reporting asks of a unit and what it gives: `quality_week`, counted by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
from ducha.metrics.week import compute_week

from tests.unit.metrics import build

WEEK = "2022-W03"
LATER = pd.Timedelta(hours=1)


def quality(progress: list[dict[str, Any]], *rows: dict[str, Any], **given: Any) -> pd.Series:
    submissions = given.pop("submissions", [])
    catalogue = build.catalogue(list(rows) or [build.responsibility(target=1.0)], **given)
    return compute_week(catalogue, build.facts(progress, submissions=submissions), WEEK)["quality_week"].iloc[0]


def again(row: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {**row, "received_at": row["received_at"] + LATER, "known_at": row["known_at"] + LATER, **given}


def test_the_fields_asked_are_those_of_the_rows_due_this_week() -> None:
    rows = [
        build.responsibility("R1", target=1.0),
        build.responsibility("R2", measure="ratio", target=1.0),
        build.responsibility("R3", measure="stages"),
        build.responsibility("R4", target=1.0, cadence="monthly"),
    ]
    items = [{"responsibility_code": "R3", "item_code": code, "weight": 1.0} for code in ("a", "b", "c")]
    found = quality([], *rows, items=items)
    assert found["fields_asked"] == 1 + 2 + 3 * 2, "nothing monthly is due in the third week"
    assert found["files_asked"] == 1


def test_nothing_due_asks_for_no_file() -> None:
    found = quality([], build.responsibility("R1", target=1.0, cadence="monthly"))
    assert (found["fields_asked"], found["files_asked"]) == (0, 0)


def test_the_same_figure_asked_under_two_duties_is_a_duplicate() -> None:
    same = {"definition": "在册人数", "unit_of_measure": "人", "target": 1.0}
    rows = [build.responsibility("R1", **same), build.responsibility("R2", **same),
            build.responsibility("R3", **(same | {"unit_of_measure": "户"})),
            build.responsibility("R4", target=1.0), build.responsibility("R5", target=1.0)]  # fmt: skip
    assert quality([], *rows)["duplicate_fields"] == 1, "no definition is no likeness"


def test_of_duties_that_ask_the_same_all_but_the_largest_are_duplicates_in_any_order() -> None:
    same = {"definition": "在册人数", "unit_of_measure": "人", "target": 1.0}
    small, large = build.responsibility("R1", **same), build.responsibility("R2", measure="ratio", **same)
    again = build.responsibility("R1", measure="ratio", **same), build.responsibility("R2", **same)
    assert [quality([], *rows)["duplicate_fields"] for rows in ((small, large), again)] == [1, 1]


def test_a_daily_red_line_asks_for_a_cell_a_day_since_the_last_cut_off() -> None:
    daily = build.responsibility("R1", measure="red_line", cadence="daily", target=0.0)
    weekly = build.responsibility("R2", measure="red_line", target=0.0)
    assert quality([], daily, weekly)["fields_asked"] == 7 + 1
    assert quality([], daily | {"start_on": pd.Timestamp("2022-01-19")})["fields_asked"] == 2, "Wednesday and Thursday"


def test_corrected_and_repeated_rows_are_told_apart() -> None:
    rows = [build.responsibility(code, target=1.0) for code in ("R1", "R2", "R3")]
    first = [build.progress(WEEK, code, value=0.1) for code in ("R1", "R2", "R3")]
    found = quality([*first, again(first[0], value=0.2), again(first[1])], *rows)
    assert (found["corrected_rows"], found["repeated_rows"]) == (1, 1)


def test_only_the_last_two_versions_decide() -> None:
    first = build.progress(WEEK, value=0.1)
    second = again(first, value=0.2)
    found = quality([first, second, again(second)])
    assert (found["corrected_rows"], found["repeated_rows"]) == (0, 1)


def test_stale_and_unchanged_rows_with_the_longest() -> None:
    rows = [build.responsibility(code, target=1.0) for code in ("R1", "R2", "R3")]
    reports = [build.progress("2022-W01", code, value=0.1) for code in ("R1", "R2", "R3")]
    reports += [build.progress("2022-W02", "R2", no_change=True), build.progress(WEEK, "R2", no_change=True)]
    reports += [build.progress("2022-W02", "R3", value=0.2)]
    found = quality(reports, *rows)
    assert (found["stale_rows"], found["longest_stale"]) == (2, 2), "R1 since W01, R3 since W02"
    assert (found["unchanged_rows"], found["longest_unchanged"]) == (1, 2)


def test_files_sent_and_those_without_an_accepted_row() -> None:
    sent = [build.submission(WEEK, submission_id="s1"),
            build.submission(WEEK, submission_id="s2", accepted_rows=0, row_count=0, ordinal=1),
            build.submission("2022-W02", submission_id="s3")]  # fmt: skip
    found = quality([], submissions=sent)
    assert (found["files_sent"], found["empty_files"]) == (2, 1)


def test_stages_sent_again_are_one_row() -> None:
    items = [{"responsibility_code": "R1", "item_code": code, "weight": 1.0} for code in ("a", "b", "c")]
    first = [build.progress(WEEK, "R1", item=code, done=False) for code in ("a", "b", "c")]
    found = quality(
        [*first, *(again(row, done=True) for row in first)], build.responsibility(measure="stages"), items=items
    )
    assert (found["corrected_rows"], found["repeated_rows"]) == (1, 0)


def test_what_is_closed_is_not_stale() -> None:
    row = [build.responsibility("R1", target=1.0)]
    reported = [build.progress("2022-W01", "R1", value=0.1)]
    assert quality(reported, *row)["stale_rows"] == 1
    ended = [build.assignment("R1", to_on=pd.Timestamp(2022, 1, 10))]
    assert quality(reported, *row, assignments=ended)["stale_rows"] == 0
