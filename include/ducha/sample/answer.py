"""The answer file: what was truly sent, when, and what is wrong in it. Facts only; nothing computed from figures."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any, TextIO

from ducha.sample.sending import WORKBOOK, Fault, Sending, TakenBack
from ducha.sample.story import WeekTold
from ducha.sample.weeks import WeekPlan
from ducha.sample.writing import ENCODINGS, cell_of


class AnswerWriter:
    """Writes the answer file week by week, so that a year of a large county never stands in memory at once.

    One JSON object. `county_code`, `seed`. `weeks`: week, cut_off_at, freeze_at (null without workdays). `files`, by
    week and receipt time: file (under the inbox), sender, week, role (report, zero_reports, correction, duplicate: the
    same bytes again, resaved: the same rows in other bytes, inspection), other (the file it corrects or repeats),
    format (what the content is), encoding, sheet, made_with, received_at, came (by_cut_off, by_freeze, after_freeze,
    no_cut_off), sha256, readable, rows (row, and the canonical fields that are filled in, as meant), faults (row,
    column, cell, kind, raw; row 0 is the whole file). A figure `typed_ten_times_too_large` looks like any other; the
    other kinds show in the file. `withdrawals`: unit_code, week, withdrawn_at, reason: takes back all that came before.
    `silent`: unit_code and week of who had something to report and sent nothing. `overlooked`: unit_code, week and
    responsibility_code of a row that was due and left out of a report.
    """

    def __init__(self, file: TextIO, county_code: str, seed: int) -> None:
        self._file = file
        self._weeks: list[dict[str, Any]] = []
        self._withdrawals: list[dict[str, Any]] = []
        self._silent: list[dict[str, Any]] = []
        self._overlooked: list[dict[str, Any]] = []
        self._is_first = True
        file.write(f'{{"county_code": {_json(county_code)}, "seed": {seed},\n"files": [')

    def add_file(self, sending: Sending, content: bytes, week: WeekPlan) -> None:
        """Write the facts of one file."""
        self._file.write(("\n" if self._is_first else ",\n") + _json(_file(sending, content, week)))
        self._is_first = False

    def add_week(self, told: WeekTold) -> None:
        """Keep what else is to be said of a week."""
        week = told.week
        cut_off_at, freeze_at = (_iso(week.cut_off_at), _iso(week.freeze_at)) if week.has_cut_off else (None, None)
        self._weeks.append({"week": week.code, "cut_off_at": cut_off_at, "freeze_at": freeze_at})
        self._withdrawals += [_taken_back(taken) for taken in told.taken_back]
        self._silent += [{"unit_code": unit_code, "week": week.code} for unit_code in told.silent]
        self._overlooked += [
            {"unit_code": unit_code, "week": week.code, "responsibility_code": code}
            for unit_code, code in told.overlooked
        ]

    def close(self) -> None:
        """Write what was kept and end the object."""
        kept = {"withdrawals": self._withdrawals, "silent": self._silent, "overlooked": self._overlooked}
        for name, facts in ({"weeks": self._weeks} | kept).items():
            self._file.write("],\n" + f'"{name}": [' + ",".join("\n" + _json(fact) for fact in facts))
        self._file.write("]}\n")


def faults_of(sending: Sending) -> list[Fault]:
    """Return the faults of a file with their rows and cells."""
    if sending.hostile:
        return [Fault(0, "", "", sending.hostile)]
    faults = []
    for position, column, kind in sending.faults:
        row = position + sending.first_row
        cell = "" if kind == "hidden_row" else cell_of(sending, row, column)
        faults.append(Fault(row, column, cell, kind, str(sending.rows[position].get(column, ""))))
    return faults


def _taken_back(taken: TakenBack) -> dict[str, Any]:
    return {
        "unit_code": taken.unit_code, "week": taken.week_code, "withdrawn_at": _iso(taken.at), "reason": taken.reason
    }  # fmt: skip


def _file(sending: Sending, content: bytes, week: WeekPlan) -> dict[str, Any]:
    is_workbook = sending.form == WORKBOOK
    return {
        "file": sending.path,
        "sender": sending.sender,
        "week": sending.week_code,
        "role": sending.role,
        "other": f"{sending.sender}/{sending.other}" if sending.other else "",
        "format": sending.form.split("-")[0],
        "encoding": ENCODINGS.get(sending.form, ""),
        "sheet": sending.hand.sheet if is_workbook else "",
        "made_with": sending.hand.application if is_workbook else "",
        "received_at": _iso(sending.received_at),
        "came": _came(sending, week),
        "sha256": hashlib.sha256(content).hexdigest(),
        "readable": not sending.hostile,
        "rows": [{"row": number, **row} for number, row in enumerate(sending.rows, start=sending.first_row)],
        "faults": [vars(fault) for fault in faults_of(sending)],
    }


def _came(sending: Sending, week: WeekPlan) -> str:
    if not week.has_cut_off:
        return "no_cut_off"
    if sending.received_at <= week.cut_off_at:
        return "by_cut_off"
    return "by_freeze" if sending.received_at <= week.freeze_at else "after_freeze"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=dt.date.isoformat)


def _iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
