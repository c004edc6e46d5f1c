"""The answer file: what was truly sent, when, and what is wrong in it. Facts only; nothing computed from figures."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from ducha.catalogue import Catalogue
from ducha.sample.sending import Fault, Sending
from ducha.sample.story import Story
from ducha.sample.weeks import WeekPlan

ENCODINGS = {"xlsx": "", "csv": "utf-8", "csv-gb18030": "gb18030"}


def answer_of(
    catalogue: Catalogue, weeks: list[WeekPlan], story: Story, contents: list[bytes], seed: int
) -> dict[str, Any]:
    """Return the answer as plain JSON values.

    `weeks`: week, cut_off_at, freeze_at (null without workdays). `files`, by receipt time: file (under the inbox),
    sender, week, role (report, zero_reports, correction, duplicate, inspection), other (the file it corrects or
    repeats), format, encoding, sheet, received_at, came (by_cut_off, by_freeze, after_freeze, no_cut_off), sha256,
    readable, rows (row, and the canonical fields that are filled in, as written), faults (row, column, kind, raw;
    row 0 is the whole file). A figure `typed_ten_times_too_large` looks like any other; the other kinds show in the
    file. `silent`: unit_code and week of who had something to report and sent nothing. `overlooked`: unit_code, week
    and responsibility_code of a row that was due and left out of an otherwise good file.
    """
    plans = {week.code: week for week in weeks}
    sent = zip(story.sendings, contents, strict=True)
    return {
        "county_code": catalogue.county_code,
        "seed": seed,
        "weeks": [_week(week) for week in weeks],
        "files": [_file(sending, content, plans[sending.week_code]) for sending, content in sent],
        "silent": [{"unit_code": unit_code, "week": week_code} for unit_code, week_code in story.silent],
        "overlooked": [
            {"unit_code": unit_code, "week": week_code, "responsibility_code": code}
            for unit_code, week_code, code in story.overlooked
        ],
    }


def faults_of(sending: Sending) -> list[Fault]:
    """Return the faults of a file with their row numbers."""
    if sending.is_broken:
        return [Fault(0, "", "file_broken")]
    rows = sending.rows
    return [
        Fault(position + sending.first_row, column, kind, str(rows[position][column]))
        for position, column, kind in sending.faults
    ]


def _week(week: WeekPlan) -> dict[str, Any]:
    cut_off_at, freeze_at = (_iso(week.cut_off_at), _iso(week.freeze_at)) if week.has_cut_off else (None, None)
    return {"week": week.code, "cut_off_at": cut_off_at, "freeze_at": freeze_at}


def _file(sending: Sending, content: bytes, week: WeekPlan) -> dict[str, Any]:
    first = sending.first_row
    rows = [{"row": number, **_plain(row)} for number, row in enumerate(sending.rows, start=first)]
    return {
        "file": sending.path,
        "sender": sending.sender,
        "week": sending.week_code,
        "role": sending.role,
        "other": f"{sending.sender}/{sending.other}" if sending.other else "",
        "format": "xlsx" if sending.form == "xlsx" else "csv",
        "encoding": ENCODINGS[sending.form],
        "sheet": "报送表" if sending.form == "xlsx" else "",
        "received_at": _iso(sending.received_at),
        "came": _came(sending, week),
        "sha256": hashlib.sha256(content).hexdigest(),
        "readable": not sending.is_broken,
        "rows": rows,
        "faults": [vars(fault) for fault in faults_of(sending)],
    }


def _came(sending: Sending, week: WeekPlan) -> str:
    if not week.has_cut_off:
        return "no_cut_off"
    if sending.received_at <= week.cut_off_at:
        return "by_cut_off"
    return "by_freeze" if sending.received_at <= week.freeze_at else "after_freeze"


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in row.items()}


def _iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
