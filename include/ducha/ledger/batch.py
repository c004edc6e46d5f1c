"""From intake's verdicts to the rows of one recorded batch: submissions, facts, and what was not accepted."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from ducha.catalogue import Catalogue
from ducha.intake.cells import is_personal_cell
from ducha.intake.checking import Checked
from ducha.intake.problems import Problem
from ducha.intake.reading import Readings
from ducha.intake.reasons import NOTES

PROGRESS = [
    "submission_id", "sheet", "row_no", "unit_code", "week", "responsibility_code", "item", "value", "numerator",
    "denominator", "done", "happened_on", "no_change", "reason", "measure", "next_step", "evidence", "received_at",
    "known_at",
]  # fmt: skip
INSPECTION = [
    "submission_id", "sheet", "row_no", "unit_code", "week", "responsibility_code", "item", "value", "numerator",
    "denominator", "done", "checked_on", "method", "sample_kind", "finding", "guidance", "received_at", "known_at",
]  # fmt: skip
EVENT = ["receipt_id", "event_no", "unit_code", "week_code", "reason_code", "file", "sheet", "cell", "row_no",
         "responsibility_code", "raw_content", "message_zh", "message_en", "known_at"]  # fmt: skip


def batch_tables(
    receipts: pd.DataFrame, readings: Readings, checked: Checked, catalogue: Catalogue
) -> dict[str, pd.DataFrame]:
    """Return the rows to record for a set of receipts, by table, as `ledger.facts.record_batch` takes them.

    `receipts`: columns of `ledger.receipt`, with the `known_at` that the facts get. A row whose week cannot stand, and
    a file without rows, belong to the week in which the file was received.
    """
    rows = _with_submission(checked.rows, receipts, catalogue)
    accepted = rows[rows["is_accepted"]]
    events = _events(checked.problems, receipts, rows)
    return {
        "ledger.submission": _submissions(rows, checked.verdicts, receipts, catalogue),
        "ledger.progress": accepted.loc[accepted["kind"] == "progress", PROGRESS],
        "ledger.inspection": accepted.loc[accepted["kind"] == "inspection", INSPECTION],
        "ops.intake_event": events,
        "ops.rejected_row": _rejected_rows(rows[rows["is_rejected"]], readings.raw, events),
    }


def _week_of_receipt(receipts: pd.DataFrame, catalogue: Catalogue) -> Any:
    """The Monday of the local day on which each receipt came."""
    local = receipts["received_at"].dt.tz_convert(catalogue.settings.timezone).dt.tz_localize(None).dt.normalize()
    return local - pd.to_timedelta(local.dt.day_of_week, unit="D")


def _week_codes(mondays: Any) -> Any:
    calendar = mondays.dt.isocalendar()
    return calendar["year"].astype(str) + "-W" + calendar["week"].astype(str).str.zfill(2)


def _with_submission(rows: pd.DataFrame, receipts: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return the rows with the week they count for, their submission and its clocks."""
    own = receipts.assign(own_week=_week_of_receipt(receipts, catalogue)).set_index("receipt_id")
    rows = rows.drop(columns=["received_at"]).join(own[["own_week", "received_at", "known_at"]], on="file_id")
    stands = rows["monday"].notna() & (rows["monday"] <= rows["open_monday"])
    monday = rows["monday"].where(stands, rows["own_week"])
    code = _week_codes(monday)
    return rows.assign(week=monday, week_code=code, submission_id=rows["file_id"] + ":" + code)


def _submissions(
    rows: pd.DataFrame, verdicts: pd.DataFrame, receipts: pd.DataFrame, catalogue: Catalogue
) -> pd.DataFrame:
    """One submission a file and week; a file without rows has one all the same."""
    kept = rows[~rows["is_repeat"]]
    counted = kept.groupby(["file_id", "week", "week_code"], as_index=False)[["is_accepted", "is_rejected"]].sum()
    counted = counted.rename(columns={"is_accepted": "accepted_rows", "is_rejected": "rejected_rows"})
    silent = receipts[~receipts["receipt_id"].isin(counted["file_id"])]
    monday = _week_of_receipt(silent, catalogue)
    empty = pd.DataFrame({"file_id": silent["receipt_id"], "week": monday, "week_code": _week_codes(monday),
                          "accepted_rows": 0, "rejected_rows": 0})  # fmt: skip
    each = pd.concat([counted, empty], ignore_index=True).merge(
        verdicts[["file_id", "verdict"]].merge(receipts, left_on="file_id", right_on="receipt_id"), on="file_id"
    )
    is_clean = (each["verdict"] == "returned") & (each["rejected_rows"] == 0)  # another week of the file is at fault
    each["verdict"] = each["verdict"].mask(is_clean, "accepted")
    each["row_count"] = each["accepted_rows"] + each["rejected_rows"]
    each["submission_id"] = each["receipt_id"] + ":" + each["week_code"]
    return each[["submission_id", "receipt_id", "unit_code", "kind", "week", "week_code", "verdict", "row_count",
                 "accepted_rows", "rejected_rows", "ordinal", "received_at", "known_at"]]  # fmt: skip


def _events(problems: list[Problem], receipts: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Every finding as a row of `ops.intake_event`, under who sent the file: a row may name any other unit."""
    about: dict[Any, Any] = receipts.set_index("receipt_id").to_dict("index")
    weeks: dict[Any, Any] = rows.drop_duplicates("file_id").set_index("file_id")["week_code"].to_dict()
    numbers: dict[str, int] = {}
    found = []
    for p in problems:
        numbers[p.file_id] = numbers.get(p.file_id, 0) + 1
        receipt = about[p.file_id]
        found.append(
            (p.file_id, numbers[p.file_id], receipt["unit_code"], weeks.get(p.file_id, ""),
             p.reason_code, p.file, p.sheet, p.cell, p.row_no, p.responsibility_code, p.raw, p.message_zh,
             p.message_en, receipt["known_at"])
        )  # fmt: skip
    return pd.DataFrame(found, columns=EVENT)


def _rejected_rows(rejected: pd.DataFrame, raw: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Rows that were not accepted, each with who sent it, the first reason that returned it and what stood in it."""
    key = ["receipt_id", "sheet", "row_no"]
    reasons = events[~events["reason_code"].isin(NOTES)].drop_duplicates(key)[
        [*key, "unit_code", "reason_code", "file", "cell", "message_zh", "message_en"]
    ]
    own = rejected.rename(columns={"file_id": "receipt_id"})[
        [*key, "week_code", "responsibility_code", "known_at"]
    ].assign(raw_content=[_row_text(raw, n) for n in rejected.index])
    return own.merge(reasons, on=key, how="left", validate="one_to_one")


def _row_text(raw: pd.DataFrame, n: int) -> str:
    """A row as sent, as JSON; nothing of a row that could name a person."""
    cells = {name: cell for name, cell in raw.loc[n].items() if cell is not None and str(cell) != ""}
    if any(is_personal_cell(cell) for cell in cells.values()):
        return ""
    texts = {name: str(cell) for name, cell in cells.items()}
    return json.dumps(texts, ensure_ascii=False).replace("\\u0000", "")
